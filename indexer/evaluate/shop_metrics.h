// The figures of one strategy over a group of cases of the shop's own log.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "indexer/evaluate/bootstrap.h"
#include "indexer/evaluate/metrics.h"
#include "indexer/evaluate/shop_split.h"
#include "indexer/support/matrix.h"

namespace vitrine {

using RankedLists = std::vector<std::vector<ItemIndex>>;  // one a case, best first

struct ShopMetrics {
  uint64_t cases = 0, sessions = 0;
  std::array<Estimate, kCutoffs.size()>
      hit_rate;         // share of cases whose target is among the first k
  Estimate mrr;         // mean of 1/rank of the target, 0 beyond kListSize
  Estimate ndcg;        // 1/log2(rank + 1): one relevant product, so the ideal is 1
  Estimate recall;      // share of what the session went on to that is among the first kListSize
  double coverage = 0;  // share of all products that appear in at least one list
  double gini = 0;      // of how often each product is recommended; 0 = evenly
  // -log2(share of the earlier interactions), the mean of a list's products; 0 for an empty list.
  Estimate novelty_bits;
  Estimate diversity;  // mean of 1 - cosine over the pairs of a list's first ten
  // Against another strategy on the same cases.
  PairedDifference hit_rate_gain, mrr_gain;
};

// Cases that are looked at together: {"slice", "existing"}, {"department", "Shoes"}, ….
struct CaseGroup {
  std::string dimension, value;
  std::vector<uint32_t> cases;  // positions in ShopSplit::cases
};

// All cases; each slice; by length of the session so far, and by the target's popularity (deciles
// of the products by earlier interactions, 1 = the most popular), audience and department. Groups
// without cases are left out.
std::vector<CaseGroup> GroupsOf(const ShopSplit& split);

// What metrics need of the shop, computed once.
class ShopMeter {
 public:
  // `vectors`: a row a product, for diversity; may be empty.
  ShopMeter(const ShopSplit& split, MatrixView vectors);

  // `lists` and `reference` have a list for each case of the split. REQUIRES: distinct products.
  ShopMetrics Measure(const CaseGroup& group, const Bootstrap& bootstrap, const RankedLists& lists,
                      const RankedLists& reference) const;
  Bootstrap BootstrapOf(const CaseGroup& group) const;
  // Of each product, in the earlier part of the log.
  std::span<const uint32_t> interactions() const { return interactions_; }

 private:
  struct Outcome {
    std::vector<double> at_cutoff[kCutoffs.size()], reciprocal, gain, recall;
  };
  Outcome OutcomeOf(const CaseGroup& group, const RankedLists& lists) const;
  double Diversity(std::span<const ItemIndex> list) const;

  const ShopSplit& split_;
  MatrixView vectors_;
  std::vector<uint32_t> interactions_;
  std::vector<double> novelty_bits_;
};

}  // namespace vitrine
