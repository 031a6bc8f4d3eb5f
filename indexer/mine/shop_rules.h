// The rules that a shop publishes: partners of every product, and rules with several products on
// the left for whole carts.
#pragma once

#include <cstdint>
#include <vector>

#include "indexer/shop.h"
#include "indexer/support/console.h"
#include "shared/result.h"
#include "shared/rules.h"

namespace vitrine {

struct MineOptions {
  uint32_t partners = 20;  // rules with one product on the left, per product
  // Rules with 2..max_antecedent products on the left; 1 = none. At most 8.
  uint32_t max_antecedent = 3;
  uint32_t min_count_multi = 4;     // baskets behind such a rule
  uint32_t consequents_multi = 10;  // kept per left side
  // Such a rule must be this much more confident than each rule with a part of its left side:
  // otherwise the shorter one says as much.
  double min_improvement = 0.1;
  uint32_t max_rules_multi = 1'000'000;  // the best by score
  // Itemsets that cart rules are made of, at most: where there are more (a wholesaler's baskets of
  // hundreds of products), min_count_multi is doubled until there are not.
  uint64_t max_itemsets = 5'000'000;
  // Baskets count for the ranking by 2^(-age / half-life), age counted from the newest one; the
  // counts and the lift that a rule states are those of all baskets. 0 = all count alike.
  double half_life_days = 0;
  // Distinct users that must stand behind the count of every rule: what fewer did could tell of a
  // person.
  uint32_t min_users = 1;
  int threads = 1;
};

// Rules over items 0..item_count-1, ordered by antecedent, then best first. Fails when a basket
// names an item that is out of range or `options` ask for the impossible.
Result<std::vector<Rule>> MineShopRules(const Baskets& baskets, uint32_t item_count,
                                        const MineOptions& options, Console& console);

}  // namespace vitrine
