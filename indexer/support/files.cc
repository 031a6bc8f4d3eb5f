#include "indexer/support/files.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace vitrine {
namespace {

Error FileError(const std::filesystem::path& path, const char* what) {
  return Error{path.string() + ": " + what + ": " + std::strerror(errno)};
}

std::array<uint8_t, 32> Sha256(ByteView bytes) {
  std::array<uint8_t, 32> digest{};
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return digest;
}

}  // namespace

Result<Bytes> ReadFile(const std::filesystem::path& path) {
  VITRINE_ASSIGN(MappedFile file, MappedFile::Open(path));
  return Bytes(file.bytes().begin(), file.bytes().end());
}

Status WriteFileAtomically(const std::filesystem::path& path, std::span<const ByteView> parts) {
  std::error_code ignored;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), ignored);
  std::filesystem::path temporary = path;
  temporary += ".tmp";
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    if (!out) return FileError(temporary, "cannot write");
    for (ByteView bytes : parts) {
      out.write(reinterpret_cast<const char*>(bytes.data()),
                static_cast<std::streamsize>(bytes.size()));
    }
    out.flush();
    if (!out) {
      Error error = FileError(temporary, "cannot write (disk full?)");
      std::filesystem::remove(temporary, ignored);
      return error;
    }
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    Error error = FileError(path, "cannot rename the finished file into place");
    std::filesystem::remove(temporary, ignored);
    return error;
  }
  return Ok();
}

Result<MappedFile> MappedFile::Open(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return FileError(path, "cannot open");
  auto file = OfDescriptor(descriptor, path);
  ::close(descriptor);
  return file;
}

Result<MappedFile> MappedFile::OfDescriptor(int descriptor, const std::filesystem::path& path) {
  struct stat info {};
  if (::fstat(descriptor, &info) != 0) return FileError(path, "cannot read");
  if (!S_ISREG(info.st_mode)) {
    errno = S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
    return FileError(path, "cannot read");
  }
  MappedFile file;
  const auto size = static_cast<size_t>(info.st_size);
  if (size == 0) return file;
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (data == MAP_FAILED) return FileError(path, "cannot map");
  file.data_ = static_cast<const uint8_t*>(data);
  file.size_ = size;
  return file;
}

size_t MappedFile::ReleaseBefore(size_t offset) const {
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  const size_t end = std::min(offset, size_) / page * page;
  const size_t begin = end - std::min(end, 2 * kReleaseBytes);
  ::madvise(const_cast<uint8_t*>(data_) + begin, end - begin, MADV_DONTNEED);
  return offset + kReleaseBytes;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<uint8_t*>(data_), size_);
}

std::string Sha256Hex(ByteView bytes) {
  std::string hex;
  for (uint8_t byte : Sha256(bytes)) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

std::string Sha256Base64(ByteView bytes) {
  const auto digest = Sha256(bytes);
  std::array<unsigned char, 45> text{};
  const int size = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  return {text.begin(), text.begin() + size};
}

}  // namespace vitrine
