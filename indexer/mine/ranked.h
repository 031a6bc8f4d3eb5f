// Baskets recoded for mining: frequent items only, each by its rank in descending count, so that
// the items of a basket before a given one are those that are more frequent than it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "indexer/mine/itemsets.h"
#include "indexer/mine/partitions.h"
#include "indexer/mine/word_array.h"

namespace vitrine {

// `words` holds one run per basket with at least two frequent items: a head word (kHead | weight),
// then the ranks, ascending. The head in place of an offset makes a basket one sequential read. One
// more head stands behind the end.
struct RankedBaskets {
  static constexpr uint32_t kHead = 0x80000000u;

  WordArray words;
  std::vector<uint32_t> item;   // of each rank, required items last
  std::vector<uint64_t> count;  // of each rank, descending; equal counts: lower item first

  // Items that every itemset has to hold: they were taken out of the baskets, and baskets without
  // them were dropped. Their ranks are ranks() and up. `required_count` = baskets with all of them.
  uint32_t required = 0;
  uint64_t required_count = 0;

  // The baskets, where they did not fit in memory; `words` is empty then.
  std::shared_ptr<const Partitions> partitions;

  uint32_t ranks() const { return static_cast<uint32_t>(item.size()) - required; }
};

// Are the required items, without any other, an itemset of this kind?
bool RequiredAlone(const RankedBaskets& baskets, ItemsetKind kind);

// Sorts a basket's ranks: few of them, in most cases.
void SortRanks(uint32_t* begin, uint32_t* end);

// Fails on more than 2^32 words, on an item out of range and on a weight of 2^31 or more.
Result<RankedBaskets> RankBaskets(const BasketView& baskets, uint64_t min_count);

// What becomes of baskets when itemsets have to hold all of some items and none of others: a basket
// without a required item falls away, and the others lose their required, forbidden and now
// infrequent items. The baskets may come from anywhere, twice: once to be counted, once to be
// recoded.
class Restriction {
 public:
  // Items, not ranks, of `baskets`, which must outlive it; UINT32_MAX is one that is infrequent.
  // Fails when an item is both required and forbidden.
  static Result<Restriction> Create(const RankedBaskets& baskets,
                                    std::span<const uint32_t> required,
                                    std::span<const uint32_t> forbidden);

  // Takes a basket's ranks.
  void Count(std::span<const uint32_t> run, uint32_t weight);
  // The restricted baskets without their words, after every basket was counted.
  RankedBaskets Rank(uint64_t min_count);
  // Replaces `recoded` by what is left of a basket, by new ranks: nothing, or at least two items.
  void Recode(std::span<const uint32_t> run, std::vector<uint32_t>& recoded) const;

 private:
  enum class Role : uint8_t { kFree, kRequired, kForbidden };

  explicit Restriction(const RankedBaskets& baskets) : baskets_(baskets) {}
  bool HoldsRequired(std::span<const uint32_t> run) const;

  const RankedBaskets& baskets_;
  std::vector<Role> role_;          // of each rank
  std::vector<uint32_t> required_;  // items
  size_t wanted_ = 0;               // with those that are infrequent
  std::vector<uint64_t> counts_;    // of each rank, in the baskets that stay
  uint64_t with_all_ = 0;           // the weight of those baskets
  std::vector<uint32_t> new_rank_;
};

// The same for baskets in memory.
Result<RankedBaskets> Restrict(const RankedBaskets& baskets, std::span<const uint32_t> required,
                               std::span<const uint32_t> forbidden, uint64_t min_count);

}  // namespace vitrine
