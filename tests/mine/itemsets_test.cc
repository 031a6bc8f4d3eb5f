#include "indexer/mine/itemsets.h"

#include <doctest/doctest.h>

#include "indexer/mine/bit_kernels.h"
#include "tests/mine/slow.h"

using namespace vitrine;

namespace {

CollectItemsets Mine(const slow::Database& database, const ItemsetOptions& options) {
  CollectItemsets found;
  REQUIRE(MineItemsets(database.view(), options, found).ok());
  return found;
}

}  // namespace

TEST_CASE("frequent itemsets of thousands of random databases equal counting every subset") {
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    CAPTURE(seed);
    const slow::Database database = slow::Random(seed);
    const slow::Table all = slow::CountAll(database);
    for (uint64_t min_count : {1, 2, 3, 7}) {
      const uint32_t max_length = seed % 4 == 1 ? 1 + seed % 5 : 0;
      const auto found = Mine(database, {.min_count = min_count, .max_length = max_length});
      const slow::Table expected = slow::Frequent(all, min_count, max_length);
      REQUIRE(found.size() == expected.size());
      REQUIRE(slow::ToTable(found) == expected);
    }
  }
}

TEST_CASE("closed and maximal itemsets of random databases equal comparing every pair of sets") {
  for (uint32_t seed = 0; seed < 600; ++seed) {
    CAPTURE(seed);
    const slow::Database database = slow::Random(seed, 9);
    const slow::Table all = slow::CountAll(database);
    for (uint64_t min_count : {1, 2, 4}) {
      for (ItemsetKind kind : {ItemsetKind::kClosed, ItemsetKind::kMaximal}) {
        const slow::Table expected =
            slow::Condensed(slow::Frequent(all, min_count), kind == ItemsetKind::kMaximal);
        const auto found = Mine(database, {.min_count = min_count, .kind = kind});
        REQUIRE(found.size() == expected.size());
        REQUIRE(slow::ToTable(found) == expected);
        const auto shorter =
            Mine(database, {.min_count = min_count, .kind = kind, .max_length = 3});
        REQUIRE(slow::ToTable(shorter) == slow::Frequent(expected, 1, 3));
      }
    }
  }
}

// Databases with more items and baskets than every subset could be counted of: the itemsets of each
// representation (sparse rows, masks, bit vectors) are checked one by one against a scan.
TEST_CASE("itemsets of wide random databases are counted right whatever their representation") {
  for (uint32_t seed = 0; seed < 40; ++seed) {
    CAPTURE(seed);
    const slow::Database database = slow::RandomWide(seed);
    const uint64_t min_count = 3 + seed % 5;
    const auto found = Mine(database, {.min_count = min_count, .max_length = 4});
    REQUIRE(slow::ToTable(found) == slow::LevelWise(database, min_count, 4));
    for (ItemsetKind kind : {ItemsetKind::kClosed, ItemsetKind::kMaximal}) {
      const auto exact = slow::ToTable(Mine(database, {.min_count = min_count + 8}));
      if (exact.size() > 3000) continue;
      const auto condensed = Mine(database, {.min_count = min_count + 8, .kind = kind});
      REQUIRE(slow::ToTable(condensed) == slow::Condensed(exact, kind == ItemsetKind::kMaximal));
    }
  }
}

TEST_CASE("Apriori finds what pattern growth finds, for every kind, in thousands of databases") {
  for (uint32_t seed = 0; seed < 1500; ++seed) {
    CAPTURE(seed);
    const slow::Database database =
        seed % 50 == 0 ? slow::RandomWide(seed) : slow::Random(seed, 10);
    for (ItemsetKind kind : {ItemsetKind::kAll, ItemsetKind::kClosed, ItemsetKind::kMaximal}) {
      ItemsetOptions options{.min_count = 1 + seed % 4, .kind = kind};
      if (seed % 50 == 0) options.min_count = 12;
      if (seed % 3 == 1) options.max_length = 3;
      if (seed % 5 == 2) options.required = {seed % database.item_count};
      if (seed % 5 == 3) options.required = {0, seed % database.item_count};
      if (seed % 4 == 2) options.forbidden = {(seed + 1) % database.item_count};
      CollectItemsets growth, apriori;
      const Status first = MineItemsets(database.view(), options, growth);
      options.algorithm = MiningAlgorithm::kApriori;
      const Status second = MineItemsets(database.view(), options, apriori);
      REQUIRE(first.ok() == second.ok());
      if (!first.ok()) continue;  // an item both required and forbidden
      REQUIRE(growth.size() == slow::ToTable(growth).size());
      REQUIRE(apriori.size() == growth.size());
      REQUIRE(slow::ToTable(apriori) == slow::ToTable(growth));
    }
  }
}

TEST_CASE("required and forbidden items leave exactly the itemsets that hold them and do not") {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    const slow::Database database = slow::Random(seed);
    if (database.item_count < 4) continue;
    const slow::Table all = slow::Frequent(slow::CountAll(database), 2);
    ItemsetOptions options{.min_count = 2, .required = {1}, .forbidden = {0, 3}};
    if (seed % 2 == 0) options.required = {2, 1};
    slow::Table expected;
    for (const auto& [set, count] : all) {
      auto has = [&](uint32_t i) { return std::binary_search(set.begin(), set.end(), i); };
      if (has(1) && (seed % 2 != 0 || has(2)) && !has(0) && !has(3)) expected[set] = count;
    }
    CHECK(slow::ToTable(Mine(database, options)) == expected);
  }
}

TEST_CASE("any number of threads gives the same itemsets in the same order") {
  for (uint32_t seed = 0; seed < 12; ++seed) {
    const slow::Database database = slow::RandomWide(seed);
    for (ItemsetKind kind : {ItemsetKind::kAll, ItemsetKind::kClosed, ItemsetKind::kMaximal}) {
      const ItemsetOptions options{.min_count = 4, .kind = kind, .max_length = 4};
      const auto one = Mine(database, options);
      for (int threads : {2, 3}) {
        ItemsetOptions more = options;
        more.threads = threads;
        const auto several = Mine(database, more);
        CHECK(several.items == one.items);
        CHECK(several.offset == one.offset);
        CHECK(several.counts == one.counts);
      }
    }
  }
}

TEST_CASE("one basket of 700 items at a minimum count of 1 ends at the limit with a message") {
  slow::Database database;
  database.item_count = 700;
  slow::Set basket(700);
  for (uint32_t i = 0; i < 700; ++i) basket[i] = i;
  database.Add(basket);
  database.Add({1, 2, 3});
  for (int threads : {1, 2}) {
    CollectItemsets found;
    const Status status = MineItemsets(
        database.view(), {.min_count = 1, .threads = threads, .max_itemsets = 100000}, found);
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().message.find("100000") != std::string::npos);
    CHECK(status.error().kind == ErrorKind::kFailed);
    CHECK(found.size() < 110000);
  }
  // The closed itemsets of the same baskets are two.
  const auto closed = Mine(database, {.min_count = 1, .kind = ItemsetKind::kClosed});
  CHECK(closed.size() == 2);
}

TEST_CASE("the limits are exact: as many itemsets as allowed pass, one more does not") {
  slow::Database database;
  database.item_count = 10;
  database.Add({0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  CollectItemsets found;
  CHECK(MineItemsets(database.view(), {.min_count = 1, .max_itemsets = 1023}, found).ok());
  CHECK(found.size() == 1023);
  CollectItemsets more;
  CHECK_FALSE(MineItemsets(database.view(), {.min_count = 1, .max_itemsets = 1022}, more).ok());
  CollectItemsets late;
  CHECK_FALSE(MineItemsets(database.view(), {.min_count = 1, .max_seconds = 1e-9}, late).ok());
}

TEST_CASE("a minimum count of zero and items out of range are refused") {
  slow::Database database;
  database.item_count = 2;
  database.Add({0, 1});
  CollectItemsets found;
  CHECK_FALSE(MineItemsets(database.view(), {.min_count = 0}, found).ok());
  database.Add({0, 2});
  CHECK_FALSE(MineItemsets(database.view(), {.min_count = 1}, found).ok());
}

TEST_CASE("weights near the largest count exactly") {
  slow::Database database;
  database.item_count = 3;
  for (int b = 0; b < 5; ++b) database.Add({0, 1, 2}, 0x7FFFFFFFu);
  database.Add({0, 2}, 1);
  const auto table = slow::ToTable(Mine(database, {.min_count = 5ull * 0x7FFFFFFF}));
  CHECK(table.at({0, 1, 2}) == 5ull * 0x7FFFFFFF);
  CHECK(table.at({0, 2}) == 5ull * 0x7FFFFFFF + 1);
  CHECK(Mine(database, {.min_count = 5ull * 0x7FFFFFFF + 1}).size() == 3);
}

TEST_CASE("the fast bit kernels equal the portable ones") {
  std::mt19937_64 random(1);
  for (size_t words = 0; words < 40; ++words) {
    std::vector<uint64_t> a(words), b(words), fast(words + 1), slow_out(words + 1);
    for (size_t w = 0; w < words; ++w) {
      a[w] = random();
      b[w] = words % 3 == 0 ? random() & random() & random() : random() | random();
      if (random() % 5 == 0) b[w] = random() % 2 == 0 ? 0 : ~uint64_t{0};
    }
    CHECK(AndCount(a.data(), b.data(), fast.data(), words) ==
          bit_kernels::AndCountPortable(a.data(), b.data(), slow_out.data(), words));
    CHECK(fast == slow_out);
    const size_t size = Compress(a.data(), b.data(), fast.data(), words);
    CHECK(size == bit_kernels::CompressPortable(a.data(), b.data(), slow_out.data(), words));
    size_t bit = 0;  // the obvious way
    for (size_t at = 0; at < words * 64; ++at) {
      if (b[at / 64] >> at % 64 & 1) {
        CHECK((fast[bit / 64] >> bit % 64 & 1) == (a[at / 64] >> at % 64 & 1));
        ++bit;
      }
    }
    CHECK(size == (bit + 63) / 64);
  }
}
