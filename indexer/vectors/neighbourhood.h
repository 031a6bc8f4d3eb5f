// Which items stand near each other, for the choice of their codes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "indexer/support/matrix.h"
#include "indexer/vectors/frame.h"

namespace vitrine {

// The neighbours of n items: those of item i are item[i * each .. (i + 1) * each), ascending.
struct Neighbourhood {
  size_t each = 0;
  size_t most = 0;  // that each item would have in a larger set
  std::vector<uint32_t> item;

  size_t size() const { return each > 0 ? item.size() / each : 0; }
  std::span<const uint32_t> of(size_t i) const { return {item.data() + i * each, each}; }
};

// Whether a shop is so small that an item's neighbours are looked for among all items, and not in
// its block alone: it takes time that grows with the square of the items, and all of them in
// memory.
bool IsSmallShop(MatrixView rows);
// How many neighbours an item's codes are chosen by.
size_t MostNeighbours(MatrixView rows);

// The neighbours by inner product with m + x_i, of items x given from the catalogue's mean m along
// axes of which the first tell most (at most kNeighbourAxes are looked at). At most `most` and an
// eighth of the items, so a set of fewer than eight has none; rows of zeros (blank items) are the
// last to be taken. O(n^2).
inline constexpr size_t kNeighbourAxes = 128;
Neighbourhood FindNeighbourhood(MatrixView items, std::span<const float> mean, size_t most,
                                size_t threads);

// For each item i, which is row `first` + i, and each of its neighbours j, in their order: x_j .
// what x_i's coordinates in the frame leave of it.
std::vector<float> RestOfProducts(const Neighbourhood& neighbours, const FramedVectors& items,
                                  size_t first, size_t threads);

}  // namespace vitrine
