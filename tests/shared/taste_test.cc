#include "shared/taste.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tests/shared/taste_samples.h"

using namespace vitrine;

TEST_CASE("popular gives the most popular first, with how many shoppers stand behind it") {
  const Bytes bytes = EncodeTaste(SmallTaste());
  auto taste = Taste::Open(bytes);
  REQUIRE(taste.ok());
  const auto answer = taste.value().Popular({}, 3);
  CHECK(Items(answer) == std::vector<ItemIndex>{5, 1, 0});
  CHECK(answer[0].reason == ReasonKind::kPopular);
  CHECK(answer[0].count == 40);
  CHECK(answer[1].count == 20);
}

TEST_CASE("popular leaves out what the mask leaves out and still fills the list") {
  const Bytes bytes = EncodeTaste(SmallTaste());
  auto taste = Taste::Open(bytes);
  REQUIRE(taste.ok());
  const std::vector<uint64_t> mask = {0b011101};  // not 1, not 5
  CHECK(Items(taste.value().Popular(mask, 10)) == std::vector<ItemIndex>{0, 4, 2, 3});
}

TEST_CASE("for you follows the session, says which product led there, and fills up with popular") {
  const Bytes bytes = EncodeTaste(SmallTaste());
  auto taste = Taste::Open(bytes);
  REQUIRE(taste.ok());
  const auto answer = taste.value().ForYou({.events = Views({0})}, nullptr, {}, 5);
  CHECK(Items(answer) == std::vector<ItemIndex>{1, 2, 5, 4, 3});
  CHECK(answer[0].reason == ReasonKind::kBecauseViewed);
  CHECK(answer[0].other == 0);
  CHECK(answer[1].other == 0);
  CHECK(answer[2].reason == ReasonKind::kPopular);
  CHECK(answer[2].count == 40);
}

TEST_CASE("the last product of a session counts more than an earlier one") {
  const Bytes bytes = EncodeTaste(SmallTaste());
  auto taste = Taste::Open(bytes);
  REQUIRE(taste.ok());
  CHECK(taste.value().ForYou({.events = Views({0, 3})}, nullptr, {}, 1)[0].item == 4);
  CHECK(taste.value().ForYou({.events = Views({3, 0})}, nullptr, {}, 1)[0].item == 1);
}

TEST_CASE("a product put into the cart counts more than a product viewed after it") {
  const Bytes bytes = EncodeTaste(SmallTaste());
  auto taste = Taste::Open(bytes);
  REQUIRE(taste.ok());
  auto session = Views({3, 0});
  session[0].kind = InteractionKind::kCart;
  CHECK(taste.value().ForYou({.events = session}, nullptr, {}, 1)[0].item == 4);
}

TEST_CASE("products of the session are left out only when asked to") {
  const Bytes bytes = EncodeTaste(SmallTaste());
  auto taste = Taste::Open(bytes);
  REQUIRE(taste.ok());
  for (ItemIndex item : Items(taste.value().ForYou({.events = Views({0, 1})}, nullptr, {}, 6))) {
    CHECK(item != 0);
    CHECK(item != 1);
  }
  CHECK(taste.value().ForYou({.events = Views({0, 1})}, nullptr, {}, 6).size() == 4);
  CHECK(taste.value().ForYou({.events = Views({0, 1})}, nullptr, {}, 6, false).size() == 6);
}

TEST_CASE("what weighs for products that come back weighs for those of this visit alone") {
  const Bytes bytes = EncodeTaste(SmallTaste());
  const auto taste = Taste::Open(bytes);
  REQUIRE(taste.ok());
  BlendTerms weights;
  weights.repeat.fill(1);
  std::vector<SessionEvent> events = Views({0, 3, 4});
  const auto score = [&](ItemIndex item) {
    for (const ScoredItem& scored : taste.value().Rank(weights, {.events = events}, 6)) {
      if (scored.item == item) return scored.score;
    }
    return -1.0f;
  };
  for (ItemIndex item : {0, 3, 4}) CHECK(score(item) == 1);
  events[0].time_seconds -= 31 * 60;
  CHECK(score(0) == 0);
  for (ItemIndex item : {3, 4}) CHECK(score(item) == 1);
}

TEST_CASE("an empty session, or one of unknown products, gives what is popular") {
  const Bytes bytes = EncodeTaste(SmallTaste());
  auto taste = Taste::Open(bytes);
  REQUIRE(taste.ok());
  const auto popular = Items(taste.value().Popular({}, 6));
  CHECK(Items(taste.value().ForYou({}, nullptr, {}, 6)) == popular);
  CHECK(Items(taste.value().ForYou({.events = Views({6, kNoItem})}, nullptr, {}, 6)) == popular);
}

TEST_CASE("times that are no numbers do not spoil an answer") {
  const Bytes bytes = EncodeTaste(SmallTaste());
  auto taste = Taste::Open(bytes);
  REQUIRE(taste.ok());
  auto session = Views({3, 0});
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (double time : {std::nan(""), kInfinity, -kInfinity, 1e308, -1e308}) {
    session[0].time_seconds = time;
    for (const Recommendation& line : taste.value().ForYou({.events = session}, nullptr, {}, 6)) {
      CHECK(std::isfinite(line.score));
    }
    session[1].time_seconds = time;
    for (const Recommendation& line : taste.value().ForYou({.events = session}, nullptr, {}, 6)) {
      CHECK(std::isfinite(line.score));
    }
  }
}

TEST_CASE("a taste section of no parts and no products opens and answers with nothing") {
  TasteData data;
  const Bytes bytes = EncodeTaste(data);
  auto taste = Taste::Open(bytes);
  REQUIRE(taste.ok());
  CHECK(taste.value().Popular({}, 5).empty());
  CHECK(taste.value().ForYou({.events = Views({0})}, nullptr, {}, 5).empty());
}

TEST_CASE("a weight survives its one byte to 2 percent") {
  for (float weight = 1; weight > 4e-5f; weight *= 0.93f) {
    CHECK(std::abs(kLevels[LevelOf(weight)] / weight - 1) < 0.021f);
  }
  CHECK(LevelOf(2) == 0);
  CHECK(LevelOf(0) == 255);
}

TEST_CASE("no prefix of a taste section opens") {
  const Bytes bytes = EncodeTaste(SmallTaste());
  for (size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(Taste::Open(ByteView(bytes).first(size)).ok());
  }
  Bytes longer = bytes;
  longer.push_back(0);
  CHECK_FALSE(Taste::Open(longer).ok());
}

// The frame's checksum catches flipped bits; here they reach the decoder, which must either refuse
// them or give answers that are well formed.
TEST_CASE("a taste section with any byte changed is refused or answers in bounds") {
  const Bytes bytes = EncodeTaste(SmallTaste());
  const auto session = Views({0, 3, 1});
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      Bytes changed = bytes;
      changed[at] = static_cast<uint8_t>(value);
      auto taste = Taste::Open(changed);
      if (!taste.ok()) continue;
      const uint32_t n = taste.value().item_count();
      for (const Recommendation& line : taste.value().ForYou({.events = session}, nullptr, {}, 6)) {
        REQUIRE(line.item < n);
        REQUIRE(std::isfinite(line.score));
      }
    }
  }
}
