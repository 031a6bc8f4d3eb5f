#include "indexer/reorder.h"

#include <algorithm>
#include <unordered_map>

namespace vitrine {

std::vector<uint32_t> StableOrder(std::span<const uint64_t> published,
                                  std::span<const Product> products,
                                  const std::vector<uint32_t>& fresh) {
  constexpr uint32_t kFree = 0xFFFFFFFFu;
  std::unordered_map<uint64_t, uint32_t> by_hash;
  for (uint32_t i = 0; i < products.size(); ++i) by_hash[Fnv1a64(products[i].id)] = i;
  std::vector<uint32_t> order(products.size(), kFree);
  std::vector<bool> placed(products.size(), false);
  size_t kept = 0;
  for (size_t p = 0; p < std::min(published.size(), order.size()); ++p) {
    const auto at = by_hash.find(published[p]);
    if (at == by_hash.end() || placed[at->second]) continue;
    order[p] = at->second;
    placed[at->second] = true;
    ++kept;
  }
  if (kept * 4 < products.size() * 3) return fresh;
  size_t place = 0;
  for (uint32_t product : fresh) {
    if (placed[product]) continue;
    while (order[place] != kFree) ++place;
    order[place] = product;
  }
  return order;
}

void ReorderRows(std::span<const uint32_t> order, Matrix& rows) {
  if (rows.rows == 0) return;
  Matrix ordered(rows.rows, rows.cols);
  for (uint32_t p = 0; p < order.size(); ++p) {
    std::ranges::copy(std::as_const(rows).row(order[p]), ordered.row(p).begin());
  }
  rows = std::move(ordered);
}

void Reorder(std::span<const uint32_t> order, Shop& shop, Matrix& vectors) {
  std::vector<ItemIndex> position(order.size());
  std::vector<Product> products;
  products.reserve(order.size());
  for (uint32_t p = 0; p < order.size(); ++p) {
    position[order[p]] = p;
    products.push_back(std::move(shop.products[order[p]]));
  }
  shop.products = std::move(products);
  ReorderRows(order, vectors);
  for (Interaction& event : shop.interactions) event.item = position[event.item];
  Baskets& baskets = shop.baskets;
  for (size_t b = 0; b < baskets.size(); ++b) {
    const auto begin = baskets.items.begin() + static_cast<ptrdiff_t>(baskets.offset[b]);
    const auto end = baskets.items.begin() + static_cast<ptrdiff_t>(baskets.offset[b + 1]);
    for (auto at = begin; at != end; ++at) *at = position[*at];
    std::sort(begin, end);
  }
}

}  // namespace vitrine
