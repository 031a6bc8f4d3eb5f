#include "indexer/personalize/training_rules.h"

#include <algorithm>
#include <cmath>

namespace vitrine {
namespace {

// Logarithm of how many examples there are of a product.
double ExamplesEach(uint64_t examples, uint64_t products) {
  return std::log10(static_cast<double>(std::max<uint64_t>(1, examples)) /
                    static_cast<double>(std::max<uint64_t>(1, products)));
}

// The most examples x passes that two cores learn from in some minutes: over the earlier sessions,
// and together with those over all sessions.
constexpr double kMostOfEarlier = 1.2e7, kMost = 1.56e7;

// Examples x passes over the earlier sessions.
double Learned(uint64_t examples, uint64_t products) {
  return static_cast<double>(std::max<uint64_t>(1, examples)) * EpochsFor(examples, products);
}

}  // namespace

uint32_t EpochsFor(uint64_t examples, uint64_t products) {
  const double wanted = std::clamp(150 - 86 * ExamplesEach(examples, products), 14.0, 45.0);
  // Large logs: no fewer than 6 passes.
  const double most = kMostOfEarlier / static_cast<double>(std::max<uint64_t>(1, examples));
  return static_cast<uint32_t>(std::min(wanted, std::max(6.0, most)));
}

float DropoutFor(uint64_t examples, uint64_t products) {
  return static_cast<float>(
      std::clamp(0.875 - 0.275 * ExamplesEach(examples, products), 0.05, 0.6));
}

float EventDropoutFor(uint64_t examples, uint64_t products) {
  return static_cast<float>(std::clamp(0.63 - 0.33 * ExamplesEach(examples, products), 0.1, 0.3));
}

float TemperatureFor(uint64_t examples, uint64_t products) {
  const double sharpness = std::clamp(1.35 * ExamplesEach(examples, products) - 0.4, 0.95, 1.8);
  return static_cast<float>(
      std::max(4.0, sharpness * std::log(static_cast<double>(std::max<uint64_t>(1, products)))));
}

float LearningRateFor(uint64_t examples, uint64_t products) {
  const double factor = std::pow(10, 1.58 - 1.02 * ExamplesEach(examples, products));
  return static_cast<float>(0.005 * std::clamp(factor, 1.0, 4.0));
}

float FinalPassesFor(uint64_t examples, uint64_t products) {
  return static_cast<float>(std::clamp(kMost / Learned(examples, products) - 1, 0.3, 1.0));
}

bool TimeForTwo(uint64_t examples, uint64_t products, bool features) {
  const double all =
      Learned(examples, products) * (1 + static_cast<double>(FinalPassesFor(examples, products)));
  return !features || 2 * all <= kMost;
}

}  // namespace vitrine
