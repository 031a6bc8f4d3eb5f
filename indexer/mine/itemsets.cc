#include "indexer/mine/itemsets.h"

#include <algorithm>

#include "indexer/mine/fpgrowth.h"
#include "indexer/mine/ranked.h"

namespace vitrine {
void ItemsOfRanks::Itemset(std::span<const uint32_t> ranks, uint64_t count) {
  items_.clear();
  for (uint32_t rank : ranks) items_.push_back(item_[rank]);
  sink_.Itemset(items_, count);
}

std::unique_ptr<ItemsetSink> ItemsetSink::Fork() { return std::make_unique<CollectItemsets>(); }

void ItemsetSink::Join(ItemsetSink& part) {
  const auto& found = static_cast<const CollectItemsets&>(part);
  for (size_t k = 0; k < found.size(); ++k) Itemset(found.set(k), found.counts[k]);
}

void CollectItemsets::Itemset(std::span<const uint32_t> set, uint64_t count) {
  items.insert(items.end(), set.begin(), set.end());
  std::sort(items.begin() + static_cast<ptrdiff_t>(offset.back()), items.end());
  offset.push_back(items.size());
  counts.push_back(count);
}

Status MineItemsets(const BasketView& baskets, const ItemsetOptions& options, ItemsetSink& sink) {
  if (options.min_count < 1) return UsageError("the minimum count must be at least 1");
  VITRINE_ASSIGN(RankedBaskets ranked, RankBaskets(baskets, options.min_count));
  if (!options.required.empty() || !options.forbidden.empty()) {
    VITRINE_ASSIGN(ranked,
                   Restrict(ranked, options.required, options.forbidden, options.min_count));
  }
  ItemsOfRanks items(ranked.item, sink);
  return MineRanked(ranked, options, items);
}

}  // namespace vitrine
