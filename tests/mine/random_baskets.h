// Baskets of up to five products, the first ones most often, one a second, for tests of mining.
#pragma once

#include <cstdint>
#include <random>
#include <set>

#include "indexer/shop.h"

namespace vitrine {

inline Baskets RandomBaskets(uint32_t items, uint32_t baskets, uint32_t users, uint32_t seed) {
  std::mt19937 random(seed);
  Baskets out;
  for (uint32_t b = 0; b < baskets; ++b) {
    std::set<ItemIndex> basket;
    const uint32_t size = random() % 6;
    while (basket.size() < size) basket.insert(random() % (1 + random() % items));
    out.items.insert(out.items.end(), basket.begin(), basket.end());
    out.offset.push_back(out.items.size());
    out.user.push_back(random() % users);
    out.time_seconds.push_back(b);
  }
  return out;
}

}  // namespace vitrine
