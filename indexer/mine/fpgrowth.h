// Pattern growth (Han, Pei & Yin, "Mining frequent patterns without candidate generation", 2000):
// the itemsets that end in an item are found in the baskets that hold it, restricted to the items
// before it. How the conditional baskets are kept is explained in docs/mining.md.
#pragma once

#include "indexer/mine/itemsets.h"
#include "indexer/mine/ranked.h"

namespace vitrine {

// Every frequent itemset, as ranks, by the algorithm of `options` (required and forbidden items are
// Restrict()'s). Order of pattern growth: for each rank, the highest first, its set and then the
// sets that add lower ranks to it, likewise, depth first. An error when a limit of `options` was
// reached; the sink has got a part of the itemsets then.
Status MineRanked(const RankedBaskets& baskets, const ItemsetOptions& options, ItemsetSink& sink);

}  // namespace vitrine
