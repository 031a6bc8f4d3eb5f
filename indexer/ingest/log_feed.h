// One log file, in any of the formats, as rows.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/ingest/ingest.h"
#include "indexer/ingest/mapping.h"
#include "shared/result.h"

namespace re2 {
class RE2;
}

namespace vitrine {

// One row of a log. The texts are valid until the next Next().
struct LogRow {
  uint64_t line = 0;
  std::string_view user, session, time, event, button, weight, order;
  std::vector<std::string_view> items;
  std::optional<int64_t> time_seconds;  // when the reader knows it already
  std::string_view problem;             // why the row cannot be read, as in Record
  std::string problem_detail;
};

// The fields of EventOptions::columns.
const std::vector<FieldSpec>& LogFields();

class LogFeed {
 public:
  virtual ~LogFeed() = default;
  virtual Result<bool> Next(LogRow& row) = 0;
  virtual uint64_t position_bytes() const = 0;
  virtual uint64_t size_bytes() const = 0;
};

// What to read and how, of events and of orders alike.
struct LogFeedOptions {
  std::string section;  // "events" or "orders", for messages
  std::string format = "auto";
  ColumnMapping columns;
  std::string delimiter;
  std::string id_pattern;
};

struct OpenedLog {
  std::unique_ptr<LogFeed> feed;
  std::string format;  // the one named, or found out
};
Result<OpenedLog> OpenLogFeed(const std::string& path, const LogFeedOptions& options);

// Finds item ids in texts by a pattern.
class IdFinder {
 public:
  static constexpr std::string_view kSourcePattern = "[a-fA-F0-9]{32,}";
  // Errors: a pattern that RE2 does not accept.
  static Result<IdFinder> Make(const std::string& pattern);
  IdFinder(IdFinder&&) noexcept;
  IdFinder& operator=(IdFinder&&) noexcept;
  ~IdFinder();

  // Appends every match (of the first group where the pattern has one) that is not in `ids` yet.
  void Find(std::string_view text, std::vector<std::string_view>& ids) const;

 private:
  IdFinder();
  std::unique_ptr<re2::RE2> pattern_;  // none: the source's pattern, which has a loop of its own
};

}  // namespace vitrine
