// Sums in a fixed order that compilers can still vectorise.
#pragma once

#include <array>
#include <cstddef>

namespace vitrine {

inline constexpr size_t kLanes = 8;

// The inner product of n numbers, the same bits wherever they lie in memory.
inline float LaneDot(const float* a, const float* b, size_t n) {
  std::array<float, kLanes> lanes{};
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (size_t l = 0; l < kLanes; ++l) lanes[l] += a[i + l] * b[i + l];
  }
  for (size_t l = 0; i < n; ++i, ++l) lanes[l] += a[i] * b[i];
  float sum = 0;
  for (float lane : lanes) sum += lane;
  return sum;
}

}  // namespace vitrine
