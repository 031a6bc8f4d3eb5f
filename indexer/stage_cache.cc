#include "indexer/stage_cache.h"

#include <algorithm>
#include <vector>

#include "indexer/support/files.h"

namespace vitrine {
namespace {

// Raise when a stage computes something else from the same input.
constexpr const char* kCacheVersion = "vitrine stage cache 1\n";
constexpr size_t kDigestDigits = 64;
// Older results of a stage that are kept beside the newest.
constexpr size_t kKeptResults = 2;

}  // namespace

std::string StageCache::DigestOf(std::string bytes) { return Sha256Hex(AsBytes(bytes)); }

std::filesystem::path StageCache::Path(const std::string& stage, const std::string& key) const {
  return folder_ / stage / (Sha256Hex(AsBytes(kCacheVersion + key)).substr(0, 32) + ".bin");
}

std::optional<std::string> StageCache::Load(const std::string& stage,
                                            const std::string& key) const {
  if (folder_.empty()) return std::nullopt;
  auto file = ReadFile(Path(stage, key));
  if (!file.ok() || file.value().size() < kDigestDigits) return std::nullopt;
  std::string digest(file.value().begin(), file.value().begin() + kDigestDigits);
  std::string bytes(file.value().begin() + kDigestDigits, file.value().end());
  if (DigestOf(bytes) != digest) return std::nullopt;
  return bytes;
}

Status StageCache::Store(const std::string& stage, const std::string& key,
                         const std::string& bytes) const {
  if (folder_.empty()) return Ok();
  const auto path = Path(stage, key);
  VITRINE_RETURN_IF_ERROR(WriteFileAtomically(path, DigestOf(bytes) + bytes));
  // Keeps the newest few, so that the cache does not grow with every night.
  std::vector<std::filesystem::directory_entry> kept;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(path.parent_path(), ignored)) {
    kept.push_back(entry);
  }
  std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) {
    std::error_code gone;
    return a.last_write_time(gone) > b.last_write_time(gone);
  });
  for (size_t i = kKeptResults + 1; i < kept.size(); ++i) {
    std::filesystem::remove(kept[i].path(), ignored);
  }
  return Ok();
}

}  // namespace vitrine
