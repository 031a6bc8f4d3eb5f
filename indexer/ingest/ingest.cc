#include "indexer/ingest/ingest.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "indexer/ingest/ahead.h"
#include "indexer/ingest/catalogue.h"
#include "indexer/ingest/log_reader.h"
#include "indexer/ingest/time_text.h"
#include "indexer/ingest/users.h"
#include "indexer/ingest/vocabulary.h"

namespace vitrine {
namespace {

constexpr double kLowMatchRate = 0.9;

enum class BasketSource { kOrders, kCarts, kSessions };

// Walks the sorted events: numbers sessions, drops bots, hands interactions on and collects the
// baskets that come from sessions.
class SessionWalk {
 public:
  SessionWalk(const IngestOptions& options, LogIngest& log, BasketSource baskets,
              IngestReport& report, IngestSink& sink)
      : options_(options), log_(log), baskets_(baskets), report_(report), sink_(sink) {}

  Status Take(const EventRecord& record) {
    if (!current_.empty() && Splits(last_, record)) VITRINE_RETURN_IF_ERROR(Close());
    last_ = record;
    if (options_.max_session_events > 0 &&
        current_.size() > static_cast<size_t>(options_.max_session_events)) {
      // A bot already: only count on.
      if (record.first_of_row) ++bot_rows_[record.input];
      ++bot_events_;
      return Ok();
    }
    current_.push_back(record);
    return Ok();
  }

  Status Close() {
    if (current_.empty()) return Ok();
    Status status = options_.max_session_events > 0 &&
                            current_.size() > static_cast<size_t>(options_.max_session_events)
                        ? DropBot()
                        : Emit();
    current_.clear();
    bot_rows_.clear();
    bot_events_ = 0;
    return status;
  }

  Status TakeAll() {
    Ahead<std::vector<EventRecord>> blocks(
        [this](std::vector<EventRecord>& block) { return log_.events.NextBlock(block); });
    std::vector<EventRecord> block;
    for (;;) {
      VITRINE_ASSIGN(const bool more, blocks.Next(block));
      if (!more) return Close();
      for (size_t i = 0; i < block.size(); ++i) {
        Prefetch(block, i);
        VITRINE_RETURN_IF_ERROR(Take(block[i]));
      }
    }
  }

  std::vector<BasketLine> lines;
  std::vector<uint32_t> basket_user;
  std::vector<int64_t> basket_time;

 private:
  // Items and sessions come in random order: what record i + kAhead needs is asked for now.
  void Prefetch(const std::vector<EventRecord>& block, size_t i) {
    constexpr size_t kAhead = 32;
    if (i + 2 * kAhead < block.size()) {
      const EventRecord& far = block[i + 2 * kAhead];
      if (far.session != kNoSession) log_.sessions.PrefetchPlace(far.session);
    }
    if (i + kAhead < block.size()) {
      const EventRecord& near = block[i + kAhead];
      if (near.session != kNoSession) log_.sessions.PrefetchText(near.session);
      sink_.OnUpcoming(near.item);
    }
  }

  bool Splits(const EventRecord& a, const EventRecord& b) const {
    if (a.user != b.user || a.session != b.session) return true;
    return a.session == kNoSession &&
           b.time_seconds - a.time_seconds > int64_t{60} * options_.session_gap_minutes;
  }

  Status DropBot() {
    for (const EventRecord& record : current_) {
      if (record.first_of_row) ++bot_rows_[record.input];
    }
    for (const auto& [input, rows] : bot_rows_) log_.logs[input].Withdraw("bot_session", rows);
    RejectedRow row{log_.logs[last_.input].input().file,
                    0,
                    "session",
                    "bot_session",
                    "user \"" + std::string(log_.users[current_.back().user]) +
                        "\" has a session of " + std::to_string(current_.size() + bot_events_) +
                        " events; more than [ingest] max_session_events = " +
                        std::to_string(options_.max_session_events) + " are taken for a bot",
                    false};
    sink_.OnRejected(row);
    if (report_.rejected.size() < IngestReport::kMaxRejected) report_.rejected.push_back(row);
    return Ok();
  }

  Status Emit() {
    const EventRecord& first = current_.front();
    const auto session = static_cast<uint32_t>(report_.sessions++);
    if (first.session == kNoSession) {
      VITRINE_RETURN_IF_ERROR(sink_.OnSession(std::string(log_.users[first.user]) + "@" +
                                              FormatTime(first.time_seconds)));
    } else {
      const std::string_view key = log_.sessions[first.session];
      VITRINE_RETURN_IF_ERROR(sink_.OnSession(key.substr(key.find('\x1F') + 1)));
    }
    bool basket = false;
    for (const EventRecord& record : current_) {
      const LogIngest::Meaning& meaning = log_.meanings[record.meaning];
      VITRINE_RETURN_IF_ERROR(sink_.OnInteraction(
          {record.user, session, record.item, meaning.kind, meaning.weight, record.time_seconds}));
      ++report_.interactions;
      if (baskets_ == BasketSource::kOrders ||
          (baskets_ == BasketSource::kCarts && meaning.kind != InteractionKind::kCart))
        continue;
      if (!basket) {
        basket_user.push_back(record.user);
        basket_time.push_back(record.time_seconds);
        basket = true;
      }
      lines.push_back({static_cast<uint32_t>(basket_user.size() - 1), record.item});
    }
    return Ok();
  }

  const IngestOptions& options_;
  LogIngest& log_;
  BasketSource baskets_;
  IngestReport& report_;
  IngestSink& sink_;
  std::vector<EventRecord> current_;
  EventRecord last_;
  std::map<size_t, uint64_t> bot_rows_;  // by input
  uint64_t bot_events_ = 0;
};

// Puts the lines of baskets together, in order of time.
Status EmitBaskets(const IngestOptions& options, std::vector<BasketLine> lines,
                   const std::vector<uint32_t>& user, const std::vector<int64_t>& time,
                   IngestReport& report, IngestSink& sink) {
  std::vector<uint32_t> rank(user.size()), order(user.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return time[a] < time[b]; });
  for (uint32_t i = 0; i < order.size(); ++i) rank[order[i]] = i;
  for (BasketLine& line : lines) line.basket = rank[line.basket];
  std::sort(lines.begin(), lines.end(), [](const BasketLine& a, const BasketLine& b) {
    return a.basket != b.basket ? a.basket < b.basket : a.item < b.item;
  });
  std::vector<ItemIndex> items;
  for (size_t at = 0; at < lines.size();) {
    const uint32_t basket = lines[at].basket;
    items.clear();
    for (; at < lines.size() && lines[at].basket == basket; ++at) {
      if (items.empty() || items.back() != lines[at].item) items.push_back(lines[at].item);
    }
    if (options.max_basket_items > 0 &&
        items.size() > static_cast<size_t>(options.max_basket_items)) {
      ++report.baskets_left_out["too_many_items"];
      continue;
    }
    ++report.baskets;
    report.basket_items += items.size();
    VITRINE_RETURN_IF_ERROR(sink.OnBasket(user[order[basket]], time[order[basket]], items));
  }
  return Ok();
}

Result<BasketSource> BasketSourceOf(const std::string& from, const LogIngest& log) {
  if (from == "orders") return BasketSource::kOrders;
  if (from == "carts") return BasketSource::kCarts;
  if (from == "sessions") return BasketSource::kSessions;
  if (from != "auto" && !from.empty()) {
    return UsageError("[baskets] from = \"" + from +
                      "\" is not known; it is auto, orders, carts or sessions");
  }
  return !log.order_lines.empty() ? BasketSource::kOrders
         : log.cart_events > 0    ? BasketSource::kCarts
                                  : BasketSource::kSessions;
}

// Keeps everything in memory.
class ShopSink : public IngestSink {
 public:
  explicit ShopSink(IngestResult& result) : result_(result) {}
  Status OnProduct(Product&& product) override {
    result_.shop.products.push_back(std::move(product));
    return Ok();
  }
  Status OnUser(User&& user) override {
    result_.shop.users.push_back(std::move(user));
    return Ok();
  }
  Status OnSession(std::string_view session_id) override {
    result_.session_ids.emplace_back(session_id);
    return Ok();
  }
  Status OnInteraction(const Interaction& interaction) override {
    result_.shop.interactions.push_back(interaction);
    return Ok();
  }
  Status OnBasket(uint32_t user, int64_t time_seconds,
                  const std::vector<ItemIndex>& items) override {
    Baskets& baskets = result_.shop.baskets;
    baskets.items.insert(baskets.items.end(), items.begin(), items.end());
    baskets.offset.push_back(baskets.items.size());
    baskets.user.push_back(user);
    baskets.time_seconds.push_back(time_seconds);
    return Ok();
  }
  void OnInteractionCount(uint64_t count) override { result_.shop.interactions.reserve(count); }
  void OnRejected(const RejectedRow&) override {}

 private:
  IngestResult& result_;
};

Result<TimeOptions> TimeOptionsOf(const IngestOptions& options) {
  const std::optional<TimeZone> zone = TimeZone::Find(options.time_zone);
  if (!zone) {
    return UsageError("[ingest] time_zone = \"" + options.time_zone +
                      "\" is not known; write UTC, an offset such as +02:00, or a name such as "
                      "Europe/Paris");
  }
  return TimeOptions{*zone, options.day_first};
}

void WarnAboutMatches(const IngestReport& report, Console& console) {
  if (report.ids_seen == 0 || report.match_rate() >= kLowMatchRate) return;
  char rate[32];
  std::snprintf(rate, sizeof rate, "%.1f %%", 100 * report.match_rate());
  std::string text =
      std::string("only ") + rate +
      " of the item ids in events and orders are in the catalogue; most frequent unknown ids:";
  for (size_t i = 0; i < std::min<size_t>(report.top_unmatched.size(), 5); ++i) {
    text += " " + report.top_unmatched[i].first + " (" +
            std::to_string(report.top_unmatched[i].second) + "×)";
  }
  console.Warn(text + ". Are the right columns mapped?");
}

}  // namespace

Result<IngestReport> IngestInto(const IngestOptions& options, Console& console, IngestSink& sink) {
  if (options.catalogue.files.empty() && options.events.files.empty() &&
      options.orders.files.empty() && options.users.files.empty()) {
    return UsageError("nothing to read: name at least one catalogue, events, orders or users file");
  }
  VITRINE_ASSIGN(const Vocabulary vocabulary, Vocabulary::Load(options.vocabulary_files));
  VITRINE_ASSIGN(const TimeOptions times, TimeOptionsOf(options));
  std::optional<int64_t> as_of;
  if (!options.as_of.empty()) {
    as_of = ParseTime(options.as_of, times);
    if (!as_of)
      return UsageError("[ingest] as_of = \"" + options.as_of + "\" is no date; write YYYY-MM-DD");
  }
  IngestReport report;
  const RowLog::Listener listener = [&sink](const RejectedRow& row) { sink.OnRejected(row); };
  StringTable items;
  AliasTable aliases;
  VITRINE_RETURN_IF_ERROR(ReadCatalogue(
      options.catalogue, vocabulary, as_of.value_or(std::numeric_limits<int64_t>::max()), console,
      report, listener, items, aliases,
      [&](Product&& product) { return sink.OnProduct(std::move(product)); }));
  const bool no_catalogue = options.catalogue.files.empty();
  LogIngest log(options, items, aliases, no_catalogue, times, report, listener);
  VITRINE_RETURN_IF_ERROR(log.ReadEvents(console));
  VITRINE_RETURN_IF_ERROR(log.ReadOrders(console));
  log.FinishReport();
  if (no_catalogue) {
    report.products = items.size();
    for (uint32_t i = 0; i < items.size(); ++i) {
      Product product;
      product.id = items[i];
      VITRINE_RETURN_IF_ERROR(sink.OnProduct(std::move(product)));
    }
  }
  if (!as_of) as_of = log.newest_seconds;
  if (as_of) report.as_of = FormatDay(*as_of);
  VITRINE_RETURN_IF_ERROR(ReadUsers(options.users, times, as_of, console, report, listener,
                                    log.users,
                                    [&](User&& user) { return sink.OnUser(std::move(user)); }));
  report.users = log.users.size();
  VITRINE_ASSIGN(const BasketSource baskets, BasketSourceOf(options.baskets_from, log));
  sink.OnInteractionCount(log.events.size());
  SessionWalk walk(options, log, baskets, report, sink);
  VITRINE_RETURN_IF_ERROR(walk.TakeAll());
  if (baskets == BasketSource::kOrders) {
    VITRINE_RETURN_IF_ERROR(EmitBaskets(options, std::move(log.order_lines), log.order_user,
                                        log.order_time, report, sink));
  } else {
    VITRINE_RETURN_IF_ERROR(EmitBaskets(options, std::move(walk.lines), walk.basket_user,
                                        walk.basket_time, report, sink));
  }
  WarnAboutMatches(report, console);
  if (!RowsAddUp(report))
    return Error{"a row was neither kept nor rejected: this is a bug of vitrine, please report it"};
  return report;
}

Result<IngestResult> Ingest(const IngestOptions& options, Console& console) {
  IngestResult result;
  ShopSink sink(result);
  VITRINE_ASSIGN(result.report, IngestInto(options, console, sink));
  return result;
}

}  // namespace vitrine
