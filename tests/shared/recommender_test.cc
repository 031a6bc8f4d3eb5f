#include "shared/recommender.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "shared/section.h"

using namespace vitrine;

namespace {

CatalogueData Shop(uint32_t n) {
  CatalogueData data;
  for (uint32_t i = 0; i < n; ++i) {
    data.id_hash.push_back(Fnv1a64("p" + std::to_string(i)));
    data.group.push_back(i);
    data.price_minor.push_back(1000);
    for (auto* names : {&data.department, &data.category, &data.colour, &data.brand}) {
      names->push_back(0);
    }
    data.audience.push_back(Audience::kWomen);
    data.availability.push_back(Availability::kInStock);
  }
  for (auto* names :
       {&data.department_names, &data.category_names, &data.colour_names, &data.brand_names}) {
    names->push_back("");
  }
  return data;
}

Rule MakeRule(std::vector<ItemIndex> antecedent, ItemIndex consequent, uint32_t count,
              float score) {
  return {std::move(antecedent), consequent, count, 0.5f, 3.25f, score};
}

Recommender Open(const CatalogueData& data, const std::vector<Rule>& rules) {
  Recommender recommender;
  REQUIRE(
      recommender.AddSection(FrameSection(SectionKind::kCatalogue, 1, EncodeCatalogue(data))).ok());
  const Bytes encoded = EncodeRules(static_cast<uint32_t>(data.size()), rules);
  REQUIRE(recommender.AddSection(FrameSection(SectionKind::kRules, 1, encoded)).ok());
  return recommender;
}

}  // namespace

TEST_CASE("a cart's line names all that it was bought with, up to three products") {
  const Recommender recommender =
      Open(Shop(10), {MakeRule({1, 4}, 7, 43, 3), MakeRule({1}, 8, 9, 2), MakeRule({1}, 7, 60, 1),
                      MakeRule({1, 2, 3, 4}, 9, 5, 4)});
  const ItemIndex cart[] = {4, 1, 3, 2};
  const auto answer = recommender.BoughtTogether(cart, {});
  REQUIRE(answer.size() == 3);
  CHECK(answer[0].item == 9);
  CHECK(answer[0].other == 1);
  CHECK(answer[0].also == std::array<ItemIndex, 2>{2, 3});
  CHECK(answer[1].item == 7);
  CHECK(answer[1].count == 43);
  CHECK(answer[1].strength == 3.25f);
  CHECK(answer[1].other == 1);
  CHECK(answer[1].also == std::array<ItemIndex, 2>{4, kNoItem});
  CHECK(answer[2].item == 8);
  CHECK(answer[2].also == std::array<ItemIndex, 2>{kNoItem, kNoItem});
}

TEST_CASE(
    "nothing of the cart, no variant, no other audience and nothing sold out is recommended") {
  CatalogueData data = Shop(8);
  data.group[3] = data.group[0];
  data.audience[4] = Audience::kMen;
  data.availability[5] = Availability::kOutOfStock;
  data.group[7] = data.group[6];
  std::vector<Rule> rules;
  for (ItemIndex consequent = 1; consequent < 8; ++consequent) {
    rules.push_back(MakeRule({0}, consequent, 10, 10.0f - static_cast<float>(consequent)));
  }
  const Recommender recommender = Open(data, rules);
  const ItemIndex cart[] = {0, 1};
  const auto answer = recommender.BoughtTogether(cart, {});
  REQUIRE(answer.size() == 2);
  CHECK(answer[0].item == 2);
  CHECK(answer[1].item == 6);  // and not 7, its variant
}

namespace {

// Product 0 is a top, the others are bottoms; its word goes with that of products 4 and 5.
struct ShopWithContent {
  CatalogueData catalogue = Shop(6);
  ComplementsData complements;
  ShopWithContent() {
    catalogue.category_names = {"", "top", "bottom"};
    catalogue.category = {1, 2, 2, 2, 2, 2};
    complements.pairs[1] = {{1, 2, 1, 9}};
    complements.pairs[3] = {{1, 1, 0, 9}};
    complements.words = {{1, 0}, {0, 0}, {0, 0}, {0, 0}, {2, 0}, {2, 0}};
    complements.word_pairs = {{1, 2, 2, 9}};
    complements.popularity = {0, -2, -1, -3, -4, ComplementsData::kTooFew};
    complements.shoppers = {9, 9, 9, 9, 9, 0};
    complements.unknown_popularity = -5;
  }
  Recommender Open(const std::vector<Rule>& rules) const {
    Recommender recommender;
    REQUIRE(
        recommender.AddSection(FrameSection(SectionKind::kCatalogue, 1, EncodeCatalogue(catalogue)))
            .ok());
    Bytes encoded = EncodeRules(static_cast<uint32_t>(catalogue.size()), rules);
    const Bytes rest = EncodeComplements(complements);
    encoded.insert(encoded.end(), rest.begin(), rest.end());
    const uint32_t version = LayoutVersion(SectionKind::kRules);
    REQUIRE(recommender.AddSection(FrameSection(SectionKind::kRules, version, encoded)).ok());
    return recommender;
  }
};

}  // namespace

TEST_CASE("what few orders hold and what content says are ranked on one scale, below the rest") {
  const ShopWithContent shop;
  // Counted once, as often as chance expects; counted often; counted twice, less than expected.
  const Rule once{{0}, 2, 1, 0.5f, 1, 5}, often{{0}, 1, 3, 0.5f, 8, 4},
      less{{0}, 4, 2, 0.5f, 0.5f, 3};
  const ItemIndex cart[] = {0};
  const auto answer = shop.Open({once, often, less}).BoughtTogether(cart, {});
  REQUIRE(answer.size() == 5);
  CHECK(answer[0].item == 1);
  CHECK(answer[0].count == 3);
  CHECK(answer[0].score == doctest::Approx(4));  // as the miner ranked it
  // By the definition: (count + 0.3 lambda) / (expected + 0.3) * root of the share.
  const auto value = [&](ItemIndex item, double count, double lift) {
    const double words = shop.complements.words[item][0] == 2 ? 0.25 * 2 : 0;
    const double lambda = std::exp(0.5 * 1 + words);
    const double popularity = shop.complements.popularity[item] > 0
                                  ? -5
                                  : static_cast<double>(shop.complements.popularity[item]);
    return (count + 0.3 * lambda) / (count / lift + 0.3) * std::exp(0.5 * popularity);
  };
  const double expected[] = {
      0, 0, value(2, 1, 1), value(3, 0, 1), value(4, 2, 0.5), value(5, 0, 1)};
  for (size_t i = 1; i < answer.size(); ++i) {
    const double score = expected[answer[i].item];
    CHECK(static_cast<double>(answer[i].score) ==
          doctest::Approx(4 * score / (1 + score)).epsilon(1e-3));
    CHECK(answer[i].score <= answer[i - 1].score);
    const bool counted = answer[i].item == 2 || answer[i].item == 4;
    CHECK(answer[i].reason == (counted ? ReasonKind::kBoughtTogether : ReasonKind::kGoesWith));
    CHECK(answer[i].other == 0);
  }
  CHECK(answer[1].item == 2);
  CHECK(answer[3].item == 5);  // nobody bought it: its word speaks for it
  CHECK(answer[4].item == 4);  // bought twice, with the top less often than otherwise
}

TEST_CASE("complements name each product once, and none that the gate holds back") {
  ShopWithContent shop;
  shop.catalogue.group[4] = shop.catalogue.group[3];
  shop.catalogue.audience[5] = Audience::kMen;
  const ItemIndex cart[] = {0};
  const auto answer =
      shop.Open({{{0}, 3, 70, 0.5f, 40, 1}, {{0}, 5, 70, 0.5f, 40, 1}}).BoughtTogether(cart, {});
  REQUIRE(answer.size() == 3);
  CHECK(answer[0].item == 3);  // and not 4, its variant, nor 5 for men
  CHECK(answer[1].item == 2);
  CHECK(answer[2].item == 1);
}
