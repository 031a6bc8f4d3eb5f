#include "indexer/mine/title_words.h"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

using namespace vitrine;

namespace {

std::vector<std::string> Repeated(const std::vector<std::pair<std::string, int>>& titles) {
  std::vector<std::string> all;
  for (const auto& [title, times] : titles)
    all.insert(all.end(), static_cast<size_t>(times), title);
  return all;
}

}  // namespace

TEST_CASE("a title keeps its two rarest words that five titles have, the rarer one first") {
  const auto titles = Repeated({{"Maria bikini top", 5}, {"Bikini TOP", 3}, {"top Olga", 4}});
  const auto words = FindTitleWords(titles);
  REQUIRE(words.size() == 12);
  // In byte order: bikini 1 (8 titles), maria 2 (5), top 3 (12); "olga" stands in too few.
  CHECK(words[0] == PairedWords{2, 1});
  CHECK(words[5] == PairedWords{1, 3});
  CHECK(words[8] == PairedWords{3, 0});
}

TEST_CASE("a word twice in one title is one word, and equals go by their bytes") {
  const auto words = FindTitleWords(Repeated({{"red red blue green", 5}}));
  CHECK(words[0] == PairedWords{1, 2});  // blue, green: red is kept by no title and has no number
  CHECK(FindTitleWords({}).empty());
  CHECK(FindTitleWords(Repeated({{"", 7}, {"!?", 7}}))[9] == PairedWords{0, 0});
}

TEST_CASE("of more words than two bytes can number the ones in most titles count") {
  std::vector<std::string> titles;
  for (int w = 0; w < 66'000; ++w) {
    const int times = w < 100 ? 6 : 5;
    for (int t = 0; t < times; ++t) titles.push_back("w" + std::to_string(w));
  }
  const auto words = FindTitleWords(titles);
  std::set<uint16_t> numbers;
  for (const PairedWords& of_title : words) numbers.insert(of_title[0]);
  CHECK(numbers.size() == 65'536);  // and 0
  for (size_t t = 0; t < 600; ++t) CHECK(words[t][0] != 0);
}
