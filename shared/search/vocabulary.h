// The words that a shop's products and likely queries are made of, and which of them a shopper may
// have meant: the word itself, another form of it ("dresses", "striped"), its beginning, or what
// comes nearest to a typing mistake. Candidates are found by the three-letter pieces they share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vitrine {

struct WordMatch {
  uint32_t word = 0;
  float quality = 0;  // 1 the word itself … 0.5 two letters wrong
  friend bool operator==(const WordMatch&, const WordMatch&) = default;
};

class Vocabulary {
 public:
  Vocabulary() = default;
  // REQUIRES: ascending in byte order, distinct, fewer than 2^31. O(letters log letters).
  explicit Vocabulary(std::vector<std::string> words);

  size_t size() const { return words_.size(); }
  const std::string& operator[](size_t word) const { return words_[word]; }

  static constexpr uint32_t kNone = 0xFFFFFFFFu;
  uint32_t Find(std::string_view word) const;

  // What `word` may mean, best first; empty when nothing comes near. A word that is known is never
  // taken for a typing mistake, one that has other forms never for a beginning.
  std::vector<WordMatch> Match(std::string_view word) const;

  // [first, second): the words that start so.
  std::pair<uint32_t, uint32_t> StartingWith(std::string_view prefix) const;

 private:
  std::vector<uint32_t> SharingPieces(std::string_view word) const;
  std::vector<WordMatch> Mistakes(std::string_view word) const;

  std::vector<std::string> words_;
  std::vector<std::pair<uint32_t, uint32_t>> pieces_;  // (three bytes, word), sorted
};

// Are these forms of one word? One begins as the other does and what differs at the end is an
// ending ("dress", "dresses"; "stripe", "striped"; "long", "longer").
bool SameStem(std::string_view a, std::string_view b);

// Letters to insert, drop, change or swap (optimal string alignment), or `most` + 1 when more.
size_t EditDistance(std::string_view a, std::string_view b, size_t most);

}  // namespace vitrine
