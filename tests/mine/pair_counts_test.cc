#include "indexer/mine/pair_counts.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "indexer/mine/pair_state.h"
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
    const PairCounts added = Count({files[3]}), retired = Count({files[0]});
    const SignedPairs tables[] = {
        {before.view(), false}, {added.view(), false}, {retired.view(), true}};
    auto sum = SumPairs(tables);
    REQUIRE(sum.ok());
    CHECK(PairTable::Encode(sum.value().view()) == PairTable::Encode(anew.view()));
  }
}

TEST_CASE("a state that goes from night to night is that of its days counted anew") {
  const Folder folder;
  const fs::path path = folder.path / "state";
  std::mt19937 random(7);
  std::vector<fs::path> files;
  size_t rewritten = 0, grown = 0;
  for (int night = 0; night < 80; ++night) {
    CAPTURE(night);
    PairState state;
    if (night > 0) {
      auto opened = PairState::Open(path);
      REQUIRE(opened.ok());
      state = std::move(opened.value());
    }
    // A day of no baskets, and now and then two days at once or one twice, are days too.
    for (uint32_t more = 1 + (random() % 8 == 0); more > 0; --more) {
      const bool again = random() % 8 == 0 && !files.empty();
      files.push_back(again ? files.back()
                            : Write(folder, "night" + std::to_string(night) + std::to_string(more),
                                    RandomDay(random)));
      REQUIRE(state.Add(files.back(), {}).ok());
    }
    while (files.size() > 12) {
      REQUIRE(state.Retire(files.front(), {}).ok());
      files.erase(files.begin());
    }
    const PairCounts anew = Count(files);
    // Some nights nobody asks for the sum.
    if (random() % 3 != 0) {
      auto sum = state.Sum();
      REQUIRE(sum.ok());
      CHECK(PairTable::Encode(sum.value()) == PairTable::Encode(anew.view()));
    }
    const auto size = fs::exists(path) ? fs::file_size(path) : 0;
    REQUIRE(state.Save(path).ok());
    (fs::file_size(path) > size ? grown : rewritten)++;
    auto saved = PairState::Open(path);
    REQUIRE(saved.ok());
    CHECK(saved.value().baskets() == anew.view().baskets);
    auto sum = saved.value().Sum();
    REQUIRE(sum.ok());
    CHECK(PairTable::Encode(sum.value()) == PairTable::Encode(anew.view()));
  }
  CHECK(rewritten > 3);  // the file does not grow for ever
  CHECK(grown > 30);
}

TEST_CASE("a day that was never added cannot be retired") {
  const Folder folder;
  const fs::path added = Write(folder, "a", {{"x", "y"}, {"x"}, {"y", "z"}});
  const PairCounts state = Count({added});
  const std::vector<Day> strangers = {
      {{"x", "z"}}, {{"x", "new"}}, {{"x"}, {"x"}, {"x"}}, {{}, {}, {}, {}}, {{"x", "y", "z"}}};
  for (const Day& day : strangers) {
    const fs::path stranger = Write(folder, "b", day);
    PairState held;
    REQUIRE(held.Add(added, {}).ok());
    const Status status = held.Retire(stranger, {});
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().message.find("retire") != std::string::npos);
    // Not even where the files are said to be the same.
    const PairCounts retired = Count({stranger});
    PairView forged = retired.view();
    forged.files = state.view().files;
    const SignedPairs tables[] = {{state.view(), false}, {forged, true}};
    auto sum = SumPairs(tables);
    REQUIRE_FALSE(sum.ok());
    CHECK(sum.error().message.find("retire") != std::string::npos);
  }
  PairState held;
  REQUIRE(held.Add(added, {}).ok());
  CHECK_FALSE(held.Retire(added, {.max_basket = 1}).ok());
  CHECK(held.Retire(added, {}).ok());
  CHECK_FALSE(held.Retire(added, {}).ok());
  CHECK(held.baskets() == 0);
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

TEST_CASE("no prefix of a state can be summed, nor one with a flipped byte") {
  const Folder folder;
  const fs::path path = folder.path / "state", broken = folder.path / "broken";
  PairState state;
  REQUIRE(state.Add(Write(folder, "a", {{"x", "y", "zz"}, {"y", "zz"}, {"u", "v", "w", "x"}}), {})
              .ok());
  REQUIRE(state.Add(Write(folder, "b", {{"x", "y"}}), {}).ok());
  REQUIRE(state.Save(path).ok());
  auto error_of = [&](ByteView bytes) -> std::string {
    REQUIRE(WriteFileAtomically(broken, bytes).ok());
    auto opened = PairState::Open(broken);
    if (!opened.ok()) return opened.error().message;
    auto sum = opened.value().Sum();
    return sum.ok() ? "" : sum.error().message;
  };
  const Bytes whole = ReadFile(path).value();
  CHECK(error_of(whole).empty());
  for (size_t size = 0; size < whole.size(); ++size) {
    CHECK(error_of(ByteView(whole).first(size)).find(broken.string()) == 0);
    Bytes flipped = whole;
    flipped[size] ^= 0x41;
    CHECK(error_of(flipped).find(broken.string()) == 0);
  }
}

TEST_CASE("a night that is broken off leaves the state of before, and the next night goes on") {
  const Folder folder;
  const fs::path path = folder.path / "state", broken = folder.path / "broken";
  const auto a = Write(folder, "a", {{"x", "y", "zz"}, {"y", "zz"}});
  const auto b = Write(folder, "b", {{"x", "y"}}),
             c = Write(folder, "c", {{"y", "zz"}, {"v", "w"}});
  PairState state;
  REQUIRE(state.Add(a, {}).ok());
  REQUIRE(state.Save(path).ok());
  const Bytes before = ReadFile(path).value();
  auto opened = PairState::Open(path);
  REQUIRE(opened.ok());
  REQUIRE(opened.value().Add(b, {}).ok());
  REQUIRE(opened.value().Save(path).ok());
  const Bytes after = ReadFile(path).value();
  for (size_t size = before.size(); size <= after.size(); ++size) {
    Bytes half(after.begin(), after.begin() + static_cast<ptrdiff_t>(size));
    std::copy(before.begin(), before.begin() + 32, half.begin());  // the head is written last
    REQUIRE(WriteFileAtomically(broken, half).ok());
    auto held = PairState::Open(broken);
    REQUIRE(held.ok());
    CHECK(PairTable::Encode(held.value().Sum().value()) == PairTable::Encode(Count({a}).view()));
    REQUIRE(held.value().Add(c, {}).ok());
    REQUIRE(held.value().Save(broken).ok());
    auto next = PairState::Open(broken);
    REQUIRE(next.ok());
    CHECK(PairTable::Encode(next.value().Sum().value()) == PairTable::Encode(Count({a, c}).view()));
  }
}

TEST_CASE("a state that another program wrote in the meantime is not written over") {
  const Folder folder;
  const fs::path path = folder.path / "state";
  PairState state;
  REQUIRE(state.Add(Write(folder, "a", {{"x", "y"}}), {}).ok());
  REQUIRE(state.Save(path).ok());
  auto first = PairState::Open(path), second = PairState::Open(path);
  REQUIRE((first.ok() && second.ok()));
  REQUIRE(first.value().Add(Write(folder, "b", {{"x", "z"}}), {}).ok());
  REQUIRE(second.value().Add(Write(folder, "c", {{"y", "z"}}), {}).ok());
  REQUIRE(first.value().Save(path).ok());
  const Bytes bytes = ReadFile(path).value();
  const Status refused = second.value().Save(path);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.find("another program") != std::string::npos);
  CHECK(ReadFile(path).value() == bytes);
}

TEST_CASE("a table whose sum is right is still checked") {
  const Folder folder;
  const PairCounts counts =
      Count({Write(folder, "a", {{"x", "y", "zz"}, {"y", "zz"}, {"u", "v", "w", "x"}})});
  const Bytes whole = PairTable::Encode(counts.view());
  REQUIRE(PairTable::Parse(whole).ok());
  size_t refused = 0;
  for (size_t at = 0; at + sizeof(uint64_t) < whole.size(); ++at) {
    Bytes changed = whole;
    changed[at] ^= 0x41;
    const uint64_t sum = Checksum(ByteView(changed).first(changed.size() - sizeof(uint64_t)));
    std::memcpy(&changed[changed.size() - sizeof sum], &sum, sizeof sum);
    auto table = PairTable::Parse(changed);
    refused += !table.ok();
    if (table.ok()) ToTable(table.value().view());  // reads within its bytes (sanitizers)
  }
  CHECK(refused > whole.size() / 2);
}
