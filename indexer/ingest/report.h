// What ingest says about its inputs: what was read, kept and rejected, and how well the parts of
// the data fit together.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vitrine {

// A row that was left out, or (row_kept) a value of a kept row that could not be read and was
// dropped.
struct RejectedRow {
  std::string file;
  uint64_t line = 0;   // 0 = the file as a whole
  std::string field;   // normalised field or column; empty = the row as a whole
  std::string reason;  // a code: bad_price, duplicate_id, unknown_item, …
  std::string detail;  // what it says and how to mend it
  bool row_kept = false;
};

struct InputReport {
  std::string file;
  std::string role;    // catalogue, events, orders, users
  std::string format;  // csv, google, …
  uint64_t rows_read = 0;
  uint64_t rows_kept = 0;
  uint64_t rows_rejected = 0;
  std::map<std::string, uint64_t> rejected_by_reason;  // sums to rows_rejected
  std::map<std::string, uint64_t> dropped_values;      // reason → values dropped from kept rows
  uint64_t repaired_texts = 0;                         // values that were no valid UTF-8
};

struct IngestReport {
  static constexpr size_t kMaxRejected = 1000;  // rows kept in `rejected`; all are counted

  std::vector<InputReport> inputs;
  std::vector<RejectedRow> rejected;
  uint64_t products = 0, users = 0, sessions = 0, interactions = 0, baskets = 0, basket_items = 0;
  std::map<std::string, uint64_t> baskets_left_out;  // reason → number

  // How many item ids of events and orders were looked up in the catalogue, and how many are there.
  uint64_t ids_seen = 0, ids_matched = 0;
  std::vector<std::pair<std::string, uint64_t>> top_unmatched;  // most frequent first, at most 20

  std::map<std::string, uint64_t> filled;  // product field → products that have it

  // Users: how ages came about, and how far the estimate is off (mean absolute error in years,
  // 5-fold cross-validated; negative = no estimate was made).
  uint64_t ages_given = 0, ages_filled = 0, ages_estimated = 0;
  double age_error_years = -1;
  uint64_t cities_filled = 0, regions_filled = 0;  // a missing city from the region, and back
  // Other columns of the user tables that hold numbers: how many values are, and how many had to be
  // taken for unknown because they are not.
  struct NumberCount {
    uint64_t numbers = 0, others = 0;
  };
  std::map<std::string, NumberCount> user_numbers;

  std::string as_of;  // the day that ages refer to, "YYYY-MM-DD"; "" = no day was needed

  double match_rate() const {
    return ids_seen == 0 ? 1 : static_cast<double>(ids_matched) / static_cast<double>(ids_seen);
  }
};

// rows read = kept + rejected for every input, and the reasons add up to the rejected ones.
bool RowsAddUp(const IngestReport& report);

std::string ReportToJson(const IngestReport& report);
// A table for people.
std::string ReportToText(const IngestReport& report);

// Counts the rows of one input and passes rejected ones on.
class RowLog {
 public:
  using Listener = std::function<void(const RejectedRow&)>;
  RowLog(IngestReport& report, Listener listener, std::string file, std::string role,
         std::string format);

  void Read() { ++input().rows_read; }
  void Keep() { ++input().rows_kept; }
  void Reject(uint64_t line, std::string_view field, std::string_view reason, std::string detail);
  // Counted but not listed: rows that are left out by configuration, not by error.
  void Filter(std::string_view reason) { CountRejected(reason, 1); }
  // The row stays, the value does not.
  void DropValue(uint64_t line, std::string_view field, std::string_view reason,
                 std::string detail);
  // Rows that were kept and are left out after all (bots).
  void Withdraw(std::string_view reason, uint64_t rows);
  void Repaired() { ++input().repaired_texts; }

  InputReport& input() { return report_->inputs[index_]; }
  size_t index() const { return index_; }

 private:
  void CountRejected(std::string_view reason, uint64_t rows);
  void List(RejectedRow row);

  IngestReport* report_;
  Listener listener_;
  size_t index_;
};

}  // namespace vitrine
