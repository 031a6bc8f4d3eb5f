// Text files written at memory speed: a buffer, and numbers without locale or format strings.
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "shared/result.h"

namespace vitrine {

// A text file that appears under its name only when it is whole; "-" is standard output.
class TextOutput {
 public:
  static Result<TextOutput> Create(const std::filesystem::path& path);
  TextOutput(TextOutput&&) noexcept = default;
  TextOutput& operator=(TextOutput&&) noexcept = default;
  ~TextOutput();  // removes an unfinished file

  void Add(char c) {
    Reserve(1);
    buffer_[used_++] = c;
  }
  void Add(std::string_view text);
  void Add(uint64_t number);
  void Add(double number);  // the shortest form that reads back exactly; "inf"

  // Flushes and puts the file in place. REQUIRES: called at most once.
  Status Finish();

 private:
  struct Closer {
    void operator()(std::FILE* file) const {
      if (file != stdout) std::fclose(file);
    }
  };
  static constexpr size_t kBuffer = 1 << 18;

  TextOutput() = default;
  void Reserve(size_t size) {
    if (kBuffer - used_ < size) Flush();
  }
  void Flush();

  std::filesystem::path path_, temporary_;
  std::unique_ptr<std::FILE, Closer> file_;
  std::unique_ptr<char[]> buffer_;
  size_t used_ = 0;
  bool failed_ = false;
};

}  // namespace vitrine
