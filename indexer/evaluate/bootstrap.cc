#include "indexer/evaluate/bootstrap.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <random>

namespace vitrine {
namespace {

double MeanOf(std::span<const double> values) {
  return values.empty() ? 0
                        : std::accumulate(values.begin(), values.end(), 0.0) /
                              static_cast<double>(values.size());
}

double Quantile(const std::vector<double>& ascending, double share) {
  return ascending[static_cast<size_t>(share * static_cast<double>(ascending.size() - 1))];
}

}  // namespace

Bootstrap::Bootstrap(std::span<const uint32_t> cluster, int draws, uint64_t seed) {
  std::map<uint32_t, uint32_t> number;
  for (uint32_t c : cluster) {
    const auto at = number.emplace(c, static_cast<uint32_t>(number.size())).first;
    cluster_of_.push_back(at->second);
  }
  cluster_size_.resize(number.size());
  for (uint32_t c : cluster_of_) ++cluster_size_[c];
  std::mt19937_64 random(seed);
  drawn_.resize(cluster_of_.empty() ? 0 : static_cast<size_t>(draws));
  for (auto& times : drawn_) {
    times.resize(cluster_size_.size());
    for (size_t i = 0; i < times.size(); ++i) ++times[random() % times.size()];
  }
}

std::vector<double> Bootstrap::Draws(std::span<const double> values) const {
  std::vector<double> sum(cluster_size_.size());
  for (size_t c = 0; c < values.size(); ++c) sum[cluster_of_[c]] += values[c];
  std::vector<double> means;
  for (const auto& times : drawn_) {
    double total = 0, cases = 0;
    for (size_t c = 0; c < sum.size(); ++c) {
      total += times[c] * sum[c];
      cases += times[c] * cluster_size_[c];
    }
    means.push_back(total / cases);
  }
  std::sort(means.begin(), means.end());
  return means;
}

Estimate Bootstrap::Mean(std::span<const double> values) const {
  if (drawn_.empty()) return {};
  const std::vector<double> draws = Draws(values);
  return {MeanOf(values), Quantile(draws, 0.025), Quantile(draws, 0.975)};
}

PairedDifference Bootstrap::Difference(std::span<const double> values,
                                       std::span<const double> others) const {
  if (drawn_.empty()) return {};
  std::vector<double> difference(values.size());
  for (size_t c = 0; c < values.size(); ++c) difference[c] = values[c] - others[c];
  const std::vector<double> draws = Draws(difference);
  const auto at_most = std::count_if(draws.begin(), draws.end(), [](double d) { return d <= 0; });
  const auto at_least = std::count_if(draws.begin(), draws.end(), [](double d) { return d >= 0; });
  const double fewer = static_cast<double>(std::max<ptrdiff_t>(1, std::min(at_most, at_least)));
  return {MeanOf(difference), Quantile(draws, 0.025), Quantile(draws, 0.975),
          std::min(1.0, 2 * fewer / static_cast<double>(draws.size()))};
}

}  // namespace vitrine
