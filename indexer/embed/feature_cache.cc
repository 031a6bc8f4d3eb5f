#include "indexer/embed/feature_cache.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

namespace vitrine {
namespace {

constexpr std::string_view kMagic = "VTRNFEAT";
constexpr uint32_t kVersion = 1;
constexpr size_t kHeaderSize = 16;

class FileLock {
 public:
  explicit FileLock(int file) : file_(file) { ::flock(file_, LOCK_EX); }
  ~FileLock() { ::flock(file_, LOCK_UN); }

 private:
  int file_;
};

bool ReadAt(int file, uint64_t offset, uint8_t* to, size_t size) {
  while (size > 0) {
    const ssize_t got = ::pread(file, to, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    offset += static_cast<uint64_t>(got);
    size -= static_cast<size_t>(got);
  }
  return true;
}

bool WriteAt(int file, uint64_t offset, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(put));
    offset += static_cast<uint64_t>(put);
  }
  return true;
}

uint64_t SizeOf(int file) {
  struct stat info {};
  return ::fstat(file, &info) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
}

int OpenNameless() {
  const char* folder = std::getenv("TMPDIR");
  std::string name = std::string(folder != nullptr ? folder : "/tmp") + "/vitrine-features-XXXXXX";
  const int file = ::mkstemp(name.data());
  if (file >= 0) ::unlink(name.c_str());
  return file;
}

}  // namespace

ContentKey KeyOf(ByteView content) {
  ContentKey key{};
  unsigned size = 0;
  EVP_Digest(content.data(), content.size(), key.data(), &size, EVP_sha256(), nullptr);
  return key;
}

Result<std::unique_ptr<FeatureCache>> FeatureCache::Open(const std::filesystem::path& path,
                                                         uint32_t dimensions) {
  std::error_code ignored;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), ignored);
  const int file =
      path.empty() ? OpenNameless() : ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) {
    return Error{"feature cache " + path.string() + ": cannot open: " + std::strerror(errno)};
  }
  std::unique_ptr<FeatureCache> cache(new FeatureCache(file, dimensions));
  VITRINE_RETURN_IF_ERROR(cache->Load(path.string()));
  return cache;
}

FeatureCache::~FeatureCache() { ::close(file_); }

Status FeatureCache::Load(const std::string& name) {
  const FileLock lock(file_);
  uint64_t size = SizeOf(file_);
  if (size == 0) {
    ByteWriter header;
    header.WriteBytes(AsBytes(kMagic));
    header.Write(kVersion);
    header.Write(dimensions_);
    if (WriteAt(file_, 0, header.Take())) return Ok();
    return Error{"feature cache " + name + ": cannot write: " + std::strerror(errno)};
  }
  Bytes header(kHeaderSize);
  ByteReader in(header);
  const bool read = ReadAt(file_, 0, header.data(), header.size());
  const ByteView magic = in.ReadBytes(kMagic.size());
  if (!read || std::memcmp(magic.data(), kMagic.data(), kMagic.size()) != 0 ||
      in.Read<uint32_t>() != kVersion || in.Read<uint32_t>() != dimensions_) {
    return Error{"feature cache " + name + ": is not a cache of this encoder; delete it"};
  }
  Bytes record(record_size());
  uint64_t offset = kHeaderSize;
  for (; offset + record.size() <= size; offset += record.size()) {
    if (!ReadAt(file_, offset, record.data(), record.size())) break;
    uint32_t crc = 0;
    std::memcpy(&crc, record.data() + record.size() - 4, 4);
    if (crc != Crc32(ByteView(record).first(record.size() - 4))) continue;
    ContentKey key;
    std::memcpy(key.data(), record.data(), key.size());
    place_[key] = offset;
  }
  // What is left of a write that was cut short.
  if (offset < size && ::ftruncate(file_, static_cast<off_t>(offset)) != 0) {
    return Error{"feature cache " + name + ": cannot repair: " + std::strerror(errno)};
  }
  return Ok();
}

bool FeatureCache::Has(const ContentKey& key) const {
  const std::lock_guard lock(mutex_);
  return place_.contains(key);
}

bool FeatureCache::Get(const ContentKey& key, std::span<float> out) const {
  uint64_t offset = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto at = place_.find(key);
    if (at == place_.end()) return false;
    offset = at->second;
  }
  return ReadAt(file_, offset + key.size(), reinterpret_cast<uint8_t*>(out.data()),
                out.size_bytes());
}

Status FeatureCache::Put(std::span<const ContentKey> keys, std::span<const float> vectors) {
  ByteWriter records;
  for (size_t i = 0; i < keys.size(); ++i) {
    ByteWriter record;
    record.WriteBytes(keys[i]);
    record.WriteArray(vectors.subspan(i * dimensions_, dimensions_));
    const Bytes bytes = record.Take();
    records.WriteBytes(bytes);
    records.Write(Crc32(bytes));
  }
  const std::lock_guard lock(mutex_);
  const FileLock file_lock(file_);
  const uint64_t end = SizeOf(file_);  // other processes may have added records
  if (!WriteAt(file_, end, records.Take())) {
    return Error{std::string("feature cache: cannot write: ") + std::strerror(errno)};
  }
  for (size_t i = 0; i < keys.size(); ++i) place_[keys[i]] = end + i * record_size();
  return Ok();
}

std::vector<ContentKey> FeatureCache::Keys() const {
  const std::lock_guard lock(mutex_);
  std::vector<ContentKey> keys;
  for (const auto& entry : place_) keys.push_back(entry.first);
  return keys;
}

Result<size_t> JoinCaches(const std::filesystem::path& from, const std::filesystem::path& to) {
  constexpr uint32_t kMaxDimensions = 1'000'000;
  constexpr size_t kAtOnce = 256;
  Bytes header(kHeaderSize);
  std::ifstream in(from, std::ios::binary);
  in.read(reinterpret_cast<char*>(header.data()), kHeaderSize);
  uint32_t dimensions = 0;
  std::memcpy(&dimensions, header.data() + 12, sizeof dimensions);
  if (!in || dimensions == 0 || dimensions > kMaxDimensions) {
    return Error{"feature cache " + from.string() + ": is damaged; delete it"};
  }
  VITRINE_ASSIGN(const auto source, FeatureCache::Open(from, dimensions));
  VITRINE_ASSIGN(const auto target, FeatureCache::Open(to, dimensions));
  std::vector<ContentKey> missing = source->Keys();
  std::erase_if(missing, [&](const ContentKey& key) { return target->Has(key); });
  for (size_t begin = 0; begin < missing.size(); begin += kAtOnce) {
    const auto keys = std::span(missing).subspan(begin, std::min(kAtOnce, missing.size() - begin));
    std::vector<float> rows(keys.size() * dimensions);
    for (size_t i = 0; i < keys.size(); ++i) {
      source->Get(keys[i], std::span(rows).subspan(i * dimensions, dimensions));
    }
    VITRINE_RETURN_IF_ERROR(target->Put(keys, rows));
  }
  return missing.size();
}

}  // namespace vitrine
