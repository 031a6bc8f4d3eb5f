// Principal components of a cloud of vectors (Pearson 1901; eigenvectors of the covariance).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "indexer/support/matrix.h"

namespace vitrine {

struct Pca {
  std::vector<float> mean;      // d values
  Matrix axes;                  // k x d, orthonormal rows, by descending variance
  std::vector<float> variance;  // of the cloud along each axis, k values
};

// A row without direction: some component is NaN or infinite, or all are zero.
bool IsBlank(std::span<const float> row);

// The row scaled to length 1 into out[0..cols-1]. REQUIRES: !IsBlank(row).
void Normalise(std::span<const float> row, std::span<float> out);

// The picked rows, normalised, from the mean; zeros for blank ones.
Matrix FromMean(MatrixView rows, std::span<const uint32_t> pick, std::span<const float> mean);

// Components of the L2-normalised rows, blank rows left out, from at most `sample` evenly spaced
// rows (fewer for d above 600). Gives at most min(axes, d) components, fewer when the rows do not
// span as many. O(sample d^2 + d^3), and never more than about 10 s.
Pca ComputePca(MatrixView rows, size_t axes, size_t sample, size_t threads);

// Coordinates of the normalised rows along the axes, mean removed: n x k. Blank rows give zeros.
Matrix Project(MatrixView rows, const Pca& pca, size_t threads);

}  // namespace vitrine
