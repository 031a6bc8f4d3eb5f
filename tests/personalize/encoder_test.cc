#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "indexer/personalize/blend_fitter.h"
#include "indexer/personalize/candidate_sampler.h"
#include "indexer/personalize/encoder_trainer.h"
#include "indexer/personalize/kernels.h"
#include "indexer/personalize/random.h"
#include "indexer/personalize/taste_builder.h"
#include "indexer/personalize/training_rules.h"

using namespace vitrine;

namespace {

kernels::Floats Random(size_t n, uint64_t seed) {
  std::mt19937_64 random(seed);
  kernels::Floats values(n);
  for (float& v : values) v = static_cast<float>(random() % 2001) / 1000 - 1;
  return values;
}

// Sessions that follow one rule: after product i comes 7 i + 3, in a shop of `items` products.
std::vector<Interaction> RuledLog(uint32_t items, uint32_t sessions) {
  std::vector<Interaction> log;
  std::mt19937_64 random(11);
  for (uint32_t s = 0; s < sessions; ++s) {
    ItemIndex item = static_cast<ItemIndex>(random() % items);
    for (int e = 0; e < 5; ++e) {
      log.push_back({.user = s, .session = s, .item = item, .time_seconds = s * 100 + e});
      item = (7 * item + 3) % items;
    }
  }
  return log;
}

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

EncoderOptions Quick() {
  EncoderOptions options;
  options.batch = 64;
  options.epochs = 12;
  return options;
}

}  // namespace

TEST_CASE("the kernels agree with loops in double precision") {
  const size_t rows = 8, inner = 96, d = kernels::kColumns;
  const auto a = Random(rows * d, 1), v = Random(inner * d, 2), w = Random(rows * inner, 3);
  kernels::Floats packed(inner * d), out(rows * inner), sums(rows * d);
  kernels::Pack(v.data(), inner, packed.data());
  kernels::Products(a.data(), rows, packed.data(), inner, 2, out.data());
  kernels::WeightedSums(w.data(), inner, 1, rows, inner, v.data(), 0.5f, sums.data());
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < inner; ++c) {
      double exact = 0;
      for (size_t k = 0; k < d; ++k) exact += 2.0 * a[r * d + k] * v[c * d + k];
      CHECK(out[r * inner + c] == doctest::Approx(exact).epsilon(1e-4));
    }
    for (size_t k = 0; k < d; ++k) {
      double exact = 0;
      for (size_t c = 0; c < inner; ++c) exact += 0.5 * w[r * inner + c] * v[c * d + k];
      CHECK(sums[r * d + k] == doctest::Approx(exact).epsilon(1e-4));
    }
  }
  const std::vector<uint32_t> chosen = {5, 90, 5, 17};  // a row twice
  kernels::Floats gathered = Random(d, 6), scattered = v;
  const kernels::Floats before = gathered;
  kernels::Gather(v.data(), chosen.data(), w.data(), chosen.size(), gathered.data());
  kernels::Scatter(a.data(), chosen.data(), w.data(), chosen.size(), scattered.data());
  for (size_t k = 0; k < d; ++k) {
    double exact = before[k];
    for (size_t i = 0; i < chosen.size(); ++i) exact += 1.0 * w[i] * v[chosen[i] * d + k];
    CHECK(gathered[k] == doctest::Approx(exact).epsilon(1e-4));
    for (size_t r = 0; r < inner; ++r) {
      exact = v[r * d + k];
      for (size_t i = 0; i < chosen.size(); ++i) exact += chosen[i] == r ? 1.0 * w[i] * a[k] : 0;
      CHECK(scattered[r * d + k] == doctest::Approx(exact).epsilon(1e-4));
    }
  }
  auto z = Random(96, 4);
  const auto logits = z, correction = Random(96, 5);
  const float p = kernels::Softmax(z.data(), 96, correction.data(), 17);
  double total = 0;
  for (size_t c = 0; c < 96; ++c) total += std::exp(logits[c] - (c == 17 ? 0 : correction[c]));
  CHECK(p == doctest::Approx(std::exp(logits[17]) / total).epsilon(1e-5));
  CHECK(z[40] == doctest::Approx(std::exp(logits[40] - correction[40]) / total).epsilon(1e-5));
  const kernels::Floats given = Random(d, 7), gradient = Random(d, 8);
  std::vector<uint8_t> chance(d);
  for (size_t k = 0; k < d; ++k) chance[k] = static_cast<uint8_t>(k * 4);
  kernels::Floats dropped = given, weight = given, first(d, 0.1f), second(d, 0.2f);
  kernels::Drop(chance.data(), 100, 1.5f, dropped.data());
  kernels::Adam(gradient.data(), {0.01f, 0.9f, 0.99f, 2}, weight.data(), first.data(),
                second.data());
  for (size_t k = 0; k < d; ++k) {
    CHECK(dropped[k] == (k * 4 < 100 ? 0 : given[k] * 1.5f));
    const double m = 0.9 * 0.1 + 0.1 * gradient[k];
    const double u = 0.99 * 0.2 + 0.01 * gradient[k] * gradient[k];
    CHECK(weight[k] == doctest::Approx(given[k] - 0.01 * m / std::sqrt(2 * u)).epsilon(1e-5));
  }
}

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

TEST_CASE(
    "the fewer examples a product has, the more is dropped and the more often they are seen") {
  // The shares that did best on held-out sessions of three real logs.
  CHECK(DropoutFor(160'000, 16'000) == doctest::Approx(0.6).epsilon(0.01));
  CHECK(DropoutFor(360'000, 9'000) == doctest::Approx(0.45).epsilon(0.06));
  CHECK(DropoutFor(143'000, 217) == doctest::Approx(0.1).epsilon(0.1));
  CHECK(DropoutFor(0, 0) == doctest::Approx(0.6));
  CHECK(DropoutFor(1'000'000'000, 1) == doctest::Approx(0.05));
  CHECK(EpochsFor(0, 0) == 45);
  CHECK(EpochsFor(160'000, 16'000) == 45);
  CHECK(EpochsFor(105'000, 4'025) == 28);
  CHECK(EpochsFor(317'000, 8'444) == 14);
  CHECK(EpochsFor(143'000, 217) == 14);
  CHECK(EpochsFor(500'000, 1'000) == 14);
  CHECK(EpochsFor(1'500'000, 1'000) == 8);
  CHECK(EpochsFor(1'000'000'000, 1) == 6);
  CHECK(EventDropoutFor(160'000, 16'000) == doctest::Approx(0.3).epsilon(0.01));
  CHECK(EventDropoutFor(360'000, 9'000) == doctest::Approx(0.1).epsilon(0.02));
  CHECK(EventDropoutFor(0, 0) == doctest::Approx(0.3));
  CHECK(TemperatureFor(160'000, 16'000) == doctest::Approx(9.2).epsilon(0.01));
  CHECK(TemperatureFor(68'000, 2'500) == doctest::Approx(12).epsilon(0.02));
  CHECK(TemperatureFor(308'000, 7'300) == doctest::Approx(16).epsilon(0.02));
  CHECK(TemperatureFor(143'000, 217) == doctest::Approx(9.7).epsilon(0.02));
  CHECK(TemperatureFor(0, 0) == 4);
  CHECK(LearningRateFor(0, 0) == doctest::Approx(0.02));
  CHECK(LearningRateFor(160'000, 16'000) == doctest::Approx(0.018).epsilon(0.02));
  CHECK(LearningRateFor(308'000, 7'300) == doctest::Approx(0.005).epsilon(0.02));
  CHECK(LearningRateFor(143'000, 217) == doctest::Approx(0.005));
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

TEST_CASE("the fitted blend is no worse than any signal alone on sessions it has not seen") {
  // Half of the steps follow the rule, half go to one of three products that are always popular.
  const uint32_t items = 80;
  std::mt19937_64 random(5);
  const auto make = [&](uint32_t sessions) {
    std::vector<Interaction> log;
    for (uint32_t s = 0; s < sessions; ++s) {
      ItemIndex item = static_cast<ItemIndex>(random() % items);
      for (int e = 0; e < 5; ++e) {
        log.push_back({.user = s, .session = s, .item = item, .time_seconds = s * 100 + e});
        item = random() % 2 == 0 ? (7 * item + 3) % items : static_cast<ItemIndex>(random() % 3);
      }
    }
    return log;
  };
  const auto log = make(1500), later = make(300);
  TasteOptions options;
  options.encoder = Quick();
  options.encoder.epochs = 4;
  const ItemFeatures none;
  const Profiles nobody;
  const Bytes bytes = EncodeTaste(LearnTaste(
      {.interactions = log, .item_count = items, .features = &none, .profiles = &nobody}, options));
  auto taste = Taste::Open(bytes);
  REQUIRE(taste.ok());
  const auto hits = [&](auto&& rank) {
    int found = 0;
    for (size_t i = 1; i < later.size(); ++i) {
      if (later[i].session != later[i - 1].session) continue;
      const std::vector<SessionEvent> session = {{later[i - 1].item, InteractionKind::kView, 0}};
      for (const ScoredItem& scored : rank(session)) found += scored.item == later[i].item;
    }
    return found;
  };
  const int blend =
      hits([&](const auto& session) { return taste.value().Rank({.events = session}, 4); });
  for (const BlendTerms& alone :
       {BlendTerms{.encoder = 1}, BlendTerms{.focus = 1}, BlendTerms{.popularity = 1}}) {
    const int single =
        hits([&](const auto& s) { return taste.value().Rank(alone, {.events = s}, 4); });
    CHECK(blend >= 0.98 * single);
  }
  CHECK(blend > 0.8 * 1200);  // the rule's product and the three popular ones: nearly all
}

TEST_CASE(
    "a second encoder is learned where there is room for it, and none with published sessions") {
  const uint32_t items = 80;
  const auto log = RuledLog(items, 1200);
  const Profiles nobody;
  const auto learn = [&](double bytes_per_item, bool publish_sessions,
                         const ItemFeatures& features) {
    TasteOptions options;
    options.encoder = Quick();
    options.encoder.epochs = 1;
    options.bytes_per_item = bytes_per_item;
    options.publish_sessions = publish_sessions;
    return LearnTaste(
        {.interactions = log, .item_count = items, .features = &features, .profiles = &nobody},
        options);
  };
  const ItemFeatures none;
  // Two tables, two networks of 35 kB, the popularity; and the lists, of which each product has one
  // entry: far from the 15 bytes that long ones need.
  const double room = 2 * (32.2 + 35'500.0 / items) + 3.5;
  const TasteData with = learn(room + 10, false, none);
  REQUIRE(with.second_encoder);
  CHECK(with.second_encoder->items != with.encoder->items);
  CHECK_FALSE(learn(room - 10, false, none).second_encoder);
  CHECK_FALSE(learn(room + 10, true, none).second_encoder);
}

TEST_CASE("the later share of a log is the sessions that began last") {
  std::vector<Interaction> log;
  for (uint32_t s = 0; s < 10; ++s) {
    for (int e = 0; e < 2; ++e) {
      log.push_back({.user = s, .session = s, .item = s, .time_seconds = (s * 7 % 10) * 100 + e});
    }
  }
  const LogSplit split = SplitByTime(log, 0.3);
  CHECK(split.earlier.size() == 14);
  CHECK(split.later.size() == 6);
  for (const Interaction& event : split.later) CHECK(event.time_seconds >= 700);
  for (const Interaction& event : split.earlier) CHECK(event.time_seconds < 700);
  CHECK(SplitByTime(log, 0).later.empty());
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
