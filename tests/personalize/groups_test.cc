// Segments, cohorts, profiles and the two towers, against slow counting.
#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>

#include "indexer/personalize/blend_fitter.h"
#include "indexer/personalize/taste_builder.h"

using namespace vitrine;

namespace {

constexpr uint32_t kItems = 40, kUsers = 400;

// Users of two tastes: even ones like the lower half of the products, odd ones the upper half.
std::vector<Interaction> TwoTastes(uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Interaction> log;
  for (uint32_t user = 0; user < kUsers; ++user) {
    for (int e = 0; e < 6; ++e) {
      const auto item = static_cast<ItemIndex>(random() % (kItems / 2) + user % 2 * (kItems / 2));
      log.push_back({.user = user, .session = user, .item = item, .time_seconds = user * 100 + e});
    }
  }
  return log;
}

Profiles ParityAndCity() {
  std::vector<std::string> parity, city;
  for (uint32_t user = 0; user < kUsers; ++user) {
    parity.push_back(user % 2 == 0 ? "even" : "odd");
    city.push_back(user < 4 ? "hamlet" : user % 7 == 0 ? "" : "town" + std::to_string(user % 5));
  }
  Profiles profiles(kUsers);
  profiles.Add("parity", parity);
  profiles.Add("city", city);
  return profiles;
}

using Behind = std::map<std::pair<std::string, ItemIndex>, std::set<uint32_t>>;

// The users behind each (segment, product), counted the slow way.
Behind UsersBehind(std::span<const Interaction> log, const Profiles& profiles) {
  Behind behind;
  for (const Interaction& event : log) {
    for (size_t a = 0; a < profiles.attributes(); ++a) {
      const uint32_t value = profiles.Of(event.user, a);
      if (value == Profiles::kUnknown) continue;
      behind[{profiles.Attribute(a) + "=" + profiles.Value(a, value), event.item}].insert(
          event.user);
    }
  }
  return behind;
}

std::set<std::pair<std::string, ItemIndex>> Published(const SegmentsData& data) {
  std::set<std::pair<std::string, ItemIndex>> entries;
  for (size_t s = 0; s < data.segments.size(); ++s) {
    const std::string name =
        data.attributes[data.segments[s].attribute] + "=" + data.segments[s].value;
    for (uint64_t e = data.begin[s]; e < data.begin[s + 1]; ++e) {
      entries.emplace(name, data.entries[e].item);
    }
  }
  return entries;
}

}  // namespace

TEST_CASE("a segment's entries are those with at least min_users of its shoppers behind them") {
  const std::vector<Interaction> log = TwoTastes(1);
  const Profiles profiles = ParityAndCity();
  TasteOptions options;
  options.min_users = 12;
  const auto published = Published(MineSegments(log, kItems, profiles, options));
  size_t expected = 0;
  for (const auto& [entry, users] : UsersBehind(log, profiles)) {
    const bool enough = users.size() >= options.min_users;
    expected += enough;
    CHECK(published.count(entry) == enough);
  }
  CHECK(published.size() == expected);
  CHECK(expected > 40);
  for (const auto& [name, item] : published) CHECK(name != "city=hamlet");
}

TEST_CASE("removing one user takes from segments only entries that stood at the floor") {
  const std::vector<Interaction> log = TwoTastes(2);
  const Profiles profiles = ParityAndCity();
  TasteOptions options;
  options.min_users = 12;
  const auto with_all = Published(MineSegments(log, kItems, profiles, options));
  const Behind behind = UsersBehind(log, profiles);
  size_t gone = 0;
  for (uint32_t user = 0; user < kUsers; user += 23) {
    std::vector<Interaction> without;
    for (const Interaction& event : log) {
      if (event.user != user) without.push_back(event);
    }
    const auto left = Published(MineSegments(without, kItems, profiles, options));
    for (const auto& entry : left) CHECK(with_all.count(entry) == 1);
    for (const auto& entry : with_all) {
      if (left.count(entry) == 1) continue;
      ++gone;
      CHECK(behind.at(entry).size() == options.min_users);
      CHECK(behind.at(entry).count(user) == 1);
    }
  }
  CHECK(gone > 0);
}

TEST_CASE("cohorts part two tastes, and nothing in them has fewer than min_users behind it") {
  const std::vector<Interaction> log = TwoTastes(3);
  TasteOptions options;
  const CohortsData data = MineCohorts(log, kItems, {}, options);
  REQUIRE(data.shoppers.size() == 2);
  CHECK(data.shoppers[0] + data.shoppers[1] == kUsers);
  std::vector<std::set<uint32_t>> users(kItems);
  for (const Interaction& event : log) users[event.item].insert(event.user);
  std::vector<size_t> behind(kItems);
  for (size_t c = 0; c < data.shoppers.size(); ++c) {
    CHECK(data.shoppers[c] >= options.min_users);
    std::set<bool> upper;
    for (uint64_t e = data.lists.begin[c]; e < data.lists.begin[c + 1]; ++e) {
      const auto& entry = data.lists.entries[e];
      CHECK(entry.shoppers >= options.min_users);
      CHECK(entry.weight ==
            doctest::Approx(static_cast<double>(entry.shoppers) / data.shoppers[c]));
      behind[entry.item] += entry.shoppers;
      upper.insert(entry.item >= kItems / 2);
    }
    CHECK(upper.size() == 1);  // one taste each
  }
  for (ItemIndex i = 0; i < kItems; ++i) CHECK(behind[i] <= users[i].size());
}

TEST_CASE("too few shoppers make no cohort") {
  std::vector<Interaction> log = TwoTastes(4);
  log.resize(6 * 18);
  CHECK(MineCohorts(log, kItems, {}, {}).shoppers.empty());
}

TEST_CASE("an attribute that says nothing gets no weight, one that tells gets some") {
  const std::vector<Interaction> log = TwoTastes(5);
  const Profiles profiles = ParityAndCity();
  const ItemFeatures none;
  SegmentsData segments;
  const TasteInput input{
      .interactions = log, .item_count = kItems, .features = &none, .profiles = &profiles};
  // The later 8 % of 400 sessions are 32 first events: too few to fit on, so all keep their start.
  LearnSegmentWeights(input, {}, segments);
  CHECK(segments.weight == std::vector<float>{1, 1});
  // On the sessions themselves there are enough.
  segments = MineSegments(log, kItems, profiles, {});
  const BlendTerms cold = FitSegments(MinePopularity(log, kItems, {}), log,
                                      SegmentsOf(segments, profiles), 5, segments);
  CHECK(cold.popularity > 0);
  CHECK(segments.weight[0] > 0.5f);
  CHECK(segments.weight[1] < segments.weight[0]);
}

TEST_CASE("numbers of a profile become ranges with equally many shoppers") {
  Profiles profiles(1000);
  std::vector<std::string> height;
  for (int u = 0; u < 1000; ++u) height.push_back(u == 0 ? "" : std::to_string(150 + u % 40));
  profiles.Add("height", height);
  CHECK(profiles.Values(0) == 9);  // eight ranges and "unknown"
  CHECK(profiles.Of(0, 0) == Profiles::kUnknown);
  std::map<uint32_t, int> count;
  for (uint32_t u = 1; u < 1000; ++u) ++count[profiles.Of(u, 0)];
  for (const auto& [value, users] : count) CHECK(users > 90);
}

TEST_CASE("both losses of the two towers learn which half a shopper likes") {
  const std::vector<Interaction> log = TwoTastes(6);
  const ItemFeatures none;
  const Profiles nobody(kUsers);
  for (const TowerLoss loss : {TowerLoss::kSoftmax, TowerLoss::kMse}) {
    TasteOptions options;
    options.towers.loss = loss;
    options.towers.negatives = 64;
    TasteData data;
    data.item_count = kItems;
    data.towers = LearnTowers(
        {.interactions = log, .item_count = kItems, .features = &none, .profiles = &nobody}, {},
        options);
    const Bytes bytes = EncodeTaste(data);
    CHECK(bytes == EncodeTaste(data));
    auto taste = Taste::Open(bytes);
    REQUIRE(taste.ok());
    int right = 0;
    for (ItemIndex viewed = 0; viewed < kItems; ++viewed) {
      const std::vector<SessionEvent> session = {{viewed, InteractionKind::kView, 1}};
      for (const ScoredItem& line :
           taste.value().Rank(BlendTerms{.towers = 1}, {.events = session}, 10)) {
        right += (line.item < kItems / 2) == (viewed < kItems / 2);
      }
    }
    CHECK(right > 0.9 * 10 * kItems);  // by chance half
  }
}
