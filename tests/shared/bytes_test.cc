#include "shared/bytes.h"

#include <doctest/doctest.h>

#include "shared/section.h"

using namespace vitrine;

TEST_CASE("crc32 gives the published check value") {
  CHECK(Crc32(AsBytes("123456789")) == 0xCBF43926u);  // the CRC catalogue's CRC-32/ISO-HDLC check
  CHECK(Crc32({}) == 0u);
}

TEST_CASE("fnv1a64 gives the published values") {
  CHECK(Fnv1a64("") == 0xcbf29ce484222325u);
  CHECK(Fnv1a64("foobar") == 0x85944171f73967e8u);  // test vector of the FNV authors
}

TEST_CASE("a reader that ran past the end stays failed and returns zeros") {
  const Bytes bytes = {1, 0, 0, 0, 2};
  ByteReader in(bytes);
  CHECK(in.Read<uint32_t>() == 1);
  CHECK(in.Read<uint32_t>() == 0);
  CHECK_FALSE(in.ok());
  CHECK(in.Read<uint8_t>() == 0);
  CHECK(in.ReadArray<uint64_t>(1ull << 60).empty());
}

TEST_CASE("a section survives no flipped bit and no truncation") {
  const Bytes payload = {1, 2, 3, 4, 5, 6, 7};
  const Bytes file = FrameSection(SectionKind::kRules, 1, payload);
  auto opened = OpenSection(file);
  REQUIRE(opened.ok());
  CHECK(opened.value().kind == SectionKind::kRules);
  CHECK(Bytes(opened.value().payload.begin(), opened.value().payload.end()) == payload);
  for (size_t size = 0; size < file.size(); ++size) {
    CHECK_FALSE(OpenSection(ByteView(file).first(size)).ok());
  }
  for (size_t bit = 0; bit < file.size() * 8; ++bit) {
    if (bit / 8 >= 4 && bit / 8 < 12) continue;  // kind and version are the caller's to judge
    Bytes flipped = file;
    flipped[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    CHECK_FALSE(OpenSection(flipped).ok());
  }
}
