// Baskets that matter less the older they are, with counts that stay exact integers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace vitrine {

// The weight of the newest basket: halving it twenty times still leaves a weight of 1.
inline constexpr uint32_t kDecayUnit = 1u << 20;

// kDecayUnit * 2^(-age / half_life), rounded, age counted from the newest basket. Baskets too old
// to weigh 1 weigh 0. REQUIRES: half_life_seconds > 0.
uint32_t DecayWeight(int64_t time_seconds, int64_t newest_seconds, double half_life_seconds);

// Of every basket.
std::vector<uint32_t> DecayWeights(std::span<const int64_t> time_seconds, double half_life_seconds);

}  // namespace vitrine
