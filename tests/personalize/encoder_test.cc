#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "indexer/personalize/candidate_sampler.h"
#include "indexer/personalize/encoder_trainer.h"
#include "indexer/personalize/random.h"
#include "indexer/personalize/taste_builder.h"
#include "tests/personalize/ruled_log.h"

using namespace vitrine;

namespace {

// After how many of the products the encoder's first answer is what RuledLog() says.
int FollowedRules(const TasteData& data) {
  const Bytes bytes = EncodeTaste(data);
  auto taste = Taste::Open(bytes);
  REQUIRE(taste.ok());
  int first = 0;
  for (ItemIndex item = 0; item < data.item_count; ++item) {
    const std::vector<SessionEvent> session = {{item, InteractionKind::kView, 0}};
    first += taste.value().Rank(BlendTerms{.encoder = 1}, {.events = session}, 1)[0].item ==
             (7 * item + 3) % data.item_count;
  }
  return first;
}

}  // namespace

TEST_CASE("an encoder learns a rule that no popularity can know, with and without sampling") {
  const uint32_t items = 100;
  const auto log = RuledLog(items, 1200);
  for (uint32_t negatives : {4096u, 20u}) {
    CAPTURE(negatives);
    EncoderOptions options = Quick();
    options.negatives = negatives;
    TasteData data;
    data.item_count = items;
    data.encoder =
        TrainSessionEncoder(SequencesOf(log), std::vector<bool>(items, true), {}, options);
    CHECK(FollowedRules(data) >= 90);  // by chance it would be 1
  }
}

TEST_CASE("a small encoder learns from its teachers, and has nothing beyond its components") {
  const uint32_t items = 100;
  const auto log = RuledLog(items, 1200);
  EncoderOptions options = Quick();
  options.dimensions = 24;
  const auto learn = [&] {
    return TrainSessionEncoder(SequencesOf(log), std::vector<bool>(items, true), {}, options);
  };
  const SessionEncoderData alone = learn();
  options.teachers = 2;
  TasteData data;
  data.item_count = items;
  data.encoder = learn();
  CHECK(data.encoder->items != alone.items);
  for (size_t i = 0; i < data.encoder->items.size(); ++i) {
    if (i % 64 >= 24) REQUIRE(data.encoder->items[i] == 0);
  }
  for (const auto* matrix : {&data.encoder->network.direct, &data.encoder->network.hidden_out,
                             &data.encoder->network.keys}) {
    for (size_t i = 0; i < matrix->size(); ++i) {
      if (i % 64 >= 24 || i / 64 % 64 >= 24) REQUIRE((*matrix)[i] == 0);
    }
  }
  options.threads = 3;
  CHECK(EncodeSessionEncoder(*data.encoder) == EncodeSessionEncoder(learn()));
  CHECK(FollowedRules(data) >= 80);  // by chance it would be 1
}

TEST_CASE("a candidate's chance is how often batches have it") {
  const std::vector<bool> own = {true, true, true, false, true, true, true, true};
  const std::vector<uint32_t> times_target = {1000, 300, 100, 0, 30, 10, 1, 0};
  const ItemFeatures features;
  std::mt19937_64 random(5);
  const ItemRows rows(own, features, 64, random);
  constexpr uint32_t kBatch = 2, kNegatives = 3;
  CandidateSampler sampler(rows, times_target, kBatch, kNegatives, false);
  std::vector<double> cumulative(times_target.size());
  std::partial_sum(times_target.begin(), times_target.end(), cumulative.begin());
  constexpr int kDraws = 40'000;
  std::vector<int> had(times_target.size());
  for (int draw = 0; draw < kDraws; ++draw) {
    std::vector<ItemIndex> targets;
    for (uint32_t t = 0; t < kBatch; ++t) {
      const double at = Uniform(random) * cumulative.back();
      targets.push_back(static_cast<ItemIndex>(
          std::upper_bound(cumulative.begin(), cumulative.end(), at) - cumulative.begin()));
    }
    sampler.Choose(targets, random);
    for (ItemIndex item : sampler.candidates()) ++had[item];
    for (ItemIndex item : targets) {
      REQUIRE(sampler.candidates()[sampler.PositionOf(item)] == item);
    }
  }
  CHECK(had[3] == 0);  // nothing is known of it
  for (ItemIndex i : {0, 1, 2, 4, 5, 6, 7}) {
    CAPTURE(i);
    // The chance is that of independent events (Poisson), which five draws are not quite.
    CHECK(had[i] == doctest::Approx(kDraws * std::exp(sampler.LogChance(i))).epsilon(0.1));
  }
}

TEST_CASE("what came lately counts for more where examples have a half-life") {
  // First 2 came after 0, and 1 after 0 only lately.
  std::vector<Interaction> log;
  for (uint32_t s = 0; s < 900; ++s) {
    const int64_t time = s * 86400;
    log.push_back({.user = s, .session = s, .item = 0, .time_seconds = time});
    log.push_back({.user = s, .session = s, .item = s < 600 ? 2u : 1u, .time_seconds = time + 9});
    log.push_back({.user = s, .session = s, .item = 3 + s % 20, .time_seconds = time + 20});
  }
  const auto first = [&](double half_life_days) {
    EncoderOptions options = Quick();
    options.half_life_days = half_life_days;
    TasteData data;
    data.item_count = 23;
    data.encoder = TrainSessionEncoder(SequencesOf(log), std::vector<bool>(23, true), {}, options);
    const Bytes bytes = EncodeTaste(data);
    const auto taste = Taste::Open(bytes);
    REQUIRE(taste.ok());
    const std::vector<SessionEvent> session = {{0, InteractionKind::kView, 0}};
    return taste.value().Rank(BlendTerms{.encoder = 1}, {.events = session}, 1)[0].item;
  };
  CHECK(first(0) == 2);
  CHECK(first(100) == 1);
}

TEST_CASE("training gives the same weights with one thread and with three") {
  const auto log = RuledLog(60, 200);
  EncoderOptions options = Quick();
  options.epochs = 2;
  options.negatives = 16;
  const auto one = TrainSessionEncoder(SequencesOf(log), std::vector<bool>(60, true), {}, options);
  options.threads = 3;
  const auto three =
      TrainSessionEncoder(SequencesOf(log), std::vector<bool>(60, true), {}, options);
  CHECK(one.items == three.items);
  CHECK(one.network.values == three.network.values);
  CHECK(EncodeSessionEncoder(one) == EncodeSessionEncoder(three));
}

TEST_CASE("a product below the floor has no vector of its own, but that of its features") {
  const uint32_t items = 40;
  const auto log = RuledLog(items, 200);
  std::vector<bool> own(items, true);
  own[5] = own[6] = false;
  ItemFeatures features{2, std::vector<uint32_t>(items + 1), {}, {}};
  for (ItemIndex i = 0; i < items; ++i) {  // every product but 6 is of kind 0 or 1
    if (i != 6) {
      features.feature.push_back(i % 2);
      features.weight.push_back(1);
    }
    features.offset[i + 1] = static_cast<uint32_t>(features.feature.size());
  }
  EncoderOptions options = Quick();
  options.epochs = 1;
  const auto data = TrainSessionEncoder(SequencesOf(log), own, features, options);
  const auto length = [&](ItemIndex i) {
    double square = 0;
    for (size_t k = 0; k < 64; ++k) square += data.items[i * 64 + k] * data.items[i * 64 + k];
    return std::sqrt(square);
  };
  CHECK(length(5) == doctest::Approx(1));
  CHECK(length(6) == 0);
  CHECK(length(7) == doctest::Approx(1));
}

TEST_CASE("a new product stands, on its first day, where products of its kind stand") {
  // Shoppers stay within a colour; product 39 is red and nobody has seen it.
  const uint32_t items = 40;
  Shop shop;
  shop.products.resize(items);
  for (ItemIndex i = 0; i < items; ++i) shop.products[i].colour = i % 2 == 0 ? "blue" : "red";
  std::mt19937_64 random(3);
  for (uint32_t s = 0; s < 1500; ++s) {
    const auto colour = static_cast<ItemIndex>(random() % 2);
    for (int e = 0; e < 4; ++e) {
      const auto item = static_cast<ItemIndex>(random() % (items / 2) * 2 + colour);
      if (item == 39) continue;
      shop.interactions.push_back(
          {.user = s, .session = s, .item = item, .time_seconds = s * 9 + e});
    }
  }
  TasteOptions options;
  options.encoder = Quick();
  options.encoder.epochs = 4;
  TasteData data;
  data.item_count = items;
  const ItemFeatures features = FeaturesOf(shop, {}, options);
  const Profiles nobody;
  data.encoder = LearnEncoder({.interactions = shop.interactions,
                               .item_count = items,
                               .features = &features,
                               .profiles = &nobody},
                              options);
  const Bytes bytes = EncodeTaste(data);
  auto taste = Taste::Open(bytes);
  REQUIRE(taste.ok());
  const auto above = [&](ItemIndex viewed) {  // how many products rank above the new one
    const std::vector<SessionEvent> session = {{viewed, InteractionKind::kView, 0}};
    const auto ranked = taste.value().Rank(BlendTerms{.encoder = 1}, {.events = session}, items);
    size_t at = 0;
    while (ranked[at].item != 39) ++at;
    return at;
  };
  for (ItemIndex viewed : {1u, 11u, 21u}) CHECK(above(viewed) < 20);   // red
  for (ItemIndex viewed : {0u, 10u, 20u}) CHECK(above(viewed) >= 20);  // blue
}
