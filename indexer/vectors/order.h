// An order of the items in which near neighbours stand near each other: sections compress better,
// and shards hold products that belong together.
#pragma once

#include <cstdint>
#include <vector>

#include "indexer/support/matrix.h"

namespace vitrine {

// order[p] = the row that stands at position p; a permutation of 0..rows-1, blank rows (NaN,
// infinite, zero) last. The same for any number of threads (0 = all of the machine's).
//
// Recursive halving along the principal direction (Boley, "Principal Direction Divisive
// Partitioning", 1998) of the vectors' first principal components. O(n log n), memory 256 B/row.
std::vector<uint32_t> NeighbourOrder(MatrixView rows, size_t threads = 0);

}  // namespace vitrine
