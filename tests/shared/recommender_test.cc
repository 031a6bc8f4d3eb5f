#include "shared/recommender.h"

#include <doctest/doctest.h>

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
