#include <doctest/doctest.h>

#include <random>

#include "indexer/personalize/taste_builder.h"
#include "tests/personalize/ruled_log.h"

using namespace vitrine;

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
  const ItemFeatures none;
  const auto learn = [&](double bytes_per_item, bool publish_sessions) {
    TasteOptions options;
    options.encoder = Quick();
    options.encoder.epochs = 1;
    options.bytes_per_item = bytes_per_item;
    options.publish_sessions = publish_sessions;
    return LearnTaste(
        {.interactions = log, .item_count = items, .features = &none, .profiles = &nobody},
        options);
  };
  // Two tables, two networks of 35 kB, the popularity; and the lists, of which each product has one
  // entry: far from the 15 bytes that long ones need.
  const double room = 2 * (32.2 + 35'500.0 / items) + 3.5;
  const TasteData with = learn(room + 10, false);
  REQUIRE(with.second_encoder);
  CHECK(with.second_encoder->items != with.encoder->items);
  CHECK_FALSE(learn(room - 10, false).second_encoder);
  CHECK_FALSE(learn(room + 10, true).second_encoder);
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
