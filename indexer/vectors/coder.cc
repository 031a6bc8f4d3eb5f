#include "indexer/vectors/coder.h"

#include <algorithm>
#include <cmath>

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
                 std::array<ErrorDirection, 2> directions, std::span<int8_t> codes) {
  const size_t k = residual.size();
  const auto first = directions[0].along, second = directions[1].along;
  float along_first = directions[0].rest, along_second = directions[1].rest;
  for (size_t a = 0; a < k; ++a) {
    const BitCosts& cost = *settings.cost[a];
    const float nearest = std::round(residual[a] / settings.step[a]);
    const int code = static_cast<int>(
        std::clamp(nearest, static_cast<float>(cost.low()), static_cast<float>(cost.high())));
    codes[a] = static_cast<int8_t>(code);
    const float error = residual[a] - static_cast<float>(code) * settings.step[a];
    along_first += first[a] * error;
    along_second += second[a] * error;
  }
  for (int pass = 0; pass < kPasses; ++pass) {
    bool changed = false;
    for (size_t a = 0; a < k; ++a) {
      const BitCosts& cost = *settings.cost[a];
      const int now = codes[a];
      const float step = settings.step[a];
      const float error_now = residual[a] - static_cast<float>(now) * step;
      float best_loss = 0;
      int best = now;
      auto consider = [&](int code, bool must) {
        if (code < cost.low() || code > cost.high()) return;
        const float error = residual[a] - static_cast<float>(code) * step;
        const float change = error - error_now;
        const float f = along_first + first[a] * change, s = along_second + second[a] * change;
        const float loss =
            settings.weight[a] * error * error + f * f + s * s + settings.lambda * cost(code);
        if (must || loss < best_loss) best_loss = loss, best = code;
      };
      consider(now, true);
      consider(now - 1, false);
      consider(now + 1, false);
      if (now > 1 || now < -1) consider(0, false);
      if (best == now) continue;
      changed = true;
      codes[a] = static_cast<int8_t>(best);
      const float change = static_cast<float>(now - best) * step;
      along_first += first[a] * change;
      along_second += second[a] * change;
    }
    if (!changed) break;
  }
}

}  // namespace vitrine
