#include "indexer/ingest/event_sorter.h"

#include <algorithm>
#include <span>

namespace vitrine {
namespace {

constexpr size_t kMaxRunRecords = size_t{1} << 19;
constexpr size_t kReadRecords = size_t{1} << 11;
constexpr size_t kBlockRecords = size_t{1} << 12;

bool Before(const EventRecord& a, const EventRecord& b) {
  const uint64_t visit_a = uint64_t{a.user} << 32 | a.session;
  const uint64_t visit_b = uint64_t{b.user} << 32 | b.session;
  return visit_a != visit_b ? visit_a < visit_b : a.time_seconds < b.time_seconds;
}

}  // namespace

// A sorted run, in memory or in the file, read from its front.
class EventSorter::Run {
 public:
  Run(size_t number, std::span<const EventRecord> memory) : number_(number), records_(memory) {}
  Run(size_t number, const TempFile& file, FileRun place)
      : number_(number), file_(&file), place_(place) {}

  const EventRecord& front() const { return records_.front(); }

  // Makes front() valid. False at the end.
  Result<bool> Load() {
    if (!records_.empty()) return true;
    if (place_.count == 0) return false;
    block_.resize(std::min<uint64_t>(place_.count, kReadRecords));
    VITRINE_RETURN_IF_ERROR(file_->Read(
        place_.begin * sizeof(EventRecord),
        {reinterpret_cast<uint8_t*>(block_.data()), block_.size() * sizeof(EventRecord)}));
    place_.begin += block_.size();
    place_.count -= block_.size();
    records_ = block_;
    return true;
  }
  Result<bool> Pop() {
    records_ = records_.subspan(1);
    return records_.empty() ? Load() : true;
  }

  // Ties go to the earlier run, so that equal keys keep the order of arrival.
  bool ComesAfter(const Run& other) const {
    if (Before(other.front(), front())) return true;
    return !Before(front(), other.front()) && other.number_ < number_;
  }

 private:
  size_t number_;
  std::span<const EventRecord> records_;
  const TempFile* file_ = nullptr;
  FileRun place_{0, 0};  // what is not read yet
  std::vector<EventRecord> block_;
};

EventSorter::EventSorter(uint64_t memory_bytes)
    : memory_bytes_(memory_bytes),
      run_capacity_(std::clamp<size_t>(static_cast<size_t>(memory_bytes / sizeof(EventRecord) / 4),
                                       1024, kMaxRunRecords)) {}

EventSorter::~EventSorter() = default;

Status EventSorter::CloseRun() {
  std::stable_sort(open_.begin(), open_.end(), Before);
  runs_.push_back(std::move(open_));
  open_ = {};
  // The run that will be filled next and the buffer of its sort count too.
  if ((runs_.size() + 2) * run_capacity_ * sizeof(EventRecord) > memory_bytes_) return Spill();
  return Ok();
}

Status EventSorter::Spill() {
  if (!file_) {
    VITRINE_ASSIGN(file_, TempFile::Create());
  }
  for (const std::vector<EventRecord>& run : runs_) {
    file_runs_.push_back({file_->size() / sizeof(EventRecord), run.size()});
    for (size_t at = 0; at < run.size(); at += kReadRecords) {
      const size_t count = std::min(run.size() - at, kReadRecords);
      VITRINE_RETURN_IF_ERROR(file_->Append(
          {reinterpret_cast<const uint8_t*>(run.data() + at), count * sizeof(EventRecord)}));
    }
  }
  runs_.clear();
  return Ok();
}

Status EventSorter::StartMerge() {
  merging_ = true;
  std::stable_sort(open_.begin(), open_.end(), Before);
  runs_.push_back(std::move(open_));
  if (file_) VITRINE_RETURN_IF_ERROR(file_->Flush());
  for (const FileRun& on_disk : file_runs_) merged_.emplace_back(merged_.size(), *file_, on_disk);
  for (const auto& in_memory : runs_) merged_.emplace_back(merged_.size(), in_memory);
  for (Run& run : merged_) {
    VITRINE_ASSIGN(const bool any, run.Load());
    if (any) heap_.push_back(&run);
  }
  std::make_heap(heap_.begin(), heap_.end(),
                 [](const Run* a, const Run* b) { return a->ComesAfter(*b); });
  return Ok();
}

Result<bool> EventSorter::NextBlock(std::vector<EventRecord>& block) {
  if (!merging_) VITRINE_RETURN_IF_ERROR(StartMerge());
  const auto after = [](const Run* a, const Run* b) { return a->ComesAfter(*b); };
  block.clear();
  while (block.size() < kBlockRecords && !heap_.empty()) {
    std::pop_heap(heap_.begin(), heap_.end(), after);
    Run* run = heap_.back();
    heap_.pop_back();
    // A user's records often stand side by side in a run.
    const Run* next = heap_.empty() ? nullptr : heap_.front();
    bool any = true;
    do {
      block.push_back(run->front());
      VITRINE_ASSIGN(any, run->Pop());
    } while (any && (next == nullptr || !run->ComesAfter(*next)) && block.size() < kBlockRecords);
    if (!any) continue;
    heap_.push_back(run);
    std::push_heap(heap_.begin(), heap_.end(), after);
  }
  return !block.empty();
}

}  // namespace vitrine
