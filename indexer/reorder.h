// Putting a whole shop into another item order at once.
#pragma once

#include <span>
#include <vector>

#include "indexer/shop.h"
#include "indexer/support/matrix.h"

namespace vitrine {

// order[p] = the product that comes to stand at position p. Products, interactions, baskets and the
// rows of `vectors` follow. REQUIRES: a permutation of 0..products-1.
void Reorder(std::span<const uint32_t> order, Shop& shop, Matrix& vectors);

// An order that leaves the products of an earlier build where they stood, so that builds differ in
// little: `published` are the Fnv1a64 of that build's ids by item, `fresh` is the order of a first
// build. New products take the places of those that are gone, then the end, in the order of
// `fresh`. When less than three quarters of the products would keep their place, `fresh` itself.
// O(n).
std::vector<uint32_t> StableOrder(std::span<const uint64_t> published,
                                  std::span<const Product> products,
                                  const std::vector<uint32_t>& fresh);
// The rows alone; a matrix without rows stays as it is.
void ReorderRows(std::span<const uint32_t> order, Matrix& rows);

}  // namespace vitrine
