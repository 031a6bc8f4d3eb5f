#include "shared/taste.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "shared/taste/math.h"

using namespace vitrine;

namespace {

// Six products; 5 is the most popular; after 0 shoppers turn to 1, then 2; after 3 to 4.
TasteData SmallTaste() {
  TasteData data;
  data.item_count = 6;
  data.min_users = 5;
  data.popularity = PopularityData{{10, 20, 5, 0, 8, 40}, {10, 20, 6, 0, 8, 40}};
  data.lists = ItemListsData{{0, 2, 2, 2, 3, 3, 3}, {{1, 0.5f}, {2, 0.25f}, {4, 0.5f}}};
  return data;
}

std::vector<SessionEvent> Views(std::initializer_list<ItemIndex> items) {
  std::vector<SessionEvent> session;
  for (ItemIndex item : items) {
    session.push_back({item, InteractionKind::kView, 1e9 + static_cast<double>(session.size())});
  }
  return session;
}

std::vector<ItemIndex> Items(const std::vector<Recommendation>& answer) {
  std::vector<ItemIndex> items;
  for (const Recommendation& line : answer) items.push_back(line.item);
  return items;
}

}  // namespace

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

namespace {

// A network and a table of random numbers.
SessionEncoderData RandomEncoder(uint32_t items, uint32_t seed, uint32_t dimensions = 64) {
  uint32_t state = seed;
  const auto next = [&] {
    state = state * 1664525 + 1013904223;
    return static_cast<float>(state >> 8) / 16777216.0f - 0.5f;
  };
  SessionEncoderData data;
  data.network.max_events = 6;
  const auto fill = [&](std::vector<float>& values, size_t size) {
    for (size_t i = 0; i < size; ++i) values.push_back(next());
  };
  fill(data.network.direct, 4096);
  fill(data.network.hidden_last, 4096);
  fill(data.network.hidden_mean, 4096);
  fill(data.network.hidden_out, 4096);
  fill(data.network.keys, 8192);
  fill(data.network.values, 8192);
  fill(data.network.key_bias, 128);
  fill(data.network.position_bias, 12);
  fill(data.items, items * 64);
  for (size_t k = 0; k < 64; ++k) data.items[64 * 3 + k] = 0;  // product 3 is not known
  data.network.dimensions = dimensions;
  for (auto* matrix : {&data.network.direct, &data.network.hidden_last, &data.network.hidden_mean,
                       &data.network.hidden_out, &data.network.keys, &data.network.values}) {
    for (size_t i = 0; i < matrix->size(); ++i) {
      if (i % 64 >= dimensions || i / 64 % 64 >= dimensions) (*matrix)[i] = 0;
    }
  }
  for (auto* rows : {&data.network.key_bias, &data.items}) {
    for (size_t i = 0; i < rows->size(); ++i) {
      if (i % 64 >= dimensions) (*rows)[i] = 0;
    }
  }
  return data;
}

// The formula of session_encoder.h in double precision, on the vectors that `encoder` holds.
std::vector<double> SlowEncode(const SessionEncoderData& data, const SessionEncoder& encoder,
                               const std::vector<ItemIndex>& newest_first) {
  const EncoderNetwork& net = data.network;
  std::vector<std::vector<double>> x;
  for (ItemIndex item : newest_first) {
    std::vector<float> unit(64);
    encoder.table().Decode(item, unit);
    x.emplace_back(unit.begin(), unit.end());
  }
  const auto times = [](const std::vector<float>& m, size_t at, const std::vector<double>& v) {
    std::vector<double> out(64);
    for (size_t i = 0; i < 64; ++i) {
      for (size_t k = 0; k < 64; ++k) out[i] += m[at + i * 64 + k] * v[k];
    }
    return out;
  };
  std::vector<double> s = times(net.direct, 0, x[0]), hidden = times(net.hidden_last, 0, x[0]);
  for (size_t h = 0; h < 2; ++h) {
    const std::vector<double> query = times(net.keys, h * 4096, x[0]);
    std::vector<double> weight(x.size()), mean(64);
    double total = 0;
    for (size_t p = 0; p < x.size(); ++p) {
      double dot = net.position_bias[h * 6 + p];
      for (size_t k = 0; k < 64; ++k) dot += (query[k] + net.key_bias[h * 64 + k]) * x[p][k];
      total += weight[p] = std::exp(dot);
    }
    for (size_t p = 0; p < x.size(); ++p) {
      for (size_t k = 0; k < 64; ++k) mean[k] += weight[p] / total * x[p][k];
    }
    const std::vector<double> value = times(net.values, h * 4096, mean);
    for (size_t k = 0; k < 64; ++k) s[k] += value[k];
    if (h == 1) {
      const std::vector<double> more = times(net.hidden_mean, 0, mean);
      for (size_t k = 0; k < 64; ++k) hidden[k] += more[k];
    }
  }
  for (double& value : hidden) value = std::max(0.0, value);
  const std::vector<double> out = times(net.hidden_out, 0, hidden);
  double square = 0;
  for (size_t k = 0; k < 64; ++k) s[k] += out[k];
  for (double value : s) square += value * value;
  for (double& value : s) value /= std::sqrt(square);
  return s;
}

}  // namespace

TEST_CASE("exp and log of our own agree with the platform's") {
  for (float x = -80; x < 80; x += 0.37f) {
    CHECK(Exp(x) == doctest::Approx(std::exp(static_cast<double>(x))).epsilon(1e-6));
  }
  for (float x = 1e-30f; x < 1e30f; x *= 1.7f) {
    CHECK(Log(x) == doctest::Approx(std::log(static_cast<double>(x))).epsilon(1e-6));
  }
  CHECK(Exp(-1000) == 0);
  CHECK(std::isfinite(Exp(1000)));
}

TEST_CASE("the session encoder computes its formula, with all components and with few") {
  uint32_t dimensions = 64;
  SUBCASE("64") {}
  SUBCASE("24") { dimensions = 24; }
  SUBCASE("8") { dimensions = 8; }
  const SessionEncoderData data = RandomEncoder(20, 7, dimensions);
  const Bytes bytes = EncodeSessionEncoder(data);
  // The network, a bitmap of 20 products, and the rows of 19.
  CHECK(bytes.size() == EncoderNetworkBytes(dimensions, 2, 6) + 3 + 19 * dimensions / 2);
  auto opened = SessionEncoder::Open(bytes, 20);
  REQUIRE(opened.ok());
  const SessionEncoder& encoder = opened.value();
  for (const std::vector<ItemIndex>& session :
       {std::vector<ItemIndex>{4}, {4, 9}, {0, 19, 7, 7, 2}}) {
    std::vector<float> unit(64);
    REQUIRE(encoder.Encode(session, unit));
    const std::vector<double> slow = SlowEncode(data, encoder, session);
    double cosine = 0;
    for (size_t k = 0; k < 64; ++k) cosine += unit[k] * slow[k];
    CHECK(cosine > 0.9995);  // the network is int8 here and float there
    std::vector<float> scores(20), row(64);
    encoder.Score(unit, scores);
    for (ItemIndex i = 0; i < 20; ++i) {
      encoder.table().Decode(i, row);
      double exact = 0;
      for (size_t k = 0; k < 64; ++k) exact += encoder.temperature() * unit[k] * row[k];
      CHECK(std::abs(scores[i] - exact) < 0.15);
    }
    CHECK(scores[3] == 0);
  }
}

TEST_CASE("a table row keeps its direction in four bits a component") {
  const SessionEncoderData data = RandomEncoder(50, 9);
  const Bytes bytes = EncodeSessionEncoder(data);
  auto opened = SessionEncoder::Open(bytes, 50);
  REQUIRE(opened.ok());
  std::vector<float> unit(64);
  for (ItemIndex i = 0; i < 50; ++i) {
    if (i == 3) continue;
    opened.value().table().Decode(i, unit);
    double dot = 0, square = 0;
    for (size_t k = 0; k < 64; ++k) {
      dot += unit[k] * data.items[i * 64 + k];
      square += data.items[i * 64 + k] * data.items[i * 64 + k];
    }
    CHECK(dot / std::sqrt(square) > 0.99);
  }
}

TEST_CASE("products that the encoder does not know are skipped, alone they give no session") {
  const Bytes bytes = EncodeSessionEncoder(RandomEncoder(20, 7));
  auto opened = SessionEncoder::Open(bytes, 20);
  REQUIRE(opened.ok());
  std::vector<float> with(64), without(64);
  CHECK_FALSE(opened.value().Encode(std::vector<ItemIndex>{3}, with));
  CHECK_FALSE(opened.value().Encode({}, with));
  REQUIRE(opened.value().Encode(std::vector<ItemIndex>{3, 5, 1}, with));
  REQUIRE(opened.value().Encode(std::vector<ItemIndex>{5, 1}, without));
  CHECK(with == without);
}

TEST_CASE("an encoder says how many components it has: 8, 16, .. 64, or nothing, which is 64") {
  Bytes bytes = EncodeSessionEncoder(RandomEncoder(20, 7));
  for (uint8_t dimensions : {0, 64}) {
    bytes[2] = dimensions;
    CHECK(SessionEncoder::Open(bytes, 20).ok());
  }
  for (uint8_t dimensions : {1, 7, 24, 63, 65, 72, 255}) {
    bytes[2] = dimensions;
    CHECK_FALSE(SessionEncoder::Open(bytes, 20).ok());
  }
}

TEST_CASE(
    "a product that only this shopper is known to like is as near as the others of the visit") {
  TasteData data = SmallTaste();
  data.encoder = RandomEncoder(6, 3);  // which does not know product 3
  const Bytes bytes = EncodeTaste(data);
  const auto opened = Taste::Open(bytes);
  REQUIRE(opened.ok());
  const auto terms = [&](const std::vector<SessionEvent>& visit, ItemIndex item) {
    for (const auto& candidate : opened.value().Candidates({.events = visit}, 6)) {
      if (candidate.item == item) return candidate.terms;
    }
    return BlendTerms{.encoder = -1};
  };
  const auto visit = Views({0, 3, 4});
  CHECK(terms(visit, 3).unlearned == 1);
  CHECK(terms(visit, 0).unlearned == 0);
  CHECK(terms(visit, 3).encoder ==
        doctest::Approx((terms(visit, 0).encoder + terms(visit, 4).encoder) / 2));
  CHECK(terms(Views({0, 4}), 3).unlearned == 0);
  // Alone it is all that is known of the visit, and comes first where it may come at all.
  const auto alone = Views({3});
  CHECK(terms(alone, 3).encoder == data.encoder->network.temperature);
  CHECK(opened.value().Rank({.encoder = 1, .popularity = 0.01f}, {.events = alone}, 6)[0].item ==
        3);
  BlendTerms weights{.encoder = 1};
  weights.unlearned = -1000;
  CHECK(opened.value().Rank(weights, {.events = alone}, 6).back().item == 3);
}

TEST_CASE("a session encoder or blend that is cut short, or holds no number, is refused") {
  TasteData data = SmallTaste();
  data.encoder = RandomEncoder(6, 3);
  data.blend = kDefaultBlend;
  const Bytes bytes = EncodeTaste(data);
  REQUIRE(Taste::Open(bytes).ok());
  for (size_t size = 0; size < bytes.size(); size += 97) {
    CHECK_FALSE(Taste::Open(ByteView(bytes).first(size)).ok());
  }
  BlendWeights broken = kDefaultBlend;
  broken[2].others = std::nanf("");
  CHECK_FALSE(OpenBlend(EncodeBlend(broken)).ok());
  SessionEncoderData infinite = RandomEncoder(6, 3);
  infinite.network.key_bias[5] = std::numeric_limits<float>::infinity();
  CHECK_FALSE(SessionEncoder::Open(EncodeSessionEncoder(infinite), 6).ok());
}

TEST_CASE("a taste section with encoder and random bytes changed answers in bounds") {
  TasteData data = SmallTaste();
  data.encoder = RandomEncoder(6, 3);
  data.blend = kDefaultBlend;
  const Bytes bytes = EncodeTaste(data);
  const auto session = Views({0, 3, 1});
  uint32_t state = 1;
  for (int round = 0; round < 3000; ++round) {
    Bytes changed = bytes;
    for (int change = 0; change < 3; ++change) {
      state = state * 1664525 + 1013904223;
      changed[(state >> 8) % changed.size()] = static_cast<uint8_t>(state >> 3);
    }
    auto taste = Taste::Open(changed);
    if (!taste.ok()) continue;
    for (const Recommendation& line : taste.value().ForYou({.events = session}, nullptr, {}, 6)) {
      REQUIRE(line.item < 6);
      REQUIRE(std::isfinite(line.score));
    }
  }
}
