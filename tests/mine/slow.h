// Slow, obvious mining to check the fast one against: every subset of every basket is counted.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "indexer/mine/itemsets.h"

namespace vitrine::slow {

using Set = std::vector<uint32_t>;
using Table = std::map<Set, uint64_t>;

struct Database {
  std::vector<uint32_t> items;
  std::vector<uint64_t> offset = {0};
  std::vector<uint32_t> weight;
  uint32_t item_count = 0;

  void Add(const Set& basket, uint32_t basket_weight = 1) {
    items.insert(items.end(), basket.begin(), basket.end());
    offset.push_back(items.size());
    weight.push_back(basket_weight);
  }
  BasketView view() const { return {items, offset, weight, item_count}; }
};

// At most 2^size subsets per basket: for small baskets.
inline Table CountAll(const Database& database) {
  Table counts;
  for (size_t b = 0; b + 1 < database.offset.size(); ++b) {
    const std::set<uint32_t> unique(
        database.items.begin() + static_cast<ptrdiff_t>(database.offset[b]),
        database.items.begin() + static_cast<ptrdiff_t>(database.offset[b + 1]));
    const Set basket(unique.begin(), unique.end());
    for (uint32_t mask = 1; mask < 1u << basket.size(); ++mask) {
      Set subset;
      for (size_t i = 0; i < basket.size(); ++i) {
        if (mask >> i & 1) subset.push_back(basket[i]);
      }
      counts[subset] += database.weight[b];
    }
  }
  return counts;
}

inline Table Frequent(const Table& all, uint64_t min_count, uint32_t max_length = 0) {
  Table frequent;
  for (const auto& [set, count] : all) {
    if (count >= min_count && count > 0 && (max_length == 0 || set.size() <= max_length)) {
      frequent[set] = count;
    }
  }
  return frequent;
}

// Frequent itemsets that have no superset with the same count (closed), or none at all (maximal).
inline Table Condensed(const Table& frequent, bool maximal) {
  Table condensed;
  for (const auto& [set, count] : frequent) {
    bool keep = true;
    for (const auto& [other, other_count] : frequent) {
      if (other.size() > set.size() && (maximal || other_count == count) &&
          std::includes(other.begin(), other.end(), set.begin(), set.end())) {
        keep = false;
      }
    }
    if (keep) condensed[set] = count;
  }
  return condensed;
}

// A random database of at most 12 items: sparse, dense, with empty baskets, duplicates, items that
// are everywhere, and weights, by turns of the seed.
inline Database Random(uint32_t seed, uint32_t max_items = 12) {
  std::mt19937 random(seed);
  Database database;
  database.item_count = 1 + random() % max_items;
  const uint32_t baskets = random() % 40;
  const uint32_t density = 1 + random() % 9;
  for (uint32_t b = 0; b < baskets; ++b) {
    Set basket;
    for (uint32_t i = 0; i < database.item_count; ++i) {
      if (random() % 10 < density) basket.push_back(i);
      if (seed % 7 == 0 && i == 3) basket.push_back(i);
      if (seed % 5 == 0 && random() % 20 == 0) basket.push_back(i);
    }
    std::shuffle(basket.begin(), basket.end(), random);
    database.Add(basket, seed % 3 == 0 ? random() % 6 : 1);
  }
  return database;
}

// Up to 80 items and 600 baskets: popular and rare items, patterns, some long baskets, weights.
inline Database RandomWide(uint32_t seed) {
  std::mt19937 random(seed);
  Database database;
  database.item_count = 20 + random() % 60;
  const uint32_t baskets = 100 + random() % 500;
  for (uint32_t b = 0; b < baskets; ++b) {
    Set basket;
    const uint32_t size = random() % 6 + (random() % 12 == 0 ? 10 : 0);
    for (uint32_t k = 0; k < size; ++k)
      basket.push_back(random() % (1 + random() % database.item_count));
    if (random() % 3 == 0) {
      const uint32_t pattern = random() % 4;
      for (uint32_t k = 0; k < 3 + pattern * 2; ++k) {
        if (random() % 8 != 0) basket.push_back((pattern * 11 + k) % database.item_count);
      }
    }
    if (seed % 6 == 0) basket.push_back(7);
    database.Add(basket, seed % 3 == 0 ? random() % 9 : 1);
  }
  return database;
}

inline uint64_t CountOf(const std::vector<std::pair<std::set<uint32_t>, uint64_t>>& baskets,
                        const Set& set) {
  uint64_t count = 0;
  for (const auto& [basket, weight] : baskets) {
    if (std::all_of(set.begin(), set.end(), [&](uint32_t i) { return basket.count(i) > 0; })) {
      count += weight;
    }
  }
  return count;
}

// Level by level: every frequent set with one more item, each counted by a scan.
inline Table LevelWise(const Database& database, uint64_t min_count, uint32_t max_length) {
  std::vector<std::pair<std::set<uint32_t>, uint64_t>> baskets;
  for (size_t b = 0; b + 1 < database.offset.size(); ++b) {
    baskets.push_back({{database.items.begin() + static_cast<ptrdiff_t>(database.offset[b]),
                        database.items.begin() + static_cast<ptrdiff_t>(database.offset[b + 1])},
                       database.weight[b]});
  }
  Table frequent;
  std::vector<Set> level = {{}};
  for (uint32_t length = 1; length <= max_length; ++length) {
    std::vector<Set> next;
    for (const Set& set : level) {
      for (uint32_t i = set.empty() ? 0 : set.back() + 1; i < database.item_count; ++i) {
        Set longer = set;
        longer.push_back(i);
        Set tail(longer.begin() + (longer.size() > 1 ? 1 : 0), longer.end());
        if (longer.size() > 1 && frequent.count(tail) == 0) continue;
        const uint64_t count = CountOf(baskets, longer);
        if (count < min_count || count == 0) continue;
        frequent[longer] = count;
        next.push_back(longer);
      }
    }
    level = std::move(next);
  }
  return frequent;
}

inline Table ToTable(const CollectItemsets& found) {
  Table table;
  for (size_t k = 0; k < found.size(); ++k) {
    const auto set = found.set(k);
    table[{set.begin(), set.end()}] = found.counts[k];
  }
  return table;
}

}  // namespace vitrine::slow
