#include "indexer/embed/feature_cache.h"

#include "indexer/support/files.h"
#include "tests/embed/test_data.h"

using namespace vitrine;

namespace {
const ContentKey kA = KeyOf(AsBytes("a")), kB = KeyOf(AsBytes("b"));
}  // namespace

TEST_CASE("what one run encoded, the next run finds") {
  TemporaryFolder folder;
  const std::vector<float> vectors = {1, 2, 3, 4, 5, 6};
  {
    auto cache = FeatureCache::Open(folder / "x.features", 3);
    REQUIRE(cache.ok());
    REQUIRE(cache.value()->Put(std::vector{kA, kB}, vectors).ok());
  }
  auto cache = FeatureCache::Open(folder / "x.features", 3);
  REQUIRE(cache.ok());
  std::vector<float> row(3);
  REQUIRE(cache.value()->Get(kB, row));
  CHECK(row == std::vector<float>{4, 5, 6});
  CHECK_FALSE(cache.value()->Get(KeyOf(AsBytes("c")), row));
  CHECK_FALSE(FeatureCache::Open(folder / "x.features", 4).ok());
}

TEST_CASE("a cache cut off or damaged at any byte loses records, never the truth") {
  TemporaryFolder folder;
  const auto path = folder / "x.features";
  const std::vector<float> vectors = {1, 2, 3, 4};
  REQUIRE(FeatureCache::Open(path, 2).value()->Put(std::vector{kA, kB}, vectors).ok());
  const Bytes whole = ReadFile(path).value();
  const auto check = [&](const Bytes& bytes) {
    REQUIRE(WriteFileAtomically(path, bytes).ok());
    auto cache = FeatureCache::Open(path, 2);
    if (!cache.ok()) return;  // a damaged header
    std::vector<float> row(2);
    if (cache.value()->Get(kA, row)) CHECK(row == std::vector<float>{1, 2});
    if (cache.value()->Get(kB, row)) CHECK(row == std::vector<float>{3, 4});
    // and it can be written on
    REQUIRE(cache.value()->Put(std::vector{kB}, std::vector<float>{3, 4}).ok());
    auto again = FeatureCache::Open(path, 2);
    REQUIRE(again.ok());
    CHECK(again.value()->Get(kB, row));
  };
  for (size_t i = 0; i < whole.size(); ++i) {
    CAPTURE(i);
    check(Bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(i)));
    Bytes damaged = whole;
    damaged[i] ^= 0x40;
    check(damaged);
  }
}
