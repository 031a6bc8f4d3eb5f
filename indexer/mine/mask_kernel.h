// Mining of a conditional database with few items: a basket is a bit mask, equal masks merge into
// one counter, and one pass over the table of counters gives the count of every itemset at once
// (the "k-items machine" of Borgelt's and Uno's miners, with the sum over supersets of Yates, 1937,
// in place of code per item).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "indexer/mine/emitter.h"

namespace vitrine {

class MaskKernel {
 public:
  static constexpr uint32_t kMaxItems = 10;

  // Starts a database of items with these ranks, ascending. REQUIRES: at most kMaxItems.
  void Start(std::span<const uint32_t> ranks) {
    ranks_ = ranks;
    counts_.assign(size_t{1} << ranks.size(), 0);
  }
  void Add(uint32_t mask, uint64_t weight) { counts_[mask] += weight; }

  // Gives every frequent itemset of the database that adds to the prefix.
  void Mine(Emitter& emitter) {
    for (size_t bit = 1; bit < counts_.size(); bit <<= 1) {
      for (size_t high = 0; high < counts_.size(); high += 2 * bit) {
        for (size_t low = high; low < high + bit; ++low) counts_[low] += counts_[low + bit];
      }
    }
    Extend(0, static_cast<uint32_t>(ranks_.size()), emitter);
  }

 private:
  void Extend(uint32_t mask, uint32_t below, Emitter& emitter) {
    for (uint32_t c = below; c-- > 0;) {
      const uint32_t extended = mask | 1u << c;
      if (counts_[extended] < emitter.min_count()) continue;
      if (emitter.stopped()) return;
      emitter.Push(ranks_[c]);
      emitter.Give(counts_[extended]);
      if (c > 0 && emitter.room() > 0) Extend(extended, c, emitter);
      emitter.Pop();
    }
  }

  std::span<const uint32_t> ranks_;
  std::vector<uint64_t> counts_;
};

}  // namespace vitrine
