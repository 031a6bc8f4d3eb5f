// Orders any number of interactions by (user, session, time, order of arrival) within bounded
// memory: full runs are sorted and, beyond the budget, written to a temporary file; Merge() reads
// them back side by side.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "shared/item.h"
#include "shared/result.h"

namespace vitrine {

struct EventRecord {
  int64_t time_seconds = 0;
  uint32_t user = 0;
  uint32_t session = 0;  // kNoSession where the log has none; sorts last
  uint32_t item = 0;
  uint16_t meaning = 0;           // index of (kind, weight)
  uint16_t input : 15 = 0;        // which input it came from
  uint16_t first_of_row : 1 = 1;  // 0 for the second and later items of one row
};
static_assert(sizeof(EventRecord) == 24);
inline constexpr uint32_t kNoSession = 0xFFFFFFFFu;
inline constexpr size_t kMaxLogFiles = size_t{1} << 15;

class EventSorter {
 public:
  EventSorter(uint64_t memory_bytes, std::string temporary_folder);
  ~EventSorter();
  EventSorter(const EventSorter&) = delete;
  EventSorter& operator=(const EventSorter&) = delete;

  Status Add(const EventRecord& record);
  uint64_t size() const { return size_; }

  // Calls `take` with every record in order. Once, at the end. Stops at the first error.
  Status Merge(const std::function<Status(const EventRecord&)>& take);

 private:
  struct Run;
  Status CloseRun();
  Status Spill();

  uint64_t memory_bytes_;
  std::string folder_;
  size_t run_capacity_;
  uint64_t size_ = 0;
  std::vector<EventRecord> open_;
  std::vector<std::vector<EventRecord>> runs_;
  struct FileRun {
    uint64_t offset, count;
  };
  std::vector<FileRun> file_runs_;
  std::FILE* file_ = nullptr;
  uint64_t file_records_ = 0;
};

}  // namespace vitrine
