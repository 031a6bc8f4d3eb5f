// What the quantizer decides for a given loss: axes, steps and tables; and the codes of items.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "indexer/vectors/coder.h"
#include "indexer/vectors/frame.h"
#include "indexer/vectors/training.h"
#include "shared/vectors/format.h"

namespace vitrine {

// What a bit costs, in units of the loss; from a sweep.
inline constexpr double kBitPrice = 0.12;

// A quantizer: the model without its cells' ranks, and the settings to choose codes with.
struct Plan {
  VectorModel model;
  Frame frame;
  Matrix centroids;  // cells x k: coordinates
  // The mean, and that of the other queries (zeros when there are none): d, and their products with
  // the axes.
  std::vector<float> mean, mean_products, other, other_products;
  std::vector<BitCosts> costs;
  CodeSettings settings;
  double sample_bits_per_item = 0;  // of the codes alone
};

// The quantizer whose steps have weight * step^2 = loss, tuned on the sample. Smaller loss = more
// bits.
Plan MakePlan(const Training& training, double loss, size_t threads);

// Sets what follows from the plan's model and its frame: centroids, means and their products.
void SetGeometry(std::span<const float> other_mean, Plan& plan);

// Rows first .. first + cell.size() - 1 of a pool, which are to be coded.
struct ItemsToCode {
  const FramedVectors& pool;  // they and others that may be near
  size_t first = 0;
  std::vector<uint16_t> cell;
  Neighbourhood neighbours;  // of each of them, in the pool; may be empty
};

// Codes of items, axis-major: k runs of `count` values. The same for any number of threads.
std::vector<int8_t> CodeItems(const Plan& plan, const ItemsToCode& items, size_t threads);

}  // namespace vitrine
