// Positive weights in one byte, on a logarithmic scale: level c stands for kLevelStep^c, so level 0
// is 1 and each level is 4 % smaller than the one before. 255 levels reach down to 3e-5.
#pragma once

#include <array>
#include <cstdint>

namespace vitrine {

inline constexpr double kLevelStep = 0.96;

// Built by multiplication alone: the same bits on every platform.
inline constexpr std::array<float, 256> kLevels = [] {
  std::array<float, 256> levels{};
  double value = 1;
  for (float& level : levels) {
    level = static_cast<float>(value);
    value *= kLevelStep;
  }
  return levels;
}();

// The level nearest to `value`; anything above 1 is level 0, anything below the last is level 255.
inline uint8_t LevelOf(float value) {
  int low = 0, high = 255;  // the first level <= value
  while (low < high) {
    const int middle = (low + high) / 2;
    if (kLevels[middle] <= value) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  if (low > 0 && value - kLevels[low] > kLevels[low - 1] - value) --low;
  return static_cast<uint8_t>(low);
}

}  // namespace vitrine
