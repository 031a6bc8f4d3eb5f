#include "indexer/ingest/log_feed.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "indexer/ingest/csv_reader.h"
#include "indexer/ingest/json_log.h"
#include "indexer/ingest/json_reader.h"
#include "indexer/ingest/mapping.h"
#include "indexer/ingest/text.h"

namespace vitrine {
namespace {

enum Field : size_t { kUser, kSession, kItem, kTime, kEvent, kButton, kWeight, kOrder };

// Columns of a source log in which product ids may stand.
std::vector<std::string> SourceItemColumns(const std::vector<std::string>& columns) {
  std::vector<std::string> found;
  for (const std::string& column : columns) {
    const std::string folded = FoldText(column);
    for (std::string_view part :
         {"product", "item", "url", "page", "link", "sku", "param", "propert", "value"}) {
      if (folded.find(part) != std::string::npos && folded.find("user") == std::string::npos) {
        found.push_back(column);
        break;
      }
    }
  }
  return found;
}

bool IsHexDigit(char c) {
  static constexpr auto kIs = [] {
    std::array<bool, 256> is{};
    for (const char digit : std::string_view("0123456789abcdefABCDEF"))
      is[static_cast<uint8_t>(digit)] = true;
    return is;
  }();
  return kIs[static_cast<uint8_t>(c)];
}

class RecordLog : public LogFeed {
 public:
  RecordLog(std::unique_ptr<RecordReader> reader, FieldMapping mapping,
            std::optional<IdFinder> finder, std::string path, bool complete)
      : reader_(std::move(reader)),
        mapping_(std::move(mapping)),
        finder_(std::move(finder)),
        path_(std::move(path)),
        complete_(complete),
        known_columns_(reader_->columns().size()) {}

  uint64_t position_bytes() const override { return reader_->position_bytes(); }
  uint64_t size_bytes() const override { return reader_->size_bytes(); }

  Result<bool> Next(LogRow& row) override {
    VITRINE_ASSIGN(const bool more, reader_->Next(record_));
    if (!more) {
      if (!complete_) VITRINE_RETURN_IF_ERROR(mapping_.Resolve(reader_->columns(), path_, true));
      return false;
    }
    row.line = record_.line;
    row.problem = record_.problem;
    row.items.clear();
    if (!row.problem.empty()) {
      row.problem_detail = record_.problem_detail;
      return true;
    }
    if (reader_->columns().size() != known_columns_) {
      known_columns_ = reader_->columns().size();
      VITRINE_RETURN_IF_ERROR(mapping_.Resolve(reader_->columns(), path_, false));
    }
    row.user = mapping_.First(record_, kUser);
    row.session = mapping_.First(record_, kSession);
    row.time = mapping_.First(record_, kTime);
    row.event = mapping_.First(record_, kEvent);
    row.button = mapping_.First(record_, kButton);
    row.weight = mapping_.First(record_, kWeight);
    row.order = mapping_.First(record_, kOrder);
    if (finder_) {
      for (size_t column : mapping_.ColumnsOf(kItem))
        finder_->Find(record_.fields[column], row.items);
    } else if (const std::string_view item = mapping_.First(record_, kItem); !item.empty()) {
      row.items.push_back(item);
    }
    return true;
  }

 private:
  std::unique_ptr<RecordReader> reader_;
  FieldMapping mapping_;
  std::optional<IdFinder> finder_;
  std::string path_;
  bool complete_;
  size_t known_columns_;
  Record record_;
};

Status CheckColumns(const FieldMapping& mapping, const std::vector<std::string>& columns,
                    const std::string& path, const std::string& section) {
  const auto missing = [&](const char* field) {
    return UsageError(path + ":1: no column is known to hold the " + field + "; name it: [" +
                      section + ".columns] " + field +
                      " = \"…\". Columns are: " + JoinText(columns, ", "));
  };
  if (!mapping.Has(kItem)) return missing("item");
  if (!mapping.Has(kTime)) return missing("time");
  if (!mapping.Has(kUser) && !mapping.Has(kSession)) return missing("user");
  return Ok();
}

Result<OpenedLog> OpenRecords(const std::string& path, const LogFeedOptions& options,
                              std::unique_ptr<RecordReader> reader, std::string format,
                              bool complete) {
  ColumnMapping columns = options.columns;
  std::string pattern = options.id_pattern;
  const auto& names = reader->columns();
  const bool source = std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return FoldText(name) == "button name";
  });
  if (format == "csv" && options.format == "auto" && source) format = "source";
  std::vector<FieldSpec> fields = LogFields();
  std::vector<std::string> folded_items;
  if (format == "source") {
    if (pattern.empty()) pattern = IdFinder::kSourcePattern;
    std::string all;
    for (const std::string& column : SourceItemColumns(names))
      all += (all.empty() ? "" : "+") + FoldText(column);
    folded_items.push_back(std::move(all));
    if (!folded_items[0].empty()) fields[kItem].well_known = {folded_items[0]};
  }
  VITRINE_ASSIGN(FieldMapping mapping,
                 FieldMapping::Make(options.section, std::move(fields), std::move(columns)));
  VITRINE_RETURN_IF_ERROR(mapping.Resolve(names, path, complete));
  if (complete) VITRINE_RETURN_IF_ERROR(CheckColumns(mapping, names, path, options.section));
  std::optional<IdFinder> finder;
  if (!pattern.empty()) {
    VITRINE_ASSIGN(finder, IdFinder::Make(pattern));
  }
  return OpenedLog{std::make_unique<RecordLog>(std::move(reader), std::move(mapping),
                                               std::move(finder), path, complete),
                   format};
}

}  // namespace

const std::vector<FieldSpec>& LogFields() {
  static const std::vector<FieldSpec> kFields = {
      {"user",
       {"user id", "user", "userid", "customer id", "customer", "visitor id", "visitorid",
        "client id", "user pseudo id", "shopper", "anonymous id", "distinct id"}},
      {"session", {"session id", "session", "sessionid", "visit id", "ga session id"}},
      {"item",
       {"item id", "item", "itemid", "product id", "productid", "product", "article id", "sku",
        "asin"}},
      {"time",
       {"time", "timestamp", "event time", "event timestamp", "event date", "datetime", "date",
        "t dat", "created at", "order date", "purchase date", "review date", "time seconds"}},
      {"event", {"kind", "event name", "event", "event type", "action", "type", "interaction"}},
      {"button", {"button name", "button"}},
      {"weight", {"weight"}},
      {"order",
       {"order id", "order", "orderid", "transaction id", "transactionid", "invoice", "basket id",
        "receipt"}},
  };
  return kFields;
}

Result<OpenedLog> OpenLogFeed(const std::string& path, const LogFeedOptions& options) {
  constexpr std::array<std::string_view, 6> kFormats = {"auto", "csv",     "source",
                                                        "ga4",  "segment", "jsonl"};
  if (std::find(kFormats.begin(), kFormats.end(), options.format) == kFormats.end()) {
    return UsageError(options.section + " format \"" + options.format +
                      "\" is not known; formats are: auto, csv, source, ga4, segment, jsonl");
  }
  VITRINE_ASSIGN(auto source, OpenByteSource(path));
  VITRINE_ASSIGN(const std::string head, source->Head(1 << 16));
  const size_t begin = std::min(head.find_first_not_of(" \t\r\n"), head.size());
  const bool json = begin < head.size() && (head[begin] == '{' || head[begin] == '[');
  std::string format = options.format;
  if (format == "auto") format = json ? DetectJsonLog(head) : "csv";
  if (format == "ga4" || format == "segment") {
    if (!json)
      return UsageError(path + ":1: is no JSON; [" + options.section + "] format = \"" + format +
                        "\" reads JSON lines, one event a line");
    return OpenedLog{format == "ga4" ? MakeGa4Log(std::move(source), path)
                                     : MakeSegmentLog(std::move(source), path),
                     format};
  }
  if (format == "jsonl")
    return OpenRecords(path, options, MakeJsonRecordReader(std::move(source), path), format, false);
  CsvOptions csv;
  csv.delimiter = options.delimiter.empty()    ? '\0'
                  : options.delimiter == "tab" ? '\t'
                                               : options.delimiter[0];
  VITRINE_ASSIGN(auto reader, CsvReader::Open(std::move(source), path, csv));
  return OpenRecords(path, options, std::move(reader), format, true);
}

IdFinder::IdFinder() = default;
IdFinder::IdFinder(IdFinder&&) noexcept = default;
IdFinder& IdFinder::operator=(IdFinder&&) noexcept = default;
IdFinder::~IdFinder() = default;

Result<IdFinder> IdFinder::Make(const std::string& pattern) {
  IdFinder finder;
  if (pattern == kSourcePattern) return finder;
  RE2::Options options;
  options.set_log_errors(false);
  finder.pattern_ = std::make_unique<RE2>(pattern, options);
  if (!finder.pattern_->ok()) {
    return UsageError("[events] id_pattern \"" + pattern + "\": " + finder.pattern_->error());
  }
  return finder;
}

void IdFinder::Find(std::string_view text, std::vector<std::string_view>& ids) const {
  const auto add = [&](std::string_view id) {
    if (!id.empty() && std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  };
  if (pattern_ == nullptr) {
    constexpr size_t kShortest = 32;
    for (size_t at = 0; at + kShortest <= text.size();) {
      // From the end of the shortest id that may begin here: one wrong character there rules out
      // all that begin before it.
      size_t digits = 0;
      while (digits < kShortest && IsHexDigit(text[at + kShortest - 1 - digits])) ++digits;
      at += kShortest - digits;
      if (digits < kShortest) continue;
      size_t end = at + kShortest;
      while (end < text.size() && IsHexDigit(text[end])) ++end;
      add(text.substr(at, end - at));
      at = end;
    }
    return;
  }
  re2::StringPiece groups[2];
  const int count = pattern_->NumberOfCapturingGroups() > 0 ? 2 : 1;
  const re2::StringPiece whole(text.data(), text.size());
  size_t from = 0;
  while (from <= text.size() &&
         pattern_->Match(whole, from, text.size(), RE2::UNANCHORED, groups, count)) {
    const re2::StringPiece& match = groups[count - 1];
    if (match.data() != nullptr) add({match.data(), match.size()});
    const size_t end = static_cast<size_t>(groups[0].data() - text.data()) + groups[0].size();
    from = groups[0].empty() ? end + 1 : end;
  }
}

}  // namespace vitrine
