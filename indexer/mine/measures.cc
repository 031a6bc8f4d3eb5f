#include "indexer/mine/measures.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace vitrine {

std::array<double, kMeasures> MeasuresOf(const RuleCounts& counts) {
  assert(counts.both > 0 && counts.both <= counts.left && counts.both <= counts.right);
  assert(counts.left <= counts.total && counts.right <= counts.total);
  const auto both = static_cast<double>(counts.both);
  const auto left = static_cast<double>(counts.left);
  const auto right = static_cast<double>(counts.right);
  const auto total = static_cast<double>(counts.total);
  const double x = left / total, y = right / total, xy = both / total;
  const double confidence = both / left;
  // both * total - left * right, the sign of the association, without cancellation in doubles.
  const auto deviation = static_cast<double>(static_cast<__int128>(counts.both) * counts.total -
                                             static_cast<__int128>(counts.left) * counts.right);
  const double leverage = deviation / total / total;
  const double zhang_scale = std::max(xy * (1 - x), x * (y - xy));
  const double without = left * right * (total - left) * (total - right);
  const double chi_square = without > 0 ? deviation / without * deviation * total : 0;

  std::array<double, kMeasures> m{};
  auto set = [&](Measure measure, double value) { m[static_cast<size_t>(measure)] = value; };
  set(Measure::kSupport, xy);
  set(Measure::kConfidence, confidence);
  set(Measure::kLift, both * total / (left * right));
  set(Measure::kLeverage, leverage);
  set(Measure::kConviction, counts.both == counts.left ? std::numeric_limits<double>::infinity()
                                                       : (1 - y) / (1 - confidence));
  set(Measure::kZhang, zhang_scale > 0 ? leverage / zhang_scale : 0);
  set(Measure::kJaccard, both / (left + right - both));
  set(Measure::kCertainty, counts.right == counts.total ? 0 : (confidence - y) / (1 - y));
  set(Measure::kKulczynski, (confidence + both / right) / 2);
  set(Measure::kRepresentativity, 1);
  set(Measure::kCosine, both / std::sqrt(left * right));
  set(Measure::kImbalanceRatio, std::abs(left - right) / (left + right - both));
  set(Measure::kChiSquare, chi_square);
  set(Measure::kPValue, std::erfc(std::sqrt(chi_square / 2)));
  return m;
}

}  // namespace vitrine
