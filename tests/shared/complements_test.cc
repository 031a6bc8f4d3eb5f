#include "shared/complements.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

using namespace vitrine;

namespace {

CatalogueData RandomShop(uint32_t n, uint32_t seed) {
  std::mt19937 random(seed);
  CatalogueData data;
  data.department_names.resize(4);
  data.category_names.resize(9);
  data.colour_names.resize(6);
  data.brand_names.resize(1);
  for (uint32_t i = 0; i < n; ++i) {
    data.id_hash.push_back(i);
    data.group.push_back(i);
    data.price_minor.push_back(kNoPrice);
    data.department.push_back(static_cast<uint16_t>(random() % 4));
    data.category.push_back(static_cast<uint16_t>(random() % 9));
    data.colour.push_back(static_cast<uint16_t>(random() % 6));
    data.brand.push_back(0);
    data.audience.push_back(static_cast<Audience>(random() % kAudiences));
    data.availability.push_back(Availability::kInStock);
  }
  return data;
}

ComplementsData RandomComplements(const CatalogueData& shop, uint32_t seed) {
  std::mt19937 random(seed);
  ComplementsData data;
  const size_t names[] = {shop.department_names.size(), shop.category_names.size(),
                          shop.colour_names.size(), kAudiences};
  for (size_t f = 0; f < kPairedAttributes; ++f) {
    for (uint16_t value = 1; value < names[f]; ++value) {
      for (uint16_t with = 1; with < names[f]; ++with) {
        if (random() % 3 == 0) continue;
        const float log_lift = static_cast<float>(static_cast<int>(random() % 100) - 50) / 16;
        data.pairs[f].push_back({value, with, log_lift, 7 + static_cast<uint32_t>(random() % 5)});
      }
    }
  }
  constexpr uint16_t kWords = 12;
  for (uint16_t value = 1; value <= kWords; ++value) {
    for (uint16_t with = 1; with <= kWords; ++with) {
      if (random() % 3 != 0) continue;
      const float log_lift = static_cast<float>(static_cast<int>(random() % 100) - 40) / 16;
      data.word_pairs.push_back({value, with, log_lift, 9});
    }
  }
  for (size_t i = 0; i < shop.size(); ++i) {
    const auto first = static_cast<uint16_t>(random() % (kWords + 1));
    const auto second = static_cast<uint16_t>(random() % (kWords + 1));
    data.words.push_back({first, second == first ? uint16_t{0} : second});
  }
  data.words[0] = {kWords, 1};  // every number that a pair has is some product's
  for (size_t i = 0; i < shop.size(); ++i) {
    const bool few = random() % 3 == 0;
    data.popularity.push_back(few ? ComplementsData::kTooFew
                                  : -static_cast<float>(random() % 80) / 16);
    data.shoppers.push_back(few ? 0 : 6 + static_cast<uint32_t>(random() % 50));
  }
  data.unknown_popularity = -3;
  return data;
}

// The definition, product by product: half of the mean log-lift over the cart, summed over the
// attributes that both know (-1 for a pair that is not there), plus a quarter of that of every two
// words (0 for a pair that is not there), plus half of the popularity.
double SlowScore(const CatalogueData& shop, const ComplementsData& data,
                 const std::vector<ItemIndex>& cart, ItemIndex item) {
  double score = 0;
  for (ItemIndex known : cart) {
    const auto a = PairedValues(shop, known), b = PairedValues(shop, item);
    for (size_t f = 0; f < kPairedAttributes; ++f) {
      if (a[f] == 0 || b[f] == 0) continue;
      double log_lift = -1;
      for (const auto& pair : data.pairs[f]) {
        if (pair.value == a[f] && pair.with == b[f]) log_lift = static_cast<double>(pair.log_lift);
      }
      score += 0.5 * log_lift / static_cast<double>(cart.size());
    }
    if (data.words.empty()) continue;
    for (uint16_t word : data.words[known]) {
      for (uint16_t with : data.words[item]) {
        for (const auto& pair : data.word_pairs) {
          if (pair.value != word || pair.with != with) continue;
          score += 0.25 * static_cast<double>(pair.log_lift) / static_cast<double>(cart.size());
        }
      }
    }
  }
  const float popularity = data.popularity[item] == ComplementsData::kTooFew
                               ? data.unknown_popularity
                               : data.popularity[item];
  return score + 0.5 * static_cast<double>(popularity);
}

}  // namespace

TEST_CASE("the best complements are those of scoring every product by the definition") {
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    const CatalogueData shop = RandomShop(300, seed);
    ComplementsData data = RandomComplements(shop, seed);
    if (seed % 4 == 0) data.words.clear(), data.word_pairs.clear();
    const Bytes payload = EncodeComplements(data);
    const auto opened = Complements::Open(payload, shop);
    REQUIRE(opened.ok());
    CHECK(opened.value().smallest_group() == data.SmallestGroup());
    std::mt19937 random(seed);
    std::vector<uint64_t> mask(5);
    for (uint64_t& word : mask) word = random() * uint64_t{0x123456789} | random();
    for (size_t size = 1; size <= 3; ++size) {
      std::vector<ItemIndex> cart;
      for (size_t c = 0; c < size; ++c) cart.push_back(static_cast<ItemIndex>(random() % 300));
      std::vector<double> expected;
      for (ItemIndex i = 0; i < 300; ++i) {
        if (mask[i / 64] >> i % 64 & 1) expected.push_back(SlowScore(shop, data, cart, i));
      }
      std::sort(expected.begin(), expected.end(), std::greater<>());
      const size_t k = 1 + random() % 40;
      const auto best = opened.value().Best(cart, k, mask);
      REQUIRE(best.size() == std::min(k, expected.size()));
      for (size_t i = 0; i < best.size(); ++i) {
        CHECK((mask[best[i].item / 64] >> best[i].item % 64 & 1) == 1);
        CHECK(static_cast<double>(best[i].score) == doctest::Approx(expected[i]).epsilon(1e-5));
        CHECK(SlowScore(shop, data, cart, best[i].item) ==
              doctest::Approx(expected[i]).epsilon(1e-5));
        CHECK(static_cast<double>(opened.value().Score(cart, best[i].item)) ==
              doctest::Approx(expected[i]).epsilon(1e-5));
      }
      CHECK(std::is_sorted(best.begin(), best.end(), RanksBefore));
    }
  }
}

TEST_CASE("a complement names the product of the cart that it goes with best") {
  CatalogueData shop = RandomShop(4, 1);
  shop.department = {1, 2, 3, 1};
  shop.category = shop.colour = {0, 0, 0, 0};
  shop.audience.assign(4, Audience::kUnknown);
  ComplementsData data;
  data.pairs[0] = {{1, 3, 0.5f, 5}, {2, 3, 2, 5}};
  data.popularity.assign(4, 0);
  const Bytes payload = EncodeComplements(data);
  const auto opened = Complements::Open(payload, shop);
  REQUIRE(opened.ok());
  CHECK(opened.value().GoesWith(std::vector<ItemIndex>{0, 1}, 2) == 1);
  CHECK(opened.value().GoesWith(std::vector<ItemIndex>{3, 0}, 2) == 3);  // equals: the earlier one
  CHECK(opened.value().Best(std::vector<ItemIndex>{0}, 1, std::vector<uint64_t>{0xF})[0].item == 2);
}

TEST_CASE(
    "words tell apart what the attributes cannot, and the root of the share is of purchases") {
  CatalogueData shop = RandomShop(4, 1);
  for (auto* values : {&shop.department, &shop.category, &shop.colour}) values->assign(4, 0);
  shop.audience.assign(4, Audience::kUnknown);
  ComplementsData data;
  data.words = {{1, 2}, {3, 0}, {2, 1}, {0, 0}};
  data.word_pairs = {{1, 3, 2, 5}, {2, 3, -1, 5}, {3, 1, 2, 5}};
  data.popularity = {0, -2, -2, ComplementsData::kTooFew};
  data.shoppers = {9, 6, 6, 0};
  data.unknown_popularity = -4;
  const Bytes payload = EncodeComplements(data);
  const auto opened = Complements::Open(payload, shop);
  REQUIRE(opened.ok());
  const std::vector<ItemIndex> first = {0}, second = {1};
  CHECK(opened.value().Score(first, 1) == doctest::Approx(0.25 * (2 - 1) - 1));
  CHECK(opened.value().Score(second, 2) ==
        doctest::Approx(0.25 * 2 - 1));  // a lift has a direction
  CHECK(opened.value().Score(first, 3) == doctest::Approx(-2));
  CHECK(opened.value().RootShare(0) == doctest::Approx(1));
  CHECK(opened.value().RootShare(1) == doctest::Approx(std::exp(-1)));
  CHECK(opened.value().RootShare(3) == doctest::Approx(std::exp(-2)));
  CHECK(opened.value().Best(first, 1, std::vector<uint64_t>{0xE})[0].item == 1);
}

TEST_CASE("a product with one word twice, or a pair of a word that no product has, is refused") {
  CatalogueData shop = RandomShop(2, 1);
  ComplementsData data;
  data.popularity = {0, 0};
  data.words = {{2, 1}, {0, 0}};
  data.word_pairs = {{1, 2, 1, 5}};
  CHECK(Complements::Open(EncodeComplements(data), shop).ok());
  data.word_pairs = {{1, 3, 1, 5}};
  CHECK_FALSE(Complements::Open(EncodeComplements(data), shop).ok());
  data.word_pairs = {{1, 2, 1, 5}};
  data.words = {{2, 1}, {1, 1}};
  CHECK_FALSE(Complements::Open(EncodeComplements(data), shop).ok());
}

TEST_CASE("no complements: no bytes, and no answer") {
  CHECK(EncodeComplements({}).empty());
  const auto opened = Complements::Open({}, RandomShop(3, 1));
  REQUIRE(opened.ok());
  CHECK(opened.value().empty());
  CHECK(opened.value().smallest_group() == 0);
  const std::vector<uint64_t> mask = {7};
  CHECK(opened.value().Best(std::vector<ItemIndex>{0}, 5, mask).empty());
}

TEST_CASE("no prefix of complements opens, and a forged one is refused or answers within bounds") {
  const CatalogueData shop = RandomShop(30, 3);
  ComplementsData data = RandomComplements(shop, 3);
  const Bytes payload = EncodeComplements(data);
  data.words.clear(), data.word_pairs.clear();
  const size_t without_words = EncodeComplements(data).size();  // how version 2 ends
  for (size_t size = 1; size < payload.size(); ++size) {
    CHECK(Complements::Open(ByteView(payload).first(size), shop).ok() == (size == without_words));
  }
  int refused = 0, answered = 0;
  for (size_t at = 0; at < payload.size(); ++at) {
    for (int flip : {1, 0x80, 0xFF}) {
      Bytes forged = payload;
      forged[at] ^= static_cast<uint8_t>(flip);
      const auto opened = Complements::Open(forged, shop);
      if (!opened.ok()) {
        ++refused;
        CHECK_FALSE(opened.error().message.empty());
        continue;
      }
      ++answered;
      for (ItemIndex item = 0; item < 30; ++item) {
        const std::vector<uint64_t> mask = {0x3FFFFFFF};
        for (const ScoredItem& line : opened.value().Best(std::span(&item, 1), 30, mask)) {
          CHECK(line.item < 30);
        }
      }
    }
  }
  CHECK(refused > 50);
  CHECK(answered > 50);  // a popularity or a lift may be any number
  CHECK_FALSE(Complements::Open(payload, RandomShop(29, 3)).ok());
}
