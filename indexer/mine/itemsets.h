// Frequent itemsets: sets of items that at least `min_count` baskets contain.
//
//   BasketView baskets{items, offset, {}, item_count};
//   CollectItemsets found;
//   VITRINE_RETURN_IF_ERROR(MineItemsets(baskets, {.min_count = 20}, found));
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "shared/result.h"

namespace vitrine {

// Baskets without a copy: basket b is items[offset[b]] .. items[offset[b+1]-1], in any order,
// duplicates count once. Items are 0..item_count-1.
struct BasketView {
  std::span<const uint32_t> items;
  std::span<const uint64_t> offset;  // baskets + 1 entries
  std::span<const uint32_t> weight;  // per basket, or empty = 1 each
  uint32_t item_count = 0;

  size_t size() const { return offset.empty() ? 0 : offset.size() - 1; }
};

// Which of the frequent itemsets: all; those without a superset of the same count (closed: they
// tell the count of every other one); those without a frequent superset (maximal).
enum class ItemsetKind { kAll, kClosed, kMaximal };

enum class MiningAlgorithm { kFpGrowth, kApriori };

struct ItemsetOptions {
  uint64_t min_count = 2;  // inclusive, at least 1; the sum of weights where baskets have weights
  ItemsetKind kind = ItemsetKind::kAll;
  uint32_t max_length =
      0;  // 0 = any; longer itemsets are left out, and still make others not closed
  MiningAlgorithm algorithm = MiningAlgorithm::kFpGrowth;
  int threads = 1;  // the result is the same for any number
  // A run that would find more itemsets, or take longer, ends with an error that says so. 0 = no
  // limit.
  uint64_t max_itemsets = 0;
  double max_seconds = 0;
  // MineItemsets() only: itemsets have all of these items, or none. Closed and maximal are meant
  // among the itemsets with the required items, in baskets without the forbidden ones.
  std::vector<uint32_t> required = {};
  std::vector<uint32_t> forbidden = {};
};

// Takes the itemsets one by one. `items` is valid during the call only and in no promised order.
class ItemsetSink {
 public:
  virtual ~ItemsetSink() = default;
  virtual void Itemset(std::span<const uint32_t> items, uint64_t count) = 0;

  // With several threads each fills a sink of its own, and these are joined in the order of the
  // search. The default keeps the itemsets and hands them to Itemset() later.
  virtual std::unique_ptr<ItemsetSink> Fork();
  virtual void Join(ItemsetSink& part);
};

// Keeps every itemset: set k is items[offset[k]] .. items[offset[k+1]-1], ascending.
class CollectItemsets : public ItemsetSink {
 public:
  void Itemset(std::span<const uint32_t> set, uint64_t count) override;

  size_t size() const { return counts.size(); }
  std::span<const uint32_t> set(size_t k) const {
    return {items.data() + offset[k], static_cast<size_t>(offset[k + 1] - offset[k])};
  }

  std::vector<uint32_t> items;
  std::vector<uint64_t> offset = {0};
  std::vector<uint64_t> counts;
};

// A sink that takes ranks, for a miner of ranks, and hands them to `sink` as items.
class ItemsOfRanks : public ItemsetSink {
 public:
  ItemsOfRanks(std::span<const uint32_t> item, ItemsetSink& sink) : item_(item), sink_(sink) {}
  void Itemset(std::span<const uint32_t> ranks, uint64_t count) override;

 private:
  std::span<const uint32_t> item_;
  ItemsetSink& sink_;
  std::vector<uint32_t> items_;
};

// Every frequent itemset once, in an order that depends on the baskets and options only.
Status MineItemsets(const BasketView& baskets, const ItemsetOptions& options, ItemsetSink& sink);

}  // namespace vitrine
