#include "indexer/personalize/candidate_sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "indexer/personalize/random.h"

namespace vitrine {
namespace {
constexpr uint32_t kNowhere = std::numeric_limits<uint32_t>::max();
}  // namespace

CandidateSampler::CandidateSampler(const ItemRows& rows, std::span<const uint32_t> times_target,
                                   uint32_t batch, uint32_t negatives, bool all)
    : negatives_(negatives),
      all_(all),
      log_chance_(times_target.size()),
      position_of_(times_target.size(), kNowhere) {
  const auto n = static_cast<ItemIndex>(times_target.size());
  double examples = 0, total = 0;
  for (ItemIndex i = 0; i < n; ++i) {
    examples += times_target[i];
    if (!rows.Has(i)) continue;
    total += std::sqrt(times_target[i] + 1.0);
    known_.push_back(i);
    cumulative_.push_back(total);
  }
  if (all) return;
  for (ItemIndex i : known_) {
    const double expected = batch * times_target[i] / std::max(1.0, examples) +
                            negatives * std::sqrt(times_target[i] + 1.0) / total;
    log_chance_[i] = static_cast<float>(std::log(-std::expm1(-expected)));
  }
}

void CandidateSampler::Add(ItemIndex item) {
  if (position_of_[item] != kNowhere) return;
  position_of_[item] = static_cast<uint32_t>(candidates_.size());
  candidates_.push_back(item);
}

void CandidateSampler::Choose(std::span<const ItemIndex> targets, std::mt19937_64& random) {
  for (ItemIndex item : candidates_) position_of_[item] = kNowhere;
  candidates_.clear();
  if (all_) {
    for (ItemIndex item : known_) Add(item);
    return;
  }
  for (ItemIndex item : targets) Add(item);
  for (uint32_t s = 0; s < negatives_; ++s) {
    const double at = Uniform(random) * cumulative_.back();
    Add(known_[static_cast<size_t>(std::upper_bound(cumulative_.begin(), cumulative_.end(), at) -
                                   cumulative_.begin())]);
  }
}

}  // namespace vitrine
