#include "indexer/ingest/ahead.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "indexer/ingest/log_block.h"

using namespace vitrine;

namespace {

// Rows whose texts are gone with the next one, as those of a real feed.
class CountingFeed : public LogFeed {
 public:
  explicit CountingFeed(size_t rows) : left_(rows) {}
  Result<bool> Next(LogRow& row) override {
    REQUIRE_FALSE(ended_);  // a feed is not asked again after its end
    ended_ = left_ == 0;
    if (ended_) return false;
    --left_;
    text_ = std::to_string(left_);
    // Some rows are larger than a block.
    long_ = std::string(left_ % 700 == 3 ? size_t{1} << 19 : left_ % 90, 'x');
    row.line = left_;
    row.user = text_;
    row.items = {long_, text_};
    row.problem = left_ % 5 == 0 ? "bad" : std::string_view();
    if (!row.problem.empty()) text_ = std::string(100, '!');  // what is not to be read
    row.problem_detail = row.problem.empty() ? "" : std::to_string(left_);
    return true;
  }
  uint64_t position_bytes() const override { return left_; }
  uint64_t size_bytes() const override { return 0; }

 private:
  size_t left_;
  bool ended_ = false;
  std::string text_, long_;
};

}  // namespace

TEST_CASE("blocks come in order, whatever is read ahead, and end once") {
  for (const int count : {0, 1, 3, 1000}) {
    int made = 0;
    Ahead<std::vector<int>> ahead([&](std::vector<int>& block) -> Result<bool> {
      if (made == count) return false;
      block.assign(1, made++);
      return true;
    });
    std::vector<int> block;
    for (int i = 0; i < count; ++i) {
      REQUIRE(ahead.Next(block).value());
      REQUIRE(block == std::vector<int>{i});
    }
    CHECK_FALSE(ahead.Next(block).value());
    CHECK_FALSE(ahead.Next(block).value());
  }
}

TEST_CASE("an error comes behind the blocks before it, and an early end waits for nothing") {
  int made = 0;
  Ahead<int> failing([&](int& block) -> Result<bool> {
    if (made == 2) return Error{"damaged"};
    block = made++;
    return true;
  });
  int block = -1;
  REQUIRE(failing.Next(block).value());
  REQUIRE(failing.Next(block).value());
  CHECK(block == 1);
  Result<bool> third = failing.Next(block);
  REQUIRE_FALSE(third.ok());
  CHECK(third.error().message == "damaged");
  Ahead<int> endless([](int&) -> Result<bool> { return true; });
  CHECK(endless.Next(block).value());
}

TEST_CASE("rows of a log keep their texts in blocks, larger ones too") {
  constexpr size_t kRows = 5000;
  CountingFeed feed(kRows);
  LogBlockReader reader(feed);
  LogBlock block;
  size_t left = kRows;
  for (;;) {
    Result<bool> more = reader.Next(block);
    REQUIRE(more.ok());
    if (!more.value()) break;
    for (const LogRow& row : block.rows()) {
      --left;
      const std::string text = std::to_string(left);
      REQUIRE(row.line == left);
      REQUIRE(row.session.empty());
      REQUIRE(row.problem == (left % 5 == 0 ? "bad" : ""));
      if (left % 5 == 0) {
        REQUIRE(row.problem_detail == text);
        REQUIRE(row.user.empty());
        REQUIRE(row.items.empty());
        continue;
      }
      REQUIRE(row.user == text);
      REQUIRE(row.items.size() == 2);
      REQUIRE(row.items[0] == std::string(left % 700 == 3 ? size_t{1} << 19 : left % 90, 'x'));
      REQUIRE(row.items[1] == text);
    }
  }
  CHECK(left == 0);
}
