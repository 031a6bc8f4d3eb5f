// Files of the indexer: whole reads, memory maps, and writes that are never half there.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "shared/bytes.h"
#include "shared/result.h"

namespace vitrine {

// The whole file. Errors name the path and the reason.
Result<Bytes> ReadFile(const std::filesystem::path& path);

// Writes to a temporary name beside `path`, then renames: a reader sees the old file or the whole
// new one. Creates the folders above it.
Status WriteFileAtomically(const std::filesystem::path& path, std::span<const ByteView> parts);
inline Status WriteFileAtomically(const std::filesystem::path& path, ByteView bytes) {
  return WriteFileAtomically(path, std::span(&bytes, 1));
}
inline Status WriteFileAtomically(const std::filesystem::path& path, std::string_view text) {
  return WriteFileAtomically(path, AsBytes(text));
}

// A read-only memory map, for files larger than memory. Movable; unmapped at the end.
class MappedFile {
 public:
  static Result<MappedFile> Open(const std::filesystem::path& path);
  // The file behind a descriptor, which may be closed afterwards. `path` is for errors.
  static Result<MappedFile> OfDescriptor(int descriptor, const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  ByteView bytes() const { return {data_, size_}; }

  // Of a file that is read once, from front to back: gives back pages before `offset`, so that a
  // large file does not count as memory. They are read again when they are looked at again.
  // Returns the offset from which to do so next.
  static constexpr size_t kReleaseBytes = 16u << 20;
  size_t ReleaseBefore(size_t offset) const;

 private:
  MappedFile() = default;
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

// SHA-256 (FIPS 180-4): as 64 lower-case hex digits, and as base64 for `integrity` attributes.
std::string Sha256Hex(ByteView bytes);
std::string Sha256Base64(ByteView bytes);

}  // namespace vitrine
