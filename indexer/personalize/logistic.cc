#include "indexer/personalize/logistic.h"

#include <algorithm>
#include <cmath>

namespace vitrine {
namespace {

constexpr int kSteps = 120;
constexpr double kRate = 0.05;
constexpr double kPull = 2e-4;  // towards where the fit began
constexpr size_t kListSize = 20;

double Score(std::span<const float> row, const std::vector<double>& weights) {
  double score = 0;
  for (size_t k = 0; k < row.size(); ++k) score += weights[k] * row[k];
  return score;
}

// Gradient of the mean negative log-likelihood.
std::vector<double> Gradient(const RankingProblem& problem, size_t group,
                             const std::vector<double>& weights) {
  std::vector<double> gradient(problem.width), score;
  size_t cases = 0;
  for (const RankingProblem::Case& c : problem.cases) {
    if (group != kEveryGroup && c.group != group) continue;
    ++cases;
    score.clear();
    double most = -1e300, total = 0;
    for (size_t r = 0; r < c.count; ++r) {
      score.push_back(Score(problem.Row(c.first + r), weights));
      most = std::max(most, score.back());
    }
    for (double& s : score) total += s = std::exp(s - most);
    for (size_t r = 0; r < c.count; ++r) {
      const double error = score[r] / total - (r == c.target ? 1 : 0);
      const std::span<const float> row = problem.Row(c.first + r);
      for (size_t k = 0; k < problem.width; ++k) gradient[k] += error * row[k];
    }
  }
  for (double& g : gradient) g /= static_cast<double>(std::max<size_t>(1, cases));
  return gradient;
}

}  // namespace

std::vector<double> FitRanking(const RankingProblem& problem, size_t group,
                               const std::vector<double>& start) {
  std::vector<double> weights = start, first(problem.width), second(problem.width);
  for (int step = 1; step <= kSteps; ++step) {
    const std::vector<double> gradient = Gradient(problem, group, weights);
    const double rate = kRate * (1 - 0.9 * step / kSteps);
    for (size_t k = 0; k < problem.width; ++k) {
      const double g = gradient[k] + kPull * (weights[k] - start[k]);
      first[k] = 0.9 * first[k] + 0.1 * g;
      second[k] = 0.99 * second[k] + 0.01 * g * g;
      weights[k] -= rate * first[k] / (1 - std::pow(0.9, step)) /
                    (std::sqrt(second[k] / (1 - std::pow(0.99, step))) + 1e-9);
    }
  }
  return weights;
}

RankingQuality MeasureRanking(const RankingProblem& problem, size_t group,
                              const std::vector<double>& weights) {
  RankingQuality quality;
  size_t cases = 0;
  for (const RankingProblem::Case& c : problem.cases) {
    if (group != kEveryGroup && c.group != group) continue;
    ++cases;
    const double right = Score(problem.Row(c.first + c.target), weights);
    size_t before = 0;
    for (size_t r = 0; r < c.count && before < kListSize; ++r) {
      before += r != c.target && Score(problem.Row(c.first + r), weights) >= right;
    }
    if (before >= kListSize) continue;
    quality.hit_rate += 1;
    quality.mrr += 1 / static_cast<double>(before + 1);
  }
  if (cases > 0) {
    quality.hit_rate /= static_cast<double>(cases);
    quality.mrr /= static_cast<double>(cases);
  }
  return quality;
}

}  // namespace vitrine
