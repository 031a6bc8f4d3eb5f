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

class InteractionWeights {
 public:
  // `half_lives`: how many of the options' half-lives it takes until one weighs half.
  InteractionWeights(std::span<const Interaction> interactions, const TasteOptions& options,
                     double half_lives = 1)
      : options_(options), half_life_days_(half_lives * options.half_life_days) {
    for (const Interaction& event : interactions) newest_ = std::max(newest_, event.time_seconds);
  }

  float operator()(const Interaction& event) const {
    const double age_days = static_cast<double>(newest_ - event.time_seconds) / 86400.0;
    // A half-life that is still to be chosen decays nothing.
    const double decay = half_life_days_ > 0 ? std::exp2(-age_days / half_life_days_) : 1;
    return static_cast<float>(decay) * event.weight *
           options_.kind_weight[static_cast<size_t>(event.kind)];
  }

 private:
  const TasteOptions& options_;
  const double half_life_days_;
  int64_t newest_ = std::numeric_limits<int64_t>::min();
};

}  // namespace vitrine
