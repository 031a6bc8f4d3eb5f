// The figures of the next-item protocol: one relevant item a case, full ranking.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "shared/item.h"

namespace vitrine {

inline constexpr uint32_t kListSize = 20;

struct Interval {
  double low = 0, high = 0;
};

struct Metrics {
  uint64_t cases = 0;
  std::array<double, 4> hit_rate{};  // at 1, 5, 10, 20
  double mrr = 0;                    // mean of 1/rank, 0 beyond 20
  double ndcg = 0;                   // 1/log2(rank + 1): one relevant item, so the ideal is 1
  double coverage = 0;               // share of the items that appear in at least one list
  double popularity = 0;             // mean training count of the recommended, over the highest
  double gini = 0;                   // of how often each item is recommended; 0 = evenly
  Interval hit_rate_interval;        // 95 %, bootstrap over sessions, of hit_rate at 20
  Interval mrr_interval;
};
inline constexpr std::array<uint32_t, 4> kCutoffs = {1, 5, 10, 20};

// The Gini coefficient of non-negative values: 0 = all alike, towards 1 = one has all.
double Gini(std::vector<uint64_t> values);

// Collects lists case by case, then sums up.
class Scorecard {
 public:
  // `training_count[i]`: how often item i appears in the training sessions.
  explicit Scorecard(std::span<const uint32_t> training_count);

  // `list`: at most kListSize items, best first, distinct. Cases of one session belong together in
  // the bootstrap; `session` numbers them.
  void Add(size_t session, std::span<const ItemIndex> list, ItemIndex target);

  // `resamples` bootstrap draws from a fixed seed.
  Metrics Summary(int resamples = 200) const;

 private:
  struct Sums {
    uint64_t cases = 0, hits = 0;
    double reciprocal = 0;
  };
  std::span<const uint32_t> training_count_;
  std::vector<uint64_t> recommended_;  // how often, by item
  std::vector<Sums> sessions_;
  std::array<uint64_t, 4> hits_{};
  uint64_t cases_ = 0, lines_ = 0;
  double reciprocal_ = 0, gain_ = 0, popularity_ = 0;
};

}  // namespace vitrine
