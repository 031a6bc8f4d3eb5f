// The web package as part of a bundle, so that a page's script, the worker and the engine are of
// one release, and a shop without a build of its own needs one script tag.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "indexer/publish/bundle_files.h"

namespace vitrine {

struct ScriptPackage {
  std::map<std::string, Bytes> files;  // by path below dist/
  std::string stamp;                   // a hash over all of them
};

// Reads the scripts and styles of the package's dist/ folder, without maps and types; with what
// runs the encoders of search only for `models`.
Result<ScriptPackage> ReadScriptPackage(const std::filesystem::path& dist, bool models);

// The stamp of files that are on the disk already.
Result<std::string> ScriptStamp(const std::filesystem::path& folder);

// Writes js/<stamp>/…, and vitrine.js and vitrine.css, whose names never change, at the bundle's
// root.
Status WriteScriptPackage(const ScriptPackage& package, const BundleFiles& files,
                          Manifest& manifest);

}  // namespace vitrine
