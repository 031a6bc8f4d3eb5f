#include "shared/taste/session_encoder.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "shared/taste/math.h"
#include "tests/shared/taste_samples.h"

using namespace vitrine;

namespace {

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

TEST_CASE("two encoders have the mean of their scores, in doubles from both tables") {
  TasteData data = SmallTaste();
  data.encoder = RandomEncoder(6, 3);
  data.second_encoder = RandomEncoder(6, 8);
  const Bytes both = EncodeTaste(data);
  const auto opened = Taste::Open(both);
  REQUIRE(opened.ok());
  const std::vector<ItemIndex> newest_first = {1, 4, 0};
  std::vector<double> expected(6);
  for (const auto* one : {&*data.encoder, &*data.second_encoder}) {
    const Bytes bytes = EncodeSessionEncoder(*one);
    const auto encoder = SessionEncoder::Open(bytes, 6);
    REQUIRE(encoder.ok());
    const std::vector<double> unit = SlowEncode(*one, encoder.value(), newest_first);
    std::vector<float> row(64);
    for (ItemIndex i = 0; i < 6; ++i) {
      encoder.value().table().Decode(i, row);
      for (size_t k = 0; k < 64; ++k) {
        expected[i] += 0.5 * encoder.value().temperature() * unit[k] * row[k];
      }
    }
  }
  const auto candidates = opened.value().Candidates({.events = Views({0, 4, 1})}, 6);
  int seen = 0;
  for (const auto& candidate : candidates) {
    if (candidate.item == 3) continue;  // which neither knows
    CHECK(std::abs(candidate.terms.encoder - expected[candidate.item]) < 0.3);
    ++seen;
  }
  CHECK(seen == 5);
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
