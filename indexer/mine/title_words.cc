#include "indexer/mine/title_words.h"

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include "shared/text/words.h"

namespace vitrine {
namespace {

constexpr uint32_t kLeastTitles = 5;
constexpr size_t kMostWords = 65'535;

struct Word {
  std::string text;
  uint32_t titles = 0;
};

// Different words of each title, by their place in `words`.
std::vector<std::vector<uint32_t>> Read(std::span<const std::string> titles,
                                        std::vector<Word>& words) {
  std::unordered_map<std::string, uint32_t> ids;
  std::vector<std::vector<uint32_t>> read(titles.size());
  for (size_t i = 0; i < titles.size(); ++i) {
    for (std::string& word : Words(titles[i])) {
      const auto [at, is_new] = ids.try_emplace(word, static_cast<uint32_t>(words.size()));
      if (is_new) words.push_back({std::move(word), 0});
      if (std::ranges::find(read[i], at->second) != read[i].end()) continue;
      read[i].push_back(at->second);
      ++words[at->second].titles;
    }
  }
  return read;
}

}  // namespace

std::vector<PairedWords> FindTitleWords(std::span<const std::string> titles) {
  std::vector<Word> words;
  std::vector<std::vector<uint32_t>> read = Read(titles, words);
  std::vector<uint32_t> common;
  for (uint32_t w = 0; w < words.size(); ++w) {
    if (words[w].titles >= kLeastTitles) common.push_back(w);
  }
  const auto rarer = [&](uint32_t a, uint32_t b) {
    if (words[a].titles != words[b].titles) return words[a].titles < words[b].titles;
    return words[a].text < words[b].text;
  };
  std::ranges::sort(common, rarer);
  if (common.size() > kMostWords) common.erase(common.begin(), common.end() - kMostWords);
  std::vector<bool> counts(words.size()), kept(words.size());
  for (uint32_t w : common) counts[w] = true;
  for (auto& title : read) {
    std::erase_if(title, [&](uint32_t w) { return !counts[w]; });
    std::ranges::sort(title, rarer);
    if (title.size() > kPairedWords) title.resize(kPairedWords);
    for (uint32_t w : title) kept[w] = true;
  }
  std::ranges::sort(common, [&](uint32_t a, uint32_t b) { return words[a].text < words[b].text; });
  std::vector<uint16_t> number(words.size());
  uint16_t next = 1;
  for (uint32_t w : common) {
    if (kept[w]) number[w] = next++;
  }
  std::vector<PairedWords> found(titles.size());
  for (size_t i = 0; i < titles.size(); ++i) {
    for (size_t w = 0; w < read[i].size(); ++w) found[i][w] = number[read[i][w]];
  }
  return found;
}

}  // namespace vitrine
