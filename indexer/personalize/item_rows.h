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
  // The unit vector of a product, from the current rows. `out`: 64 components, 64-byte aligned. For
  // several threads at once only after Prepare().
  void Unit(ItemIndex item, float* out) const;
  // Adds gradients by the products' unit vectors, those of one product in the order given; each
  // product is one thread's.
  struct Gradient {
    ItemIndex item;
    const float* by_unit;  // 64 components, 64-byte aligned
  };
  void AddGradients(std::span<const Gradient> gradients, int threads);
  // One step of Adam on the rows of all products that gradients were added to, in that order. The
  // number of threads never changes the result: each row is one thread's.
  void Update(const kernels::AdamStep& adam, int threads);

 private:
  struct Table {  // rows with their moments
    Table(size_t rows, uint32_t dimensions, std::mt19937_64& random);
    void Step(size_t row, const float* gradient, const kernels::AdamStep& adam);
    kernels::Floats value, first, second;
  };
  struct Features {
    std::span<const uint32_t> index;  // ascending
    const float* weight = nullptr;    // parallel to it
  };
  Features FeaturesOf(ItemIndex item) const;
  void ComputeUnit(ItemIndex item) const;
  void UpdateItem(ItemIndex item, const kernels::AdamStep& adam);
  // Gradients and the step of Adam for the features begin .. end - 1.
  void UpdateFeatures(uint32_t begin, uint32_t end, const kernels::AdamStep& adam);

  const std::vector<bool>& own_;
  const ItemFeatures& features_;
  Table items_, shared_;                       // rows of products and of features
  std::vector<uint32_t> feature_share_ = {0};  // ends of ranges that about as many products have
  mutable kernels::Floats unit_;
  mutable std::vector<float> length_;      // 0 = unit_ does not hold the product
  mutable std::vector<ItemIndex> summed_;  // the products that it holds
  kernels::Floats item_gradient_, feature_gradient_;
  std::vector<bool> item_touched_;
  std::vector<uint8_t> feature_touched_;  // written by the thread of its range
  std::vector<ItemIndex> touched_items_;
};

}  // namespace vitrine
