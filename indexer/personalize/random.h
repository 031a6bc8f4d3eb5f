// Random numbers that are the same on every platform (std's distributions are not).
#pragma once

#include <random>
#include <utility>
#include <vector>

namespace vitrine {

// A number in [0, 1) with 53 random bits.
inline double Uniform(std::mt19937_64& random) {
  return static_cast<double>(random() >> 11) * 0x1.0p-53;
}

// Any order is as likely as any other, but for the bias of the remainder (Fisher and Yates).
template <typename T>
void Shuffle(std::vector<T>& values, std::mt19937_64& random) {
  for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random() % i]);
}

}  // namespace vitrine
