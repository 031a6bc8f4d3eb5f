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
  Matrix centres;                        // the centroids as vectors, cells x d
  std::vector<float> other_mean;         // of the other queries: d, zeros when there are none
  // Items of the sample that plans are tuned on: from the mean, t x d; their cells, and who is near
  // whom among them.
  Matrix tuning_vectors;
  std::vector<uint16_t> tuning_cell;
  Neighbourhood tuning_neighbours;
};

Training Train(MatrixView rows, const QuantizerOptions& options);

}  // namespace vitrine
