// The shop-wide evaluation against slow, obvious counting on a small random shop.
#include "indexer/evaluate/shop_evaluation.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>

namespace vitrine {
namespace {

constexpr uint32_t kProducts = 30;
constexpr int64_t kDay = 86400;

// 60 shoppers over 20 days; a third of them only come on the last days. Shoppers prefer one of two
// halves of the catalogue, low numbers above all.
Shop RandomShop(uint64_t seed) {
  std::mt19937_64 random(seed);
  Shop shop;
  shop.products.resize(kProducts);
  for (uint32_t i = 0; i < kProducts; ++i) {
    shop.products[i].id = "p" + std::to_string(i);
    shop.products[i].department = i % 2 == 0 ? "Shoes" : "Shirts";
    shop.products[i].audience = i % 3 == 0 ? Audience::kWomen : Audience::kMen;
  }
  shop.users.resize(60);
  struct Session {
    uint32_t user;
    int64_t start;
  };
  std::vector<Session> sessions;
  for (uint32_t s = 0; s < 220; ++s) {
    const auto user = static_cast<uint32_t>(random() % 60);
    const int64_t day =
        user >= 40 ? 17 + static_cast<int64_t>(random() % 3) : static_cast<int64_t>(random() % 20);
    sessions.push_back({user, day * kDay + static_cast<int64_t>(random() % kDay)});
  }
  for (uint32_t s = 0; s < sessions.size(); ++s) {
    const size_t length = 1 + random() % 6;
    for (size_t e = 0; e < length; ++e) {
      const uint32_t rank = static_cast<uint32_t>(std::min(random() % 15, random() % 15));
      shop.interactions.push_back(
          {.user = sessions[s].user,
           .session = s,
           .item = rank * 2 + sessions[s].user % 2,
           .kind = random() % 5 == 0 ? InteractionKind::kOrder : InteractionKind::kView,
           .time_seconds = sessions[s].start + static_cast<int64_t>(e) * 60});
    }
  }
  return shop;
}

std::map<uint32_t, std::vector<Interaction>> SessionsOf(const Shop& shop) {
  std::map<uint32_t, std::vector<Interaction>> sessions;
  for (const Interaction& event : shop.interactions) sessions[event.session].push_back(event);
  return sessions;
}

TEST_CASE("nothing that is learned is later than the cut, and every question is") {
  const Shop shop = RandomShop(1);
  const ShopSplit split = SplitShop(shop, {.test_share = 0.2});
  CHECK(split.earlier.interactions.size() > 100);
  for (const Interaction& event : split.earlier.interactions)
    CHECK(event.time_seconds < split.cut_seconds);
  const auto sessions = SessionsOf(shop);
  size_t later = 0;
  for (const auto& [number, events] : sessions)
    later += events.front().time_seconds >= split.cut_seconds;
  CHECK(later == split.later_sessions);
  CHECK(later == doctest::Approx(0.2 * static_cast<double>(sessions.size())).epsilon(0.1));
  for (const ShopCase& one : split.cases) {
    CHECK(sessions.at(one.session).front().time_seconds >= split.cut_seconds);
  }
}

TEST_CASE("the questions are those that a slow reading of the log finds") {
  const Shop shop = RandomShop(2);
  const ShopSplit split = SplitShop(shop, {.test_share = 0.2, .max_cases = 100'000});
  // user, session, products so far in the session, target, later ones, slice
  using Key = std::tuple<uint32_t, std::vector<ItemIndex>, std::vector<ItemIndex>, size_t, size_t>;
  std::multiset<Key> expected, found;
  for (const auto& [number, events] : SessionsOf(shop)) {
    if (events.front().time_seconds < split.cut_seconds) continue;
    size_t history = 0;
    for (const Interaction& event : shop.interactions) {
      const auto own = SessionsOf(shop).at(event.session);
      history += event.user == events.front().user && event.time_seconds < split.cut_seconds &&
                 own.front().time_seconds < split.cut_seconds;
    }
    for (size_t t = 0; t < events.size(); ++t) {
      std::vector<ItemIndex> before, later;
      for (size_t e = 0; e < t; ++e) before.push_back(events[e].item);
      if (std::count(before.begin(), before.end(), events[t].item) > 0) continue;
      for (size_t e = t; e < events.size(); ++e) {
        const auto seen = [&](const auto& list) {
          return std::count(list.begin(), list.end(), events[e].item) > 0;
        };
        if (!seen(before) && !seen(later)) later.push_back(events[e].item);
      }
      const size_t slice = history > 0 ? 0 : t > 0 ? 1 : 2;
      expected.emplace(number, before, later, slice, std::min<size_t>(history, 50) + t);
    }
  }
  for (const ShopCase& one : split.cases) {
    std::vector<ItemIndex> before;
    for (size_t e = one.events.size() - one.session_events; e < one.events.size(); ++e) {
      before.push_back(one.events[e].item);
    }
    found.emplace(one.session, before, one.later, static_cast<size_t>(one.slice),
                  one.events.size());
  }
  CHECK(found.size() > 100);
  CHECK(found == expected);
}

TEST_CASE("a sample of the questions is part of all of them and the same every time") {
  const Shop shop = RandomShop(3);
  const ShopSplit all = SplitShop(shop, {.test_share = 0.3, .max_cases = 100'000});
  const ShopSplit few = SplitShop(shop, {.test_share = 0.3, .max_cases = 10});
  CHECK(few.cases.size() <= 30);
  CHECK(few.cases_found == all.cases_found);
  for (const ShopCase& one : few.cases) {
    CHECK(std::any_of(all.cases.begin(), all.cases.end(), [&](const ShopCase& other) {
      return other.session == one.session && other.session_events == one.session_events;
    }));
  }
}

TEST_CASE("a log without a later part asks nothing") {
  Shop shop = RandomShop(4);
  for (Interaction& event : shop.interactions) event.time_seconds = 1000;
  CHECK(SplitShop(shop, {}).cases.empty());
  shop.interactions.clear();
  CHECK(SplitShop(shop, {}).cases.empty());
}

TEST_CASE("only the newest sessions are learned from when their number is limited") {
  const Shop shop = RandomShop(5);
  const ShopSplit all = SplitShop(shop, {.test_share = 0.2});
  const ShopSplit part = SplitShop(shop, {.test_share = 0.2, .max_interactions = 100});
  CHECK(part.earlier.interactions.size() <= 100);
  CHECK(part.earlier.interactions.size() > 80);
  const auto by_time = [](const Interaction& a, const Interaction& b) {
    return a.time_seconds < b.time_seconds;
  };
  const int64_t oldest =
      std::min_element(part.earlier.interactions.begin(), part.earlier.interactions.end(), by_time)
          ->time_seconds;
  size_t as_new = 0;
  for (const auto& [number, events] : SessionsOf(shop)) {
    if (events.front().time_seconds >= oldest && events.front().time_seconds < part.cut_seconds)
      as_new += events.size();
  }
  CHECK(as_new >= part.earlier.interactions.size());
  CHECK(part.cases.size() == all.cases.size());
}

// Every figure of ShopMetrics once more, straight from its definition.
void CheckMetrics(const ShopSplit& split, const CaseGroup& group, const RankedLists& lists,
                  const Matrix& vectors, const ShopMetrics& metrics) {
  double hits[4] = {}, reciprocal = 0, gain = 0, recall = 0, diversity = 0, novelty = 0, lines = 0;
  std::map<ItemIndex, double> shown;
  std::map<ItemIndex, double> count;
  for (const Interaction& event : split.earlier.interactions) ++count[event.item];
  for (uint32_t c : group.cases) {
    const auto& list = lists[c];
    for (size_t r = 0; r < list.size(); ++r) {
      ++shown[list[r]];
      ++lines;
      novelty -= std::log2((count[list[r]] + 1) /
                           static_cast<double>(split.earlier.interactions.size() + kProducts)) /
                 static_cast<double>(list.size());
      if (list[r] != split.cases[c].later[0]) continue;
      const double rank = static_cast<double>(r + 1);
      hits[0] += rank <= 1, hits[1] += rank <= 5, hits[2] += rank <= 10, hits[3] += rank <= 20;
      reciprocal += 1 / rank;
      gain += std::log(2) / std::log(rank + 1);
    }
    double wanted = 0;
    for (ItemIndex item : split.cases[c].later)
      wanted += std::count(list.begin(), list.end(), item) > 0;
    recall += wanted / static_cast<double>(split.cases[c].later.size());
    double pairs = 0, apart = 0;
    for (size_t a = 0; a < std::min<size_t>(10, list.size()); ++a) {
      for (size_t b = 0; b < a; ++b) {
        double cosine = 0;
        for (size_t j = 0; j < vectors.cols; ++j)
          cosine += static_cast<double>(vectors.row(list[a])[j]) * vectors.row(list[b])[j];
        apart += 1 - cosine;
        ++pairs;
      }
    }
    diversity += pairs > 0 ? apart / pairs : 0;
  }
  const double n = static_cast<double>(group.cases.size());
  for (size_t k = 0; k < 4; ++k) CHECK(metrics.hit_rate[k].value == doctest::Approx(hits[k] / n));
  CHECK(metrics.mrr.value == doctest::Approx(reciprocal / n));
  CHECK(metrics.ndcg.value == doctest::Approx(gain / n));
  CHECK(metrics.recall.value == doctest::Approx(recall / n));
  CHECK(metrics.diversity.value == doctest::Approx(diversity / n).epsilon(1e-4));
  CHECK(metrics.novelty_bits.value == doctest::Approx(novelty / n));
  CHECK(metrics.coverage == doctest::Approx(static_cast<double>(shown.size()) / kProducts));
  double differences = 0;  // Gini as the mean absolute difference over twice the mean
  for (ItemIndex a = 0; a < kProducts; ++a) {
    for (ItemIndex b = 0; b < kProducts; ++b) differences += std::fabs(shown[a] - shown[b]);
  }
  CHECK(metrics.gini == doctest::Approx(differences / (2 * kProducts * lines)));
  CHECK(metrics.hit_rate[3].low <= metrics.hit_rate[3].value);
  CHECK(metrics.hit_rate[3].high >= metrics.hit_rate[3].value);
}

TEST_CASE("every figure agrees with its definition, in every group") {
  const Shop shop = RandomShop(6);
  Matrix vectors(kProducts, 4);
  std::mt19937_64 random(1);
  for (size_t i = 0; i < kProducts; ++i) {
    double square = 0;
    for (float& x : vectors.row(i))
      x = static_cast<float>(random() % 1000) - 500, square += static_cast<double>(x) * x;
    for (float& x : vectors.row(i)) x /= static_cast<float>(std::sqrt(square));
  }
  TasteOptions taste;
  taste.min_users = 1;
  Console console(Console::Level::kQuiet);
  ShopEvaluationOptions options;
  options.split.test_share = 0.3;
  options.strategies = {"popular", "session", "item-cf"};
  const auto evaluated = EvaluateShop(shop, vectors.view(), options, taste, console);
  REQUIRE(evaluated.ok());
  const ShopEvaluation& result = evaluated.value();
  REQUIRE(result.runs.size() == 3);
  CHECK(result.runs.front().name == "popular");
  std::set<std::string> dimensions;
  for (size_t g = 0; g < result.groups.size(); ++g) {
    dimensions.insert(result.groups[g].dimension);
    for (size_t r = 0; r < result.runs.size(); ++r) {
      CheckMetrics(result.split, result.groups[g], result.runs[r].lists, vectors,
                   result.metrics[g][r]);
    }
  }
  CHECK(dimensions == std::set<std::string>{"all", "slice", "session length", "popularity decile",
                                            "audience", "department"});
  for (const StrategyRun& run : result.runs) {
    for (size_t c = 0; c < run.lists.size(); ++c) {
      const ShopCase& one = result.split.cases[c];
      for (size_t e = one.events.size() - one.session_events; e < one.events.size(); ++e) {
        CHECK(std::count(run.lists[c].begin(), run.lists[c].end(), one.events[e].item) == 0);
      }
      CHECK(std::set<ItemIndex>(run.lists[c].begin(), run.lists[c].end()).size() ==
            run.lists[c].size());
    }
  }
}

TEST_CASE("how sure the blend is of its first product is that product's share of its best 100") {
  Shop shop = RandomShop(6);
  shop.products.resize(150);
  TasteOptions taste;
  taste.min_users = 1;
  Console console(Console::Level::kQuiet);
  ShopEvaluationOptions options;
  options.split.test_share = 0.3;
  options.strategies = {"blend"};
  options.learning_shares = {};
  options.floors = {};
  options.curve_strategies = {};
  const auto evaluated = EvaluateShop(shop, {}, options, taste, console);
  REQUIRE(evaluated.ok());
  const ShopSplit& split = evaluated.value().split;
  const StrategyRun& run = evaluated.value().runs.back();
  const auto blend = MakeStrategy("blend", split.earlier, taste, console);
  REQUIRE(blend.ok());
  size_t sure = 0, seen_some = 0;
  for (size_t c = 0; c < split.cases.size(); ++c) {
    const ShopCase& one = split.cases[c];
    std::set<ItemIndex> seen;
    for (size_t e = one.events.size() - one.session_events; e < one.events.size(); ++e) {
      seen.insert(one.events[e].item);
    }
    std::vector<ScoredItem> best;
    for (const ScoredItem& hit :
         blend.value()->RankScored({.events = one.events, .now_seconds = one.now_seconds}, 150)) {
      if (!seen.contains(hit.item) && best.size() < 100) best.push_back(hit);
    }
    if (one.events.empty()) {
      CHECK(run.confidence[c] < 0);  // what is popular has no probability
      continue;
    }
    REQUIRE(best.size() == 100);
    double all = 0;
    for (const ScoredItem& hit : best) all += std::exp(static_cast<double>(hit.score));
    CHECK(run.confidence[c] ==
          doctest::Approx(std::exp(static_cast<double>(best[0].score)) / all).epsilon(1e-9));
    for (size_t r = 0; r < 20; ++r) CHECK(run.lists[c][r] == best[r].item);
    ++sure;
    seen_some += !seen.empty();
  }
  CHECK(sure > 20);
  CHECK(seen_some > 10);
}

TEST_CASE("the groups of each dimension share out all cases") {
  const ShopSplit split = SplitShop(RandomShop(7), {.test_share = 0.3});
  std::map<std::string, std::multiset<uint32_t>> cases;
  for (const CaseGroup& group : GroupsOf(split)) {
    cases[group.dimension].insert(group.cases.begin(), group.cases.end());
    for (uint32_t c : group.cases) {
      if (group.dimension == "department")
        CHECK(split.earlier.products[split.cases[c].target()].department == group.value);
    }
  }
  for (const auto& [dimension, all] : cases) {
    CHECK(all.size() == split.cases.size());
    CHECK(std::set<uint32_t>(all.begin(), all.end()).size() == split.cases.size());
  }
}

TEST_CASE("the bootstrap's interval holds the mean of a known distribution about 95 times in 100") {
  std::mt19937_64 random(11);
  int covered = 0;
  constexpr int kTrials = 200;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<uint32_t> session;
    std::vector<double> value;
    for (uint32_t s = 0; s < 150; ++s) {
      const bool lucky = random() % 10 < 3;  // cases of a session share their luck
      for (size_t e = 0; e < 1 + s % 3; ++e) session.push_back(s), value.push_back(lucky);
    }
    const Estimate estimate = Bootstrap(session, 200, random()).Mean(value);
    covered += estimate.low <= 0.3 && estimate.high >= 0.3;
  }
  CHECK(covered > kTrials * 0.88);
  CHECK(covered < kTrials * 0.99);
}

TEST_CASE("a paired difference is significant exactly when its interval leaves out zero") {
  std::vector<uint32_t> session(300);
  std::vector<double> better(300), worse(300);
  std::mt19937_64 random(5);
  for (uint32_t c = 0; c < 300; ++c) {
    session[c] = c;
    worse[c] = random() % 10 < 3;
    better[c] = worse[c] > 0 || random() % 10 < 2;
  }
  const Bootstrap bootstrap(session);
  const PairedDifference gain = bootstrap.Difference(better, worse);
  CHECK(gain.low > 0);
  CHECK(gain.p_value < 0.05);
  const PairedDifference none = bootstrap.Difference(worse, worse);
  CHECK(none.difference == 0);
  CHECK(none.p_value == 1);
  CHECK(bootstrap.Difference(worse, better).difference == -gain.difference);
}

}  // namespace
}  // namespace vitrine
