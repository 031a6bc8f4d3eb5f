// How many baskets hold every two items, exactly: counted from basket files, or as the sum of such
// tables (pair_state.h keeps one from day to day).
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/mine/basket_source.h"
#include "shared/bytes.h"
#include "shared/result.h"

namespace vitrine {

struct PairCount {
  uint32_t other = 0;  // an item after the row's own
  uint32_t count = 0;  // baskets with both, at least 1
  friend bool operator==(const PairCount&, const PairCount&) = default;
};

// Reads one row of a table: pairs, ascending by `other`. In a catalogue with a long tail most pairs
// were bought together once, so a pair is a varint, twice its distance from the one before (the
// first: from the row's own item) plus 1 where the count is above 1 and follows, less 2, as
// another.
class PairRow {
 public:
  PairRow() = default;
  PairRow(uint32_t item, ByteView bytes)
      : at_(bytes.data()), end_(at_ + bytes.size()), pair_{item, 0} {}

  // False at the end of the row. REQUIRES: a row that was checked.
  bool Next() {
    if (at_ == end_) return false;
    const uint64_t head = Varint();
    pair_.other += static_cast<uint32_t>(head >> 1);
    pair_.count = (head & 1) != 0 ? static_cast<uint32_t>(Varint()) + 2 : 1;
    return true;
  }
  const PairCount& pair() const { return pair_; }
  // The same for bytes from a file: false for a row that is not well formed either.
  static bool Check(uint32_t item, uint64_t items, ByteView bytes, uint64_t& pairs);

 private:
  uint64_t Varint() {
    uint64_t value = *at_ & 0x7F;
    for (int shift = 7; (*at_++ & 0x80) != 0; shift += 7) value |= uint64_t{*at_ & 0x7Fu} << shift;
    return value;
  }

  const uint8_t* at_ = nullptr;
  const uint8_t* end_ = nullptr;
  PairCount pair_;
};

// A table of pairs without a copy. Items are positions in `names`.
struct PairView {
  std::span<const uint64_t> files;          // FileKey of each that was counted, ascending
  uint64_t baskets = 0;                     // empty ones included
  uint64_t pairs = 0;                       // in all rows
  std::span<const std::string_view> names;  // ascending as bytes
  std::span<const uint64_t> count;          // baskets with each item, at least 1
  std::span<const uint64_t> begin;          // of each row in `rows`; items + 1
  ByteView rows;

  uint32_t items() const { return static_cast<uint32_t>(names.size()); }
  PairRow row(uint32_t item) const {
    return {item, rows.subspan(begin[item], begin[item + 1] - begin[item])};
  }
};

struct PairCountOptions {
  BasketFormat format = BasketFormat::kFimi;
  // Larger baskets (wholesale, bots) count for their items, but their pairs say nothing and cost a
  // square.
  uint32_t max_basket = 2000;
  int threads = 1;  // the result is the same for any number
};

class PairCounts {
 public:
  PairCounts() = default;
  PairCounts(PairCounts&&) = default;
  PairCounts& operator=(PairCounts&&) = default;
  PairCounts(const PairCounts&) = delete;

  // Counts the baskets of all files. O(sum of squared basket sizes).
  //   VITRINE_ASSIGN(PairCounts day, PairCounts::Count({"monday.txt"}, {}));
  static Result<PairCounts> Count(const std::vector<std::filesystem::path>& files,
                                  const PairCountOptions& options);

  PairView view() const { return {files_, baskets_, pairs_, views_, count_, begin_, rows_}; }

 private:
  friend class PairSummer;
  friend class PairCounter;
  void SetNames(std::vector<std::string> names);

  std::vector<uint64_t> files_;
  uint64_t baskets_ = 0;
  uint64_t pairs_ = 0;
  std::vector<std::string> names_;
  std::vector<std::string_view> views_;
  std::vector<uint64_t> count_;
  std::vector<uint64_t> begin_ = {0};
  Bytes rows_;
};

// A table that is added, or taken away again.
struct SignedPairs {
  PairView pairs;
  bool retired = false;
};

// The sum of the tables: byte for byte what counting the files that remain would give. Fails when
// more is taken away than was added. O(pairs of all).
Result<PairCounts> SumPairs(std::span<const SignedPairs> tables);

// What tells one counted file from another: a checksum of it and of how it was counted.
uint64_t FileKey(ByteView file, const PairCountOptions& options);

// FNV-1a over words of eight bytes, the rest padded with zeros.
uint64_t Checksum(ByteView bytes, uint64_t seed = 0xcbf29ce484222325u);

}  // namespace vitrine
