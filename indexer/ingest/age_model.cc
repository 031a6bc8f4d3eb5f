#include "indexer/ingest/age_model.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>

namespace vitrine {
namespace {

constexpr size_t kMinKnown = 30;
constexpr int kFolds = 5;
constexpr size_t kMaxCategoryColumns = 24;  // per category: its most frequent values
constexpr double kLambda = 1;

// The rows of the design matrix, computed one at a time: users may be millions.
class Design {
 public:
  Design(const AgeFeatures& features, const std::vector<size_t>& known) : features_(features) {
    for (const AgeFeatures::Numeric& column : features.numeric) AddNumeric(column, known);
    for (const AgeFeatures::Category& column : features.categories) AddCategory(column, known);
    size_ = 1 + 2 * numeric_.size();
    for (const auto& slots : slots_) size_ += slots.size();
  }

  size_t size() const { return size_; }
  bool tells_apart() const { return size_ > 1 && informative_; }

  void Row(size_t user, Eigen::VectorXd& row) const {
    row.setZero();
    row[0] = 1;
    Eigen::Index at = 1;
    for (size_t i = 0; i < numeric_.size(); ++i) {
      const float value = features_.numeric[i].value[user];
      row[at++] = std::isnan(value)
                      ? 0
                      : (static_cast<double>(value) - numeric_[i].mean) / numeric_[i].deviation;
      row[at++] = std::isnan(value) ? 1 : 0;
    }
    for (size_t i = 0; i < slots_.size(); ++i) {
      const auto slot = slots_[i].find(features_.categories[i].value[user]);
      if (slot != slots_[i].end()) row[at + static_cast<Eigen::Index>(slot->second)] = 1;
      at += static_cast<Eigen::Index>(slots_[i].size());
    }
  }

 private:
  struct Scale {
    double mean = 0, deviation = 1;
  };

  void AddNumeric(const AgeFeatures::Numeric& column, const std::vector<size_t>& known) {
    double sum = 0, squares = 0;
    size_t count = 0;
    for (size_t user : known) {
      const double value = column.value[user];
      if (std::isnan(value)) continue;
      sum += value;
      squares += value * value;
      ++count;
    }
    Scale scale;
    if (count > 0) {
      scale.mean = sum / static_cast<double>(count);
      scale.deviation =
          std::sqrt(std::max(squares / static_cast<double>(count) - scale.mean * scale.mean, 0.0));
    }
    informative_ = informative_ || scale.deviation > 0;
    if (!(scale.deviation > 0)) scale.deviation = 1;
    numeric_.push_back(scale);
  }

  void AddCategory(const AgeFeatures::Category& column, const std::vector<size_t>& known) {
    std::vector<uint64_t> counts(column.count, 0);
    for (size_t user : known) {
      if (column.value[user] != AgeFeatures::kUnknown) ++counts[column.value[user]];
    }
    std::vector<uint32_t> order;
    for (uint32_t value = 0; value < column.count; ++value) {
      if (counts[value] >= 5) order.push_back(value);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return counts[a] > counts[b]; });
    if (order.size() > kMaxCategoryColumns) order.resize(kMaxCategoryColumns);
    informative_ = informative_ || order.size() > 1;
    std::map<uint32_t, size_t>& slots = slots_.emplace_back();
    for (size_t i = 0; i < order.size(); ++i) slots.emplace(order[i], i);
  }

  const AgeFeatures& features_;
  std::vector<Scale> numeric_;
  std::vector<std::map<uint32_t, size_t>> slots_;  // by category: value → column
  size_t size_ = 1;
  bool informative_ = false;
};

struct Normal {
  Eigen::MatrixXd xx;
  Eigen::VectorXd xy;
};

Eigen::VectorXd Solve(const Normal& normal) {
  Eigen::MatrixXd xx = normal.xx;
  for (Eigen::Index i = 1; i < xx.rows(); ++i) xx(i, i) += kLambda;  // not on the intercept
  return xx.ldlt().solve(normal.xy);
}

}  // namespace

std::optional<AgeEstimate> EstimateAges(const AgeFeatures& features,
                                        const std::vector<std::optional<int>>& ages) {
  std::vector<size_t> known;
  int lowest = 200, highest = 0;
  for (size_t user = 0; user < ages.size(); ++user) {
    if (!ages[user]) continue;
    known.push_back(user);
    lowest = std::min(lowest, *ages[user]);
    highest = std::max(highest, *ages[user]);
  }
  if (known.size() < kMinKnown) return {};
  const Design design(features, known);
  if (!design.tells_apart()) return {};
  const auto size = static_cast<Eigen::Index>(design.size());
  std::vector<Normal> folds(kFolds,
                            {Eigen::MatrixXd::Zero(size, size), Eigen::VectorXd::Zero(size)});
  Eigen::VectorXd row(size);
  for (size_t i = 0; i < known.size(); ++i) {
    design.Row(known[i], row);
    Normal& fold = folds[i % kFolds];
    fold.xx.selfadjointView<Eigen::Lower>().rankUpdate(row);
    fold.xy += row * *ages[known[i]];
  }
  Normal all{Eigen::MatrixXd::Zero(size, size), Eigen::VectorXd::Zero(size)};
  for (Normal& fold : folds) {
    fold.xx = Eigen::MatrixXd(fold.xx.selfadjointView<Eigen::Lower>());
    all.xx += fold.xx;
    all.xy += fold.xy;
  }
  const auto clamp = [&](double age) {
    return std::clamp(age, static_cast<double>(lowest), static_cast<double>(highest));
  };
  AgeEstimate estimate;
  for (int held = 0; held < kFolds; ++held) {
    const Eigen::VectorXd weights = Solve({all.xx - folds[static_cast<size_t>(held)].xx,
                                           all.xy - folds[static_cast<size_t>(held)].xy});
    for (size_t i = static_cast<size_t>(held); i < known.size(); i += kFolds) {
      design.Row(known[i], row);
      estimate.mean_absolute_error += std::abs(clamp(row.dot(weights)) - *ages[known[i]]);
    }
  }
  estimate.mean_absolute_error /= static_cast<double>(known.size());
  const Eigen::VectorXd weights = Solve(all);
  estimate.age.resize(ages.size());
  for (size_t user = 0; user < ages.size(); ++user) {
    if (ages[user]) continue;
    design.Row(user, row);
    estimate.age[user] = static_cast<int>(std::lround(clamp(row.dot(weights))));
  }
  return estimate;
}

}  // namespace vitrine
