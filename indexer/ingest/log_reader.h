// Event logs and order lines → interactions and baskets.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "indexer/ingest/catalogue.h"
#include "indexer/ingest/event_sorter.h"
#include "indexer/ingest/ingest.h"
#include "indexer/ingest/log_block.h"
#include "indexer/ingest/string_table.h"
#include "indexer/ingest/time_text.h"

namespace vitrine {

// A line of a basket.
struct BasketLine {
  uint32_t basket = 0;
  ItemIndex item = kNoItem;
};

// Everything the logs tell, before it is put in order. Users, sessions and baskets are numbered by
// first appearance.
class LogIngest {
 public:
  // With `catalogue_ids` empty and `grow_items`, items are what the logs name.
  LogIngest(const IngestOptions& options, StringTable& items, const AliasTable& aliases,
            bool grow_items, TimeOptions times, IngestReport& report, RowLog::Listener listener);

  Status ReadEvents(const Console& console);
  Status ReadOrders(const Console& console);

  // Adds one row; rejects it in `log` when it cannot be used.
  Status AddRow(const LogRow& row, RowLog& log);

  struct Meaning {
    InteractionKind kind = InteractionKind::kView;
    float weight = 1;
  };

  StringTable users, sessions;  // sessions: user number, '\x1F', session id
  std::vector<Meaning> meanings;
  EventSorter events;
  std::vector<BasketLine> order_lines;
  std::vector<uint32_t> order_user;  // by basket
  std::vector<int64_t> order_time;   // by basket: its first line
  uint64_t cart_events = 0;
  std::optional<int64_t> newest_seconds;
  std::vector<RowLog> logs;  // by input, for EventRecord::input

  void FinishReport();

 private:
  Status ReadFiles(const std::vector<std::string>& files, const LogFeedOptions& feed,
                   const Console& console);
  Status ReadFile(const std::string& path, const LogFeedOptions& feed, const Console& console);
  void Prefetch(std::span<const LogRow> rows);
  void ChooseRules(const std::string& format);
  // Number of what (event, button) means, -1 when it is of no interest.
  int MeaningOf(std::string_view event, std::string_view button);
  uint16_t WithWeight(int meaning, std::string_view weight);
  uint32_t ItemOf(std::string_view id);
  void StartKey(uint32_t user);

  const IngestOptions& options_;
  StringTable& items_;
  const AliasTable& aliases_;
  bool grow_items_;
  TimeOptions times_;
  IngestReport& report_;
  RowLog::Listener listener_;
  std::vector<EventRule> rules_;
  size_t first_rule_ = 0;  // number of rules_[0] in `meanings`
  StringTable names_;      // event '\x1F' button
  std::vector<int> meaning_of_name_;
  StringTable unmatched_;
  std::vector<uint64_t> unmatched_count_;
  StringTable baskets_;
  std::string key_;
  std::vector<uint32_t> user_hashes_, hashes_;
  bool reading_orders_ = false;
};

}  // namespace vitrine
