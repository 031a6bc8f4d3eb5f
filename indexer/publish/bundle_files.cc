#include "indexer/publish/bundle_files.h"

#include "indexer/publish/compress.h"
#include "indexer/publish/search_files.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

namespace fs = std::filesystem;
constexpr size_t kNameDigits = 16;
// Larger files are compressed faster and a little worse.
constexpr size_t kLargeBytes = 512 * 1024;
constexpr const char* kUnfinished = ".unfinished";

std::string WithoutCompression(const std::string& name) {
  for (const char* ending : {".br", ".gz"}) {
    if (name.ends_with(ending)) return name.substr(0, name.size() - 3);
  }
  return name;
}

}  // namespace

std::string PartOf(const std::string& file) {
  const std::string name = file.starts_with("data/") ? file.substr(5) : file;
  return name.substr(0, name.find_first_of("./"));
}

bool IsBundleName(const std::string& name) {
  const size_t dot = name.find('.');
  const std::string hash =
      dot == std::string::npos ? name : name.substr(dot + 1, name.find('.', dot + 1) - dot - 1);
  return hash.size() == kNameDigits &&
         hash.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::set<std::string> NamedFiles(const fs::path& folder, const Manifest& manifest) {
  std::set<std::string> names = {"manifest.json", manifest.popular.file,
                                 "pages/" + manifest.pages.stamp, "cards/" + manifest.cards.stamp};
  if (manifest.changes.count != 0) names.insert("changes/" + manifest.changes.stamp);
  if (!manifest.script.empty()) names.insert(manifest.ScriptFolder());
  for (const auto& [name, section] : manifest.sections) {
    for (const std::string& path : section.Paths()) names.insert(path);
    if (section.delta) {
      for (const std::string& path : section.delta->Paths()) names.insert(path);
    }
  }
  for (const auto& [name, file] : manifest.engine) names.insert(file.file);
  if (manifest.search) {
    names.insert(manifest.search->file);
    auto search = ReadSearchFiles(folder, *manifest.search);
    if (search.ok()) names.merge(search.value().Named());
  }
  return names;
}

void RemoveStale(const fs::path& folder, const std::set<std::string>& keep) {
  std::error_code ignored;
  for (const char* below : {"data", "pages", "cards", "changes", "js"}) {
    std::vector<fs::path> stale;
    for (const auto& entry : fs::directory_iterator(folder / below, ignored)) {
      const std::string own = entry.path().filename().string();
      const std::string name = (fs::path(below) / WithoutCompression(own)).generic_string();
      if (IsBundleName(own) && !keep.contains(name)) stale.push_back(entry.path());
    }
    for (const fs::path& path : stale) fs::remove_all(path, ignored);
  }
  RemoveStaleSearch(folder, keep);
}

void CountFiles(const fs::path& folder, const Manifest& manifest, PublishSummary& summary) {
  std::error_code ignored;
  auto count = [&](const fs::path& path) {
    if (!fs::is_regular_file(path, ignored)) return;
    ++summary.files;
    const std::string name = path.filename().string();
    if (WithoutCompression(name) != name) return;
    const uint64_t size = fs::file_size(path, ignored);
    summary.size_bytes += size;
    summary.size_bytes_by_part[PartOf(path.lexically_relative(folder).generic_string())] += size;
  };
  for (const std::string& name : NamedFiles(folder, manifest)) {
    if (fs::is_directory(folder / name, ignored)) {
      for (const auto& entry : fs::recursive_directory_iterator(folder / name, ignored))
        count(entry.path());
    } else {
      for (const char* ending : {"", ".br", ".gz"}) count(folder / (name + ending));
    }
  }
}

Result<Manifest::File> BundleFiles::AddHashed(const std::string& name, const std::string& extension,
                                              ByteView bytes) {
  const std::string file =
      "data/" + name + "." + Sha256Hex(bytes).substr(0, kNameDigits) + "." + extension;
  Manifest::File named{{file, bytes.size(), Sha256Base64(bytes)}, {}};
  if (bytes.size() <= kMostFileBytes) {
    VITRINE_RETURN_IF_ERROR(Add(file, bytes));
    return named;
  }
  for (size_t begin = 0; begin < bytes.size(); begin += kMostFileBytes) {
    const ByteView piece =
        bytes.subspan(begin, std::min<size_t>(kMostFileBytes, bytes.size() - begin));
    named.pieces.push_back(
        {file + "." + std::to_string(named.pieces.size()), piece.size(), Sha256Base64(piece)});
    VITRINE_RETURN_IF_ERROR(Add(named.pieces.back().file, piece));
  }
  return named;
}

Status BundleFiles::Add(const std::string& file, ByteView bytes) const {
  std::error_code ignored;
  for (const char* ending : {".br", ".gz"}) {
    const fs::path copy = folder_ / (file + ending);
    Bytes small;
    if (precompress_) {
      small = ending == std::string_view(".br")
                  ? BrotliCompress(bytes, bytes.size() > kLargeBytes ? 9 : 11)
                  : GzipCompress(bytes);
    }
    // A copy that saves nothing is not worth a file; one of an earlier build must not outlive it.
    if (small.empty() || small.size() * 20 > bytes.size() * 19) {
      fs::remove(copy, ignored);
      continue;
    }
    VITRINE_RETURN_IF_ERROR(WriteFileAtomically(copy, small));
  }
  return WriteFileAtomically(folder_ / file, bytes);
}

ShardFolder::ShardFolder(BundleFiles& files, std::string name)
    : files_(files), name_(std::move(name)) {
  std::error_code ignored;
  fs::remove_all(files_.folder() / name_ / kUnfinished, ignored);
}

ShardFolder::~ShardFolder() {
  std::error_code ignored;
  fs::remove_all(files_.folder() / name_ / kUnfinished, ignored);
}

Status ShardFolder::Write(uint64_t number, const std::string& text) {
  return files_.Add(name_ + "/" + kUnfinished + "/" + std::to_string(number) + ".json",
                    AsBytes(text));
}

void ShardFolder::Note(const std::string& text) {
  hashes_ += Sha256Hex(AsBytes(text));
  ++count_;
}

Result<Manifest::ShardSet> ShardFolder::Publish() {
  const Manifest::ShardSet set{count_, Sha256Hex(AsBytes(hashes_)).substr(0, kNameDigits)};
  const fs::path unfinished = files_.folder() / name_ / kUnfinished;
  const fs::path target = files_.folder() / name_ / set.stamp;
  std::error_code failed;
  fs::remove_all(target, failed);  // the same shards from an earlier build, perhaps damaged since
  fs::rename(unfinished, target, failed);
  if (failed) return Error{target.string() + ": " + failed.message()};
  return set;
}

}  // namespace vitrine
