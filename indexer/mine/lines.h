// The lines of a mapped file, read once from front to back.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "indexer/support/files.h"

namespace vitrine {

class Lines {
 public:
  // Keeps a reference to `file`, which must outlive it.
  explicit Lines(const MappedFile& file) : file_(file) {}

  // The next line without its end ("\n" or "\r\n"); false behind the last one.
  bool Next(std::string_view& line) {
    const ByteView bytes = file_.bytes();
    if (at_ == bytes.size()) return false;
    if (at_ >= release_at_) release_at_ = file_.ReleaseBefore(at_);
    const std::string_view rest(reinterpret_cast<const char*>(bytes.data()) + at_,
                                bytes.size() - at_);
    line = rest.substr(0, rest.find('\n'));
    at_ += std::min(line.size() + 1, rest.size());
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++number_;
    return true;
  }
  uint64_t number() const { return number_; }  // of the line that Next() gave, from 1

 private:
  const MappedFile& file_;
  size_t at_ = 0;
  size_t release_at_ = MappedFile::kReleaseBytes;
  uint64_t number_ = 0;
};

}  // namespace vitrine
