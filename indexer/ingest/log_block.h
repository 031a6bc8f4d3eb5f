// Rows of a log in blocks that own their texts, so that one thread reads while another one counts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "indexer/ingest/log_feed.h"

namespace vitrine {

class LogBlock {
 public:
  std::span<const LogRow> rows() const { return {rows_.data(), count_}; }
  uint64_t position_bytes = 0;  // of the feed, behind the rows

  void Clear() { count_ = used_ = 0; }

  // Copies a row. False: it does not fit any more; an empty block takes any row.
  bool Add(const LogRow& row) {
    const size_t size = SizeOf(row);
    if (count_ == kMaxRows || (count_ > 0 && used_ + size > bytes_.size())) return false;
    if (used_ + size > bytes_.size()) bytes_.resize(std::max(size, kBytes));
    if (count_ == rows_.size()) rows_.emplace_back();
    LogRow& copy = rows_[count_++];
    copy.line = row.line;
    copy.time_seconds = row.time_seconds;
    copy.items.clear();
    copy.problem = Copied(row.problem);
    const bool readable = row.problem.empty();  // else the texts are not to be used
    for (const auto text : kTexts) copy.*text = readable ? Copied(row.*text) : std::string_view();
    if (!readable) {
      copy.problem_detail = row.problem_detail;
    } else {
      for (std::string_view item : row.items) copy.items.push_back(Copied(item));
    }
    return true;
  }

 private:
  static constexpr size_t kMaxRows = 1024;
  static constexpr size_t kBytes = size_t{1} << 18;
  static constexpr std::string_view LogRow::*kTexts[] = {
      &LogRow::user,   &LogRow::session, &LogRow::time, &LogRow::event,
      &LogRow::button, &LogRow::weight,  &LogRow::order};

  static size_t SizeOf(const LogRow& row) {
    size_t size = row.problem.size();
    if (size > 0) return size;
    for (const auto text : kTexts) size += (row.*text).size();
    for (std::string_view item : row.items) size += item.size();
    return size;
  }
  std::string_view Copied(std::string_view text) {
    if (text.empty()) return {};
    char* place = bytes_.data() + used_;
    std::memcpy(place, text.data(), text.size());
    used_ += text.size();
    return {place, text.size()};
  }

  std::vector<LogRow> rows_;  // the first count_ are in use
  size_t count_ = 0;
  std::vector<char> bytes_;
  size_t used_ = 0;
};

// Fills blocks from a feed, one after the other.
class LogBlockReader {
 public:
  explicit LogBlockReader(LogFeed& feed) : feed_(&feed) {}

  // False at the end of the feed.
  Result<bool> Next(LogBlock& block) {
    block.Clear();
    while (!ended_) {
      if (!waiting_) {
        VITRINE_ASSIGN(waiting_, feed_->Next(row_));
        ended_ = !waiting_;
      }
      if (!waiting_) continue;
      if (!block.Add(row_)) break;
      waiting_ = false;
    }
    block.position_bytes = feed_->position_bytes();
    return !block.rows().empty();
  }

 private:
  LogFeed* feed_;
  LogRow row_;            // the last one that was read
  bool waiting_ = false;  // row_ stands in no block yet
  bool ended_ = false;
};

}  // namespace vitrine
