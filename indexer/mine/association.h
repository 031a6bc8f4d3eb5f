// Association rules X => Y from frequent itemsets (Agrawal & Srikant, "Fast algorithms for mining
// association rules", 1994): every split of a frequent itemset into two parts.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "indexer/mine/decimal.h"
#include "indexer/mine/itemsets.h"
#include "shared/result.h"

namespace vitrine {

// The three counts that every measure of a rule is made of, and the number of baskets.
struct RuleCounts {
  uint64_t both = 0;   // baskets with X and Y
  uint64_t left = 0;   // with X
  uint64_t right = 0;  // with Y
  uint64_t total = 0;
};

struct RuleOptions {
  Decimal min_confidence;
  Decimal min_lift;
  uint32_t max_consequent = 0;  // 0 = any
  // With `prune`, a rule X => Y must exceed the confidence of every rule X' => Y with a part X' of
  // its antecedent, the empty one included (there the confidence is Y's share of the baskets), by
  // at least this: otherwise the shorter rule says as much (Bayardo, Agrawal & Gunopulos,
  // "Constraint-based rule mining in large, dense databases", 1999).
  bool prune = false;
  Decimal min_improvement;
  uint64_t max_rules = 0;  // 0 = any; more end in an error
};

class RuleSink {
 public:
  virtual ~RuleSink() = default;
  // Both sides ascending, valid during the call only.
  virtual void Rule(std::span<const uint32_t> antecedent, std::span<const uint32_t> consequent,
                    const RuleCounts& counts) = 0;
};

// Thresholds are compared exactly, in integers. REQUIRES: `itemsets` are all frequent itemsets
// (with every subset of each). `total` = baskets, empty ones included (their weight where they have
// one). Rules come in the order of `itemsets`, then by consequent.
Status MineAssociations(const CollectItemsets& itemsets, uint64_t total, const RuleOptions& options,
                        RuleSink& sink);

}  // namespace vitrine
