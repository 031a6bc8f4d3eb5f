// `vitrine evaluate -c` and the evaluation of every build: each strategy on the shop's own log.
#pragma once

#include <string>
#include <vector>

#include "indexer/evaluate/shop_metrics.h"
#include "indexer/evaluate/shop_split.h"
#include "indexer/evaluate/strategy.h"
#include "indexer/support/console.h"
#include "shared/result.h"

namespace vitrine {

struct ShopEvaluationOptions {
  ShopSplitOptions split;
  std::vector<std::string> strategies = {"popular", "recent", "item-cf", "session", "blend"};
  // Learned again from these shares of the newest interactions, for the learning curve.
  std::vector<double> learning_shares = {0.1, 0.25, 0.5};
  std::vector<std::string> curve_strategies = {"popular", "session"};
  // Learned again with these privacy floors, for the curve of quality against floor.
  std::vector<uint32_t> floors = {1, 2, 5, 10, 20, 50};
  std::vector<std::string> floor_strategies = {"session"};
};

// The strategy that every other is compared with.
inline constexpr std::string_view kReferenceStrategy = "popular";

struct StrategyRun {
  std::string name;
  RankedLists lists;  // one a case; what the session has seen is left out
  // One a case: how likely the first product is next by the strategy's own scores; negative where
  // it has none.
  std::vector<double> confidence;
  size_t size_bytes = 0;
  double learn_seconds = 0, answer_seconds = 0;
};

// One point of a curve: a strategy learned under other circumstances, over all cases.
struct CurvePoint {
  std::string strategy;
  double x = 0;  // interactions learned from, or the privacy floor
  size_t size_bytes = 0;
  ShopMetrics metrics;
  RankedLists lists;
};

// Cases whose first product was about as likely by the strategy's own scores.
struct CalibrationBin {
  size_t cases = 0;
  double confidence = 0;  // mean
  Estimate hit_rate;      // of the first product
};

struct ShopEvaluation {
  ShopSplit split;
  std::vector<CaseGroup> groups;
  std::vector<StrategyRun> runs;                  // kReferenceStrategy first
  std::vector<std::vector<ShopMetrics>> metrics;  // [group][run], against kReferenceStrategy
  std::vector<CurvePoint> learning_curve, floor_curve;
  std::vector<CalibrationBin> calibration;  // of the last run that has confidences; ascending
};

// Learns every strategy from the earlier part and asks it the later part's questions. Without cases
// (see SplitShop) nothing is learned and `runs` is empty. `vectors`: a row a product. Deterministic
// but for the seconds.
Result<ShopEvaluation> EvaluateShop(const Shop& shop, MatrixView vectors,
                                    const ShopEvaluationOptions& options, const TasteOptions& taste,
                                    Console& console);

}  // namespace vitrine
