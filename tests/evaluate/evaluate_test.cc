#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "indexer/evaluate/metrics.h"
#include "indexer/evaluate/session_log.h"
#include "indexer/evaluate/strategy.h"

using namespace vitrine;

namespace {

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / "vitrine_evaluate_test") {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::filesystem::path Write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("metrics are those of a hand-computed example") {
  const std::vector<uint32_t> count = {10, 5, 1, 1};
  Scorecard card(count);
  card.Add(0, std::vector<ItemIndex>{0, 1}, 1);  // rank 2
  card.Add(0, std::vector<ItemIndex>{2, 0}, 2);  // rank 1
  card.Add(1, std::vector<ItemIndex>{0, 1}, 3);  // miss
  card.Add(1, {}, 0);                            // nothing recommended: miss
  const Metrics m = card.Summary();
  CHECK(m.cases == 4);
  CHECK(m.hit_rate[0] == doctest::Approx(0.25));
  CHECK(m.hit_rate[1] == doctest::Approx(0.5));
  CHECK(m.mrr == doctest::Approx(1.5 / 4));
  CHECK(m.ndcg == doctest::Approx((1 + 1 / std::log2(3)) / 4));
  CHECK(m.coverage == doctest::Approx(0.75));
  CHECK(m.popularity == doctest::Approx((3 * 10 + 2 * 5 + 1) / 6.0 / 10));
  // Recommendation counts 0, 1, 2, 3: Gini = (2*(1*0+2*1+3*2+4*3) - 5*6) / (4*6).
  CHECK(m.gini == doctest::Approx(10.0 / 24));
  CHECK(m.hit_rate_interval.low == doctest::Approx(0));
  CHECK(m.hit_rate_interval.high == doctest::Approx(1));
}

TEST_CASE("session files are read, items that training does not know become unknown") {
  Folder folder;
  ItemNames names;
  auto train = ReadTrainingSessions(folder.Write("train", "a\t5\tx y z\nb\t3\tx\r\n"), names);
  REQUIRE(train.ok());
  CHECK(names.size() == 3);
  auto test = ReadTestSessions(folder.Write("test", "c\t9\tx new y\n"), names);
  REQUIRE(test.ok());
  CHECK(test.value().items == std::vector<ItemIndex>{0, kNoItem, 1});
  auto cases = ReadCases(folder.Write("cases", "c\t2\ty\nc\t1\tnew\n"), test.value(), names);
  REQUIRE(cases.ok());
  CHECK(cases.value()[0].prefix_size == 2);
  CHECK(cases.value()[0].target == 1);
  CHECK(cases.value()[1].target == kNoItem);
  const Shop shop = ShopOfSessions(train.value(), names.size());
  REQUIRE(shop.interactions.size() == 4);
  CHECK(shop.interactions[0].time_seconds == 3);  // the earlier session comes first
}

TEST_CASE("broken session files are refused with file, line and field") {
  Folder folder;
  ItemNames names;
  auto refused = [&](const std::string& text) {
    auto read = ReadTrainingSessions(folder.Write("bad.txt", text), names);
    REQUIRE_FALSE(read.ok());
    return read.error().message;
  };
  CHECK(refused("a\t1\tx\nb 2 y\n").find("bad.txt:2: needs three fields") != std::string::npos);
  CHECK(refused("a\tnoon\tx\n").find("bad.txt:1: time_seconds") != std::string::npos);
  CHECK(refused("").find("no training session") != std::string::npos);
  CHECK_FALSE(ReadTrainingSessions("/does/not/exist", names).ok());

  auto train = ReadTrainingSessions(folder.Write("train", "a\t5\tx y\n"), names);
  REQUIRE(train.ok());
  for (const char* line : {"a\t2\tx\n", "a\t-1\tx\n", "b\t1\tx\n", "a\t1\n", ""}) {
    CHECK_FALSE(ReadCases(folder.Write("cases", line), train.value(), names).ok());
  }
}

TEST_CASE("every strategy that has a name can be made and gives full, distinct lists") {
  SessionLog log;
  for (int s = 0; s < 300; ++s) {
    log.id.push_back(std::to_string(s));
    log.time_seconds.push_back(s);
    for (int e = 0; e < 4; ++e) log.items.push_back(static_cast<ItemIndex>((s * 7 + e * e) % 50));
    log.offset.push_back(log.items.size());
  }
  const Shop shop = ShopOfSessions(log, 50);
  const Profiles nobody(shop.users.size());
  for (std::string_view name : StrategyNames()) {
    CAPTURE(name);
    auto strategy = MakeStrategy(name, shop, nobody, {});
    REQUIRE(strategy.ok());
    const std::vector<SessionEvent> session = {{3, InteractionKind::kView, 1000},
                                               {10, InteractionKind::kView, 1001}};
    std::vector<ItemIndex> list = strategy.value()->Rank({.events = session}, 20);
    CHECK(list.size() == 20);
    std::sort(list.begin(), list.end());
    CHECK(std::unique(list.begin(), list.end()) == list.end());
    CHECK(strategy.value()->Rank({.events = {}}, 20).size() == 20);
  }
  CHECK_FALSE(MakeStrategy("magic", shop, nobody, {}).ok());
}
