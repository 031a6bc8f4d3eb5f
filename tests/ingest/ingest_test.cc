#include "indexer/ingest/ingest.h"

#include <doctest/doctest.h>

#include <set>

#include "tests/ingest/ingest_fixture.h"

using namespace vitrine;

namespace {

std::string IngestError(const IngestOptions& options, ErrorKind kind) {
  Console console = QuietConsole();
  auto result = Ingest(options, console);
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().kind == kind);
  return result.error().message;
}

bool Contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a mapped catalogue becomes normalised products") {
  TestFolder folder;
  IngestOptions options;
  options.catalogue.files = {folder.Write(
      "c.csv",
      "pid,name,sex,shade,was,now,stock,pics,extra\n"
      "A1,<b>Shirt</b> &amp; tie,Damen,Navy Blue,\"1,299.00\",999,0,x.jpg|y.jpg,cotton\n"
      "A2,Bag,,zibeline,,,3,,\n")};
  options.catalogue.columns = {{"id", {"pid"}},
                               {"title", {"name"}},
                               {"audience", {"sex"}},
                               {"colour", {"shade"}},
                               {"price", {"now", "was"}},
                               {"original_price", {"was"}},
                               {"availability", {"stock"}},
                               {"images", {"pics"}}};
  options.catalogue.defaults = {{"currency", "EUR"}};
  options.catalogue.image_prefix = "photos/";
  options.catalogue.image_template = "photos/{pid}-{id}.webp";
  const IngestResult result = MustIngest(options);
  REQUIRE(result.shop.products.size() == 2);
  const Product& shirt = result.shop.products[0];
  CHECK(shirt.title == "Shirt & tie");
  CHECK(shirt.audience == Audience::kWomen);
  CHECK(shirt.audience_raw == "Damen");
  CHECK(shirt.colour == "navy");
  CHECK(shirt.colour_raw == "Navy Blue");
  CHECK(shirt.price == "999.00");
  CHECK(shirt.original_price == "1299.00");
  CHECK(shirt.currency == "EUR");
  CHECK(shirt.availability == Availability::kOutOfStock);
  CHECK(shirt.images == std::vector<std::string>{"photos/x.jpg", "photos/y.jpg"});
  CHECK(shirt.attributes == std::map<std::string, std::string>{{"extra", "cotton"}});
  CHECK(result.shop.products[1].images == std::vector<std::string>{"photos/A2-A2.webp"});
  CHECK(result.shop.products[1].price.empty());
}

TEST_CASE("bad rows are rejected with file, line, field and reason, good ones are kept") {
  TestFolder folder;
  IngestOptions options;
  options.catalogue.files = {folder.Write(
      "c.csv",
      "id,title,price\nA,ok,5\nA,again,6\n,none,7\nB,bad,12.x9\nC,two\nD,\"open\nE,fine,\n")};
  const IngestResult result = MustIngest(options);
  CHECK(result.shop.products.size() == 2);
  std::vector<std::string> found;
  for (const RejectedRow& row : result.report.rejected) {
    CHECK(row.file == options.catalogue.files[0]);
    CHECK_FALSE(row.detail.empty());
    found.push_back(std::to_string(row.line) + " " + row.field + " " + row.reason);
  }
  CHECK(found == std::vector<std::string>{"3 id duplicate_id", "4 id missing_id",
                                          "5 price bad_price", "6  field_count",
                                          "7  unclosed_quote"});
}

TEST_CASE("wrong files and mappings are errors that name the fix") {
  TestFolder folder;
  IngestOptions options;
  CHECK(Contains(IngestError(options, ErrorKind::kUsage), "nothing to read"));
  options.catalogue.files = {(folder.path() / "missing.csv").string()};
  CHECK(Contains(IngestError(options, ErrorKind::kFailed), "missing.csv: cannot open"));
  options.catalogue.files = {folder.path().string()};
  CHECK(Contains(IngestError(options, ErrorKind::kFailed), "is a folder"));
  options.catalogue.files = {folder.Write("h.csv", "id,title\n")};
  CHECK(Contains(IngestError(options, ErrorKind::kFailed), "catalogue is empty"));
  options.catalogue.files = {folder.Write("c.csv", "id,base_colour\n1,red\n")};
  options.catalogue.columns = {{"id", {"id"}}, {"colour", {"base_color"}}};
  const std::string unknown = IngestError(options, ErrorKind::kUsage);
  CHECK(Contains(unknown, "c.csv:1: there is no column \"base_color\""));
  CHECK(Contains(unknown, "did you mean \"base_colour\""));
  options.catalogue.columns = {{"color", {"id"}}};
  CHECK(Contains(IngestError(options, ErrorKind::kUsage), "did you mean \"colour\""));
}

TEST_CASE("order lines become baskets by order, or by user and day") {
  TestFolder folder;
  IngestOptions options;
  options.catalogue.files = {folder.Write("c.csv", "id,title\nx,X\ny,Y\nz,Z\n")};
  options.orders.files = {folder.Write(
      "o.csv",
      "user,date,item\nu2,2020-01-02,z\nu1,2020-01-01,y\nu1,2020-01-01,x\nu1,2020-01-01,x\n"
      "u1,2020-01-02,z\nu1,2020-01-01,unknown\n")};
  IngestResult result = MustIngest(options);
  const auto basket = [&](size_t i) {
    const Baskets& b = result.shop.baskets;
    return std::vector<ItemIndex>(b.items.begin() + static_cast<ptrdiff_t>(b.offset[i]),
                                  b.items.begin() + static_cast<ptrdiff_t>(b.offset[i + 1]));
  };
  REQUIRE(result.shop.baskets.size() == 3);
  CHECK(basket(0) == std::vector<ItemIndex>{0, 1});
  CHECK(basket(1) == std::vector<ItemIndex>{2});
  CHECK(result.shop.users[result.shop.baskets.user[0]].id == "u1");
  CHECK(result.shop.users[result.shop.baskets.user[1]].id == "u2");
  CHECK(result.shop.interactions.size() == 5);
  for (const Interaction& interaction : result.shop.interactions)
    CHECK(interaction.kind == InteractionKind::kOrder);
  CHECK(result.report.ids_seen == 6);
  CHECK(result.report.ids_matched == 5);
  REQUIRE(result.report.top_unmatched.size() == 1);
  CHECK(result.report.top_unmatched[0].first == "unknown");

  options.orders.files = {
      folder.Write("p.csv", "user,date,item,order_id\nu1,2020-01-01,x,1\nu1,2020-01-01,y,2\n")};
  result = MustIngest(options);
  CHECK(result.shop.baskets.size() == 2);
}

TEST_CASE("events become interactions in sessions of thirty minutes or of their own id") {
  TestFolder folder;
  IngestOptions options;
  options.catalogue.files = {folder.Write("c.csv", "id,title\nx,X\ny,Y\n")};
  options.events.files = {folder.Write("e.csv",
                                       "user_id,item_id,time,event\nu1,x,2020-01-01 "
                                       "10:00:00,view\nu1,y,2020-01-01 11:00:01,add_to_cart\n"
                                       "u1,x,2020-01-01 10:30:00,purchase\nu2,x,2020-01-01 "
                                       "09:00:00,scroll\nu1,y,2020-01-01 11:00:01,like\n")};
  IngestResult result = MustIngest(options);
  REQUIRE(result.shop.interactions.size() == 4);
  std::vector<uint32_t> sessions;
  std::vector<int> kinds;
  for (const Interaction& interaction : result.shop.interactions) {
    sessions.push_back(interaction.session);
    kinds.push_back(static_cast<int>(interaction.kind));
  }
  CHECK(sessions == std::vector<uint32_t>{0, 0, 1, 1});
  CHECK(kinds == std::vector<int>{0, 4, 3, 2});
  CHECK(result.report.inputs[1].rejected_by_reason.at("not_of_interest") == 1);
  CHECK(result.shop.baskets.size() == 1);

  options.events.files = {folder.Write("s.csv",
                                       "user_id,session_id,item_id,time\nu1,b,x,100000000\nu1,a,y,"
                                       "100000001\nu1,b,y,100090000\n,c,y,100000000\n")};
  result = MustIngest(options);
  CHECK(result.session_ids == std::vector<std::string>{"b", "a", "c"});
  CHECK(result.shop.users[1].id == "c");
  CHECK(result.shop.baskets.size() == 3);  // no orders, no carts: what was seen together
}

TEST_CASE("sessions of bots are counted and left out") {
  TestFolder folder;
  std::string text = "user,session,item,time\n";
  for (int i = 0; i < 50; ++i) text += "bot,s,x," + std::to_string(100000000 + i) + "\n";
  text += "u,t,x,100000000\n";
  IngestOptions options;
  options.catalogue.files = {folder.Write("c.csv", "id,title\nx,X\n")};
  options.events.files = {folder.Write("e.csv", text)};
  options.max_session_events = 10;
  const IngestResult result = MustIngest(options);
  CHECK(result.shop.interactions.size() == 1);
  CHECK(result.report.inputs[1].rejected_by_reason.at("bot_session") == 50);
  REQUIRE(result.report.rejected.size() == 1);
  CHECK(Contains(result.report.rejected[0].detail, "50 events"));
}

TEST_CASE("events sorted on disk come out as those sorted in memory") {
  TestFolder folder;
  std::string text = "user,item,time\n";
  uint32_t state = 1;
  for (int i = 0; i < 60000; ++i) {
    state = state * 1664525 + 1013904223;
    text += "u" + std::to_string(state >> 24) + ",i" + std::to_string(state >> 8 & 63) + "," +
            std::to_string(100000000 + (state >> 4 & 0xFFFFF)) + "\n";
  }
  IngestOptions options;
  options.events.files = {folder.Write("e.csv", text)};
  const IngestResult roomy = MustIngest(options);
  options.memory_bytes = 1 << 18;
  const IngestResult tight = MustIngest(options);
  REQUIRE(roomy.shop.interactions.size() == 60000);
  REQUIRE(tight.shop.interactions.size() == 60000);
  bool same = true, ordered = true;
  for (size_t i = 0; i < 60000; ++i) {
    const Interaction &a = roomy.shop.interactions[i], &b = tight.shop.interactions[i];
    same = same && a.user == b.user && a.session == b.session && a.item == b.item &&
           a.time_seconds == b.time_seconds;
    if (i > 0) {
      const Interaction& before = roomy.shop.interactions[i - 1];
      ordered = ordered && (before.session < a.session ||
                            (before.session == a.session && before.time_seconds <= a.time_seconds));
    }
  }
  CHECK(same);
  CHECK(ordered);
}

TEST_CASE("the real fashion catalogue is read whole") {
  IngestOptions options;
  options.catalogue.files = {DataFile("fashion-small/catalogue.csv")};
  if (options.catalogue.files[0].empty()) {
    MESSAGE("skipped: no fashion-small in the test data");
    return;
  }
  options.catalogue.columns = {{"id", {"product_id"}},
                               {"title", {"title"}},
                               {"audience", {"age_group", "gender"}},
                               {"colour", {"base_colour"}},
                               {"price", {"discounted_price", "price"}},
                               {"original_price", {"price"}},
                               {"images", {"image"}}};
  const IngestResult result = MustIngest(options);
  CHECK(result.shop.products.size() == 4000);
  std::set<std::string> ids;
  for (const Product& product : result.shop.products) {
    ids.insert(product.id);
    CHECK(product.audience != Audience::kUnknown);
    CHECK(product.availability == Availability::kInStock);
  }
  CHECK(ids.size() == 4000);
}

TEST_CASE(
    "a real week of fashion orders has the published number of lines, customers and baskets") {
  IngestOptions options;
  options.catalogue.files = {DataFile("hm-articles/articles.csv.gz")};
  options.orders.files = {DataFile("hm-baskets/transactions.csv.gz")};
  if (options.catalogue.files[0].empty() || options.orders.files[0].empty()) {
    MESSAGE("skipped: no hm-articles in the test data");
    return;
  }
  const IngestResult result = MustIngest(options);
  CHECK(result.shop.products.size() == 105542);
  CHECK(result.shop.interactions.size() == 144435);
  CHECK(result.shop.users.size() == 41532);
  CHECK(result.shop.baskets.size() == 46347);
  size_t pairs = 0;
  std::set<ItemIndex> items;
  for (size_t b = 0; b < result.shop.baskets.size(); ++b) {
    pairs += result.shop.baskets.offset[b + 1] - result.shop.baskets.offset[b] >= 2 ? 1 : 0;
  }
  items.insert(result.shop.baskets.items.begin(), result.shop.baskets.items.end());
  CHECK(pairs == 29301);
  CHECK(items.size() == 15060);
  CHECK(result.report.match_rate() == 1);
}
