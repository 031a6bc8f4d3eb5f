// What the quantizer decides for a given loss: axes, steps and tables; and the codes of items.
#pragma once

#include <cstdint>
#include <vector>

#include "indexer/vectors/coder.h"
#include "indexer/vectors/training.h"
#include "shared/vectors/format.h"

namespace vitrine {

// What a bit costs, in units of the loss; from a sweep.
inline constexpr double kBitPrice = 0.12;

// A quantizer: the model without its cells' ranks, and the settings to choose codes with.
struct Plan {
  VectorModel model;
  std::vector<size_t> axis;  // the principal axis behind each coded axis
  std::vector<BitCosts> costs;
  CodeSettings settings;
  double sample_bits_per_item = 0;  // of the codes alone
};

// The quantizer whose steps have weight * step^2 = loss, tuned on the sample. Smaller loss = more
// bits.
Plan MakePlan(const Training& training, double loss, size_t threads);

struct ItemsToCode {
  MatrixView
      along;  // pool x k: they and others that may be near, along the coded axes from the mean
  size_t first = 0;                          // row of the first of them in the pool
  std::vector<uint16_t> cell;                // count
  std::vector<float> mean_rest, other_rest;  // mean . y and other . y over the axes not coded
  Neighbourhood neighbours;                  // of each of them, in the pool; may be empty
  std::vector<float> neighbour_rest;         // see RestOfProducts
};

// Codes of items, axis-major: k runs of `count` values.
std::vector<int8_t> CodeItems(const Training& training, const Plan& plan, const ItemsToCode& items,
                              size_t threads);

}  // namespace vitrine
