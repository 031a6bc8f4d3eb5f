// What the indexer says while it works. Everything here goes to stderr: stdout is for data.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace vitrine {

// --quiet says only errors; --verbose also says details. Warnings count towards the summary.
class Console {
 public:
  enum class Level { kQuiet, kNormal, kVerbose };
  explicit Console(Level level = Level::kNormal) : level_(level) {}

  void Info(std::string_view text) const;
  void Detail(std::string_view text) const;
  void Warn(std::string_view text);
  int warnings() const { return warnings_; }
  bool quiet() const { return level_ == Level::kQuiet; }

 private:
  Level level_;
  int warnings_ = 0;
};

// One line on a terminal that follows long work: done/total, rate, time left. Silent when stderr is
// no terminal (CI logs) or the console is quiet.
class Progress {
 public:
  // `total` 0 = unknown. `unit` e.g. "rows", "images"; "bytes" are shown as MB.
  Progress(const Console& console, std::string label, uint64_t total, std::string unit);
  ~Progress();  // clears the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // Cheap: prints at most ten times a second. `rows`, where it is not 0, is shown beside `done`.
  void Update(uint64_t done, uint64_t rows = 0);

 private:
  using Clock = std::chrono::steady_clock;
  std::string label_, unit_;
  uint64_t total_;
  bool active_;
  Clock::time_point start_, last_;
};

}  // namespace vitrine
