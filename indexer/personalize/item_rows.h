// The trainable vectors of products: each product's own row plus the rows of its features, summed
// and normalised, with gradients and moments of Adam. What products share, a new product has on its
// first day.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "indexer/personalize/kernels.h"
#include "shared/item.h"

namespace vitrine {

// Product i has the features feature[f], ascending, with weight[f], offset[i] <= f < offset[i+1].
// An attribute is a feature of weight 1; the k-th component of a content vector is a feature with
// that weight, so that the features' rows are its projection.
struct ItemFeatures {
  uint32_t count = 0;  // distinct features
  std::vector<uint32_t> offset, feature;
  std::vector<float> weight;  // parallel to `feature`

  bool Describe(ItemIndex item) const { return count > 0 && offset[item + 1] > offset[item]; }
};

class ItemRows {
 public:
  // `own[i]`: product i has a row of its own. Both must outlive the object. Components from
  // `dimensions` on are zero, and stay so when their gradients are.
  ItemRows(const std::vector<bool>& own, const ItemFeatures& features, uint32_t dimensions,
           std::mt19937_64& random);

  // Whether anything is known of the product.
  bool Has(ItemIndex item) const { return own_[item] || features_.Describe(item); }
  // Computes the unit vectors of these products (each once), so that Unit() only copies them.
  void Prepare(std::span<const ItemIndex> items, int threads) const;
  // The unit vector of a product, from the current rows. `out`: 64 components, 64-byte aligned. Not
  // for several threads at once.
  void Unit(ItemIndex item, float* out) const;
  // Adds to the gradient by the product's unit vector.
  void AddGradient(ItemIndex item, const float* gradient);
  // One step of Adam on the rows of all products that gradients were added to, in that order. The
  // number of threads never changes the result: each row is one thread's.
  void Update(const kernels::AdamStep& adam, int threads);

 private:
  // The rows that the vector of a product is the sum of, with their weights.
  struct Parts {
    const uint32_t* row;
    const float* weight;
    size_t count;
  };
  Parts PartsOf(ItemIndex item) const {
    const size_t first = part_offset_[item];
    return {part_row_.data() + first, part_weight_.data() + first, part_offset_[item + 1] - first};
  }
  void ComputeUnit(ItemIndex item) const;
  // From the gradient by a product's unit vector to that by the sum behind it.
  void ThroughNormalisation(ItemIndex item);
  // Gradients and the step of Adam for the rows begin .. end - 1.
  void UpdateRows(uint32_t begin, uint32_t end, const kernels::AdamStep& adam);

  const std::vector<bool>& own_;
  const ItemFeatures& features_;
  // Parts of product i: part_offset_[i] .. [i + 1], in ascending order of their rows.
  std::vector<size_t> part_offset_ = {0};
  std::vector<uint32_t> part_row_;
  std::vector<float> part_weight_;
  std::vector<uint32_t> row_share_;  // ends of the ranges of rows that threads share out
  mutable kernels::Floats unit_;
  mutable std::vector<float> length_;      // 0 = unit_ does not hold the product
  mutable std::vector<ItemIndex> summed_;  // the products that it holds
  kernels::Floats row_, first_, second_;   // rows of products, then of features
  kernels::Floats item_gradient_, row_gradient_;
  std::vector<bool> item_touched_;
  std::vector<uint8_t> row_touched_;
  std::vector<ItemIndex> touched_items_;
};

}  // namespace vitrine
