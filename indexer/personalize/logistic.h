// Multinomial logistic regression over candidates: which weights make the right candidate of each
// case the most likely one.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace vitrine {

// Rows of features, all of one width, and cases that each own a run of rows.
struct RankingProblem {
  struct Case {
    size_t group;  // cases can be fitted by group
    size_t first;  // its rows are first .. first + count - 1
    size_t count;
    size_t target;  // row first + target is the right one
  };
  size_t width = 0;
  std::vector<float> rows = {};  // row r, feature k at rows[r * width + k]
  std::vector<Case> cases = {};

  std::span<const float> Row(size_t r) const { return {rows.data() + r * width, width}; }
};

inline constexpr size_t kEveryGroup = static_cast<size_t>(-1);

// Adam from `start`, drawn back towards it a little. O(steps x rows x width).
std::vector<double> FitRanking(const RankingProblem& problem, size_t group,
                               const std::vector<double>& start);

struct RankingQuality {
  double hit_rate = 0, mrr = 0;  // at 20
};
RankingQuality MeasureRanking(const RankingProblem& problem, size_t group,
                              const std::vector<double>& weights);

}  // namespace vitrine
