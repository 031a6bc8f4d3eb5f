// Finds the count of an itemset by a hash that is a sum over its items, so that the hash of a
// subset costs one subtraction.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "indexer/mine/itemsets.h"

namespace vitrine {

class ItemsetIndex {
 public:
  // Keeps a reference. 16 bytes per itemset at a load of at most one half.
  explicit ItemsetIndex(const CollectItemsets& itemsets);

  uint64_t HashOf(uint32_t item) const;
  // The position in `itemsets` of the set whose items' hashes sum to `hash`.
  // REQUIRES: that set is among the itemsets. (No two of them share a hash: the constructor chose
  // the hash function so.)
  uint32_t Find(uint64_t hash) const;

 private:
  struct Slot {
    uint64_t hash = 0;
    uint32_t position = kEmpty;
  };
  static constexpr uint32_t kEmpty = 0xFFFFFFFFu;
  bool Build(const CollectItemsets& itemsets);

  uint64_t seed_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace vitrine
