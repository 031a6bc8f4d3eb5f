// How much one interaction counts: kind x weight x age.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "indexer/personalize/taste_builder.h"

namespace vitrine {

// What goes with what stays true so many times as long as what is popular.
inline constexpr double kTogetherHalfLives = 16;

// Of what is so old; without a half-life nothing ages.
inline double WeightOfAge(int64_t age_seconds, double half_life_days) {
  if (half_life_days <= 0) return 1;
  return std::exp2(-(static_cast<double>(age_seconds) / 86400.0) / half_life_days);
}

class InteractionWeights {
 public:
  // `half_lives`: how many of the options' half-lives it takes until one weighs half.
  InteractionWeights(std::span<const Interaction> interactions, const TasteOptions& options,
                     double half_lives = 1)
      : options_(options), half_life_days_(half_lives * options.half_life_days) {
    for (const Interaction& event : interactions) newest_ = std::max(newest_, event.time_seconds);
  }

  float operator()(const Interaction& event) const {
    const double decay = WeightOfAge(newest_ - event.time_seconds, half_life_days_);
    return static_cast<float>(decay) * event.weight *
           options_.kind_weight[static_cast<size_t>(event.kind)];
  }

 private:
  const TasteOptions& options_;
  const double half_life_days_;
  int64_t newest_ = std::numeric_limits<int64_t>::min();
};

}  // namespace vitrine
