// Apriori (Agrawal & Srikant, "Fast algorithms for mining association rules", 1994): level by
// level, candidates by joining, counts by a scan of the baskets per level. It shares no step with
// the fast miner, to which it is the cross-check.
#pragma once

#include "indexer/mine/itemsets.h"
#include "indexer/mine/ranked.h"

namespace vitrine {

// The same itemsets as MineRanked(), by length and then by ranks. One thread; memory is
// proportional to the candidates of a level. An error when a limit of `options` was reached.
Status MineApriori(const RankedBaskets& baskets, const ItemsetOptions& options, ItemsetSink& sink);

}  // namespace vitrine
