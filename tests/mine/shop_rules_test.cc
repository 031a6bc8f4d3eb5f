#include "indexer/mine/shop_rules.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "indexer/mine/partners.h"
#include "tests/mine/random_baskets.h"

using namespace vitrine;

namespace {

struct SlowBacking {
  uint32_t count = 0;
  std::set<uint32_t> users;
};

SlowBacking SlowCount(const Baskets& baskets, const std::vector<ItemIndex>& items) {
  SlowBacking backing;
  for (size_t b = 0; b < baskets.size(); ++b) {
    const auto begin = baskets.items.begin() + static_cast<ptrdiff_t>(baskets.offset[b]);
    const auto end = baskets.items.begin() + static_cast<ptrdiff_t>(baskets.offset[b + 1]);
    const bool all = std::all_of(items.begin(), items.end(), [&](ItemIndex item) {
      return std::find(begin, end, item) != end;
    });
    if (!all) continue;
    ++backing.count;
    backing.users.insert(baskets.user[b]);
  }
  return backing;
}

}  // namespace

TEST_CASE("partners by count equal slow counting of every pair, for any number of threads") {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    const Baskets baskets = RandomBaskets(30, 200, 25, seed);
    PartnerOptions options{.partners = 5, .min_count = 2, .min_users = 2};
    options.ranking = PartnerRanking::kCount;
    const auto partners = TopPartners(baskets, 30, options);
    options.threads = 3;
    const auto threaded = TopPartners(baskets, 30, options);
    for (ItemIndex a = 0; a < 30; ++a) {
      std::vector<std::pair<int, ItemIndex>> expected;
      for (ItemIndex b = 0; b < 30; ++b) {
        const SlowBacking backing = SlowCount(baskets, {a, b});
        if (a != b && backing.count >= 2 && backing.users.size() >= 2) {
          expected.emplace_back(-static_cast<int>(backing.count), b);
        }
      }
      std::sort(expected.begin(), expected.end());
      expected.resize(std::min<size_t>(expected.size(), 5));
      REQUIRE(partners[a].size() == expected.size());
      for (size_t k = 0; k < expected.size(); ++k) {
        CHECK(partners[a][k].item == expected[k].second);
        CHECK(static_cast<int>(partners[a][k].count) == -expected[k].first);
        CHECK(threaded[a][k].item == partners[a][k].item);
      }
    }
  }
}

TEST_CASE("a chance pair of two rare items does not outrank a pair seen many times") {
  // 10,000 baskets: the pair 0+1 in 20 of them where chance expects 0.6, the pair 0+2 once.
  Baskets baskets;
  auto add = [&](std::vector<ItemIndex> items, int times) {
    for (int t = 0; t < times; ++t) {
      baskets.items.insert(baskets.items.end(), items.begin(), items.end());
      baskets.offset.push_back(baskets.items.size());
      baskets.user.push_back(static_cast<uint32_t>(baskets.user.size()));
      baskets.time_seconds.push_back(0);
    }
  };
  add({0, 1}, 20);
  add({0, 2}, 1);
  add({0}, 79);
  add({1}, 40);
  add({3}, 9860);
  const auto partners = TopPartners(baskets, 4, {});
  REQUIRE(partners[0].size() == 2);
  CHECK(partners[0][0].item == 1);
  CHECK(partners[0][1].item == 2);
}

TEST_CASE("every published rule has enough users, exact counts, and beats its shorter rules") {
  const Baskets baskets = RandomBaskets(12, 600, 40, 9);
  MineOptions options;
  options.min_users = 3;
  options.min_count_multi = 3;
  options.min_improvement = 0.05;
  Console console(Console::Level::kQuiet);
  auto rules = MineShopRules(baskets, 12, options, console);
  REQUIRE(rules.ok());
  size_t multi = 0;
  for (const Rule& rule : rules.value()) {
    std::vector<ItemIndex> all = rule.antecedent;
    all.push_back(rule.consequent);
    const SlowBacking both = SlowCount(baskets, all);
    const double left = SlowCount(baskets, rule.antecedent).count;
    const double right = SlowCount(baskets, {rule.consequent}).count;
    CHECK(rule.count == both.count);
    CHECK(both.users.size() >= 3);
    CHECK(rule.confidence == doctest::Approx(both.count / left).epsilon(1e-6));
    CHECK(rule.lift == doctest::Approx(both.count / left * 600 / right).epsilon(1e-6));
    if (rule.antecedent.size() < 2) continue;
    ++multi;
    for (ItemIndex drop : rule.antecedent) {
      std::vector<ItemIndex> fewer = rule.antecedent;
      fewer.erase(std::find(fewer.begin(), fewer.end(), drop));
      const double shorter_left = SlowCount(baskets, fewer).count;
      fewer.push_back(rule.consequent);
      CHECK(rule.confidence >= SlowCount(baskets, fewer).count / shorter_left * 1.0499);
    }
  }
  CHECK(multi > 0);
}

TEST_CASE(
    "baskets of hundreds of products end in rules with more baskets behind them, and a warning") {
  Baskets baskets;
  auto add = [&](ItemIndex from, ItemIndex to, int times) {
    for (int t = 0; t < times; ++t) {
      for (ItemIndex i = from; i < to; ++i) baskets.items.push_back(i);
      baskets.offset.push_back(baskets.items.size());
      baskets.user.push_back(static_cast<uint32_t>(baskets.user.size()));
      baskets.time_seconds.push_back(0);
    }
  };
  add(0, 700, 4);  // alone a billion of sets of four
  add(0, 3, 30);
  add(5, 6, 200);
  MineOptions options;
  options.max_itemsets = 100'000;
  Console console(Console::Level::kQuiet);
  auto rules = MineShopRules(baskets, 700, options, console);
  REQUIRE(rules.ok());
  CHECK(console.warnings() == 1);
  size_t with_partner = 0;
  ItemIndex last = kNoItem;
  for (const Rule& rule : rules.value()) {
    if (rule.antecedent.size() > 1) CHECK(rule.count > 4);
    if (rule.antecedent.size() == 1 && rule.antecedent[0] != last) {
      ++with_partner;
      last = rule.antecedent[0];
    }
  }
  CHECK(with_partner == 700);
}

TEST_CASE("a half-life ranks what is bought lately first and leaves the counts alone") {
  Baskets baskets;
  auto add = [&](std::vector<ItemIndex> items, int64_t day, int times) {
    for (int t = 0; t < times; ++t) {
      baskets.items.insert(baskets.items.end(), items.begin(), items.end());
      baskets.offset.push_back(baskets.items.size());
      baskets.user.push_back(static_cast<uint32_t>(baskets.user.size()));
      baskets.time_seconds.push_back(day * 24 * 60 * 60);
    }
  };
  add({0, 1}, 0, 30);
  add({0, 2}, 60, 20);
  add({3}, 60, 100);
  PartnerOptions options;
  CHECK(TopPartners(baskets, 4, options)[0][0].item == 1);
  options.half_life_seconds = 10 * 24 * 60 * 60;
  const auto partners = TopPartners(baskets, 4, options);
  REQUIRE(partners[0].size() == 2);
  CHECK(partners[0][0].item == 2);
  CHECK(partners[0][0].count == 20);
  CHECK(partners[0][1].count == 30);
}

TEST_CASE("a basket that names an item out of range is refused") {
  Baskets baskets;
  baskets.items = {0, 7};
  baskets.offset = {0, 2};
  Console console(Console::Level::kQuiet);
  CHECK_FALSE(MineShopRules(baskets, 7, {}, console).ok());
}
