#include "indexer/support/console.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

namespace vitrine {
namespace {
void Line(std::string_view text) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
}
}  // namespace

void Console::Info(std::string_view text) const {
  if (level_ != Level::kQuiet) Line(text);
}

void Console::Detail(std::string_view text) const {
  if (level_ == Level::kVerbose) Line(text);
}

void Console::Warn(std::string_view text) {
  ++warnings_;
  if (level_ != Level::kQuiet) Line("warning: " + std::string(text));
}

Progress::Progress(const Console& console, std::string label, uint64_t total, std::string unit)
    : label_(std::move(label)),
      unit_(std::move(unit)),
      total_(total),
      active_(!console.quiet() && isatty(STDERR_FILENO) != 0),
      start_(Clock::now()),
      last_(start_) {}

Progress::~Progress() {
  if (active_) std::fprintf(stderr, "\r\033[K");
}

void Progress::Update(uint64_t done, uint64_t rows) {
  if (!active_) return;
  const auto now = Clock::now();
  if (now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const bool bytes = unit_ == "bytes";
  const double scale = bytes ? 1e-6 : 1;
  const char* unit = bytes ? "MB" : unit_.c_str();
  const double rate = static_cast<double>(done) / seconds;
  std::string line = label_ + ": ";
  char text[96];
  if (rows > 0) {
    std::snprintf(text, sizeof text, "%llu rows, ", static_cast<unsigned long long>(rows));
    line += text;
  }
  std::snprintf(text, sizeof text, "%.0f", static_cast<double>(done) * scale);
  line += text;
  if (total_ > 0) {
    std::snprintf(text, sizeof text, "/%.0f", static_cast<double>(total_) * scale);
    line += text;
  }
  std::snprintf(text, sizeof text, " %s, %.0f%s/s", unit, rate * scale, bytes ? " MB" : "");
  line += text;
  if (total_ > done && rate > 0) {
    std::snprintf(text, sizeof text, ", %.0f s left", static_cast<double>(total_ - done) / rate);
    line += text;
  }
  std::fprintf(stderr, "\r\033[K%s", line.c_str());
}

}  // namespace vitrine
