#include "shared/search/understanding.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "shared/search/words.h"

namespace vitrine {
namespace {

// 1 + log2(x) for x >= 1, linear between powers of two: the same on every machine.
float OnePlusLog2(float x) {
  float log = 1;
  for (; x >= 2; x /= 2) log += 1;
  return log + (x - 1);
}

const WordMatch* FindMatch(const std::vector<WordMatch>& matches, uint32_t word) {
  const auto at = std::find_if(matches.begin(), matches.end(),
                               [word](const WordMatch& match) { return match.word == word; });
  return at == matches.end() ? nullptr : &*at;
}

}  // namespace

Language::Language(SearchIndex index)
    : index_(std::move(index)), vocabulary_(std::move(index_.words)) {
  query_begin_.push_back(0);
  for (const SearchIndex::Query& query : index_.queries) {
    for (const std::string& word : MeaningfulWords(query.text)) {
      const uint32_t known = vocabulary_.Find(word);
      if (known == Vocabulary::kNone || !Filler(known)) query_words_.push_back(known);
    }
    query_begin_.push_back(static_cast<uint32_t>(query_words_.size()));
  }
  likeliest_.resize(index_.queries.size());
  std::iota(likeliest_.begin(), likeliest_.end(), 0);
  std::stable_sort(likeliest_.begin(), likeliest_.end(), [this](uint32_t a, uint32_t b) {
    return index_.queries[a].weight > index_.queries[b].weight;
  });
}

std::span<const uint32_t> Language::WordsOf(uint32_t query) const {
  return std::span(query_words_)
      .subspan(query_begin_[query], query_begin_[query + 1] - query_begin_[query]);
}

// "t shirt" is "tshirt" where the shop has such a word; other single letters say nothing.
std::vector<std::string> Language::MeaningfulWords(std::string_view text) const {
  const std::vector<std::string> all = SearchWords(text.substr(0, kMaxQueryBytes), kMaxQueryWords);
  std::vector<std::string> words;
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].size() > 1) {
      words.push_back(all[i]);
    } else if (i + 1 < all.size() && !vocabulary_.Match(all[i] + all[i + 1]).empty()) {
      words.push_back(all[i] + all[i + 1]);
      ++i;
    }
  }
  return words;
}

float Language::Weight(const std::vector<WordMatch>& word) const {
  uint32_t documents = 1;
  for (const WordMatch& match : word) documents = std::max(documents, index_.documents[match.word]);
  return OnePlusLog2(static_cast<float>(std::max(index_.items, documents)) /
                     static_cast<float>(documents));
}

float Language::Likeness(const Understanding& said, uint32_t query) const {
  const std::span<const uint32_t> words = WordsOf(query);
  if (words.size() != said.words.size()) return 0;
  uint32_t taken = 0;  // bit w: word w of the query is spoken for; there are at most kMaxQueryWords
  float sum = 0;
  for (const std::vector<WordMatch>& matches : said.words) {
    float best = 0;
    size_t which = 0;
    for (size_t w = 0; w < words.size(); ++w) {
      if ((taken >> w & 1) != 0) continue;
      const WordMatch* match = FindMatch(matches, words[w]);
      if (match != nullptr && match->quality > best) {
        best = match->quality;
        which = w;
      }
    }
    if (best == 0) return 0;
    taken |= 1u << which;
    sum += best;
  }
  return sum / static_cast<float>(words.size());
}

Understanding Language::Understand(std::string_view text) const {
  Understanding said;
  for (const std::string& word : MeaningfulWords(text)) {
    std::vector<WordMatch> matches = vocabulary_.Match(word);
    const bool filler = !matches.empty() && Filler(matches.front().word);
    std::erase_if(matches, [this](const WordMatch& match) { return Filler(match.word); });
    if (filler) continue;
    if (matches.empty()) {
      ++said.unknown;
    } else {
      said.words.push_back(std::move(matches));
    }
  }
  if (said.words.empty() || said.unknown > 0) return said;
  for (uint32_t query : likeliest_) {
    const float likeness = Likeness(said, query);
    if (likeness > said.likeness) {
      said.likeness = likeness;
      said.query = query;
    }
  }
  return said;
}

std::vector<std::string> Language::Suggest(std::string_view text, size_t limit) const {
  const std::vector<std::string> typed = MeaningfulWords(text);
  std::vector<std::vector<WordMatch>> wanted;
  for (size_t i = 0; i < typed.size(); ++i) {
    wanted.push_back(vocabulary_.Match(typed[i]));
    if (i + 1 == typed.size()) {  // it may go on
      const auto [begin, end] = vocabulary_.StartingWith(typed[i]);
      for (uint32_t w = begin; w < end; ++w) wanted.back().push_back({w, 0});
    }
  }
  std::vector<std::string> suggestions;
  for (uint32_t query : likeliest_) {
    if (suggestions.size() >= limit) break;
    const std::span<const uint32_t> words = WordsOf(query);
    const bool all = std::all_of(wanted.begin(), wanted.end(), [words](const auto& matches) {
      return std::any_of(words.begin(), words.end(),
                         [&matches](uint32_t word) { return FindMatch(matches, word) != nullptr; });
    });
    if (all) suggestions.push_back(index_.queries[query].text);
  }
  return suggestions;
}

}  // namespace vitrine
