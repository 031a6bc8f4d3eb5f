// Event logs in every format.
#include <doctest/doctest.h>

#include <random>

#include "indexer/ingest/log_feed.h"
#include "tests/ingest/ingest_fixture.h"

using namespace vitrine;

namespace {

// "user session item seconds kind weight" of each interaction.
std::vector<std::string> Lines(const IngestResult& result) {
  std::vector<std::string> lines;
  for (const Interaction& i : result.shop.interactions) {
    lines.push_back(result.shop.users[i.user].id + " " + result.session_ids[i.session] + " " +
                    result.shop.products[i.item].id + " " + std::to_string(i.time_seconds) + " " +
                    std::to_string(static_cast<int>(i.kind)) + " " +
                    std::to_string(static_cast<int>(i.weight)));
  }
  return lines;
}

const std::string kA(32, 'a'), kB = "0123456789abcdefABCDEF0123456789ff", kC(40, 'c');

}  // namespace

TEST_CASE(
    "the source's log is filtered by events and buttons, and cells with several ids are exploded") {
  TestFolder folder;
  IngestOptions options;
  options.catalogue.files = {
      folder.Write("c.csv", "id,title\n" + kA + ",A\n" + kB + ",B\n" + kC + ",C\n")};
  options.events.files = {
      folder.Write("e.csv",
                   "user_id,session_id,event_name,button_name,timestamp,product_id,page_url\n"
                   "u1,s1,product_details_page_view,,2020-01-01 10:00:00,\"['" +
                       kA + "', '" + kB +
                       "']\",\n"
                       "u1,s1,button_click,heart_button,2020-01-01 10:01:00,,https://shop.test/p/" +
                       kC + "?from=" + kC +
                       "\n"
                       "u1,s1,button_click,menu_button,2020-01-01 10:02:00," +
                       kA +
                       ",\n"
                       "u1,s1,product_similar_items_clicking,,2020-01-01 10:03:00," +
                       kA + "," + kA +
                       "\n"
                       "u1,s1,button_click,bag_button,2020-01-01 10:04:00,abc123,none\n"
                       "u1,s1,app_open,,2020-01-01 10:05:00,,\n")};
  const IngestResult result = MustIngest(options);
  CHECK(result.report.inputs[1].format == "source");
  CHECK(Lines(result) == std::vector<std::string>{
                             "u1 s1 " + kA + " 1577872800 0 1", "u1 s1 " + kB + " 1577872800 0 1",
                             "u1 s1 " + kC + " 1577872860 2 3", "u1 s1 " + kA + " 1577872980 1 2"});
  CHECK(result.report.inputs[1].rejected_by_reason.at("not_of_interest") == 2);
  CHECK(result.report.inputs[1].rejected_by_reason.at("missing_item") == 1);
  CHECK(result.report.inputs[1].rows_kept == 3);
}

TEST_CASE("object ids of a source catalogue are found in its log") {
  TestFolder folder;
  const std::string object = "568f9a59f0f254331b469374";
  IngestOptions options;
  options.catalogue.files = {folder.Write(
      "c.csv",
      "_id,product_id,name,price,other_attributes\nObjectId('" + object + "'),17,A,[],{}\n")};
  options.events.files = {folder.Write(
      "e.csv",
      "user_id,event_name,button_name,time,product_id\nu,product_details_page_view,,2020-01-01," +
          object + "\n")};
  options.events.id_pattern = "[a-f0-9]{24}";
  const IngestResult result = MustIngest(options);
  REQUIRE(result.shop.interactions.size() == 1);
  CHECK(result.shop.products[0].id == "17");
}

TEST_CASE("a GA4 export gives items, sessions, microsecond times and baskets of transactions") {
  TestFolder folder;
  IngestOptions options;
  options.events.files = {folder.Write(
      "ga4.jsonl",
      R"({"event_date":"20201101","event_timestamp":"1604188800123456","event_name":"view_item","event_params":[{"key":"ga_session_id","value":{"int_value":"77"}}],"user_pseudo_id":"p.1","items":[{"item_id":"X"}]})"
      "\n"
      R"({"event_timestamp":1604188860000000,"event_name":"purchase","event_params":[{"key":"ga_session_id","value":{"int_value":77}}],"user_pseudo_id":"p.1","user_id":null,"ecommerce":{"transaction_id":"T9"},"items":[{"item_id":"X","quantity":2},{"item_id":"Y"}]})"
      "\n"
      R"({"event_timestamp":1604188870000000,"event_name":"scroll","user_pseudo_id":"p.1","items":[]})"
      "\n"
      R"({"event_timestamp":1604188880000000,"event_name":"add_to_cart","user_pseudo_id":"p.1","items":[]})"
      "\nnot json\n")};
  const IngestResult result = MustIngest(options);
  CHECK(result.report.inputs[0].format == "ga4");
  CHECK(Lines(result) == std::vector<std::string>{"p.1 77 X 1604188800 0 1",
                                                  "p.1 77 X 1604188860 4 5",
                                                  "p.1 77 Y 1604188860 4 5"});
  REQUIRE(result.shop.baskets.size() == 1);
  CHECK(result.shop.baskets.items.size() == 2);
  const auto& reasons = result.report.inputs[0].rejected_by_reason;
  CHECK(reasons.at("not_of_interest") == 1);
  CHECK(reasons.at("missing_item") == 1);
  CHECK(reasons.at("bad_json") == 1);
}

TEST_CASE("Segment track calls are read, other calls are of no interest") {
  TestFolder folder;
  IngestOptions options;
  options.events.files = {folder.Write(
      "segment.jsonl",
      R"({"type":"track","event":"Product Viewed","userId":null,"anonymousId":"an","timestamp":"2020-11-01T00:00:00.000Z","properties":{"product_id":"X"},"context":{"sessionId":5}})"
      "\n"
      R"({"type":"track","event":"Order Completed","userId":"u","timestamp":"2020-11-01T00:01:00Z","properties":{"order_id":"O1","products":[{"product_id":"X"},{"sku":"Y"}]}})"
      "\n"
      R"({"type":"page","anonymousId":"an","timestamp":"2020-11-01T00:00:00Z","properties":{"path":"/"}})"
      "\n")};
  const IngestResult result = MustIngest(options);
  CHECK(result.report.inputs[0].format == "segment");
  CHECK(Lines(result) == std::vector<std::string>{"an 5 X 1604188800 0 1",
                                                  "u u@2020-11-01T00:01:00Z X 1604188860 4 5",
                                                  "u u@2020-11-01T00:01:00Z Y 1604188860 4 5"});
}

TEST_CASE("rules of the shop give events their meaning") {
  TestFolder folder;
  IngestOptions options;
  options.events.files = {folder.Write("e.csv",
                                       "user,item,time,event,button\nu,X,2020-01-01,tap,like\nu,X,"
                                       "2020-01-01,tap,share\nu,Y,2020-01-01,zoom,\n")};
  options.events.rules = {{"tap", "like", InteractionKind::kWishlist, 7},
                          {"zoom", "", InteractionKind::kClick, 2}};
  const IngestResult result = MustIngest(options);
  REQUIRE(result.shop.interactions.size() == 2);
  CHECK(result.shop.interactions[0].kind == InteractionKind::kWishlist);
  CHECK(result.shop.interactions[0].weight == 7);
  CHECK(result.shop.interactions[1].kind == InteractionKind::kClick);
}

TEST_CASE("times without a zone are of the configured one") {
  TestFolder folder;
  IngestOptions options;
  options.events.files = {
      folder.Write("e.csv", "user,item,time\nu,X,2020-01-01 02:00:00\nu,X,2020-01-01T02:00:00Z\n")};
  options.time_zone = "+02:00";
  const IngestResult result = MustIngest(options);
  CHECK(result.shop.interactions[0].time_seconds == 1577836800);
  CHECK(result.shop.interactions[1].time_seconds == 1577844000);
}

TEST_CASE("the hand-written id finder agrees with RE2") {
  auto fast = IdFinder::Make(std::string(IdFinder::kSourcePattern));
  auto exact = IdFinder::Make("([a-fA-F0-9]{32,})");
  REQUIRE(fast.ok());
  REQUIRE(exact.ok());
  std::mt19937 random(3);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    while (text.size() < 200) {
      if (random() % 3 != 0) {
        for (size_t n = 28 + random() % 10; n > 0; --n)
          text += "0123456789abcdefABCDEF"[random() % 22];
      }
      text += "g-/ ,'x"[random() % 7];
    }
    std::vector<std::string_view> a, b;
    fast.value().Find(text, a);
    exact.value().Find(text, b);
    REQUIRE(a == b);
  }
  CHECK_FALSE(IdFinder::Make("[a-f").ok());
  auto empty = IdFinder::Make("x*");
  std::vector<std::string_view> ids;
  empty.value().Find("abxxc", ids);
  CHECK(ids == std::vector<std::string_view>{"xx"});
}

TEST_CASE("purchases that the order file tells are not counted again from the event log") {
  TestFolder folder;
  IngestOptions options;
  options.catalogue.files = {folder.Write("c.csv", "id,title\nA,a\nB,b\n")};
  options.events.files = {folder.Write("e.csv",
                                       "user,item,time,event\nu,A,2020-01-01 10:00:00,view\n"
                                       "u,A,2020-01-01 10:05:00,purchase\n")};
  const IngestResult alone = MustIngest(options);
  CHECK(alone.shop.interactions.size() == 2);
  CHECK(alone.shop.baskets.size() == 1);
  options.orders.files = {folder.Write("o.csv",
                                       "user,item,time,order\nu,A,2020-01-01 10:05:00,1\n"
                                       "u,B,2020-01-01 10:05:00,1\n")};
  const IngestResult both = MustIngest(options);
  CHECK(both.report.inputs[1].rejected_by_reason.at("told_by_orders") == 1);
  CHECK(both.report.inputs[1].rows_kept == 1);
  CHECK(both.report.rejected.empty());  // left out by configuration, not an error
  REQUIRE(both.shop.baskets.size() == 1);
  CHECK(both.shop.baskets.items == std::vector<ItemIndex>{0, 1});
  CHECK(both.shop.interactions.size() == 3);
}

TEST_CASE("baskets by day follow the shop's own midnight") {
  TestFolder folder;
  IngestOptions options;
  options.catalogue.files = {folder.Write("c.csv", "id,title\nA,a\nB,b\n")};
  // 22:30 UTC is already the next day in Paris.
  options.orders.files = {folder.Write(
      "o.csv", "user,item,time\nu,A,2020-07-01T22:30:00Z\nu,B,2020-07-02T10:00:00Z\n")};
  CHECK(MustIngest(options).shop.baskets.size() == 2);
  options.time_zone = "Europe/Paris";
  CHECK(MustIngest(options).shop.baskets.size() == 1);
}
