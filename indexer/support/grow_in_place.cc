#include "indexer/support/grow_in_place.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>

namespace vitrine {
namespace {

// An open file; closed at the end.
class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& path)
      : file_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {}
  ~Descriptor() {
    if (file_ >= 0) ::close(file_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  operator int() const { return file_; }

 private:
  const int file_;
};

bool WriteAt(int file, ByteView bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(written));
    offset += static_cast<uint64_t>(written);
  }
  return true;
}

bool StartsWith(int file, ByteView head) {
  Bytes found(head.size());
  const ssize_t size = ::pread(file, found.data(), found.size(), 0);
  return size == static_cast<ssize_t>(head.size()) &&
         std::equal(found.begin(), found.end(), head.begin());
}

}  // namespace

Status GrowInPlace(const std::filesystem::path& path, ByteView old_head, uint64_t end,
                   std::span<const ByteView> parts, ByteView new_head) {
  assert(old_head.size() == new_head.size() && end >= old_head.size());
  auto failed = [&] {
    return Error{path.string() + ": cannot write (disk full?): " + std::strerror(errno)};
  };
  const Descriptor file(path);
  if (file < 0) return failed();
  if (!StartsWith(file, old_head)) {
    return Error{path.string() + ": another program has changed it in the meantime; run again"};
  }
  for (ByteView part : parts) {
    if (!WriteAt(file, part, end)) return failed();
    end += part.size();
  }
  if (::ftruncate(file, static_cast<off_t>(end)) != 0 || ::fdatasync(file) != 0) return failed();
  if (!WriteAt(file, new_head, 0)) return failed();
  return Ok();
}

}  // namespace vitrine
