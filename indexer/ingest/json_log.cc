#include "indexer/ingest/json_log.h"

#include "indexer/ingest/json_reader.h"
#include "indexer/ingest/text.h"
#include "indexer/ingest/time_text.h"

namespace vitrine {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

class JsonLog : public LogFeed {
 public:
  JsonLog(std::unique_ptr<ByteSource> source, std::string name)
      : objects_(std::move(source), std::move(name)) {}
  uint64_t position_bytes() const override { return objects_.position_bytes(); }
  uint64_t size_bytes() const override { return objects_.size_bytes(); }

  Result<bool> Next(LogRow& row) override {
    JsonObjects::Item item;
    VITRINE_ASSIGN(const bool more, objects_.Next(item));
    if (!more) return false;
    row = LogRow{};
    row.line = item.line;
    if (!item.problem.empty()) {
      row.problem = "bad_json";
      row.problem_detail = std::move(item.problem);
      return true;
    }
    object event;
    if (item.object.get(event) == simdjson::SUCCESS) ReadEvent(event, row);
    return true;
  }

 protected:
  virtual void ReadEvent(const object& event, LogRow& row) = 0;

  // A text or number member as text, "" where there is none.
  std::string_view Text(const object& from, std::string_view key) {
    std::string_view text;
    if (from[key].get(text) != simdjson::SUCCESS || IsMissing(text) || text == "(not set)")
      return {};
    return TrimSpace(text);
  }
  std::string_view FirstText(const object& from, std::initializer_list<std::string_view> keys) {
    for (std::string_view key : keys) {
      const std::string_view text = Text(from, key);
      if (!text.empty()) return text;
    }
    return {};
  }
  void AddItems(const object& from, std::string_view list,
                std::initializer_list<std::string_view> keys, LogRow& row) {
    array items;
    if (from[list].get(items) != simdjson::SUCCESS) return;
    for (element item : items) {
      object fields;
      if (item.get(fields) != simdjson::SUCCESS) continue;
      const std::string_view id = FirstText(fields, keys);
      if (!id.empty()) row.items.push_back(id);
    }
  }

 private:
  JsonObjects objects_;
};

class Ga4Log : public JsonLog {
 public:
  using JsonLog::JsonLog;

 protected:
  void ReadEvent(const object& event, LogRow& row) override {
    row.event = Text(event, "event_name");
    row.user = FirstText(event, {"user_id", "user_pseudo_id"});
    row.time = FirstText(event, {"event_timestamp", "event_date"});
    row.session = Text(event, "ga_session_id");
    array parameters;
    if (row.session.empty() && event["event_params"].get(parameters) == simdjson::SUCCESS)
      ReadParameters(parameters, row);
    object ecommerce;
    if (event["ecommerce"].get(ecommerce) == simdjson::SUCCESS)
      row.order = Text(ecommerce, "transaction_id");
    AddItems(event, "items", {"item_id", "id", "sku"}, row);
  }

 private:
  void ReadParameters(const array& parameters, LogRow& row) {
    for (element parameter : parameters) {
      object fields, value;
      if (parameter.get(fields) != simdjson::SUCCESS) continue;
      const std::string_view key = Text(fields, "key");
      if ((key != "ga_session_id" && key != "transaction_id") ||
          fields["value"].get(value) != simdjson::SUCCESS)
        continue;
      (key == "ga_session_id" ? row.session : row.order) =
          FirstText(value, {"int_value", "string_value", "double_value"});
    }
  }
};

class SegmentLog : public JsonLog {
 public:
  using JsonLog::JsonLog;

 protected:
  void ReadEvent(const object& event, LogRow& row) override {
    const std::string_view type = Text(event, "type");
    row.event = Text(event, "event");
    if (row.event.empty())
      row.event = type;  // page, identify …: of no interest unless a rule says so
    row.user = FirstText(event, {"userId", "user_id", "anonymousId", "anonymous_id"});
    row.time = FirstText(event, {"timestamp", "originalTimestamp", "sentAt", "receivedAt",
                                 "original_timestamp", "sent_at", "received_at"});
    object context, properties;
    if (event["context"].get(context) == simdjson::SUCCESS)
      row.session = FirstText(context, {"sessionId", "session_id"});
    if (event["properties"].get(properties) != simdjson::SUCCESS) return;
    if (row.session.empty()) row.session = FirstText(properties, {"session_id", "sessionId"});
    row.order = FirstText(properties, {"order_id", "orderId", "checkout_id"});
    const std::string_view id = FirstText(properties, {"product_id", "productId", "sku"});
    if (!id.empty()) {
      row.items.push_back(id);
    } else {
      AddItems(properties, "products", {"product_id", "productId", "id", "sku"}, row);
    }
  }
};

}  // namespace

std::string DetectJsonLog(std::string_view head) {
  if (head.find("\"event_timestamp\"") != std::string_view::npos &&
      head.find("\"event_name\"") != std::string_view::npos)
    return "ga4";
  const bool who = head.find("\"anonymousId\"") != std::string_view::npos ||
                   head.find("\"userId\"") != std::string_view::npos;
  if (who && head.find("\"properties\"") != std::string_view::npos) return "segment";
  return "jsonl";
}

std::unique_ptr<LogFeed> MakeGa4Log(std::unique_ptr<ByteSource> source, std::string name) {
  return std::make_unique<Ga4Log>(std::move(source), std::move(name));
}

std::unique_ptr<LogFeed> MakeSegmentLog(std::unique_ptr<ByteSource> source, std::string name) {
  return std::make_unique<SegmentLog>(std::move(source), std::move(name));
}

}  // namespace vitrine
