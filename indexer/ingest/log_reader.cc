#include "indexer/ingest/log_reader.h"

#include <algorithm>
#include <charconv>
#include <numeric>

#include "indexer/ingest/ahead.h"
#include "indexer/ingest/byte_source.h"
#include "indexer/ingest/decimal.h"
#include "indexer/ingest/text.h"

namespace vitrine {
namespace {

// What these rows look up fits into the innermost cache.
constexpr size_t kPrefetchRows = 64;

// What well-known event names mean, for logs that bring no rules of their own.
std::vector<EventRule> CommonEventRules() {
  std::vector<EventRule> rules;
  const auto add = [&](InteractionKind kind, float weight,
                       std::initializer_list<const char*> names) {
    for (const char* name : names) rules.push_back({name, "", kind, weight});
  };
  add(InteractionKind::kView, 1,
      {"view", "view_item", "product_view", "product viewed", "page_view", "pageview", "detail",
       "product_details_page_view", "viewed"});
  add(InteractionKind::kClick, 2,
      {"click", "select_item", "product clicked", "product_click", "clicked",
       "product_similar_items_clicking"});
  add(InteractionKind::kWishlist, 3,
      {"wishlist", "add_to_wishlist", "product added to wishlist", "favourite", "favorite", "like",
       "save", "heart", "heart_button"});
  add(InteractionKind::kCart, 4,
      {"cart", "add_to_cart", "addtocart", "product added", "basket", "bag", "bag_button",
       "add_to_bag"});
  add(InteractionKind::kOrder, 5,
      {"order", "purchase", "buy", "transaction", "order completed", "purchased", "bought",
       "rental"});
  return rules;
}

bool Matches(const std::string& rule, const std::string& folded) {
  return rule.empty() || FoldText(rule) == folded;
}

}  // namespace

std::vector<EventRule> EventRulePreset(std::string_view format) {
  if (format != "source") return CommonEventRules();
  return {{"product_details_page_view", "", InteractionKind::kView, 1},
          {"product_similar_items_clicking", "", InteractionKind::kClick, 2},
          {"", "heart_button", InteractionKind::kWishlist, 3},
          {"", "bag_button", InteractionKind::kCart, 4}};
}

bool Fits(const EventRule& rule, std::string_view event, std::string_view button) {
  return Matches(rule.event, FoldText(event)) && Matches(rule.button, FoldText(button));
}

LogIngest::LogIngest(const IngestOptions& options, StringTable& items, const AliasTable& aliases,
                     bool grow_items, TimeOptions times, IngestReport& report,
                     RowLog::Listener listener)
    : events(options.memory_bytes / 2),
      options_(options),
      items_(items),
      aliases_(aliases),
      grow_items_(grow_items),
      times_(times),
      report_(report),
      listener_(std::move(listener)) {
  meanings.push_back({InteractionKind::kView, 1});   // a log without event names
  meanings.push_back({InteractionKind::kOrder, 5});  // a line of an order
}

int LogIngest::MeaningOf(std::string_view event, std::string_view button) {
  key_.assign(event);
  key_ += '\x1F';
  key_ += button;
  const uint32_t name = names_.Add(key_);
  if (name < meaning_of_name_.size()) return meaning_of_name_[name];
  int meaning = -1;
  for (size_t i = 0; i < rules_.size() && meaning < 0; ++i) {
    if (Fits(rules_[i], event, button)) meaning = static_cast<int>(first_rule_ + i);
  }
  meaning_of_name_.push_back(meaning);
  return meaning;
}

uint16_t LogIngest::WithWeight(int meaning, std::string_view weight) {
  const std::optional<std::string> number = weight.empty() ? std::nullopt : ParseDecimal(weight);
  if (!number) return static_cast<uint16_t>(meaning);
  const Meaning wanted{meanings[static_cast<size_t>(meaning)].kind,
                       std::strtof(number->c_str(), nullptr)};
  for (size_t i = 0; i < meanings.size(); ++i) {
    if (meanings[i].kind == wanted.kind && meanings[i].weight == wanted.weight)
      return static_cast<uint16_t>(i);
  }
  if (meanings.size() >= 4096) return static_cast<uint16_t>(meaning);
  meanings.push_back(wanted);
  return static_cast<uint16_t>(meanings.size() - 1);
}

// key_ = the user's number and a separator.
void LogIngest::StartKey(uint32_t user) {
  char digits[12];
  const auto end = std::to_chars(digits, digits + sizeof digits, user).ptr;
  key_.assign(digits, end);
  key_ += '\x1F';
}

uint32_t LogIngest::ItemOf(std::string_view id) {
  if (grow_items_) return items_.Add(id);
  ++report_.ids_seen;
  uint32_t item = items_.Find(id);
  if (item == StringTable::kNone) item = aliases_.Find(id);
  if (item != StringTable::kNone) {
    ++report_.ids_matched;
    return item;
  }
  const uint32_t unknown = unmatched_.size() < 1'000'000 ? unmatched_.Add(id) : unmatched_.Find(id);
  if (unknown == unmatched_count_.size()) unmatched_count_.push_back(0);
  if (unknown != StringTable::kNone) ++unmatched_count_[unknown];
  return kNoItem;
}

Status LogIngest::AddRow(const LogRow& row, RowLog& log) {
  int meaning = reading_orders_ ? 1 : 0;
  if (!reading_orders_ && (!row.event.empty() || !row.button.empty()))
    meaning = MeaningOf(row.event, row.button);
  if (meaning < 0) {
    log.Filter("not_of_interest");
    return Ok();
  }
  const std::string_view user_id = row.user.empty() ? row.session : row.user;
  if (user_id.empty()) {
    log.Reject(row.line, "user", "missing_user",
               "the row names no user and no session; whose action is it?");
    return Ok();
  }
  const std::optional<int64_t> time =
      row.time_seconds ? row.time_seconds : ParseTime(row.time, times_);
  if (!time) {
    log.Reject(row.line, "time", row.time.empty() ? "missing_time" : "bad_time",
               (row.time.empty() ? std::string("the row has no time")
                                 : "\"" + RepairUtf8(row.time.substr(0, 40)) + "\" is no time") +
                   "; write 2020-09-16T10:00:00Z, 2020-09-16 or Unix seconds");
    return Ok();
  }
  if (row.items.empty()) {
    log.Reject(row.line, "item", "missing_item", "the row names no item");
    return Ok();
  }
  EventRecord record;
  record.meaning = WithWeight(meaning, row.weight);
  record.time_seconds = *time;
  record.input = static_cast<uint16_t>(logs.size() - 1) & (kMaxLogFiles - 1);
  const InteractionKind kind = meanings[record.meaning].kind;
  if (kind == InteractionKind::kOrder && !reading_orders_ && !options_.orders.files.empty()) {
    log.Filter("told_by_orders");  // the same purchase twice would count double
    return Ok();
  }
  bool any = false;
  for (std::string_view id : row.items) {
    record.item = ItemOf(id);
    if (record.item == kNoItem) continue;
    if (!any) {
      record.user = users.Add(user_id);
      record.session = kNoSession;
      if (!row.session.empty()) {
        StartKey(record.user);
        key_ += row.session;
        record.session = sessions.Add(key_);
      }
    }
    record.first_of_row = any ? 0 : 1;
    any = true;
    VITRINE_RETURN_IF_ERROR(events.Add(record));
    if (kind == InteractionKind::kCart) ++cart_events;
    if (kind != InteractionKind::kOrder) continue;
    StartKey(record.user);
    key_ += row.order.empty() ? std::to_string(FloorDay(*time + times_.zone.OffsetAt(*time)))
                              : "#" + std::string(row.order);
    const uint32_t basket = baskets_.Add(key_);
    if (basket == order_user.size()) {
      order_user.push_back(record.user);
      order_time.push_back(*time);
    }
    order_time[basket] = std::min(order_time[basket], *time);
    order_lines.push_back({basket, record.item});
  }
  if (!any) {
    log.Reject(
        row.line, "item", "unknown_item",
        "item \"" + RepairUtf8(row.items.front().substr(0, 80)) + "\" is not in the catalogue");
    return Ok();
  }
  if (!newest_seconds || *time > *newest_seconds) newest_seconds = time;
  log.Keep();
  return Ok();
}

void LogIngest::ChooseRules(const std::string& format) {
  rules_ = options_.events.rules.empty() ? EventRulePreset(format) : options_.events.rules;
  first_rule_ = meanings.size();
  for (const EventRule& rule : rules_) meanings.push_back({rule.kind, rule.weight});
  names_ = StringTable();
  meaning_of_name_.clear();
}

Status LogIngest::ReadFile(const std::string& path, const LogFeedOptions& options,
                           const Console& console) {
  if (logs.size() == kMaxLogFiles) {
    return UsageError(path + ": more than " + std::to_string(kMaxLogFiles) +
                      " files of events and orders; concatenate some");
  }
  VITRINE_ASSIGN(OpenedLog log_file, OpenLogFeed(path, options));
  ChooseRules(log_file.format);
  logs.emplace_back(report_, listener_, path, options.section, log_file.format);
  RowLog& log = logs.back();
  Progress progress(console, options.section, log_file.feed->size_bytes(), "bytes");
  LogBlockReader reader(*log_file.feed);
  Ahead<LogBlock> blocks([&reader](LogBlock& block) { return reader.Next(block); });
  LogBlock block;
  for (;;) {
    VITRINE_ASSIGN(const bool more, blocks.Next(block));
    if (!more) return Ok();
    for (std::span<const LogRow> left = block.rows(); !left.empty();) {
      const std::span<const LogRow> rows = left.first(std::min(left.size(), kPrefetchRows));
      left = left.subspan(rows.size());
      Prefetch(rows);
      for (const LogRow& row : rows) {
        log.Read();
        if (row.problem.empty()) {
          VITRINE_RETURN_IF_ERROR(AddRow(row, log));
        } else {
          log.Reject(row.line, "", row.problem, row.problem_detail);
        }
      }
    }
    progress.Update(block.position_bytes, log.input().rows_read);
  }
}

// AddRow() would wait for memory at each of its look-ups; over several rows the waits overlap.
void LogIngest::Prefetch(std::span<const LogRow> rows) {
  constexpr StringTable::Step kSteps[] = {StringTable::Step::kSlot, StringTable::Step::kPlace,
                                          StringTable::Step::kText};
  user_hashes_.clear();
  hashes_.clear();
  for (const LogRow& row : rows) {
    user_hashes_.push_back(StringTable::Hash(row.user.empty() ? row.session : row.user));
    for (std::string_view item : row.items) hashes_.push_back(StringTable::Hash(item));
  }
  for (const StringTable::Step step : kSteps) {
    for (const uint32_t hash : user_hashes_) users.Prefetch(step, hash);
    for (const uint32_t hash : hashes_) items_.Prefetch(step, hash);
  }
  hashes_.clear();
  for (const LogRow& row : rows) {
    if (row.session.empty()) continue;
    const uint32_t user = users.Find(row.user.empty() ? row.session : row.user);
    if (user == StringTable::kNone) continue;
    StartKey(user);
    key_ += row.session;
    hashes_.push_back(StringTable::Hash(key_));
  }
  for (const StringTable::Step step : kSteps) {
    for (const uint32_t hash : hashes_) sessions.Prefetch(step, hash);
  }
}

Status LogIngest::ReadFiles(const std::vector<std::string>& files, const LogFeedOptions& feed,
                            const Console& console) {
  for (const std::string& pattern : files) {
    VITRINE_ASSIGN(const std::vector<std::string> paths, ExpandGlob(pattern));
    for (const std::string& path : paths) VITRINE_RETURN_IF_ERROR(ReadFile(path, feed, console));
  }
  return Ok();
}

Status LogIngest::ReadEvents(const Console& console) {
  const EventOptions& events_options = options_.events;
  reading_orders_ = false;
  return ReadFiles(events_options.files,
                   {"events", events_options.format, events_options.columns,
                    events_options.delimiter, events_options.id_pattern},
                   console);
}

Status LogIngest::ReadOrders(const Console& console) {
  reading_orders_ = true;
  return ReadFiles(options_.orders.files,
                   {"orders", "auto", options_.orders.columns, options_.orders.delimiter, ""},
                   console);
}

void LogIngest::FinishReport() {
  std::vector<uint32_t> order(unmatched_count_.size());
  std::iota(order.begin(), order.end(), 0U);
  const size_t count = std::min<size_t>(order.size(), 20);
  std::partial_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(count), order.end(),
                    [&](uint32_t a, uint32_t b) {
                      return unmatched_count_[a] != unmatched_count_[b]
                                 ? unmatched_count_[a] > unmatched_count_[b]
                                 : a < b;
                    });
  for (size_t i = 0; i < count; ++i) {
    report_.top_unmatched.emplace_back(RepairUtf8(unmatched_[order[i]]),
                                       unmatched_count_[order[i]]);
  }
}

}  // namespace vitrine
