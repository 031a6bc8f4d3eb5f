// Byte-pair encoding over bytes, as GPT-2 and CLIP use it (Sennrich, Haddow, Birch 2016; Radford et
// al. 2019): a word's bytes, then the listed pairs merged, the earliest in the list first.
//
// Symbols are dense numbers: 0..255 the bytes in the order of GPT-2's printable alphabet, with an
// end-of-word suffix 256..511 the same bytes at the end of a word, then one symbol per merge.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/result.h"

namespace vitrine {

class BpeMerges {
 public:
  // `text`: a line "#version…" (skipped), then one pair of symbols a line, in the printable
  // alphabet. Lines after the first `max_merges` pairs are ignored.
  static Result<BpeMerges> Parse(std::string_view text, std::string_view end_of_word_suffix,
                                 size_t max_merges);

  // The symbols of one word's bytes after all merges. O(size log size). REQUIRES: not empty.
  std::vector<uint32_t> Encode(std::string_view bytes) const;

  // Symbol s written in the printable alphabet; for looking up the numbers of other vocabularies.
  const std::string& Name(uint32_t symbol) const { return names_[symbol]; }
  size_t size() const { return names_.size(); }

 private:
  static constexpr uint32_t kNone = 0xFFFFFFFFu;
  uint32_t RankOf(uint32_t left, uint32_t right) const;

  uint32_t first_merge_ = 256;
  bool suffix_ = false;
  std::vector<std::string> names_;
  std::vector<std::pair<uint64_t, uint32_t>> pairs_;  // (left << 32 | right, rank), sorted
};

// Byte b's place in the alphabet of printable characters (33..126, 161..172, 174..255 stand for
// themselves and come first; the others follow as U+0100, U+0101, ...), and its character.
uint32_t SymbolOfByte(uint8_t byte);
char32_t PrintableOfByte(uint8_t byte);

}  // namespace vitrine
