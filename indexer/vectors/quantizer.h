// Builds the section of quantized vectors that the shopper's page downloads (docs/vectors.md).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "indexer/support/matrix.h"
#include "shared/bytes.h"
#include "shared/result.h"

namespace vitrine {

struct QuantizerOptions {
  // The size of the section per item, everything included (rotation, centroids, tables). Lower: a
  // smaller download; higher: truer neighbours. Of the exact twenty nearest, 24 bytes find about
  // 90 %, 64 about 96 %, 128 about 98 %. A section may take 16 KiB at least, so catalogues below a
  // few hundred items can be larger than this.
  double bytes_per_item = 64;
  // Item i is row order[i]; empty = the order of the rows.
  std::span<const uint32_t> order = {};
  // A sample of queries of another kind than the items (text, photos of shoppers), at least a few
  // dozen: errors that would disturb them are kept small too. Empty = items are the queries.
  MatrixView other_queries = {};
  size_t threads = 0;  // 0 = all of the machine's; the bytes do not depend on it
};

// The payload of section VECT for these vectors (any lengths; they are normalised). Blank rows
// (NaN, infinite, zero) are kept as items that no search finds. Fails when bytes_per_item is not in
// [4, 1024], when d is 0 or above 8192 while there are rows, when there are more than 2^24 rows, or
// when other_queries have another d.
//
// Trains on at most 40,000 rows, then streams over all: memory is that sample plus the section.
// 100,000 x 512 at 64 bytes: about 33 s on two cores.
Result<Bytes> BuildVectorSection(MatrixView rows, const QuantizerOptions& options);

// The same section in a first download and several later ones, for VectorIndex::Open and Refine.
struct ProgressiveSection {
  Bytes base;                      // all items, the most telling axes
  std::vector<Bytes> refinements;  // the other axes of `blocks_per_refinement` blocks of items each
};
// REQUIRES: `payload` is from BuildVectorSection.
ProgressiveSection SplitVectorSection(ByteView payload, uint32_t blocks_per_refinement);

}  // namespace vitrine
