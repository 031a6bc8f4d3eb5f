// What the quantizer learns from a sample of the items, and what it decides for a given step.
#pragma once

#include <cstdint>
#include <vector>

#include "indexer/support/matrix.h"
#include "indexer/vectors/coder.h"
#include "indexer/vectors/pca.h"
#include "indexer/vectors/quantizer.h"
#include "shared/vectors/format.h"

namespace vitrine {

// What a bit costs, in units of the loss; from a sweep.
inline constexpr double kBitPrice = 0.12;

struct Training {
  size_t items = 0;  // of the whole catalogue
  Pca pca;           // all d axes; its mean is rounded as the section stores it
  float mean_step = 0;
  std::vector<int16_t> mean;
  std::vector<float> mean_along;         // m: the mean's coordinates
  Matrix sample;                         // coordinates of sampled items from the mean, s x m
  Matrix centroids;                      // cells x m
  std::vector<uint16_t> cell;            // s
  std::vector<float> residual_variance;  // m: about the centroids
  std::vector<float> weight;             // m: what a squared error costs, by the queries near items
  std::vector<float> other_direction;    // m: mean of the other queries, zeros when there are none
  std::vector<float> other_mean;         // the same before rotation
};

Training Train(MatrixView rows, const QuantizerOptions& options);

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

// Codes of items, axis-major (k runs of `count` values), from coordinates along the coded axes.
// rest: for each item m . e over all axes for codes of zero, see ErrorDirection.
struct ItemsToCode {
  MatrixView along;                          // count x k, from the mean
  std::vector<uint16_t> cell;                // count
  std::vector<float> mean_rest, other_rest;  // mean . y and other . y over the axes not coded
};
std::vector<int8_t> CodeItems(const Training& training, const Plan& plan, const ItemsToCode& items,
                              size_t threads);

}  // namespace vitrine
