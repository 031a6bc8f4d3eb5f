#include "indexer/mine/complements.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tests/mine/random_baskets.h"

using namespace vitrine;

namespace {

constexpr uint32_t kProducts = 40;

CatalogueData Catalogue40() {
  CatalogueData data;
  data.department_names.resize(3);
  data.category_names.resize(6);
  data.colour_names.resize(4);
  data.brand_names.resize(1);
  for (uint32_t i = 0; i < kProducts; ++i) {
    data.id_hash.push_back(i);
    data.group.push_back(i / 3);
    data.price_minor.push_back(kNoPrice);
    data.department.push_back(static_cast<uint16_t>(i % 3));
    data.category.push_back(static_cast<uint16_t>(i * 7 % 6));
    data.colour.push_back(static_cast<uint16_t>(i * 5 % 4));
    data.brand.push_back(0);
    data.audience.push_back(static_cast<Audience>(i % 2));
    data.availability.push_back(Availability::kInStock);
  }
  return data;
}

std::vector<PairedWords> Words40() {
  std::vector<PairedWords> words;
  for (uint16_t i = 0; i < kProducts; ++i) {
    const auto first = static_cast<uint16_t>(i % 9), second = static_cast<uint16_t>(9 + i % 4);
    words.push_back({first, i % 5 == 0 ? uint16_t{0} : second});
  }
  return words;
}

// What is counted: the attributes, one value each, and the words.
constexpr size_t kFeatures = kPairedAttributes + 1;
std::vector<uint16_t> ValuesOf(const CatalogueData& shop, ItemIndex item, size_t feature) {
  if (feature < kPairedAttributes) return {PairedValues(shop, item)[feature]};
  const PairedWords words = Words40()[item];
  return {words.begin(), words.end()};
}
const std::vector<ComplementsData::Pair>& PairsOf(const ComplementsData& data, size_t feature) {
  return feature < kPairedAttributes ? data.pairs[feature] : data.word_pairs;
}

Baskets Without(const Baskets& baskets, uint32_t user) {
  Baskets out;
  for (size_t b = 0; b < baskets.size(); ++b) {
    if (baskets.user[b] == user) continue;
    out.items.insert(out.items.end(),
                     baskets.items.begin() + static_cast<ptrdiff_t>(baskets.offset[b]),
                     baskets.items.begin() + static_cast<ptrdiff_t>(baskets.offset[b + 1]));
    out.offset.push_back(out.items.size());
    out.user.push_back(baskets.user[b]);
    out.time_seconds.push_back(baskets.time_seconds[b]);
  }
  return out;
}

struct SlowPair {
  double count = 0;
  std::set<uint32_t> users;
};

// Every ordered pair of products of two designs in one basket, value by value of one feature.
std::map<std::pair<uint16_t, uint16_t>, SlowPair> SlowPairs(const Baskets& baskets,
                                                            const CatalogueData& shop, size_t f) {
  std::map<std::pair<uint16_t, uint16_t>, SlowPair> pairs;
  for (size_t b = 0; b < baskets.size(); ++b) {
    for (uint64_t x = baskets.offset[b]; x < baskets.offset[b + 1]; ++x) {
      for (uint64_t y = baskets.offset[b]; y < baskets.offset[b + 1]; ++y) {
        const ItemIndex a = baskets.items[x], c = baskets.items[y];
        if (shop.group[a] == shop.group[c]) continue;
        for (uint16_t value : ValuesOf(shop, a, f)) {
          for (uint16_t with : ValuesOf(shop, c, f)) {
            if (value == 0 || with == 0) continue;
            SlowPair& pair = pairs[{value, with}];
            ++pair.count;
            pair.users.insert(baskets.user[b]);
          }
        }
      }
    }
  }
  return pairs;
}

}  // namespace

TEST_CASE("lifts of attributes and words, and popularity, are those of slow counting") {
  const CatalogueData shop = Catalogue40();
  const std::vector<PairedWords> words = Words40();
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    const Baskets baskets = RandomBaskets(kProducts, 300, 40, seed);
    const auto data =
        MineComplements(baskets, shop, words, {.min_users = 5, .half_life_seconds = 0});
    for (size_t f = 0; f < kFeatures; ++f) {
      const auto slow = SlowPairs(baskets, shop, f);
      double total = 0;
      std::map<uint16_t, double> left, right;
      for (const auto& [values, pair] : slow) {
        total += pair.count;
        left[values.first] += pair.count;
        right[values.second] += pair.count;
      }
      size_t published = 0;
      for (const auto& [values, pair] : slow) published += pair.users.size() >= 5;
      CHECK(published > 0);
      REQUIRE(PairsOf(data, f).size() == published);
      for (const auto& pair : PairsOf(data, f)) {
        const SlowPair& counted = slow.at({pair.value, pair.with});
        CHECK(pair.shoppers == counted.users.size());
        const double expected = left[pair.value] * right[pair.with] / total;
        const double lift = (counted.count + 2) / (expected + 2);
        CHECK(static_cast<double>(pair.log_lift) == doctest::Approx(std::log(lift)).epsilon(1e-5));
      }
    }
    // A quarter of the log's span is 75 seconds: less than a week.
    std::vector<double> weight(kProducts);
    std::vector<std::set<uint32_t>> users(kProducts);
    const double newest = static_cast<double>(baskets.time_seconds.back());
    for (size_t b = 0; b < baskets.size(); ++b) {
      const double age = newest - static_cast<double>(baskets.time_seconds[b]);
      for (uint64_t k = baskets.offset[b]; k < baskets.offset[b + 1]; ++k) {
        weight[baskets.items[k]] += std::exp2(-age / (0.25 * newest));
        users[baskets.items[k]].insert(baskets.user[b]);
      }
    }
    double most = 0;
    for (ItemIndex i = 0; i < kProducts; ++i) {
      if (users[i].size() >= 5) most = std::max(most, weight[i]);
    }
    for (ItemIndex i = 0; i < kProducts; ++i) {
      if (users[i].size() < 5) {
        CHECK(data.popularity[i] == ComplementsData::kTooFew);
        CHECK(data.shoppers[i] == 0);
      } else {
        CHECK(data.shoppers[i] == users[i].size());
        CHECK(static_cast<double>(data.popularity[i]) ==
              doctest::Approx(std::log(weight[i] / most)).epsilon(1e-4));
      }
    }
    CHECK(data.SmallestGroup() >= 5);
  }
}

TEST_CASE("no shopper that leaves takes a complement away that enough others support") {
  const CatalogueData shop = Catalogue40();
  const std::vector<PairedWords> words = Words40();
  const Baskets baskets = RandomBaskets(kProducts, 300, 40, 9);
  const auto all = MineComplements(baskets, shop, words, {.min_users = 5});
  for (uint32_t user = 0; user < 40; ++user) {
    const auto rest = MineComplements(Without(baskets, user), shop, words, {.min_users = 5});
    for (size_t f = 0; f < kFeatures; ++f) {
      const auto slow = SlowPairs(Without(baskets, user), shop, f);
      const auto& left_over = PairsOf(rest, f);
      for (const auto& pair : PairsOf(all, f)) {
        const auto at = std::find_if(left_over.begin(), left_over.end(), [&](const auto& other) {
          return other.value == pair.value && other.with == pair.with;
        });
        const auto left = slow.find({pair.value, pair.with});
        const size_t users = left == slow.end() ? 0 : left->second.users.size();
        CHECK((at != left_over.end()) == (users >= 5));
      }
      // Nor does one bring a pair in.
      CHECK(left_over.size() <= PairsOf(all, f).size());
    }
  }
}

TEST_CASE("below the floor nothing is learned, and baskets of one design tell nothing") {
  const CatalogueData shop = Catalogue40();
  const std::vector<PairedWords> words = Words40();
  CHECK(
      MineComplements(RandomBaskets(kProducts, 300, 4, 2), shop, words, {.min_users = 5}).empty());
  CHECK(MineComplements({}, shop, words, {.min_users = 1}).empty());
  Baskets variants;  // products 0, 1 and 2 are one design
  for (uint32_t b = 0; b < 10; ++b) {
    variants.items.insert(variants.items.end(), {0, 1, 2});
    variants.offset.push_back(variants.items.size());
    variants.user.push_back(b);
    variants.time_seconds.push_back(b);
  }
  CHECK(MineComplements(variants, shop, words, {.min_users = 1}).empty());
}
