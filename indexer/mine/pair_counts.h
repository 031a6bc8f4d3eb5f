// How many baskets hold every two items, as a state that is kept from day to day: a day is added or
// taken away at the cost of reading that day and copying the state once, and the result is, byte
// for byte, what counting all remaining days anew would give.
//
//   VITRINE_ASSIGN(PairCounts day, PairCounts::Count({"monday.txt"}, {}));
//   VITRINE_ASSIGN(PairFile state, PairFile::Open("state.pairs"));
//   VITRINE_ASSIGN(PairCounts next, MergePairs(state.view(), &day, nullptr));
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/mine/basket_source.h"
#include "indexer/support/files.h"
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

  // False at the end of the row. REQUIRES: a row that PairFile has checked or PairWriter has made.
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
  static Result<PairCounts> Count(const std::vector<std::filesystem::path>& files,
                                  const PairCountOptions& options);

  PairView view() const { return {baskets_, pairs_, views_, count_, begin_, rows_}; }

  // Layout (little-endian): "VTRNPAIR", u32 version, u32 items, u64 baskets, u64 pairs, u64 bytes
  // of rows, u64 bytes of names, then count u64 x items, begin u64 x (items + 1), the size of each
  // name u32 x items, the names, the rows; and a checksum u64 of all that.
  Status Save(const std::filesystem::path& path) const;

 private:
  friend class PairMerger;
  friend class PairCounter;
  void SetNames(std::vector<std::string> names);

  uint64_t baskets_ = 0;
  uint64_t pairs_ = 0;
  std::vector<std::string> names_;
  std::vector<std::string_view> views_;
  std::vector<uint64_t> count_;
  std::vector<uint64_t> begin_ = {0};
  Bytes rows_;
};

// A saved state, mapped and not read.
class PairFile {
 public:
  // Checks everything that the file says.
  static Result<PairFile> Open(const std::filesystem::path& path);
  PairView view() const { return {baskets_, pairs_, names_, count_, begin_, rows_}; }

 private:
  explicit PairFile(MappedFile file) : file_(std::move(file)) {}
  Status Parse();

  MappedFile file_;
  uint64_t baskets_ = 0, pairs_ = 0;
  std::vector<std::string_view> names_;
  std::span<const uint64_t> count_, begin_;
  ByteView rows_;
};

// state + added - retired. Fails when `retired` holds what was never added. O(pairs of all three).
Result<PairCounts> MergePairs(const PairView& state, const PairView& added,
                              const PairView& retired);

}  // namespace vitrine
