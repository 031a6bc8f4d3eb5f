// Cells of near vectors: k-means (Lloyd 1982).
#pragma once

#include <cstdint>
#include <vector>

#include "indexer/support/matrix.h"

namespace vitrine {

// The nearest centroid (Euclidean, over the first `axes` columns) of each row, as its number; ties
// go to the lowest. O(rows x centroids x axes).
std::vector<uint16_t> NearestCells(MatrixView points, MatrixView centroids, size_t axes,
                                   size_t threads);

// `count` centroids (all columns) after `rounds` rounds, started from evenly spaced rows. An empty
// cell moves to the point that lies furthest from its own centre. Deterministic for any number of
// threads. REQUIRES: 1 <= count <= 65536, count <= rows.
Matrix TrainCells(MatrixView points, size_t count, size_t axes, int rounds, size_t threads);

}  // namespace vitrine
