#include "indexer/vectors/coder.h"

#include <algorithm>
#include <cmath>

#include "indexer/vectors/lanes.h"

namespace vitrine {
namespace {
constexpr int kPasses = 4;
}

BitCosts BitCosts::Gaussian(double deviation) {
  BitCosts costs;
  deviation = std::max(deviation, 0.05);
  auto below = [&](double x) { return 0.5 * std::erfc(-x / (deviation * std::sqrt(2.0))); };
  for (int value = costs.low_; value <= costs.high_; ++value) {
    const double p = below(value + 0.5) - below(value - 0.5);
    costs.bits_.push_back(static_cast<float>(-std::log2(p + 1e-5)));
  }
  return costs;
}

BitCosts::BitCosts(const FrequencyTable& table) : low_(table.low), high_(table.high()) {
  for (uint16_t f : table.frequency) {
    bits_.push_back(static_cast<float>(kRansBits - std::log2(static_cast<double>(f))));
  }
}

void ChooseCodes(const CodeSettings& settings, std::span<const float> residual,
                 const ErrorDirections& directions, std::span<int8_t> codes) {
  const size_t k = residual.size(), count = directions.count;
  std::vector<float> seen(directions.rest.begin(), directions.rest.end());  // v . e
  std::vector<float> curvature(k);
  auto move = [&](size_t a, float change) {
    const float* along = directions.along.data() + a * count;
    for (size_t v = 0; v < count; ++v) seen[v] += along[v] * change;
  };
  auto error = [&](size_t a) {
    return residual[a] - static_cast<float>(codes[a]) * settings.step[a];
  };
  for (size_t a = 0; a < k; ++a) {
    const BitCosts& cost = *settings.cost[a];
    const float* along = directions.along.data() + a * count;
    curvature[a] = directions.weight_share * settings.weight[a] + LaneDot(along, along, count);
    codes[a] = static_cast<int8_t>(std::clamp(std::round(residual[a] / settings.step[a]),
                                              static_cast<float>(cost.low()),
                                              static_cast<float>(cost.high())));
    move(a, error(a));
  }
  for (int pass = 0; pass < kPasses; ++pass) {
    bool changed = false;
    for (size_t a = 0; a < k; ++a) {
      const BitCosts& cost = *settings.cost[a];
      const int now = codes[a];
      const float* along = directions.along.data() + a * count;
      const float slope = directions.weight_share * settings.weight[a] * error(a) +
                          LaneDot(along, seen.data(), count);
      float best_loss = 0, best_change = 0;
      int best = now;
      auto consider = [&](int code) {
        if (code < cost.low() || code > cost.high()) return;
        const float change = static_cast<float>(now - code) * settings.step[a];
        const float loss = (2 * slope + curvature[a] * change) * change +
                           settings.lambda * (cost(code) - cost(now));
        if (loss < best_loss) best_loss = loss, best = code, best_change = change;
      };
      consider(now - 1);
      consider(now + 1);
      if (now > 1 || now < -1) consider(0);
      if (best == now) continue;
      changed = true;
      codes[a] = static_cast<int8_t>(best);
      move(a, best_change);
    }
    if (!changed) break;
  }
}

}  // namespace vitrine
