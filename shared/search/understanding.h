// What a shopper's words may mean in this shop: words of its vocabulary, and one of its likely
// queries where they say the same in another order, form or spelling.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/search/format.h"
#include "shared/search/vocabulary.h"

namespace vitrine {

inline constexpr uint32_t kNoQuery = 0xFFFFFFFFu;

struct Understanding {
  // The words that say something, in order, with what each may be. Fillers ("the") and what nothing
  // comes near to are left out.
  std::vector<std::vector<WordMatch>> words;
  size_t unknown = 0;         // words that nothing comes near to
  uint32_t query = kNoQuery;  // the likely query that says the same
  float likeness = 0;         // 1 = in the same words (in any order)
};

class Language {
 public:
  explicit Language(SearchIndex index);

  const SearchIndex& index() const { return index_; }
  const Vocabulary& vocabulary() const { return vocabulary_; }

  // O(words of the query x pieces + queries x words). Deterministic.
  Understanding Understand(std::string_view text) const;

  // Likely queries that go on from what is typed, the likeliest first; the last word may be its
  // beginning. Empty text: the likeliest of all.
  std::vector<std::string> Suggest(std::string_view text, size_t limit) const;

  // How much a word says: 1 in every product … about 20 in one of a million. Uses no libm.
  float Weight(const std::vector<WordMatch>& word) const;

 private:
  std::vector<std::string> MeaningfulWords(std::string_view text) const;
  std::span<const uint32_t> WordsOf(uint32_t query) const;
  // Mean quality when every word stands for another word of the query, else 0.
  float Likeness(const Understanding& said, uint32_t query) const;
  bool Filler(uint32_t word) const { return index_.documents[word] == 0; }

  SearchIndex index_;  // its words are in vocabulary_
  Vocabulary vocabulary_;
  std::vector<uint32_t> query_words_, query_begin_;  // words of query q, see WordsOf
  std::vector<uint32_t> likeliest_;                  // queries by weight, highest first
};

}  // namespace vitrine
