#include <algorithm>
#include <cmath>

#include "indexer/personalize/taste_builder.h"
#include "indexer/personalize/weights.h"

namespace vitrine {

PopularityData MinePopularity(std::span<const Interaction> interactions, uint32_t item_count,
                              const TasteOptions& options) {
  const InteractionWeights weigh(interactions, options);
  std::vector<double> score(item_count);
  std::vector<std::pair<ItemIndex, uint32_t>> touched;  // (item, user), for the distinct count
  touched.reserve(interactions.size());
  for (const Interaction& event : interactions) {
    score[event.item] += weigh(event);
    touched.emplace_back(event.item, event.user);
  }
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());

  PopularityData data{std::vector<float>(item_count), std::vector<uint32_t>(item_count)};
  for (const auto& [item, user] : touched) ++data.shoppers[item];
  for (uint32_t i = 0; i < item_count; ++i) {
    if (data.shoppers[i] < options.min_users) data.shoppers[i] = 0;
    if (data.shoppers[i] > 0) data.score[i] = static_cast<float>(score[i]);
  }
  return data;
}

double ChooseHalfLife(std::span<const Interaction> earlier, std::span<const Interaction> later,
                      uint32_t item_count, const TasteOptions& options) {
  constexpr double kHardlyAny = 36500;
  if (earlier.empty() || later.empty()) return kHardlyAny;
  int64_t oldest = earlier[0].time_seconds, newest = oldest;
  for (const Interaction& event : earlier) {
    oldest = std::min(oldest, event.time_seconds);
    newest = std::max(newest, event.time_seconds);
  }
  const double span_days = static_cast<double>(newest - oldest) / 86400;
  double best = kHardlyAny, best_likelihood = -1e300;
  TasteOptions tried = options;
  tried.min_users = 1;
  for (double half_life :
       {kHardlyAny, span_days / 2, span_days / 8, span_days / 32, span_days / 128}) {
    if (half_life <= 0) continue;
    tried.half_life_days = half_life;
    const PopularityData popularity = MinePopularity(earlier, item_count, tried);
    double total = 0, likelihood = 0;
    for (float score : popularity.score) total += static_cast<double>(score);
    const double smooth = 0.1 * total / item_count;  // for what was not seen
    for (const Interaction& event : later) {
      likelihood += std::log((popularity.score[event.item] + smooth) / (total * 1.1));
    }
    if (likelihood > best_likelihood) best_likelihood = likelihood, best = half_life;
  }
  return best;
}

}  // namespace vitrine
