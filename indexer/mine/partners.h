// The best partners of every item, exact and without a global minimum support: a minimum support
// that a machine can afford serves only the few per cent of a fashion catalogue that sell often.
#pragma once

#include <cstdint>
#include <vector>

#include "indexer/mine/pair_counts.h"
#include "indexer/shop.h"

namespace vitrine {

struct Partner {
  ItemIndex item = kNoItem;
  uint32_t count = 0;  // baskets with both
  uint32_t users = 0;  // distinct users behind these baskets
  double score = 0;
};

enum class PartnerRanking {
  kCount,   // by count alone
  kShrunk,  // by ShrunkScore
};

struct PartnerOptions {
  uint32_t partners = 20;      // kept per item
  uint32_t min_count = 1;      // baskets
  uint32_t min_users = 1;      // distinct users
  uint32_t max_basket = 2000;  // larger baskets (wholesale, bots) say nothing and cost a square
  PartnerRanking ranking = PartnerRanking::kShrunk;
  // The ranking halves a basket's weight for every so much that it is older than the newest (shops'
  // baskets only); counts stay what they are. 0 = all weigh alike.
  double half_life_seconds = 0;
  int threads = 1;
};

// How much more often than chance, for counts too small to be taken at their word: the posterior
// mean of the lift under a Gamma(k, k) prior (DuMouchel, "Bayesian data mining in large frequency
// tables", 1999), (count + k) / (expected + k), times the square root of the consequent's share, so
// that of two partners equally far from chance the one that more shoppers buy stands first.
// `expected` = antecedent * consequent / baskets. Comparable between all rules of one shop.
double ShrunkScore(double count, double antecedent, double consequent, double baskets);

// partners[i]: the best partners of item i, best first, equal scores by higher count, then by lower
// item. O(sum of squared basket sizes). The same for any number of threads.
std::vector<std::vector<Partner>> TopPartners(const Baskets& baskets, uint32_t item_count,
                                              const PartnerOptions& options);

// The same from counted pairs. max_basket was applied when they were counted, and users are not
// known: `users` is the count, and min_users is a minimum of the count. O(pairs).
std::vector<std::vector<Partner>> TopPartners(const PairView& pairs, const PartnerOptions& options);

}  // namespace vitrine
