// The coded axes as the device has them. A rotation that is rounded coarsely costs few bytes, but
// its axes are neither quite orthogonal nor of length 1: a vector has coordinates along them (what
// is to be coded), and products with them (what a query sees), and these are not the same numbers.
#pragma once

#include "indexer/support/matrix.h"
#include "shared/vectors/format.h"

namespace vitrine {

struct Frame {
  Matrix axes;  // k x d, the rows of the rotation times their steps
  Matrix dual;  // k x d: dual * x are the coordinates whose sum along the axes is nearest to x
};

// The frame of a model's rotation, by its normal equations: O(k^2 (k + d)).
Frame MakeFrame(const VectorModel& model);

// Vectors from the catalogue's mean, and what they are in a frame.
struct FramedVectors {
  Matrix vectors;      // n x d; zeros for one without direction
  Matrix coordinates;  // n x k: dual * x
  Matrix products;     // n x k: axes * x
};

// O(n d k); the same for any number of threads.
FramedVectors InFrame(const Frame& frame, Matrix vectors, size_t threads);

}  // namespace vitrine
