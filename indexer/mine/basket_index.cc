#include "indexer/mine/basket_index.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "indexer/mine/decay.h"

namespace vitrine {

namespace {

std::vector<uint32_t> BasketsByUser(const Baskets& baskets) {
  std::vector<uint32_t> order(baskets.size());
  std::iota(order.begin(), order.end(), 0u);
  if (!baskets.user.empty()) {
    assert(baskets.user.size() == baskets.size());
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return baskets.user[a] < baskets.user[b]; });
  }
  return order;
}

}  // namespace

BasketIndex::BasketIndex(const Baskets& baskets, uint32_t item_count)
    : baskets_(baskets),
      by_user_(BasketsByUser(baskets)),
      begin_(item_count + 1),
      lists_(baskets.items.size()) {
  for (ItemIndex item : baskets.items) ++begin_[item + 1];
  std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
  std::vector<uint64_t> next(begin_.begin(), begin_.end() - 1);
  for (uint32_t b : by_user_) {
    for (ItemIndex item : basket(b)) lists_[next[item]++] = b;
  }
}

BasketIndex::Backing BasketIndex::CountTogether(std::span<const ItemIndex> items) const {
  Backing backing;
  uint64_t last_user = UINT64_MAX;
  ForEachWith(items, [&](uint32_t b) {
    ++backing.count;
    backing.users += user(b) != last_user;
    last_user = user(b);
  });
  return backing;
}

BasketWeights::BasketWeights(const Baskets& baskets, const BasketIndex& index,
                             double half_life_seconds)
    : index_(index), total_(baskets.size()) {
  if (half_life_seconds <= 0 || baskets.time_seconds.empty()) return;
  weights_ = DecayWeights(baskets.time_seconds, half_life_seconds);
  total_ = std::accumulate(weights_.begin(), weights_.end(), uint64_t{0});
  items_.resize(index.item_count());
  for (uint32_t b = 0; b < baskets.size(); ++b) {
    for (ItemIndex item : index.basket(b)) items_[item] += weights_[b];
  }
}

double BasketWeights::AsBaskets(uint64_t weight) const {
  return static_cast<double>(weight) / (decayed() ? kDecayUnit : 1);
}

double BasketWeights::CountTogether(std::span<const ItemIndex> items) const {
  uint64_t weight = 0;
  index_.ForEachWith(items, [&](uint32_t b) { weight += of(b); });
  return AsBaskets(weight);
}

}  // namespace vitrine
