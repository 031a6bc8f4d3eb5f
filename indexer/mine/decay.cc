#include "indexer/mine/decay.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace vitrine {

uint32_t DecayWeight(int64_t time_seconds, int64_t newest_seconds, double half_life_seconds) {
  assert(half_life_seconds > 0);
  const double half_lives =
      (static_cast<double>(newest_seconds) - static_cast<double>(time_seconds)) / half_life_seconds;
  return static_cast<uint32_t>(std::lround(kDecayUnit * std::exp2(-half_lives)));
}

std::vector<uint32_t> DecayWeights(std::span<const int64_t> time_seconds,
                                   double half_life_seconds) {
  std::vector<uint32_t> weights;
  if (time_seconds.empty()) return weights;
  const int64_t newest = *std::max_element(time_seconds.begin(), time_seconds.end());
  weights.reserve(time_seconds.size());
  for (int64_t time : time_seconds) weights.push_back(DecayWeight(time, newest, half_life_seconds));
  return weights;
}

}  // namespace vitrine
