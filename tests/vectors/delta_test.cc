#include "indexer/vectors/delta.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>

#include "indexer/vectors/nearest.h"
#include "indexer/vectors/quantizer.h"
#include "shared/vectors/index.h"
#include "shared/vectors/kernel.h"
#include "tests/vectors/clouds.h"

using namespace vitrine;

namespace {

Bytes Section(MatrixView rows, double bytes_per_item = 40) {
  auto payload = BuildVectorSection(rows, {.bytes_per_item = bytes_per_item, .threads = 2});
  REQUIRE(payload.ok());
  return std::move(payload.value());
}

VectorIndex Open(ByteView payload) {
  auto index = VectorIndex::Open(payload);
  REQUIRE(index.ok());
  return std::move(index.value());
}

// A shop on two days: 30 products go, 40 come, one of them without a vector, 9 get a new photo.
struct TwoDays {
  TwoDays()
      : cloud(ClusteredCloud(2070, 32, 20, 41)), section(Section({cloud.data.data(), 2000, 32})) {
    for (uint32_t i = 0; i < 2000; ++i) base_ids.push_back("p" + std::to_string(i));
    std::vector<uint32_t> from;
    for (uint32_t i = 0; i < 2000; ++i) {
      if (i % 67 == 5) continue;  // 30 go
      ids.push_back(base_ids[i]);
      from.push_back(i % 200 == 7 ? 2040 + i / 200 : i);
      if (i % 200 == 7) changed.push_back(ids.back());
    }
    for (uint32_t i = 0; i < 40; ++i) {
      ids.insert(ids.begin() + i * 30, "new" + std::to_string(i));
      from.insert(from.begin() + i * 30, 2000 + i);
    }
    rows = Matrix(ids.size(), 32);
    for (size_t r = 0; r < ids.size(); ++r) {
      std::copy_n(cloud.row(from[r]).begin(), 32, rows.row(r).begin());
      if (ids[r] == "new3") std::fill(rows.row(r).begin(), rows.row(r).end(), 0.0f);
    }
    auto ordered = OrderForDelta(section, base_ids, rows.view(), ids);
    REQUIRE(ordered.ok());
    day = ordered.value();
    auto built = BuildVectorDelta(section, rows.view(), day);
    REQUIRE(built.ok());
    delta = built.value();
  }
  std::string id(ItemIndex item) const { return ids[day.row[item]]; }

  Matrix cloud;
  Bytes section, delta;
  std::vector<std::string> base_ids, ids, changed;
  Matrix rows;
  DayOrder day;
};

// Uses an index in every way: sanitizers see a read out of bounds.
void Exercise(const VectorIndex& index) {
  std::vector<float> vector(index.dimensions(), 1.0f);
  for (const ScoredItem& hit : index.Search(vector, 50)) CHECK(hit.item < index.size());
  for (ItemIndex item = 0; item < std::min(index.size(), 5u); ++item) {
    index.Decode(item, vector);
    for (const ScoredItem& hit : index.SearchNear({&item, 1}, {}, 9))
      CHECK(index.HasVector(hit.item));
  }
}

}  // namespace

TEST_CASE("a delta brings a section to the next day: what is gone, new, changed and kept") {
  const TwoDays shop;
  CHECK(shop.day.gone == 30);
  CHECK(shop.delta.size() < shop.section.size() / 10);
  std::vector<std::string> fresh;
  for (size_t i = 0; i < shop.day.row.size(); ++i) {
    if (shop.day.origin[i] == kNoItem) fresh.push_back(shop.id(static_cast<ItemIndex>(i)));
  }
  REQUIRE(shop.changed.size() == 9);
  CHECK(fresh.size() == 40 + 9);
  for (const std::string& id : shop.changed) {
    CHECK(std::find(fresh.begin(), fresh.end(), id) != fresh.end());
  }
  const VectorIndex before = Open(shop.section);
  VectorIndex after = Open(shop.section);
  REQUIRE(after.Apply(shop.delta).ok());
  REQUIRE(after.size() == shop.ids.size());
  std::vector<float> now(32), then(32);
  for (ItemIndex i = 0; i < after.size(); ++i) {
    after.Decode(i, now);
    if (shop.id(i) == "new3") {
      CHECK_FALSE(after.HasVector(i));
    } else if (shop.day.origin[i] != kNoItem) {
      before.Decode(shop.day.origin[i], then);
      CHECK(now == then);
    } else {
      CHECK(Cosine(now, shop.rows.row(shop.day.row[i])) > 0.97);
      CHECK(after.Search(shop.rows.row(shop.day.row[i]), 1)[0].item == i);
    }
  }
  CHECK(after.Search(shop.rows.row(0), 5000).size() == after.size() - 1);
}

TEST_CASE("a search after a delta is as true as one in a section of that day") {
  const TwoDays shop;
  VectorIndex after = Open(shop.section);
  REQUIRE(after.Apply(shop.delta).ok());
  Matrix ordered(shop.ids.size(), 32);
  for (size_t i = 0; i < ordered.rows; ++i) {
    std::copy_n(shop.rows.row(shop.day.row[i]).begin(), 32, ordered.row(i).begin());
  }
  const VectorIndex anew = Open(Section(ordered.view()));
  const Matrix queries = ClusteredCloud(2170, 32, 20, 41);
  int delta_found = 0, anew_found = 0;
  for (size_t q = 2070; q < 2170; ++q) {
    for (const ScoredItem& hit : NearestToQuery(ordered.view(), queries.row(q), 20)) {
      auto holds = [&](const std::vector<ScoredItem>& answer) {
        return std::any_of(answer.begin(), answer.end(),
                           [&](const ScoredItem& a) { return a.item == hit.item; });
      };
      delta_found += holds(after.Search(queries.row(q), 20));
      anew_found += holds(anew.Search(queries.row(q), 20));
    }
  }
  CHECK(delta_found > anew_found - 40);  // of 2000
}

TEST_CASE("a day without changes is one run, and nothing else changes") {
  const TwoDays shop;
  auto day =
      OrderForDelta(shop.section, shop.base_ids, {shop.cloud.data.data(), 2000, 32}, shop.base_ids);
  REQUIRE(day.ok());
  CHECK(day.value().gone == 0);
  CHECK(std::count(day.value().origin.begin(), day.value().origin.end(), kNoItem) == 0);
  auto delta = BuildVectorDelta(shop.section, {shop.cloud.data.data(), 2000, 32}, day.value());
  REQUIRE(delta.ok());
  CHECK(delta.value().size() < 64);
  VectorIndex after = Open(shop.section);
  REQUIRE(after.Apply(delta.value()).ok());
  CHECK(after.Search(shop.cloud.row(1), 20) == Open(shop.section).Search(shop.cloud.row(1), 20));
}

TEST_CASE("a delta for another section, a second one, and every broken one are refused or safe") {
  const TwoDays shop;
  VectorIndex other = Open(Section({shop.cloud.data.data(), 1990, 32}));
  CHECK_FALSE(other.Apply(shop.delta).ok());
  VectorIndex after = Open(shop.section);
  REQUIRE(after.Apply(shop.delta).ok());
  CHECK_FALSE(after.Apply(shop.delta).ok());
  const VectorIndex whole = Open(shop.section);
  for (size_t size = 0; size < shop.delta.size(); ++size) {
    VectorIndex index = whole;
    CHECK_FALSE(index.Apply(ByteView(shop.delta).first(size)).ok());
    CHECK(index.size() == whole.size());
    Bytes flipped = shop.delta;
    flipped[size] ^= 0x55;
    if (index.Apply(flipped).ok()) Exercise(index);
  }
}

TEST_CASE(
    "a section in parts answers from the first, and with all is the whole, also after a delta") {
  const TwoDays shop;
  const ProgressiveSection parts =
      SplitVectorSection(Section({shop.cloud.data.data(), 2000, 32}, 60), 1);
  VectorIndex index = Open(parts.base);
  const VectorIndex whole = Open(Section({shop.cloud.data.data(), 2000, 32}, 60));
  CHECK_FALSE(index.Search(shop.cloud.row(9), 20).empty());
  for (const Bytes& part : parts.refinements) {
    Bytes broken = part;
    broken.back() ^= 1;
    CHECK_FALSE(index.Refine(broken).ok());
    CHECK_FALSE(Open(shop.section).Refine(part).ok());
    REQUIRE(index.Refine(part).ok());
  }
  for (size_t q = 0; q < 50; ++q) {
    CHECK(index.Search(shop.cloud.row(q), 20) == whole.Search(shop.cloud.row(q), 20));
  }
}

TEST_CASE("refinements that come after a delta find the rows of their items") {
  const Matrix cloud = ClusteredCloud(1500, 96, 6, 43);
  const Bytes section = Section({cloud.data.data(), 1400, 96}, 120);
  const ProgressiveSection parts = SplitVectorSection(section, 1);
  REQUIRE(parts.refinements.size() > 1);
  std::vector<std::string> base_ids, ids;
  for (int i = 0; i < 1500; ++i) (i < 1400 ? base_ids : ids).push_back(std::to_string(i));
  Matrix rows(1490, 96);
  std::copy(cloud.data.begin() + 10 * 96, cloud.data.end(), rows.data.begin());
  ids.insert(ids.begin(), base_ids.begin() + 10, base_ids.end());  // the first ten are gone
  const auto day = OrderForDelta(section, base_ids, rows.view(), ids);
  REQUIRE(day.ok());
  const auto delta = BuildVectorDelta(section, rows.view(), day.value());
  REQUIRE(delta.ok());
  VectorIndex late = Open(parts.base), whole = Open(section);
  REQUIRE(late.Apply(delta.value()).ok());
  REQUIRE(whole.Apply(delta.value()).ok());
  for (const Bytes& part : parts.refinements) REQUIRE(late.Refine(part).ok());
  for (size_t q = 0; q < 30; ++q) {
    CHECK(late.Search(cloud.row(q), 20) == whole.Search(cloud.row(q), 20));
  }
}

TEST_CASE(
    "every prefix of a section is refused, and a flipped byte gives an error or a safe answer") {
  const Bytes payload = Section(ClusteredCloud(150, 12, 4, 44).view());
  REQUIRE(payload.size() < 8000);
  for (size_t size = 0; size < payload.size(); ++size) {
    CHECK_FALSE(VectorIndex::Open(ByteView(payload).first(size)).ok());
    for (int mask : {0x01, 0x55, 0x80}) {
      Bytes flipped = payload;
      flipped[size] ^= static_cast<uint8_t>(mask);
      const auto index = VectorIndex::Open(flipped);
      if (index.ok()) Exercise(index.value());
    }
  }
}

TEST_CASE("the SIMD kernel gives the sums of the plain one, at the ends of the range too") {
  std::mt19937 random(45);
  for (int trial = 0; trial < 2000; ++trial) {
    const size_t size = kKernelWidth * (1 + random() % 20);
    std::vector<int8_t> codes(size);
    std::vector<int16_t> weights(size);
    const bool extreme = trial % 3 == 0;
    for (size_t i = 0; i < size; ++i) {
      codes[i] = static_cast<int8_t>(extreme ? (random() % 2 ? -128 : 127) : random());
      weights[i] = static_cast<int16_t>(extreme ? (random() % 2 ? -32767 : 32767) : random());
    }
    REQUIRE(Dot(codes.data(), weights.data(), size) ==
            DotScalar(codes.data(), weights.data(), size));
    const size_t half = size / kKernelWidth / 2 * kKernelWidth;
    Lanes halves = NoLanes();
    for (size_t i = 0; i < half; i += kKernelWidth) {
      halves = AddHalves(halves, codes.data() + i, weights.data() + 2 * i);
    }
    REQUIRE(Sum(halves) == DotHalvesScalar(codes.data(), weights.data(), half));
  }
}
