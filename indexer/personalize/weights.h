// How much one interaction counts: kind x weight x age.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "indexer/personalize/taste_builder.h"

namespace vitrine {

class InteractionWeights {
 public:
  InteractionWeights(std::span<const Interaction> interactions, const TasteOptions& options)
      : options_(options) {
    for (const Interaction& event : interactions) newest_ = std::max(newest_, event.time_seconds);
  }

  float operator()(const Interaction& event) const {
    const double age_days = static_cast<double>(newest_ - event.time_seconds) / 86400.0;
    // A half-life that is still to be chosen decays nothing.
    const double decay =
        options_.half_life_days > 0 ? std::exp2(-age_days / options_.half_life_days) : 1;
    return static_cast<float>(decay) * event.weight *
           options_.kind_weight[static_cast<size_t>(event.kind)];
  }

 private:
  const TasteOptions& options_;
  int64_t newest_ = std::numeric_limits<int64_t>::min();
};

}  // namespace vitrine
