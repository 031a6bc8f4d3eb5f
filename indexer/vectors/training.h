// What the quantizer learns from a sample of the items, and what it decides for a given step.
#pragma once

#include <cstdint>
#include <vector>

#include "indexer/support/matrix.h"
#include "indexer/vectors/coder.h"
#include "indexer/vectors/neighbourhood.h"
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
  std::vector<size_t> tuning;            // rows of the sample that plans are tuned on
  Matrix tuning_rows;                    // the same, t x m
  Neighbourhood tuning_neighbours;       // among them
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

struct ItemsToCode {
  MatrixView along;                          // count x k: along the coded axes, from the mean
  std::vector<uint16_t> cell;                // count
  std::vector<float> mean_rest, other_rest;  // mean . y and other . y over the axes not coded
  Neighbourhood neighbours;                  // among these items; may be empty
  std::vector<float> neighbour_rest;         // see RestOfProducts
};

// Codes of items, axis-major: k runs of `count` values.
std::vector<int8_t> CodeItems(const Training& training, const Plan& plan, const ItemsToCode& items,
                              size_t threads);

}  // namespace vitrine
