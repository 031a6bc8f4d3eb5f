#include "indexer/publish/cards.h"

#include <doctest/doctest.h>

#include "indexer/publish/shards.h"

using namespace vitrine;

namespace {

Product MakeProduct(const std::string& id, const std::string& image) {
  Product product;
  product.id = id;
  product.title = "Title of " + id;
  product.price = "19.90";
  product.original_price = "19.90";
  product.currency = "EUR";
  product.images = {image};
  product.url = "p/" + id + ".html";
  product.brand = "Alba";
  return product;
}

const std::string& UrlOf(const Product& product) { return product.url; }

}  // namespace

TEST_CASE("cards come back from a table as they were, whatever form its columns take") {
  PublishOptions options;
  options.currency = "EUR";
  options.card_attributes = {"sizes", "material"};
  std::vector<Card> cards;
  for (int i = 0; i < 40; ++i) {
    const std::string id = "d-" + std::to_string(i);
    Product product = MakeProduct(id, i % 7 == 0   ? ""
                                      : i % 5 == 0 ? "https://elsewhere/x.jpg"
                                                   : "img/" + id + ".jpg");
    if (i % 3 == 0) product.original_price = "29.90";
    if (i % 11 == 0) product.currency = "SEK";
    product.colour = i % 2 == 0 ? "red" : "blue \"navy\" \xE2\x82\xAC";
    if (i % 2 == 0) product.attributes["sizes"] = "S|M";
    product.attributes["material"] = i % 3 == 0 ? "" : "wool " + std::to_string(i);
    product.attributes["cost"] = "3.10";  // the shop's own business
    product.availability = i == 4 ? Availability::kOutOfStock : Availability::kInStock;
    cards.push_back(CardOf(product, options));
    CHECK(cards.back().attributes.size() == static_cast<size_t>((i % 2 == 0) + (i % 3 != 0)));
  }
  for (const CardTemplates& templates :
       {CardTemplates{}, CardTemplates{"img/{id}.jpg", "p/{id}.html"}}) {
    for (size_t count : {0, 1, 2, 40}) {
      const std::vector<Card> some(cards.begin(),
                                   cards.begin() + static_cast<std::ptrdiff_t>(count));
      const Json table = Json::parse(JsonText(EncodeCards(some, templates)));
      const auto read = DecodeCards(table, templates);
      REQUIRE(read.has_value());
      CHECK(*read == some);
    }
  }
}

TEST_CASE("damaged tables are refused") {
  for (const char* text :
       {"[]", "{}", R"({"id":3})", R"({"id":["a"],"title":[3]})",
        R"({"id":["a","b"],"title":["x"]})", R"({"id":["a"],"brand":{"v":["x"],"i":[7]}})",
        R"({"id":["a"],"brand":{"v":"x","i":[0]}})", R"({"id":["a"],"attributes":3})",
        R"({"id":["a"],"attributes":{"sizes":[3]}})"}) {
    CHECK_FALSE(DecodeCards(Json::parse(text), {}).has_value());
  }
  for (const char* text :
       {R"({"cards":{"id":[]}})", R"({"pages":{"a":[0,[1,2,3,4,5],[]]},"cards":{"id":["x"]}})",
        R"({"pages":{"a":[0,[0,2,3],[]]},"cards":{"id":["x"]}})",
        R"({"pages":{"a":[0,["0",2,3,4,5],[]]},"cards":{"id":["x"]}})"}) {
    CHECK_FALSE(DecodePageShard(Json::parse(text), {}).has_value());
  }
}

TEST_CASE("a template is found when nearly all addresses follow it, and never a script address") {
  std::vector<Product> products;
  for (int i = 100; i < 200; ++i) products.push_back(MakeProduct(std::to_string(i), ""));
  CHECK(CommonTemplate(products, UrlOf) == "p/{id}.html");
  for (size_t i = 0; i < 20; ++i) products[i].url = "other" + std::to_string(i);
  CHECK(CommonTemplate(products, UrlOf).empty());
  CHECK(IsSafeUrl("https://shop/x"));
  CHECK(IsSafeUrl("images/x.jpg"));
  CHECK_FALSE(IsSafeUrl("javascript:alert(1)"));
  CHECK_FALSE(IsSafeUrl("JavaScript:alert(1)"));
  CHECK_FALSE(IsSafeUrl("data:text/html,x"));
}

TEST_CASE("two builds of any size fit the hosts' limit of files, and shards stay small") {
  for (size_t products : {1u, 100u, 1'000u, 20'000u, 100'000u, 300'000u, 1'000'000u}) {
    const ShardLayout layout = LayoutFor(products, 8);
    const size_t cards = products / layout.cards_per_file + 1;
    CHECK(2 * (layout.page_shards + cards + 100) < kMostFiles);
    CHECK((layout.page_shards & (layout.page_shards - 1)) == 0);
    CHECK(layout.list_length >= 3);
    CHECK(layout.list_length <= 8);
  }
  CHECK(LayoutFor(1'000, 8).list_length == 8);
  CHECK(LayoutFor(100'000, 8).list_length == 8);
}
