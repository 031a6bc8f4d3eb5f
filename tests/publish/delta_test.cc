#include "indexer/publish/delta.h"

#include <doctest/doctest.h>

#include <random>

using namespace vitrine;

namespace {

Bytes RandomBytes(std::mt19937& random, size_t size) {
  Bytes bytes(size);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
  return bytes;
}

Bytes Applied(const Bytes& before, const Bytes& after) {
  auto made = DecodeDelta(before, EncodeDelta(before, after), after.size());
  REQUIRE(made.ok());
  return made.value();
}

}  // namespace

TEST_CASE("a delta leads from any file to any other") {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    const Bytes before = RandomBytes(random, random() % 3000);
    Bytes after = before;
    for (size_t edits = random() % 6; edits > 0; --edits) {
      const auto at =
          after.begin() + static_cast<std::ptrdiff_t>(after.empty() ? 0 : random() % after.size());
      const Bytes piece = RandomBytes(random, random() % 200);
      switch (random() % 3) {
        case 0:
          after.insert(at, piece.begin(), piece.end());
          break;
        case 1:
          after.erase(at, after.end() - at > 50 ? at + 50 : after.end());
          break;
        default:
          for (auto byte = at; byte != after.end() && byte - at < 4; ++byte) *byte ^= 0x55;
      }
    }
    CHECK(Applied(before, after) == after);
  }
  CHECK(Applied({}, {}) == Bytes());
  CHECK(Applied({}, {1, 2, 3}) == Bytes{1, 2, 3});
  CHECK(Applied({1, 2, 3}, {}) == Bytes());
}

TEST_CASE("a few changed numbers in a large array make a small delta") {
  std::mt19937 random(2);
  const Bytes before = RandomBytes(random, 400'000);
  Bytes after = before;
  for (int i = 0; i < 1000; ++i) after[4 * (random() % 100'000)] ^= 0xFF;
  const Bytes delta = EncodeDelta(before, after);
  CHECK(delta.size() < 1000 * 10);
  CHECK(Applied(before, after) == after);
}

TEST_CASE("a damaged or truncated delta is refused or makes no more than was allowed") {
  std::mt19937 random(3);
  const Bytes before = RandomBytes(random, 2000);
  Bytes after = before;
  after.insert(after.begin() + 700, 40, 9);
  const Bytes delta = EncodeDelta(before, after);
  for (size_t size = 0; size < delta.size(); ++size) {
    CHECK_FALSE(DecodeDelta(before, ByteView(delta).first(size), after.size()).ok());
  }
  for (size_t at = 0; at < delta.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes damaged = delta;
      damaged[at] ^= static_cast<uint8_t>(1 << bit);
      auto made = DecodeDelta(before, damaged, after.size());
      if (made.ok()) CHECK(made.value().size() <= after.size());
    }
  }
  CHECK_FALSE(DecodeDelta(Bytes(10), delta, after.size()).ok());
  CHECK_FALSE(DecodeDelta(before, delta, after.size() - 1).ok());
}
