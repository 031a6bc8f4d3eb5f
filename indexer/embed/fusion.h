// Several encoders' rows as one vector per product.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "indexer/support/matrix.h"

namespace vitrine {

void NormaliseRows(Matrix& rows);

// An encoder's block: rows of length 1 (zero ones stay zero), at most `max_dimensions` columns
// (principal components when there are more).
Matrix MakeBlock(Matrix rows, uint32_t max_dimensions, unsigned threads);

// The blocks side by side, each times its weight; rows of length 1. The dot product of two rows is
// the mean of their dot products in each block, weighted by the squares of the weights. REQUIRES:
// one weight per block, all blocks of equally many rows.
Matrix Fuse(std::span<const Matrix> blocks, std::span<const float> weights);

// image and text are of one joint space, rows of length 1 or zero: (1 - w) * photo + w * text, text
// alone where there is no photo, photo alone where there is no text. Not normalised.
Matrix JointMean(const Matrix& image, const Matrix& text, float text_weight);

// The weights with the best mean precision at 10 over `labels` (see precision.h), found by trying
// for one block after the other: 0, 1/4, 1/2, 0.7, 1, 1.4, 2, 4, until nothing gets better. Starts
// from `weights`; ties keep the earlier. At most 2,000 products are asked about,
// fewer in large catalogues. Cost: seconds per try.
std::vector<float> TuneWeights(std::span<const Matrix> blocks, std::vector<float> weights,
                               std::span<const std::vector<uint32_t>> labels, unsigned threads);

// The text weight of JointMean() with the best precision, of 0, 1/4, 1/2, 3/4, 1.
float TuneJointWeight(const Matrix& image, const Matrix& text, float text_weight,
                      std::span<const std::vector<uint32_t>> labels, unsigned threads);

}  // namespace vitrine
