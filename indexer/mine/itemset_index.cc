#include "indexer/mine/itemset_index.h"

#include <bit>
#include <cassert>

namespace vitrine {

ItemsetIndex::ItemsetIndex(const CollectItemsets& itemsets) {
  assert(itemsets.size() < kEmpty);
  slots_.resize(std::bit_ceil(itemsets.size() * 2 + 1));
  while (!Build(itemsets)) ++seed_;
}

// The finaliser of splitmix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number
// generators", 2014).
uint64_t ItemsetIndex::HashOf(uint32_t item) const {
  uint64_t z = (uint64_t{item} + 1 + (seed_ << 32)) * 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

bool ItemsetIndex::Build(const CollectItemsets& itemsets) {
  slots_.assign(slots_.size(), {});
  const size_t mask = slots_.size() - 1;
  for (size_t k = 0; k < itemsets.size(); ++k) {
    uint64_t hash = 0;
    for (uint32_t item : itemsets.set(k)) hash += HashOf(item);
    size_t at = hash & mask;
    for (; slots_[at].position != kEmpty; at = (at + 1) & mask) {
      if (slots_[at].hash == hash) return false;
    }
    slots_[at] = {hash, static_cast<uint32_t>(k)};
  }
  return true;
}

uint32_t ItemsetIndex::Find(uint64_t hash) const {
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  while (slots_[at].hash != hash || slots_[at].position == kEmpty) {
    assert(slots_[at].position != kEmpty);
    at = (at + 1) & mask;
  }
  return slots_[at].position;
}

}  // namespace vitrine
