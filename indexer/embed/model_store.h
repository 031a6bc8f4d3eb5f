// Bringing model files to where encoders look for them, and proving that they compute what they
// should. Nothing that is brought is ever run as a program.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "indexer/embed/embed.h"
#include "indexer/embed/profile.h"
#include "indexer/support/console.h"
#include "shared/result.h"

namespace vitrine {

// Copies (folder) or downloads (http, https) the files that the profile names into
// DIR/NAME/, where `from` is a folder or the URL of one. Of alternatives the first that exists is
// taken. A download that broke is taken up where it stopped. Where the source has a SHA256SUMS file
// (the format of sha256sum), every file must match it; else its SHA-256 is told.
Status AddModel(const EncoderProfile& profile, const std::string& from,
                const std::filesystem::path& model_dir, Console& console);

// A photo and the vector that the encoder should give for it, a JSON list of numbers.
struct ReferencePhoto {
  std::filesystem::path photo;
  std::filesystem::path vector;
};

// Runs the encoder on its reference and compares: the one given, or reference.json beside the model
// (as scripts/models/ makes it). An error when they differ by more than rounding.
Status CheckModel(const EncoderProfile& profile, const EmbedOptions& options,
                  const ReferencePhoto& reference, Console& console);

// The named inputs of reference.json: "ramp", "checker", "noise" (see scripts/models).
std::vector<float> ReferenceInput(std::string_view name, int width, int height);

// Where EmbedOptions says that models are, the set-up's folder when it says nothing.
std::vector<std::filesystem::path> ModelFolders(const EmbedOptions& options);

}  // namespace vitrine
