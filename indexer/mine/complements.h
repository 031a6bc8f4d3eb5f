// Learns from baskets what goes with what by its content (shared/complements.h).
#pragma once

#include <cstdint>
#include <span>

#include "indexer/mine/shop_rules.h"
#include "indexer/shop.h"
#include "shared/catalogue.h"
#include "shared/complements.h"

namespace vitrine {

struct ComplementOptions {
  // Distinct users that must stand behind every number: the lift of a pair, a product's popularity.
  uint32_t min_users = 1;
  uint32_t max_basket = 2000;  // larger baskets (wholesale, bots) say nothing and cost a square
  // Purchases count for popularity by 2^(-age / half-life). 0 = a quarter of the log's span, at
  // most a week: what goes with a shirt does not change, what is bought does.
  double half_life_seconds = 0;
};

// As the rules of a shop are mined.
ComplementOptions ComplementOptionsOf(const MineOptions& options);

// Of each attribute, and of the words, the lift of every pair of values that enough users bought in
// one basket, as two products that are no variants of each other; and how often each product is
// bought. Empty when no pair has enough users behind it. O(sum of squared basket sizes).
// REQUIRES: baskets name products of the catalogue; `words` (mine/title_words.h) has one entry a
// product, or none at all.
ComplementsData MineComplements(const Baskets& baskets, const CatalogueData& catalogue,
                                std::span<const PairedWords> words,
                                const ComplementOptions& options);

}  // namespace vitrine
