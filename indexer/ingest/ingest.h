// Ingest: any shop's exports → a clean Shop. Catalogue, events, orders and users are read as
// streams (memory does not grow with what is rejected), every row is kept or rejected with a
// reason, and nothing valid is lost: rows read = rows kept + rows rejected, for every input.
//
//   IngestOptions options;
//   options.catalogue.files = {"feed.csv.gz"};
//   options.orders.files = {"orders.csv"};
//   VITRINE_ASSIGN(IngestResult result, Ingest(options, console));
//   Use(result.shop);
//
// Each option names in [brackets] the key of vitrine.toml that fills it. Formats:
// docs/data_formats.md.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/ingest/report.h"
#include "indexer/shop.h"
#include "indexer/support/console.h"
#include "shared/result.h"

namespace vitrine {

// Normalised field → columns of the feed. For `category` the columns are levels, joined by " > ";
// for `images` all are taken; for `audience` all are read together (gender + age group); for every
// other field the first column that is not empty counts.
// An empty map = guess by well-known names (`vitrine init` writes the guess down). A map that is
// not empty is the whole truth: fields without an entry stay unknown (availability: in stock).
using ColumnMapping = std::map<std::string, std::vector<std::string>>;

struct CatalogueOptions {
  // Paths, globs, or "-" for standard input; .gz and .zst are decompressed. [catalogue.files]
  std::vector<std::string> files;
  // auto, csv, source, google, meta, shopify, jsonl. [catalogue.format]
  std::string format = "auto";
  // Fields: id group_id sku title description audience colour department category brand price
  // original_price currency availability rating review_count images url. [catalogue.columns]
  ColumnMapping columns;
  // Value of a field where the feed has none, e.g. currency = "EUR". [catalogue.defaults]
  std::map<std::string, std::string> defaults;
  // One character; empty = found out. Also "tab". [catalogue.delimiter]
  std::string delimiter;
  // Between several images in one column; empty = "|" or, between URLs, ",".
  // [catalogue.image_separator]
  std::string image_separator;
  // Path of a product's photo made from columns: "photos/{product_id}.jpg". Used where no image
  // column gives one. [catalogue.image_template]
  std::string image_template;
  // Put before image values that are no URL and no absolute path: "photos/".
  // [catalogue.image_prefix]
  std::string image_prefix;
  // Keep columns that no field uses in Product::attributes. [catalogue.keep_other_columns]
  bool keep_other_columns = true;
};

// By InteractionKind, as configurations and events.csv write them.
inline constexpr std::array<std::string_view, kInteractionKinds> kInteractionKindNames = {
    "view", "click", "wishlist", "cart", "order"};

// One line of the table that says what an event means. Empty event or button = any.
struct EventRule {
  std::string event;   // [[events.rules]] event
  std::string button;  // [[events.rules]] button
  InteractionKind kind =
      InteractionKind::kView;  // [[events.rules]] kind = "view|click|wishlist|cart|order"
  float weight = 1;            // [[events.rules]] weight
};

// What events mean in a log that brings no rules: of the source system's format
// product_details_page_view, product_similar_items_clicking, heart_button and bag_button, of others
// well-known names ("view_item", "add_to_cart", …).
std::vector<EventRule> EventRulePreset(std::string_view format);
// Does the rule fit? Case and punctuation do not matter.
bool Fits(const EventRule& rule, std::string_view event, std::string_view button);

struct EventOptions {
  std::vector<std::string> files;  // [events.files]
  // auto, csv, source, ga4, segment. [events.format]
  std::string format = "auto";
  // Fields: user session item time event button weight order. [events.columns]
  ColumnMapping columns;
  std::string delimiter;  // [events.delimiter]
  // Rows that match no rule are rejected as "not_of_interest". Empty = the preset of the format.
  std::vector<EventRule> rules;  // [[events.rules]]
  // A regular expression (RE2); every match in an item column is an item id, so one row may become
  // several interactions. Empty = the whole cell is one id (source: [a-fA-F0-9]{32,}).
  // [events.id_pattern]
  std::string id_pattern;
};

struct OrderOptions {
  std::vector<std::string> files;  // [orders.files]
  // Fields: user item time order. Without `order` a basket is what one user bought on one day.
  ColumnMapping columns;  // [orders.columns]
  std::string delimiter;  // [orders.delimiter]
};

struct UserOptions {
  std::vector<std::string> files;  // [users.files]
  std::string format = "auto";     // auto, csv, source. [users.format]
  // Fields: user age birth_date answer city region; others are features of the age regression.
  ColumnMapping columns;  // [users.columns]
  std::string delimiter;  // [users.delimiter]
  // Lower bounds of the age groups: {18, 25, 35} → "0-17", "18-24", "25-34", "35+".
  // [users.age_cuts]
  std::vector<int> age_cuts = {18, 25, 35, 45, 55, 65};
  // Fill missing ages by linear regression on the other features. [users.estimate_age]
  bool estimate_age = true;
  // Repeat each user's age, age_group, city and region in events.csv. [users.merge_into_events]
  bool merge_into_events = false;
};

struct IngestOptions {
  CatalogueOptions catalogue;
  EventOptions events;
  OrderOptions orders;
  UserOptions users;

  // What makes a basket: orders, carts (cart events of a session), sessions (items seen together),
  // or auto = the first of these that the data holds. [baskets.from]
  std::string baskets_from = "auto";
  // Baskets with more distinct items are counted and left out; 0 = no limit. [baskets.max_items]
  int max_basket_items = 200;

  // The day that ages and price validity refer to, "YYYY-MM-DD". Empty: ages refer to the newest
  // event or order and the newest price counts, so that a build never depends on the clock.
  // [ingest.as_of]
  std::string as_of;
  // Of times that name no zone: "UTC", "+02:00", "Europe/Paris". [ingest.time_zone]
  std::string time_zone = "UTC";
  // "01/02/2020" is 1 February. [ingest.day_first]
  bool day_first = true;
  // Silence that ends a session where the log has no session id. [ingest.session_gap_minutes]
  int session_gap_minutes = 30;
  // Sessions with more events are taken for bots: counted and left out; 0 = no limit.
  // [ingest.max_session_events]
  int max_session_events = 2000;
  // Extra words for colours, audiences and availability (docs/data_formats.md). [ingest.vocabulary]
  std::vector<std::string> vocabulary_files;
  // Events beyond what fits into this are sorted on disk ($TMPDIR). [ingest.memory_mb]
  uint64_t memory_bytes = uint64_t{1} << 28;
};

struct IngestResult {
  Shop shop;
  std::vector<std::string> session_ids;  // by Interaction::session
  IngestReport report;
};

// Reads everything into memory. Errors: a file that is missing, unreadable or empty; a column of
// the mapping that no file has; no valid product. Cost: one pass over each file; memory about 40
// bytes per interaction beside the products.
Result<IngestResult> Ingest(const IngestOptions& options, Console& console);

// Takes the cleaned data piece by piece, in this order: products, users, then interactions by
// (session, time), then baskets by time. Calls of one kind come in index order.
class IngestSink {
 public:
  virtual ~IngestSink() = default;
  virtual Status OnProduct(Product&& product) = 0;
  virtual Status OnUser(User&& user) = 0;
  // How many interactions will come, at most.
  virtual void OnInteractionCount(uint64_t) {}
  // An interaction with this item will come soon: a chance to ask for its memory.
  virtual void OnUpcoming(ItemIndex) {}
  // A session begins: its dense number is the count of earlier calls.
  virtual Status OnSession(std::string_view session_id) = 0;
  virtual Status OnInteraction(const Interaction& interaction) = 0;
  virtual Status OnBasket(uint32_t user, int64_t time_seconds,
                          const std::vector<ItemIndex>& items) = 0;
  // Every rejected row and dropped value, while reading. The report keeps only the first ones.
  virtual void OnRejected(const RejectedRow& row) = 0;
};

// Ingest() without the memory: hands everything to `sink` and returns the report.
Result<IngestReport> IngestInto(const IngestOptions& options, Console& console, IngestSink& sink);

}  // namespace vitrine
