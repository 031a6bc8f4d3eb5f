#include "indexer/publish/script_package.h"

#include "indexer/support/files.h"

namespace vitrine {
namespace {

namespace fs = std::filesystem;
constexpr const char* kScript = "vitrine.script.js";
constexpr const char* kStyles = "vitrine.css";
constexpr const char* kWorker = "worker.js";
constexpr const char* kModelRuntime = "ort";  // runs the encoders of search by photo and meaning
constexpr uint64_t kMostScriptBytes = 64u << 20;

bool IsPart(const fs::path& relative) {
  const std::string extension = relative.extension().string();
  const bool known = extension == ".js" || extension == ".mjs" || extension == ".css";
  return (known || (extension == ".wasm" && *relative.begin() == kModelRuntime)) &&
         *relative.begin() != "types";
}

// Without the line that names a source map, which is not published.
Bytes WithoutMap(const Bytes& bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  size_t end = text.rfind("//# sourceMappingURL=");
  if (end == std::string_view::npos) end = text.rfind("/*# sourceMappingURL=");
  return Bytes(bytes.begin(),
               bytes.begin() + static_cast<std::ptrdiff_t>(std::min(end, text.size())));
}

std::string StampOf(const std::map<std::string, Bytes>& files) {
  std::string text;
  for (const auto& [name, bytes] : files) text += name + "\n" + Sha256Hex(bytes) + "\n";
  return Sha256Hex(AsBytes(text)).substr(0, 16);
}

Result<std::map<std::string, Bytes>> ReadParts(const fs::path& folder) {
  std::map<std::string, Bytes> files;
  std::error_code failed;
  uint64_t size = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder, failed)) {
    const fs::path relative = entry.path().lexically_relative(folder);
    if (!entry.is_regular_file() || !IsPart(relative)) continue;
    VITRINE_ASSIGN(Bytes bytes, ReadFile(entry.path()));
    size += bytes.size();
    if (size > kMostScriptBytes)
      return Error{folder.string() + ": more than 64 MiB of scripts; is it the package's dist/?"};
    files[relative.generic_string()] = std::move(bytes);
  }
  if (failed) return Error{folder.string() + ": " + failed.message()};
  return files;
}

}  // namespace

Result<ScriptPackage> ReadScriptPackage(const fs::path& dist, bool models) {
  ScriptPackage package;
  VITRINE_ASSIGN(package.files, ReadParts(dist));
  for (const char* needed : {kScript, kWorker, kStyles}) {
    if (!package.files.contains(needed)) {
      return UsageError(dist.string() + ": has no " + needed +
                        "; publish.package must be the web package's dist/");
    }
  }
  if (!models)
    std::erase_if(package.files, [](const auto& file) { return file.first.starts_with("ort/"); });
  for (auto& [name, bytes] : package.files) {
    if (!name.ends_with(".wasm")) bytes = WithoutMap(bytes);
  }
  package.stamp = StampOf(package.files);
  return package;
}

Result<std::string> ScriptStamp(const fs::path& folder) {
  VITRINE_ASSIGN(auto files, ReadParts(folder));
  return StampOf(files);
}

Status WriteScriptPackage(const ScriptPackage& package, const BundleFiles& files,
                          Manifest& manifest) {
  manifest.script = package.stamp;
  for (const auto& [name, bytes] : package.files) {
    VITRINE_RETURN_IF_ERROR(files.Add(manifest.ScriptFolder() + "/" + name, bytes));
  }
  const Bytes& worker = package.files.at(kWorker);
  manifest.engine["worker"] = {manifest.ScriptFolder() + "/" + kWorker, worker.size(),
                               Sha256Base64(worker)};
  // The parts that the script loads later are found in the folder of its own release.
  const Bytes& script = package.files.at(kScript);
  std::string text(script.begin(), script.end());
  const std::string before = "import(\"./", after = "import(\"./" + manifest.ScriptFolder() + "/";
  for (size_t at = text.find(before); at != std::string::npos;
       at = text.find(before, at + after.size())) {
    text.replace(at, before.size(), after);
  }
  VITRINE_RETURN_IF_ERROR(files.Add("vitrine.js", AsBytes(text)));
  return files.Add("vitrine.css", package.files.at(kStyles));
}

}  // namespace vitrine
