#include "indexer/evaluate/metrics.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace vitrine {

double Gini(std::vector<uint64_t> values) {
  std::sort(values.begin(), values.end());
  const double n = static_cast<double>(values.size());
  double weighted = 0, total = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double value = static_cast<double>(values[i]);
    weighted += (2.0 * static_cast<double>(i + 1) - n - 1) * value;
    total += value;
  }
  return total > 0 ? weighted / (n * total) : 0;
}

namespace {

Interval Middle95(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
  };
  return {at(0.025), at(0.975)};
}

}  // namespace

Scorecard::Scorecard(std::span<const uint32_t> training_count)
    : training_count_(training_count), recommended_(training_count.size()) {}

void Scorecard::Add(size_t session, std::span<const ItemIndex> list, ItemIndex target) {
  if (session >= sessions_.size()) sessions_.resize(session + 1);
  Sums& sums = sessions_[session];
  ++cases_;
  ++sums.cases;
  for (ItemIndex item : list) {
    ++recommended_[item];
    popularity_ += training_count_[item];
  }
  lines_ += list.size();
  const auto found = std::find(list.begin(), list.end(), target);
  if (found == list.end()) return;
  const double rank = static_cast<double>(found - list.begin() + 1);
  for (size_t c = 0; c < kCutoffs.size(); ++c) hits_[c] += rank <= kCutoffs[c];
  reciprocal_ += 1 / rank;
  gain_ += 1 / std::log2(rank + 1);
  ++sums.hits;
  sums.reciprocal += 1 / rank;
}

Metrics Scorecard::Summary(int resamples) const {
  Metrics metrics;
  metrics.cases = cases_;
  if (cases_ == 0) return metrics;
  const double cases = static_cast<double>(cases_);
  for (size_t c = 0; c < kCutoffs.size(); ++c) {
    metrics.hit_rate[c] = static_cast<double>(hits_[c]) / cases;
  }
  metrics.mrr = reciprocal_ / cases;
  metrics.ndcg = gain_ / cases;
  const auto unseen = std::count(recommended_.begin(), recommended_.end(), 0u);
  metrics.coverage = 1 - static_cast<double>(unseen) / static_cast<double>(recommended_.size());
  const uint32_t top = *std::max_element(training_count_.begin(), training_count_.end());
  if (lines_ > 0 && top > 0) metrics.popularity = popularity_ / static_cast<double>(lines_) / top;
  metrics.gini = Gini(recommended_);

  std::vector<const Sums*> sessions;
  for (const Sums& sums : sessions_) {
    if (sums.cases > 0) sessions.push_back(&sums);
  }
  std::mt19937_64 random(7);
  std::vector<double> hit_rates, mrrs;
  for (int draw = 0; draw < resamples; ++draw) {
    Sums total;
    for (size_t s = 0; s < sessions.size(); ++s) {
      const Sums& sums = *sessions[random() % sessions.size()];
      total.cases += sums.cases;
      total.hits += sums.hits;
      total.reciprocal += sums.reciprocal;
    }
    hit_rates.push_back(static_cast<double>(total.hits) / static_cast<double>(total.cases));
    mrrs.push_back(total.reciprocal / static_cast<double>(total.cases));
  }
  if (resamples > 0) {
    metrics.hit_rate_interval = Middle95(std::move(hit_rates));
    metrics.mrr_interval = Middle95(std::move(mrrs));
  }
  return metrics;
}

}  // namespace vitrine
