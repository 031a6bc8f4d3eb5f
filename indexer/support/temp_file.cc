#include "indexer/support/temp_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>

namespace vitrine {
namespace {

Error DiskError(const char* what) {
  const int reason = errno;
  return Error{std::string("cannot ") + what + " a temporary file in " +
               std::filesystem::temp_directory_path().string() + ": " + std::strerror(reason) +
               " (set TMPDIR to a folder with room)"};
}

}  // namespace

Result<TempFile> TempFile::Create() {
  std::string path = std::filesystem::temp_directory_path() / "vitrine-XXXXXX";
  const int file = ::mkostemp(path.data(), O_CLOEXEC);
  if (file < 0) return DiskError("create");
  ::unlink(path.c_str());
  return TempFile(file, false);
}

Result<TempFile> TempFile::CreateInMemory() {
  const int file = ::memfd_create("vitrine", MFD_CLOEXEC);
  if (file < 0) return DiskError("create");
  return TempFile(file, true);
}

TempFile::TempFile(TempFile&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      in_memory_(other.in_memory_),
      size_(other.size_),
      block_(std::move(other.block_)) {}

TempFile& TempFile::operator=(TempFile&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(in_memory_, other.in_memory_);
  std::swap(size_, other.size_);
  std::swap(block_, other.block_);
  return *this;
}

TempFile::~TempFile() {
  if (file_ >= 0) ::close(file_);
}

Status TempFile::Append(ByteView bytes) {
  block_.insert(block_.end(), bytes.begin(), bytes.end());
  size_ += bytes.size();
  return block_.size() < kBlockBytes ? Ok() : WriteBlock();
}

Status TempFile::Flush() {
  VITRINE_RETURN_IF_ERROR(WriteBlock());
  Bytes().swap(block_);
  return Ok();
}

Status TempFile::WriteBlock() {
  for (ByteView left = block_; !left.empty();) {
    const ssize_t written = ::write(file_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return DiskError("write");
    left = left.subspan(static_cast<size_t>(written));
  }
  block_.clear();
  return Ok();
}

Status TempFile::Read(uint64_t offset, std::span<uint8_t> out) const {
  while (!out.empty()) {
    const ssize_t got = ::pread(file_, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return DiskError("read");
    offset += static_cast<uint64_t>(got);
    out = out.subspan(static_cast<size_t>(got));
  }
  return Ok();
}

Result<MappedFile> TempFile::Map() const {
  return MappedFile::OfDescriptor(file_, std::filesystem::temp_directory_path() / "(temporary)");
}

}  // namespace vitrine
