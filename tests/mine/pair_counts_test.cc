#include "indexer/mine/pair_counts.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "indexer/mine/partners.h"
#include "indexer/support/files.h"

using namespace vitrine;
namespace fs = std::filesystem;

namespace {

using Day = std::vector<std::set<std::string>>;

struct Folder {
  Folder() : path(fs::temp_directory_path() / ("vitrine_pairs_" + std::to_string(::getpid()))) {
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

Day RandomDay(std::mt19937& random) {
  Day day(random() % 30);
  for (auto& basket : day) {
    for (uint32_t size = random() % 6; size > 0; --size) {
      basket.insert("i" + std::to_string(random() % (1 + random() % 40)));
    }
  }
  return day;
}

fs::path Write(const Folder& folder, const std::string& name, const Day& day) {
  std::string text;
  for (const auto& basket : day) {
    for (const std::string& item : basket) text += item + " ";
    text += "\n";
  }
  REQUIRE(WriteFileAtomically(folder.path / name, text).ok());
  return folder.path / name;
}

Bytes Saved(const Folder& folder, const PairCounts& pairs) {
  REQUIRE(pairs.Save(folder.path / "saved").ok());
  auto bytes = ReadFile(folder.path / "saved");
  REQUIRE(bytes.ok());
  return bytes.value();
}

PairCounts Count(const std::vector<fs::path>& files, int threads = 1) {
  auto pairs = PairCounts::Count(files, {.threads = threads});
  REQUIRE(pairs.ok());
  return std::move(pairs.value());
}

using Table = std::map<std::pair<std::string, std::string>, uint32_t>;

Table ToTable(const PairView& view) {
  Table table;
  for (uint32_t i = 0; i < view.items(); ++i) {
    for (PairRow row = view.row(i); row.Next();) {
      table[{std::string(view.names[i]), std::string(view.names[row.pair().other])}] =
          row.pair().count;
    }
  }
  return table;
}

}  // namespace

TEST_CASE("pairs equal slow counting, and adding and retiring days equals counting anew") {
  const Folder folder;
  std::mt19937 random(5);
  for (int trial = 0; trial < 60; ++trial) {
    CAPTURE(trial);
    std::vector<Day> days(4);
    std::vector<fs::path> files;
    for (size_t d = 0; d < days.size(); ++d) {
      days[d] = RandomDay(random);
      files.push_back(Write(folder, std::to_string(d), days[d]));
    }
    Table expected;
    for (size_t d = 1; d < days.size(); ++d) {
      for (const auto& basket : days[d]) {
        for (auto a = basket.begin(); a != basket.end(); ++a) {
          for (auto b = std::next(a); b != basket.end(); ++b) ++expected[{*a, *b}];
        }
      }
    }
    const PairCounts anew = Count({files[1], files[2], files[3]}, 1 + trial % 3);
    CHECK(ToTable(anew.view()) == expected);
    CHECK(anew.view().pairs == expected.size());
    CHECK(anew.view().baskets == days[1].size() + days[2].size() + days[3].size());

    const PairCounts before = Count({files[0], files[1], files[2]});
    REQUIRE(before.Save(folder.path / "state").ok());
    auto state = PairFile::Open(folder.path / "state");
    REQUIRE(state.ok());
    const PairCounts added = Count({files[3]}), retired = Count({files[0]});
    auto merged = MergePairs(state.value().view(), added.view(), retired.view());
    REQUIRE(merged.ok());
    CHECK(Saved(folder, merged.value()) == Saved(folder, anew));
  }
}

TEST_CASE("a day that was never added cannot be retired") {
  const Folder folder;
  const PairCounts state = Count({Write(folder, "a", {{"x", "y"}, {"x"}, {"y", "z"}})});
  const std::vector<Day> strangers = {
      {{"x", "z"}}, {{"x", "new"}}, {{"x"}, {"x"}, {"x"}}, {{}, {}, {}, {}}, {{"x", "y", "z"}}};
  for (const Day& day : strangers) {
    const PairCounts retired = Count({Write(folder, "b", day)});
    auto merged = MergePairs(state.view(), PairCounts().view(), retired.view());
    REQUIRE_FALSE(merged.ok());
    CHECK(merged.error().message.find("retire") != std::string::npos);
  }
}

TEST_CASE("partners from counted pairs are those from the baskets themselves") {
  const Folder folder;
  std::mt19937 random(6);
  Day day;
  for (int d = 0; d < 8; ++d) {
    for (auto& basket : RandomDay(random)) day.push_back(basket);
  }
  const PairCounts pairs = Count({Write(folder, "day", day)});
  const PairView view = pairs.view();
  Baskets baskets;
  for (const auto& basket : day) {
    for (const std::string& item : basket) {
      const auto at = std::lower_bound(view.names.begin(), view.names.end(), item);
      baskets.items.push_back(static_cast<ItemIndex>(at - view.names.begin()));
    }
    baskets.offset.push_back(baskets.items.size());
  }
  for (auto ranking : {PartnerRanking::kCount, PartnerRanking::kShrunk}) {
    PartnerOptions options{.partners = 4, .ranking = ranking, .threads = 2};
    const auto expected = TopPartners(baskets, view.items(), options);
    const auto found = TopPartners(view, options);
    for (size_t i = 0; i < expected.size(); ++i) {
      REQUIRE(found[i].size() == expected[i].size());
      for (size_t k = 0; k < found[i].size(); ++k) {
        CHECK(found[i][k].item == expected[i][k].item);
        CHECK(found[i][k].score == expected[i][k].score);
      }
    }
  }
}

TEST_CASE("no prefix of a state opens, nor one with a flipped byte") {
  const Folder folder;
  const Bytes whole = Saved(folder, Count({Write(folder, "a", {{"x", "y", "zz"}, {"y", "zz"}})}));
  const fs::path path = folder.path / "broken";
  for (size_t size = 0; size < whole.size(); ++size) {
    REQUIRE(WriteFileAtomically(path, ByteView(whole).first(size)).ok());
    auto opened = PairFile::Open(path);
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error().message.find(path.string()) == 0);
    Bytes flipped = whole;
    flipped[size] ^= 0x41;
    REQUIRE(WriteFileAtomically(path, flipped).ok());
    CHECK_FALSE(PairFile::Open(path).ok());
  }
}
