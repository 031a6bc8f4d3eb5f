// Clouds of vectors for the tests: clusters on a cone, as image encoders give them.
#pragma once

#include <cmath>
#include <random>

#include "indexer/support/matrix.h"

namespace vitrine {

// `rows` unit vectors around `clusters` centres around a common mean; the later dimensions matter
// less. Seeded: the same each time on every platform (no std distribution).
inline Matrix ClusteredCloud(size_t rows, size_t cols, size_t clusters, uint64_t seed) {
  std::mt19937_64 random(seed);
  auto gaussian = [&] {  // sum of 12 uniforms (Irwin-Hall): close to normal, and portable
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(random() >> 11) * 0x1p-53;
    return sum;
  };
  auto scale = [](size_t j) { return 1 / std::sqrt(1.0 + static_cast<double>(j)); };
  Matrix centres(clusters, cols), cloud(rows, cols);
  for (size_t c = 0; c < clusters; ++c) {
    for (size_t j = 0; j < cols; ++j) centres.row(c)[j] = static_cast<float>(gaussian() * scale(j));
  }
  for (size_t i = 0; i < rows; ++i) {
    const auto centre = centres.row(random() % clusters);
    double length = 0;
    for (size_t j = 0; j < cols; ++j) {
      const double x = (j < 4 ? 1.0 : 0.2) + centre[j] + 0.7 * gaussian() * scale(j);
      cloud.row(i)[j] = static_cast<float>(x);
      length += x * x;
    }
    for (float& x : cloud.row(i)) x = static_cast<float>(x / std::sqrt(length));
  }
  return cloud;
}

}  // namespace vitrine
