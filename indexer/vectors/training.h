// What the quantizer learns from a sample of the items.
#pragma once

#include <cstdint>
#include <vector>

#include "indexer/support/matrix.h"
#include "indexer/vectors/neighbourhood.h"
#include "indexer/vectors/pca.h"
#include "indexer/vectors/quantizer.h"

namespace vitrine {

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

}  // namespace vitrine
