// Many columns to few: the dense vectors that the index works on.
#pragma once

#include <span>
#include <vector>

#include "indexer/embed/bag_of_words.h"
#include "indexer/support/matrix.h"

namespace vitrine {

// A linear map x -> (x - mean) * basis, basis cols x dimensions row-major.
struct LinearMap {
  size_t cols = 0;
  size_t dimensions = 0;
  std::vector<float> mean;  // empty = zero
  std::vector<float> basis;
};

// Truncated SVD by randomised subspace iteration (Halko, Martinsson, Tropp 2011, algorithm 4.4),
// fitted to at most `max_rows` rows spread evenly. Deterministic. Fewer rows or columns than
// dimensions give fewer dimensions. O(entries * dimensions * passes).
LinearMap FitSvd(const SparseMatrix& rows, uint32_t dimensions, size_t max_rows = 20'000);
// The same for dense rows, with their mean taken off first (principal components).
LinearMap FitPca(MatrixView rows, uint32_t dimensions, size_t max_rows = 8'000);
// Random signs / sqrt(dimensions): keeps distances in the mean (Achlioptas 2003); no fitting.
LinearMap RandomSigns(size_t cols, uint32_t dimensions);

// out row i = map of rows row i. REQUIRES: out is rows x map.dimensions.
void Apply(const LinearMap& map, const SparseMatrix& rows, Matrix& out, unsigned threads);
void Apply(const LinearMap& map, MatrixView rows, Matrix& out, unsigned threads);

// Scales to length 1; a zero row stays zero. Summed in order, in double precision.
void Normalise(std::span<float> row);

}  // namespace vitrine
