#include "indexer/ingest/event_sorter.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <queue>
#include <tuple>

namespace vitrine {
namespace {

constexpr size_t kMaxRunRecords = size_t{1} << 20;
constexpr size_t kReadRecords = size_t{1} << 13;

bool Before(const EventRecord& a, const EventRecord& b) {
  return std::tie(a.user, a.session, a.time_seconds) < std::tie(b.user, b.session, b.time_seconds);
}

Error DiskError(const char* what) {
  return Error{std::string("temporary file of sorted events: ") + what + ": " +
               std::strerror(errno) +
               ". Free some disk space, or give more memory ([ingest] memory_mb)"};
}

}  // namespace

// A sorted run, in memory or in the file, read from its front.
struct EventSorter::Run {
  size_t number = 0;
  const std::vector<EventRecord>* memory = nullptr;
  std::FILE* file = nullptr;
  uint64_t offset = 0, left = 0;  // in the file, records
  std::vector<EventRecord> block;
  size_t at = 0;

  const EventRecord& front() const { return memory != nullptr ? (*memory)[at] : block[at]; }

  // False at the end.
  Result<bool> Load() {
    if (memory != nullptr) return at < memory->size();
    if (at < block.size()) return true;
    if (left == 0) return false;
    block.resize(static_cast<size_t>(std::min<uint64_t>(left, kReadRecords)));
    if (fseeko(file, static_cast<off_t>(offset * sizeof(EventRecord)), SEEK_SET) != 0 ||
        std::fread(block.data(), sizeof(EventRecord), block.size(), file) != block.size()) {
      return DiskError("cannot read");
    }
    offset += block.size();
    left -= block.size();
    at = 0;
    return true;
  }
};

EventSorter::EventSorter(uint64_t memory_bytes, std::string temporary_folder)
    : memory_bytes_(memory_bytes),
      folder_(std::move(temporary_folder)),
      run_capacity_(std::clamp<size_t>(static_cast<size_t>(memory_bytes / sizeof(EventRecord) / 4),
                                       1024, kMaxRunRecords)) {}

EventSorter::~EventSorter() {
  if (file_ != nullptr) std::fclose(file_);
}

Status EventSorter::Add(const EventRecord& record) {
  if (open_.size() == run_capacity_) VITRINE_RETURN_IF_ERROR(CloseRun());
  if (open_.empty()) open_.reserve(run_capacity_);
  open_.push_back(record);
  ++size_;
  return Ok();
}

Status EventSorter::CloseRun() {
  std::stable_sort(open_.begin(), open_.end(), Before);
  runs_.push_back(std::move(open_));
  open_.clear();
  // The run that will be filled next and the buffer of its sort count too.
  if ((runs_.size() + 2) * run_capacity_ * sizeof(EventRecord) > memory_bytes_) return Spill();
  return Ok();
}

Status EventSorter::Spill() {
  if (file_ == nullptr) {
    std::error_code ignored;
    const std::filesystem::path folder = folder_.empty()
                                             ? std::filesystem::temp_directory_path(ignored)
                                             : std::filesystem::path(folder_);
    std::string path = (folder / "vitrine-events-XXXXXX").string();
    const int fd = mkstemp(path.data());
    if (fd < 0) return DiskError("cannot create");
    unlink(path.c_str());  // gone by itself when closed, whatever happens
    file_ = fdopen(fd, "w+b");
    if (file_ == nullptr) return DiskError("cannot open");
  }
  if (fseeko(file_, 0, SEEK_END) != 0) return DiskError("cannot seek");
  for (const auto& run : runs_) {
    if (std::fwrite(run.data(), sizeof(EventRecord), run.size(), file_) != run.size()) {
      return DiskError("cannot write");
    }
    file_runs_.push_back({file_records_, run.size()});
    file_records_ += run.size();
  }
  if (std::fflush(file_) != 0) return DiskError("cannot write");
  runs_.clear();
  return Ok();
}

Status EventSorter::Merge(const std::function<Status(const EventRecord&)>& take) {
  std::stable_sort(open_.begin(), open_.end(), Before);
  open_.shrink_to_fit();
  runs_.push_back(std::move(open_));
  std::vector<Run> runs;
  for (const FileRun& on_disk : file_runs_) {
    Run& run = runs.emplace_back();
    run.file = file_;
    run.offset = on_disk.offset;
    run.left = on_disk.count;
  }
  for (const auto& in_memory : runs_) runs.emplace_back().memory = &in_memory;
  // Ties go to the earlier run, so that equal keys keep the order of arrival.
  const auto later = [](const Run* a, const Run* b) {
    if (Before(b->front(), a->front())) return true;
    return !Before(a->front(), b->front()) && b->number < a->number;
  };
  std::priority_queue<Run*, std::vector<Run*>, decltype(later)> heap(later);
  for (size_t i = 0; i < runs.size(); ++i) {
    runs[i].number = i;
    VITRINE_ASSIGN(const bool any, runs[i].Load());
    if (any) heap.push(&runs[i]);
  }
  while (!heap.empty()) {
    Run* run = heap.top();
    heap.pop();
    VITRINE_RETURN_IF_ERROR(take(run->front()));
    ++run->at;
    VITRINE_ASSIGN(const bool any, run->Load());
    if (any) heap.push(run);
  }
  return Ok();
}

}  // namespace vitrine
