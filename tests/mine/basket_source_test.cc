#include "indexer/mine/basket_source.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <random>

#include "indexer/mine/fpgrowth.h"
#include "indexer/mine/itemset_writer.h"
#include "indexer/support/files.h"
#include "tests/mine/slow.h"

using namespace vitrine;

namespace {

struct File {
  explicit File(std::string_view text, const char* name = "baskets") {
    path = std::filesystem::temp_directory_path() /
           ("vitrine_mine_test_" + std::to_string(::getpid()) + name);
    REQUIRE(WriteFileAtomically(path, text).ok());
  }
  ~File() { std::filesystem::remove(path); }
  std::filesystem::path path;
};

using Named = std::map<std::vector<std::string>, uint64_t>;

Named Mine(const std::filesystem::path& path, const BasketFileOptions& options, uint64_t min_count,
           ItemsetOptions itemset_options = {}) {
  auto source = BasketSource::Open(path, options);
  REQUIRE(source.ok());
  auto ranked = source.value()->Rank(min_count);
  REQUIRE(ranked.ok());
  CollectItemsets found;
  ItemsOfRanks items(ranked.value().item, found);
  itemset_options.min_count = min_count;
  REQUIRE(MineRanked(ranked.value(), itemset_options, items).ok());
  Named named;
  for (size_t k = 0; k < found.size(); ++k) {
    std::vector<std::string> names;
    for (uint32_t item : found.set(k)) names.push_back(source.value()->names()[item]);
    named[names] = found.counts[k];
  }
  return named;
}

std::string Text(const slow::Database& database) {
  std::string text;
  for (size_t b = 0; b + 1 < database.offset.size(); ++b) {
    for (uint64_t k = database.offset[b]; k < database.offset[b + 1]; ++k) {
      text += (k > database.offset[b] ? " " : "") + std::to_string(database.items[k]);
    }
    text += "\n";
  }
  return text;
}

// The bytes of itemsets.tsv.
std::string Table(const std::filesystem::path& path, const BasketFileOptions& options,
                  const ItemsetOptions& itemset_options,
                  const std::vector<std::string>& required = {},
                  const std::vector<std::string>& forbidden = {}) {
  auto source = BasketSource::Open(path, options);
  REQUIRE(source.ok());
  auto ranked = source.value()->Rank(itemset_options.min_count, required, forbidden);
  REQUIRE(ranked.ok());
  CHECK((ranked.value().partitions != nullptr) == (options.memory_bytes > 0));
  const auto out_path = path.string() + ".out";
  auto out = TextOutput::Create(out_path);
  REQUIRE(out.ok());
  ItemsetWriter writer(ranked.value().item, source.value()->names(), out.value());
  REQUIRE(MineRanked(ranked.value(), itemset_options, writer).ok());
  writer.Finish();
  REQUIRE(out.value().Finish().ok());
  auto bytes = ReadFile(out_path);
  REQUIRE(bytes.ok());
  std::filesystem::remove(out_path);
  return {bytes.value().begin(), bytes.value().end()};
}

}  // namespace

TEST_CASE("fimi: words, zeros in front, duplicates, odd white space and a missing line end") {
  const File file("7 07 007\r\n\n shoe\t07 shoe  7\n4194304 12345678 9999999\nshoe 07");
  const Named expected = {{{"07"}, 3},      {{"7"}, 2},          {{"shoe"}, 2},
                          {{"07", "7"}, 2}, {{"07", "shoe"}, 2}, {{"4194304"}, 1}};
  auto source = BasketSource::Open(file.path, {});
  REQUIRE(source.ok());
  CHECK(source.value()->baskets() == 5);
  CHECK(source.value()->empty_baskets() == 1);
  CHECK(source.value()->items() == 7);
  Named found = Mine(file.path, {}, 2);
  found[{"4194304"}] = Mine(file.path, {}, 1).at({"4194304"});
  CHECK(found == expected);
  CHECK(Mine(file.path, {}, 1).at({"12345678", "4194304", "9999999"}) == 1);
}

TEST_CASE("fimi: random files in memory and on disk equal counting every subset") {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    slow::Database database = slow::Random(seed);
    std::fill(database.weight.begin(), database.weight.end(), 1);
    const File file(Text(database));
    Named expected;
    for (const auto& [set, count] : slow::Frequent(slow::CountAll(database), 2)) {
      std::vector<std::string> names;
      for (uint32_t item : set) names.push_back(std::to_string(item));
      std::sort(names.begin(), names.end());
      expected[names] = count;
    }
    CHECK(Mine(file.path, {}, 2) == expected);
    CHECK(Mine(file.path, {.memory_bytes = 100}, 2) == expected);
  }
}

TEST_CASE("weights and csv rows in any order: in memory and on disk as by counting every subset") {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    const slow::Database database = slow::Random(seed);
    std::string weights_text;
    for (uint32_t weight : database.weight) weights_text += std::to_string(weight) + "\n";
    std::vector<std::string> rows;
    for (size_t b = 0; b + 1 < database.offset.size(); ++b) {
      for (uint64_t k = database.offset[b]; k < database.offset[b + 1]; ++k) {
        rows.push_back("b" + std::to_string(b) + "," + std::to_string(database.items[k]) + "\n");
      }
    }
    std::mt19937 random(seed);
    std::shuffle(rows.begin(), rows.end(), random);
    std::string csv_text;
    for (const std::string& row : rows) csv_text += row;
    const File file(Text(database)), weights(weights_text, "weights"), csv(csv_text, "csv");
    auto named = [](const auto& counted) {
      Named result;
      for (const auto& [set, count] : counted) {
        std::vector<std::string> names;
        for (uint32_t item : set) names.push_back(std::to_string(item));
        std::sort(names.begin(), names.end());
        result[names] = count;
      }
      return result;
    };
    const Named weighted = named(slow::Frequent(slow::CountAll(database), 2));
    slow::Database plain = database;
    std::fill(plain.weight.begin(), plain.weight.end(), 1);
    const Named counted = named(slow::Frequent(slow::CountAll(plain), 2));
    for (uint64_t memory : {0, 100}) {
      CAPTURE(memory);
      CHECK(Mine(file.path, {.weights = weights.path, .memory_bytes = memory}, 2) == weighted);
      CHECK(Mine(csv.path, {.format = BasketFormat::kCsv, .memory_bytes = memory}, 2) == counted);
    }
  }
}

TEST_CASE("csv: baskets keep the order of their first rows, which weights count on") {
  std::string text, weights_text;
  for (int row = 0; row < 3000; ++row) {
    text += std::to_string(row % 1000 * 7919 % 1000) + ",i" + std::to_string(row % 1000) + "\n";
  }
  for (int basket = 0; basket < 1000; ++basket) weights_text += std::to_string(basket) + "\n";
  const File csv(text), weights(weights_text, "weights");
  for (uint64_t memory : {0, 5000}) {
    const Named found =
        Mine(csv.path,
             {.format = BasketFormat::kCsv, .weights = weights.path, .memory_bytes = memory}, 1);
    CHECK(found.size() == 999);  // the first basket weighs nothing
    for (int basket = 1; basket < 1000; ++basket) {
      CHECK(found.at({"i" + std::to_string(basket)}) == static_cast<uint64_t>(basket));
    }
  }
}

TEST_CASE("required and forbidden items on disk give the bytes that they give in memory") {
  for (uint32_t seed = 0; seed < 9; ++seed) {
    CAPTURE(seed);
    const File file(Text(slow::RandomWide(seed)));
    for (ItemsetKind kind : {ItemsetKind::kAll, ItemsetKind::kClosed, ItemsetKind::kMaximal}) {
      const ItemsetOptions options{.min_count = 3, .kind = kind, .max_length = 5};
      const BasketFileOptions on_disk{.memory_bytes = 100, .condensed = kind != ItemsetKind::kAll};
      const std::vector<std::vector<std::string>> lists = {{}, {"1"}, {"2", "1"}, {"no such"}};
      for (const auto& required : lists) {
        for (const auto& forbidden : {std::vector<std::string>{}, {"0", "3"}}) {
          const std::string table = Table(file.path, {}, options, required, forbidden);
          CHECK(Table(file.path, on_disk, options, required, forbidden) == table);
          if (required.size() < 2 && required != lists[3]) CHECK(table.size() > 100);
        }
      }
    }
  }
}

TEST_CASE("a memory limit and threads change no byte of the output") {
  for (uint32_t seed = 0; seed < 9; ++seed) {
    CAPTURE(seed);
    const slow::Database database = slow::RandomWide(seed);
    const File file(Text(database));
    for (ItemsetKind kind : {ItemsetKind::kAll, ItemsetKind::kClosed, ItemsetKind::kMaximal}) {
      ItemsetOptions options{.min_count = 6, .kind = kind, .max_length = 5};
      const std::string whole = Table(file.path, {}, options);
      CHECK(whole.size() > 100);
      options.threads = 2;
      CHECK(Table(file.path, {}, options) == whole);
      const bool condensed = kind != ItemsetKind::kAll;
      for (uint64_t memory : {100, 2000, 20000}) {
        BasketFileOptions small;
        small.memory_bytes = memory;
        small.condensed = condensed;
        if (Text(database).size() < 8 * memory) continue;
        CHECK(Table(file.path, small, options) == whole);
      }
    }
  }
}

TEST_CASE("csv: rows in any order, with a header and quotes, and clear errors") {
  const File file("basket_id,item_id\nb1,x\n\"b2\",\"y\"\r\nb1,y\nb2,x\nb1,x\nb3,x\n");
  const BasketFileOptions csv{.format = BasketFormat::kCsv};
  CHECK(Mine(file.path, csv, 1) == Named{{{"x"}, 3}, {{"y"}, 2}, {{"x", "y"}, 2}});
  for (const char* bad : {"b1,x\nb2\n", "b1,\"x\n", ",x\n", "b1,x y\n"}) {
    CAPTURE(bad);
    const File broken(bad, "broken");
    auto source = BasketSource::Open(broken.path, csv);
    REQUIRE_FALSE(source.ok());
    CHECK(source.error().message.find("broken:") != std::string::npos);
  }
}

TEST_CASE("integer weights give exact weighted counts, and wrong weights are refused") {
  const File file("1 2\n1\n2 1 3\n\n"), weights("5\n7\n1000000000\n9\n", "weights");
  BasketFileOptions options;
  options.weights = weights.path;
  CHECK(Mine(file.path, options, 8) == Named{{{"1"}, 1000000012},
                                             {{"2"}, 1000000005},
                                             {{"3"}, 1000000000},
                                             {{"1", "2"}, 1000000005},
                                             {{"1", "3"}, 1000000000},
                                             {{"2", "3"}, 1000000000},
                                             {{"1", "2", "3"}, 1000000000}});
  for (const char* bad : {"5\n7\n1\n", "5\n7\n1\n-1\n", "5\n7\n1\nx\n", "1\n2\n3\n4294967296\n"}) {
    CAPTURE(bad);
    const File broken(bad, "broken");
    options.weights = broken.path;
    CHECK_FALSE(BasketSource::Open(file.path, options).ok());
  }
}

TEST_CASE("a half-life weighs a basket by its age") {
  const File file("1 2\n1\n2 1\n"), times("86400\n172800\n0\n", "times");
  BasketFileOptions options;
  options.times = times.path;
  options.half_life_seconds = 86400;
  CHECK(Mine(file.path, options, 1) ==
        Named{{{"1"}, (4 + 2 + 1) << 18}, {{"2"}, (2 + 1) << 18}, {{"1", "2"}, (2 + 1) << 18}});
}

TEST_CASE("an empty file has no baskets and no itemsets") {
  const File file("");
  auto source = BasketSource::Open(file.path, {});
  REQUIRE(source.ok());
  CHECK(source.value()->baskets() == 0);
  CHECK(Mine(file.path, {}, 1).empty());
}
