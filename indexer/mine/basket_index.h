// Baskets by item: for each item the baskets that hold it, ordered by user.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "indexer/shop.h"

namespace vitrine {

// Keeps a reference to `baskets`, which must outlive it. 4 bytes per basket and per line beside it.
class BasketIndex {
 public:
  BasketIndex(const Baskets& baskets, uint32_t item_count);

  uint32_t item_count() const { return static_cast<uint32_t>(begin_.size() - 1); }
  size_t basket_count() const { return baskets_.size(); }
  // How many baskets hold `item`.
  uint32_t count(ItemIndex item) const {
    return static_cast<uint32_t>(begin_[item + 1] - begin_[item]);
  }
  std::span<const uint32_t> baskets_of(ItemIndex item) const {
    return {lists_.data() + begin_[item], count(item)};
  }
  std::span<const ItemIndex> basket(uint32_t b) const {
    const uint64_t begin = baskets_.offset[b];
    return {baskets_.items.data() + begin, static_cast<size_t>(baskets_.offset[b + 1] - begin)};
  }
  // All baskets, those of one user in a row, each user's in the order of the log.
  std::span<const uint32_t> by_user() const { return by_user_; }
  // A basket without a known user counts as a user of its own.
  uint64_t user(uint32_t b) const {
    return baskets_.user.empty() ? (uint64_t{1} << 32) + b : baskets_.user[b];
  }
  // Baskets that hold all of `items` (ascending, at least one), and their distinct users.
  struct Backing {
    uint32_t count = 0;
    uint32_t users = 0;
  };
  Backing CountTogether(std::span<const ItemIndex> items) const;
  // Calls visit(basket) for each of them, ordered by user.
  template <typename Visit>
  void ForEachWith(std::span<const ItemIndex> items, const Visit& visit) const {
    const ItemIndex rarest = *std::min_element(
        items.begin(), items.end(), [&](ItemIndex a, ItemIndex b) { return count(a) < count(b); });
    for (uint32_t b : baskets_of(rarest)) {
      const auto held = basket(b);
      if (std::includes(held.begin(), held.end(), items.begin(), items.end())) visit(b);
    }
  }

 private:
  const Baskets& baskets_;
  std::vector<uint32_t> by_user_;
  std::vector<uint64_t> begin_;
  std::vector<uint32_t> lists_;
};

// What each basket counts for in a ranking.
class BasketWeights {
 public:
  // 2^(-age / half_life_seconds), age counted from the newest basket; 0 or no times: 1 each. Keeps
  // references to both.
  BasketWeights(const Baskets& baskets, const BasketIndex& index, double half_life_seconds);

  bool decayed() const { return !weights_.empty(); }
  uint32_t of(uint32_t basket) const { return weights_.empty() ? 1 : weights_[basket]; }
  // A sum of of() as a number of new baskets.
  double AsBaskets(uint64_t weight) const;
  double count(ItemIndex item) const {
    return weights_.empty() ? index_.count(item) : AsBaskets(items_[item]);
  }
  // Of the baskets that hold all of `items` (ascending, at least one).
  double CountTogether(std::span<const ItemIndex> items) const;
  double baskets() const { return AsBaskets(total_); }

 private:
  const BasketIndex& index_;
  std::vector<uint32_t> weights_;  // empty = 1 each
  std::vector<uint64_t> items_;
  uint64_t total_;
};

}  // namespace vitrine
