#include "indexer/mine/text_output.h"

#include <cerrno>
#include <charconv>
#include <cstring>

namespace vitrine {
namespace {
constexpr size_t kLongestNumber = 32;
}  // namespace

Result<TextOutput> TextOutput::Create(const std::filesystem::path& path) {
  TextOutput out;
  out.path_ = path;
  out.buffer_ = std::make_unique<char[]>(kBuffer);
  if (path == "-") {
    out.file_.reset(stdout);
    return out;
  }
  std::error_code ignored;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), ignored);
  out.temporary_ = path.string() + ".tmp";
  out.file_.reset(std::fopen(out.temporary_.c_str(), "wb"));
  if (!out.file_) return Error{path.string() + ": cannot write: " + std::strerror(errno)};
  std::setvbuf(out.file_.get(), nullptr, _IONBF, 0);
  return out;
}

TextOutput::~TextOutput() {
  if (!file_ || temporary_.empty()) return;
  file_.reset();
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
}

void TextOutput::Add(std::string_view text) {
  if (text.size() > kBuffer / 2) {  // large blocks need no second copy
    Flush();
    if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) failed_ = true;
    return;
  }
  if (text.empty()) return;  // it may point nowhere
  Reserve(text.size());
  std::memcpy(buffer_.get() + used_, text.data(), text.size());
  used_ += text.size();
}

void TextOutput::Add(uint64_t number) {
  Reserve(kLongestNumber);
  char* at = buffer_.get() + used_;
  used_ = static_cast<size_t>(std::to_chars(at, at + kLongestNumber, number).ptr - buffer_.get());
}

void TextOutput::Add(double number) {
  Reserve(kLongestNumber);
  char* at = buffer_.get() + used_;
  used_ = static_cast<size_t>(std::to_chars(at, at + kLongestNumber, number).ptr - buffer_.get());
}

void TextOutput::Flush() {
  if (used_ > 0 && std::fwrite(buffer_.get(), 1, used_, file_.get()) != used_) failed_ = true;
  used_ = 0;
}

Status TextOutput::Finish() {
  Flush();
  if (file_.get() == stdout) {
    if (std::fflush(stdout) != 0) failed_ = true;
    return failed_ ? Status(Error{"cannot write to standard output"}) : Ok();
  }
  std::FILE* file = file_.release();
  if (std::fclose(file) != 0) failed_ = true;
  std::error_code error;
  if (!failed_) std::filesystem::rename(temporary_, path_, error);
  if (!failed_ && !error) return Ok();
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
  return Error{path_.string() + ": cannot write (disk full?)"};
}

}  // namespace vitrine
