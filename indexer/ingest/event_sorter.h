// Orders any number of interactions by (user, session, time, order of arrival) within bounded
// memory: full runs are sorted and, beyond the budget, written to a temporary file; NextBlock()
// reads them back side by side.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "indexer/support/temp_file.h"
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
  explicit EventSorter(uint64_t memory_bytes);
  ~EventSorter();
  EventSorter(const EventSorter&) = delete;
  EventSorter& operator=(const EventSorter&) = delete;

  Status Add(const EventRecord& record) {
    if (open_.size() == run_capacity_) VITRINE_RETURN_IF_ERROR(CloseRun());
    if (open_.empty()) open_.reserve(run_capacity_);
    open_.push_back(record);
    ++size_;
    return Ok();
  }
  uint64_t size() const { return size_; }

  // Puts the next records in order into `block`; false when there is none left. REQUIRES: no Add()
  // after the first call.
  Result<bool> NextBlock(std::vector<EventRecord>& block);

 private:
  class Run;
  Status CloseRun();
  Status Spill();
  Status StartMerge();

  uint64_t memory_bytes_;
  size_t run_capacity_;
  uint64_t size_ = 0;
  std::vector<EventRecord> open_;
  std::vector<std::vector<EventRecord>> runs_;
  struct FileRun {
    uint64_t begin, count;  // records
  };
  std::vector<FileRun> file_runs_;
  std::optional<TempFile> file_;
  std::deque<Run> merged_;
  std::vector<Run*> heap_;  // by their front records
  bool merging_ = false;
};

}  // namespace vitrine
