// What the indexer prepares for search: likely queries, words and their places, answers, towers.
#include "indexer/search/search_builder.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "indexer/search/onnx_split.h"
#include "shared/search/searcher.h"

namespace vitrine {
namespace {

Product Make(std::string id, std::string title, std::string colour, std::string category,
             Audience audience = Audience::kWomen) {
  Product product;
  product.id = std::move(id);
  product.title = std::move(title);
  product.colour = std::move(colour);
  product.category = std::move(category);
  product.audience = audience;
  product.description = "Made with care for the summer.";
  return product;
}

std::vector<Product> SmallShop() {
  std::vector<Product> products;
  for (const char* colour : {"Red", "Blue", "Light blue"}) {
    for (const char* kind : {"Dresses", "Shirts"}) {
      for (int copy = 0; copy < 10; ++copy) {
        Product product = Make(std::string(colour) + kind + std::to_string(copy),
                               std::string(colour) + " " + kind + " no. " + std::to_string(copy),
                               colour, std::string("Apparel > ") + kind);
        product.attributes["pattern"] = copy % 2 == 0 ? "striped" : "plain";
        products.push_back(std::move(product));
      }
    }
  }
  products[0].availability = Availability::kOutOfStock;
  return products;
}

std::map<std::string, uint32_t> Weights(const std::vector<SearchIndex::Query>& queries) {
  std::map<std::string, uint32_t> weights;
  for (const SearchIndex::Query& query : queries) weights[query.text] = query.weight;
  return weights;
}

TEST_CASE("likely queries are made of what products have together, as many as have it") {
  const auto weights = Weights(LikelyQueries(SmallShop(), {}).value());
  CHECK(weights.at("red dresses") == 9);  // one of the ten is sold out
  CHECK(weights.at("light blue shirts") == 10);
  CHECK(weights.at("women dresses") == 29);
  CHECK(weights.at("blue striped shirts") == 5);
  CHECK(weights.contains("red dresses no. 3"));
  CHECK(!weights.contains("red dresses no. 0"));
}

TEST_CASE("queries of the log that fewer shoppers made stay out, the others come first") {
  const auto path = std::filesystem::temp_directory_path() / "vitrine_search_log_test.tsv";
  std::ofstream(path)
      << "Summer  Vibes\t7\nrare wish\t4\nred dresses,2\r\nred dresses\nred dresses\nred dresses\n";
  QueryOptions options;
  options.log_files = {path.string()};
  options.max_queries = 3;
  const auto queries = LikelyQueries(SmallShop(), options);
  std::filesystem::remove(path);
  const auto weights = Weights(queries.value());
  CHECK(weights.size() == 3);
  CHECK(weights.contains("summer vibes"));
  CHECK(weights.contains("red dresses"));
  CHECK(!weights.contains("rare wish"));
  CHECK(weights.at("summer vibes") > weights.at("red dresses"));
  options.log_files = {"/does/not/exist.tsv"};
  CHECK(!LikelyQueries(SmallShop(), options).ok());
}

TEST_CASE("a word's place is the strongest a product has it in, words of prose alone are fillers") {
  const std::vector<std::string> also = {"summer vibes"};
  const WordIndex index = IndexWords(SmallShop(), also, {});
  const auto find = [&index](std::string_view word) {
    const auto at = std::lower_bound(index.words.begin(), index.words.end(), word);
    REQUIRE((at != index.words.end() && *at == word));
    return static_cast<size_t>(at - index.words.begin());
  };
  CHECK(index.documents[find("red")] == 19);
  CHECK(index.postings[find("red")][0] == Posting{1, WordPlace::kHead});
  CHECK(index.documents[find("blue")] == 40);
  CHECK(index.postings[find("blue")].back().place == WordPlace::kTitle);  // "Light blue"
  CHECK(index.postings[find("apparel")][0].place == WordPlace::kDetail);
  CHECK(index.documents[find("care")] == 0);
  CHECK(index.documents[find("vibes")] == 1);
  CHECK(index.postings[find("vibes")].empty());
}

Searcher Opened(const SearchParts& parts) {
  Searcher searcher;
  REQUIRE(searcher.AddSection(FrameSection(SectionKind::kSearch, 1, parts.index)).ok());
  for (const Bytes& shard : parts.postings) {
    REQUIRE(searcher.AddSection(FrameSection(SectionKind::kPostings, 1, shard)).ok());
  }
  for (const Bytes& shard : parts.queries) {
    REQUIRE(searcher.AddSection(FrameSection(SectionKind::kQueries, 1, shard)).ok());
  }
  return searcher;
}

TEST_CASE(
    "every likely query answers with products that have its words, never one that is sold out") {
  Console console(Console::Level::kQuiet);
  const auto products = SmallShop();
  const SearchParts parts = BuildSearch(products, {}, {}, console).value();
  Searcher searcher = Opened(parts);
  for (const auto& [text, colour] :
       {std::pair{"red dresses", "Red"}, {"blue shirts", "Blue"}, {"light blue", "Light blue"}}) {
    searcher.Ask(text);
    REQUIRE(searcher.understanding().query != kNoQuery);
    const auto hits = searcher.ByWords(9);
    REQUIRE(hits.size() == 9);
    for (const SearchHit& hit : hits) {
      CHECK_MESSAGE(products[hit.item].colour == colour, text);
      CHECK(hit.item != 0);
    }
  }
}

TEST_CASE("vectors of words need a space to be compared in") {
  Console console(Console::Level::kQuiet);
  SearchSpace space;
  space.encode = [](std::span<const std::string> texts) -> Result<Matrix> {
    return Matrix(texts.size(), 4);
  };
  CHECK(!BuildSearch(SmallShop(), space, {}, console).ok());
}

TEST_CASE("the order of products decides ties, so the same shop gives the same bytes") {
  Console console(Console::Level::kQuiet);
  const SearchParts a = BuildSearch(SmallShop(), {}, {}, console).value();
  const SearchParts b = BuildSearch(SmallShop(), {}, {}, console).value();
  CHECK(a.index == b.index);
  CHECK(a.queries == b.queries);
  CHECK(a.postings == b.postings);
}

TEST_CASE("bytes that are no ONNX model are refused, at every length") {
  const Bytes noise = {0x08, 0x08, 0x3A, 0x06, 0x0A, 0x04, 0x0A, 0x02, 'a', 'b', 0xFF};
  for (size_t size = 0; size <= noise.size(); ++size) {
    CHECK(!SplitOnnx(ByteView(noise).first(size), "out").ok());
  }
}

}  // namespace
}  // namespace vitrine
