// Mining of a dense conditional database: one bit vector per item, one bit per basket, itemsets by
// intersection (the vertical representation of Zaki, "Scalable algorithms for association mining",
// 2000, as bits).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "indexer/mine/emitter.h"

namespace vitrine {

// A database as bit vectors. A basket of weight w takes one bit in each plane whose bit is set in
// w, so that a weighted count is a sum of 2^plane * population count. Planes begin at whole words.
struct Bitmaps {
  struct Plane {
    int shift = 0;
    size_t words = 0;
  };
  std::vector<Plane> planes;
  size_t words = 0;            // of one item's vector, all planes
  std::vector<uint64_t> bits;  // item c: bits[c * words] ..
  std::span<const uint64_t> row(size_t c) const { return {bits.data() + c * words, words}; }
};

// `runs` as RankedBaskets::words over codes 0..items-1.
Bitmaps MakeBitmaps(std::span<const uint32_t> runs, uint32_t items);

class BitmapKernel {
 public:
  explicit BitmapKernel(ItemsetKind kind = ItemsetKind::kAll) : kind_(kind) {}

  // Gives the frequent itemsets that add to the prefix and whose highest added code is from..to-1.
  // `ranks`, `counts`: of each code; all codes frequent. Codes from `to` on are not added, but in
  // each closed or maximal itemset's search they can show that it is not.
  void Mine(const Bitmaps& bitmaps, std::span<const uint32_t> ranks,
            std::span<const uint64_t> counts, uint32_t from, uint32_t to, Emitter& emitter);

 private:
  struct Candidate {
    uint32_t rank;
    uint64_t count;
    const uint64_t* bits;
  };
  struct Level {
    std::vector<Candidate> candidates;
    std::vector<uint64_t> bits;
    std::vector<Bitmaps::Plane> planes;
    size_t words = 0;
  };

  struct Extension {
    size_t candidates = 0;  // entries of the next level that may be added; the others are guards
    bool closed = true;
    uint32_t closure = 0;  // items that were pushed because they stand in every basket left
  };

  void Grow(size_t depth, size_t from, size_t to, Emitter& emitter);
  Extension Extend(const Level& level, size_t c, Level& next, Emitter& emitter);
  uint64_t Intersect(const Level& level, const uint64_t* a, const uint64_t* b, uint64_t* out) const;
  // Moves the baskets of `subset` of `level` together into `next` when few of them are left.
  bool Shrink(const Level& level, const Candidate& subset, size_t below, Level& next) const;

  const ItemsetKind kind_;
  std::vector<std::unique_ptr<Level>> levels_;
};

}  // namespace vitrine
