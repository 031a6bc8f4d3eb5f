// The parts of a taste section beside popularity, lists and the encoder.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "shared/taste.h"
#include "tests/shared/taste_samples.h"

using namespace vitrine;

namespace {

constexpr uint32_t kItems = 8;

// Item 7 is the most popular, then 6, … ; nothing else is known.
TasteData PopularOnly() {
  TasteData data;
  data.item_count = kItems;
  data.min_users = 5;
  data.smallest_group = 6;
  data.popularity = PopularityData{{1, 2, 3, 4, 5, 6, 7, 8}, {11, 12, 13, 14, 15, 16, 17, 18}};
  return data;
}

SegmentsData YoungAndNorth() {
  SegmentsData data;
  data.attributes = {"age_group", "region"};
  data.weight = {1, 0.5f};
  data.segments = {{0, "18-24", 30}, {1, "north", 40}};
  data.begin = {0, 2, 3};
  data.entries = {{1, 3.0f, 9}, {5, -1.0f, 8}, {2, 2.0f, 7}};
  return data;
}

TwoTowerData RandomTowers(uint32_t seed) {
  uint32_t state = seed;
  const auto fill = [&](std::vector<float>& values, size_t size) {
    for (size_t i = 0; i < size; ++i) {
      state = state * 1664525 + 1013904223;
      values.push_back(static_cast<float>(state >> 8) / 16777216.0f - 0.5f);
    }
  };
  TwoTowerData data;
  fill(data.user.hidden, size_t{kTowerHidden} * kTowerInputs);
  fill(data.user.bias, kTowerHidden);
  fill(data.user.output, size_t{kTableDimensions} * kTowerHidden);
  fill(data.user.segments, 2 * kTableDimensions);
  fill(data.items, kItems * kTableDimensions);
  return data;
}

// Everything at once.
TasteData FullTaste() {
  TasteData data = PopularOnly();
  data.segments = YoungAndNorth();
  data.cohorts =
      CohortsData{TasteSimilarity::kCosine,
                  {20, 25},
                  {{0, 2, 4}, {{0, 0.9f, 18}, {1, 0.5f, 10}, {2, 0.8f, 20}, {3, 0.5f, 12}}}};
  data.towers = RandomTowers(3);
  data.neighbours = NeighboursData{{0, 4, 5, 2, 6, 0, 4}, {0, 3, 5, 7}};
  data.blend = kDefaultBlend;
  data.variety = Variety{0.2f, 0.1f};
  return data;
}

ItemIndex First(const Taste& taste, const Shopper& shopper) {
  return taste.ForYou(shopper, nullptr, {}, 1)[0].item;
}

}  // namespace

TEST_CASE("a new shopper of a known segment gets what that segment prefers, and is told so") {
  TasteData data = PopularOnly();
  data.segments = YoungAndNorth();
  const Bytes bytes = EncodeTaste(data);
  auto opened = Taste::Open(bytes);
  REQUIRE(opened.ok());
  const Taste& taste = opened.value();
  const uint32_t young = taste.segments().Find("age_group", "18-24");
  const uint32_t north = taste.segments().Find("region", "north");
  REQUIRE(young != Segments::kNone);
  CHECK(taste.segments().Find("region", "18-24") == Segments::kNone);
  const std::vector<uint32_t> both = {young, north};
  const auto answer = taste.ForYou({.segments = both}, nullptr, {}, kItems);
  CHECK(answer.size() == kItems);
  CHECK(answer[0].item == 1);
  CHECK(answer[0].reason == ReasonKind::kPopularSegment);
  CHECK(answer[0].other == young);
  CHECK(answer[0].count == 30);
  CHECK(std::any_of(answer.begin(), answer.end(),
                    [](const auto& line) { return line.reason == ReasonKind::kPopular; }));
  // A segment that the bundle does not know falls back on the others, then on popularity.
  const std::vector<uint32_t> unknown = {99};
  CHECK(First(taste, {.segments = unknown}) == 7);
  const std::vector<uint32_t> region = {99, north};
  CHECK(taste.ForYou({.segments = region}, nullptr, {}, kItems).size() == kItems);
}

TEST_CASE("the router goes by what is known of a shopper") {
  const Bytes bytes = EncodeTaste(FullTaste());
  auto opened = Taste::Open(bytes);
  REQUIRE(opened.ok());
  const Taste& taste = opened.value();
  const std::vector<uint32_t> segments = {0}, unknown = {50};
  const auto session = Views({1, 2});
  auto visits = Views({1, 2});
  visits[0].time_seconds -= 86400;
  const auto strangers = Views({kItems, kNoItem});
  CHECK(taste.RouteOf({.events = visits}) == Route::kHistory);
  CHECK(taste.RouteOf({.events = session}) == Route::kSession);
  CHECK(taste.RouteOf({.events = strangers, .segments = segments}) == Route::kSegment);
  CHECK(taste.RouteOf({.segments = unknown}) == Route::kPopular);
  CHECK(taste.RouteOf({}) == Route::kPopular);
  for (const Shopper& shopper :
       {Shopper{visits}, Shopper{session}, Shopper{strangers, segments}, Shopper{{}, unknown}}) {
    CHECK(taste.ForYou(shopper, nullptr, {}, 5).size() == 5);
  }
}

TEST_CASE("every product of the visit is a repeat, the older ones alike") {
  const Bytes bytes = EncodeTaste(FullTaste());
  auto opened = Taste::Open(bytes);
  REQUIRE(opened.ok());
  // Newest first: 1, 6, 5, 1 (again), 4, 3, 2.
  const auto visit = Views({2, 3, 4, 1, 5, 6, 1});
  const std::map<ItemIndex, size_t> position = {{1, 0}, {6, 1}, {5, 2}, {4, 4}, {3, 4}, {2, 4}};
  size_t repeats = 0;
  for (const auto& candidate : opened.value().Candidates({.events = visit}, kItems)) {
    std::array<float, kRepeatPositions> expected{};
    const auto seen = position.find(candidate.item);
    if (seen != position.end()) expected[seen->second] = 1, ++repeats;
    CHECK(candidate.terms.repeat == expected);
  }
  CHECK(repeats == position.size());
}

TEST_CASE(
    "a shopper who comes back has weights of their own, even before the visit's first event") {
  TasteData data = FullTaste();
  for (size_t bucket = 0; bucket < kBlendBuckets; ++bucket) {
    (*data.blend)[bucket].popularity = 1 + static_cast<float>(bucket);
  }
  const Bytes bytes = EncodeTaste(data);
  auto opened = Taste::Open(bytes);
  REQUIRE(opened.ok());
  const Taste& taste = opened.value();
  const auto visit = Views({1, 2, 3});
  const double last = visit.back().time_seconds;
  CHECK(taste.BucketOf({}) == 0);
  CHECK(taste.BucketOf({.events = Views({kItems})}) == 0);
  CHECK(taste.BucketOf({.events = visit}) == 3);
  CHECK(taste.BucketOf({.events = visit, .now_seconds = last + 60}) == 3);
  CHECK(taste.BucketOf({.events = visit, .now_seconds = last + 3600}) == kReturningBuckets);
  auto visits = Views({1, 2, 3, 4});
  visits[0].time_seconds -= 86400;
  CHECK(taste.BucketOf({.events = visits}) == kReturningBuckets + 2);
  visits[1].time_seconds -= 80000;
  CHECK(taste.BucketOf({.events = visits}) == kReturningBuckets + 1);
  // It is these weights that an answer is made with, and what is long ago is no repeat.
  CHECK(taste.RouteOf({.events = visit, .now_seconds = last + 3600}) == Route::kHistory);
  const Shopper late{.events = visit, .now_seconds = last + 3600};
  CHECK(taste.Rank(late, 5) == taste.Rank(taste.blend()[kReturningBuckets], late, 5));
  for (const auto& candidate : taste.Candidates(late, 20)) {
    CHECK(candidate.terms.repeat == std::array<float, kRepeatPositions>{});
  }
}

TEST_CASE("cohorts answer as the slow formulas of cosine and Pearson do") {
  for (const auto similarity : {TasteSimilarity::kCosine, TasteSimilarity::kPearson}) {
    CohortsData data{
        similarity,
        {9, 9},
        {{0, 2, 5}, {{0, 1, 9}, {3, 0.5f, 5}, {0, 0.25f, 5}, {1, 1, 9}, {2, 0.125f, 5}}}};
    const Bytes bytes = EncodeCohorts(data);
    auto opened = Cohorts::Open(bytes, kItems);
    REQUIRE(opened.ok());
    const std::vector<std::pair<ItemIndex, float>> mine = {{1, 1.0f}, {0, 0.5f}};
    const auto matches = opened.value().Similar(mine, nullptr, 5);
    std::vector<double> a(kItems);
    for (const auto& [item, weight] : mine) a[item] = static_cast<double>(weight);
    for (const auto& match : matches) {
      std::vector<double> b(kItems);
      opened.value().ForEach(match.cohort,
                             [&](ItemIndex i, float share) { b[i] = static_cast<double>(share); });
      double mean_a = 0, mean_b = 0, dot = 0, aa = 0, bb = 0;
      if (similarity == TasteSimilarity::kPearson) {
        for (uint32_t i = 0; i < kItems; ++i) mean_a += a[i] / kItems, mean_b += b[i] / kItems;
      }
      for (uint32_t i = 0; i < kItems; ++i) {
        dot += (a[i] - mean_a) * (b[i] - mean_b);
        aa += (a[i] - mean_a) * (a[i] - mean_a);
        bb += (b[i] - mean_b) * (b[i] - mean_b);
      }
      CHECK(match.similarity == doctest::Approx(dot / std::sqrt(aa * bb)).epsilon(1e-4));
    }
    REQUIRE(matches.size() == 2);
    CHECK(matches[0].cohort == 1);
  }
}

TEST_CASE("a product that only shoppers of similar taste know is recommended because of them") {
  TasteData data = PopularOnly();
  data.popularity->score.assign(kItems, 0);
  data.cohorts = FullTaste().cohorts;
  BlendWeights blend{};
  for (auto& terms : blend) terms = {.popularity = 0.05f, .cohorts = 1};
  data.blend = blend;
  const Bytes bytes = EncodeTaste(data);
  auto opened = Taste::Open(bytes);
  REQUIRE(opened.ok());
  const auto session = Views({2});
  const auto answer = opened.value().ForYou({.events = session}, nullptr, {}, 3);
  CHECK(answer[0].item == 3);
  CHECK(answer[0].reason == ReasonKind::kSimilarTaste);
  CHECK(answer[0].count == 25);
  CHECK(answer.size() == 3);
}

TEST_CASE("published sessions say what came after the shared product") {
  const NeighboursData data{{0, 4, 5, 2, 6, 0, 4}, {0, 3, 5, 7}};
  const Bytes bytes = EncodeNeighbours(data, kItems);
  auto opened = Neighbours::Open(bytes, kItems);
  REQUIRE(opened.ok());
  CHECK(opened.value().size() == 3);
  const auto scores = opened.value().Score(std::vector<ItemIndex>{0});
  const auto best = std::max_element(
      scores.begin(), scores.end(), [](const auto& a, const auto& b) { return a.score < b.score; });
  CHECK(best->item == 4);  // next in both sessions with product 0
  for (const ScoredItem& scored : scores) CHECK(scored.item != 6);
  CHECK(opened.value().Score(std::vector<ItemIndex>{7}).empty());
  CHECK(opened.value().Score({}).empty());
}

TEST_CASE("the user tower computes its formula") {
  const TwoTowerData data = RandomTowers(5);
  const Bytes bytes = EncodeTwoTower(data);
  auto opened = TwoTower::Open(bytes, kItems);
  REQUIRE(opened.ok());
  const TwoTower& towers = opened.value();
  std::vector<SessionEvent> newest = {{3, InteractionKind::kCart, 9},
                                      {1, InteractionKind::kView, 8}};
  const std::vector<uint32_t> profile = {1, 77};
  std::vector<double> x(kTowerInputs);
  std::vector<float> a(64), b(64);
  towers.table().Decode(3, a);
  towers.table().Decode(1, b);
  for (size_t k = 0; k < 64; ++k) {
    const auto first = static_cast<double>(a[k]), second = static_cast<double>(b[k]);
    x[k] = first;
    x[64 + k] = (first + 0.8 * second) / 1.8;
    x[128 + k] = first;
    x[192 + k] = static_cast<double>(data.user.segments[64 + k]);
  }
  std::vector<double> user(64);
  for (size_t h = 0; h < kTowerHidden; ++h) {
    double sum = static_cast<double>(data.user.bias[h]);
    for (size_t i = 0; i < kTowerInputs; ++i) {
      sum += static_cast<double>(data.user.hidden[h * kTowerInputs + i]) * x[i];
    }
    for (size_t k = 0; k < 64; ++k) {
      user[k] += static_cast<double>(data.user.output[k * kTowerHidden + h]) * std::max(0.0, sum);
    }
  }
  const std::vector<float> mine = towers.User(newest, profile);
  double dot = 0, aa = 0, bb = 0;
  for (size_t k = 0; k < 64; ++k) {
    dot += user[k] * static_cast<double>(mine[k]);
    aa += user[k] * user[k];
    bb += static_cast<double>(mine[k] * mine[k]);
  }
  CHECK(dot / std::sqrt(aa * bb) > 0.999);  // int8 here, double there
  CHECK(std::sqrt(bb / aa) == doctest::Approx(1).epsilon(0.02));
}

TEST_CASE(
    "diversity takes the unlike before the alike, exploration keeps the list full and distinct") {
  const std::vector<ScoredItem> ranked = {{0, 1.0f}, {1, 0.99f}, {2, 0.98f}, {3, 0.6f}, {4, 0.5f}};
  const auto alike = [](ItemIndex a, ItemIndex b) { return (a < 3) == (b < 3) ? 1.0f : 0.0f; };
  const auto plain = Choose({}, ranked, 3, 1, alike);
  CHECK(plain[0].item == 0);
  CHECK(plain[1].item == 1);
  CHECK(plain[2].item == 2);
  const auto diverse = Choose({.diversity = 0.5f}, ranked, 2, 1, alike);
  CHECK(diverse[0].item == 0);
  CHECK(diverse[1].item == 3);
  std::set<ItemIndex> explored;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const auto list = Choose({.exploration = 0.5f}, ranked, 4, seed, alike);
    std::set<ItemIndex> distinct;
    for (const ScoredItem& line : list) distinct.insert(line.item), explored.insert(line.item);
    CHECK(distinct.size() == 4);
    CHECK(list[0].item == 0);
    CHECK(list == Choose({.exploration = 0.5f}, ranked, 4, seed, alike));
  }
  CHECK(explored.size() == 5);
}

TEST_CASE("no prefix of a section with every part opens") {
  const Bytes bytes = EncodeTaste(FullTaste());
  REQUIRE(Taste::Open(bytes).ok());
  CHECK(Taste::Open(bytes).value().smallest_group() == 6);
  for (size_t size = 0; size < bytes.size(); size += size < 2000 ? 1 : 61) {
    CHECK_FALSE(Taste::Open(ByteView(bytes).first(size)).ok());
  }
}

TEST_CASE("a section with every part and random bytes changed is refused or answers in bounds") {
  const Bytes bytes = EncodeTaste(FullTaste());
  const auto session = Views({0, 3, 2});
  const std::vector<uint32_t> segments = {0, 1};
  uint32_t state = 1;
  for (int round = 0; round < 4000; ++round) {
    Bytes changed = bytes;
    for (int change = 0; change < 3; ++change) {
      state = state * 1664525 + 1013904223;
      // Half of the changes go where the small parts are.
      const size_t range = change == 0 ? 300 : changed.size();
      changed[(state >> 8) % range] = static_cast<uint8_t>(state >> 3);
    }
    auto taste = Taste::Open(changed);
    if (!taste.ok()) continue;
    for (const Shopper& shopper : {Shopper{session, segments}, Shopper{{}, segments}}) {
      for (const Recommendation& line : taste.value().ForYou(shopper, nullptr, {}, 6)) {
        REQUIRE(line.item < taste.value().item_count());
        REQUIRE(std::isfinite(line.score));
      }
    }
  }
}
