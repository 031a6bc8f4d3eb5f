// Intervals and paired comparisons by the bootstrap over sessions (Efron 1979; cases of one session
// are drawn together).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace vitrine {

// A mean with its 95 % interval.
struct Estimate {
  double value = 0, low = 0, high = 0;
};

// One mean less another over the same cases.
struct PairedDifference {
  double difference = 0, low = 0, high = 0;  // 95 %
  // Two-sided: twice the share of draws on the other side of 0 (never less than 2 / draws).
  double p_value = 1;
};

class Bootstrap {
 public:
  // `cluster[c]`: the session of case c. All draws come from `seed`.
  explicit Bootstrap(std::span<const uint32_t> cluster, int draws = 400, uint64_t seed = 7);

  size_t cases() const { return cluster_of_.size(); }
  size_t clusters() const { return cluster_size_.size(); }
  // REQUIRES: one value for each case. All 0 when there are no cases.
  Estimate Mean(std::span<const double> values) const;
  PairedDifference Difference(std::span<const double> values, std::span<const double> others) const;

 private:
  // The mean of each draw, ascending.
  std::vector<double> Draws(std::span<const double> values) const;

  std::vector<uint32_t> cluster_of_;          // dense
  std::vector<double> cluster_size_;          // cases
  std::vector<std::vector<uint32_t>> drawn_;  // draw → how often each cluster
};

}  // namespace vitrine
