#include "indexer/evaluate/shop_evaluation.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "indexer/personalize/lists.h"

namespace vitrine {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

constexpr uint32_t kConfidenceDepth = 100;  // products that share out the probability
constexpr size_t kCalibrationBins = 8;

struct Answer {
  std::vector<ItemIndex> list;
  double confidence = -1;  // negative: the strategy has no scores
};

// At most kListSize products, what the session has seen left out.
Answer RankOne(const Strategy& strategy, const ShopCase& one) {
  std::vector<ItemIndex> seen;
  for (size_t e = one.events.size() - one.session_events; e < one.events.size(); ++e) {
    seen.push_back(one.events[e].item);
  }
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  const auto is_seen = [&](ItemIndex item) {
    return std::binary_search(seen.begin(), seen.end(), item);
  };
  const auto more = static_cast<uint32_t>(seen.size());
  const Visitor visitor{.events = one.events, .now_seconds = one.now_seconds};
  Answer answer;
  std::vector<ScoredItem> scored = strategy.RankScored(visitor, kConfidenceDepth + more);
  std::erase_if(scored, [&](const ScoredItem& hit) { return is_seen(hit.item); });
  if (scored.size() > kConfidenceDepth) scored.resize(kConfidenceDepth);
  if (!scored.empty()) {
    double total = 0;
    for (const ScoredItem& hit : scored) {
      total += std::exp(static_cast<double>(hit.score) - static_cast<double>(scored[0].score));
      answer.list.push_back(hit.item);
    }
    answer.confidence = 1 / total;
  } else {
    answer.list = strategy.Rank(visitor, kListSize + more);
    std::erase_if(answer.list, is_seen);
  }
  if (answer.list.size() > kListSize) answer.list.resize(kListSize);
  return answer;
}

void RankCases(const Strategy& strategy, const std::vector<ShopCase>& cases, int threads,
               StrategyRun& run) {
  std::vector<Answer> answers(cases.size());
  OnThreads(threads, [&](uint32_t first, uint32_t stride) {
    for (size_t c = first; c < cases.size(); c += stride) answers[c] = RankOne(strategy, cases[c]);
  });
  for (Answer& answer : answers) {
    run.lists.push_back(std::move(answer.list));
    run.confidence.push_back(answer.confidence);
  }
}

Result<StrategyRun> RunStrategy(const std::string& name, const Shop& earlier,
                                const std::vector<ShopCase>& cases, const TasteOptions& taste,
                                Console& console) {
  StrategyRun run;
  run.name = name;
  const auto start = Clock::now();
  VITRINE_ASSIGN(const std::unique_ptr<Strategy> strategy,
                 MakeStrategy(name, earlier, taste, console));
  run.learn_seconds = SecondsSince(start);
  const auto asked = Clock::now();
  RankCases(*strategy, cases, taste.threads, run);
  run.answer_seconds = SecondsSince(asked);
  run.size_bytes = strategy->size_bytes();
  return run;
}

// The same shop with the newest `share` of its interactions.
Shop NewestPart(const Shop& shop, double share) {
  Shop part = shop;
  std::vector<int64_t> times;
  for (const Interaction& event : shop.interactions) times.push_back(event.time_seconds);
  std::sort(times.begin(), times.end());
  const auto skipped = static_cast<size_t>(static_cast<double>(times.size()) * (1 - share));
  const int64_t oldest = times[std::min(skipped, times.size() - 1)];
  std::erase_if(part.interactions,
                [oldest](const Interaction& event) { return event.time_seconds < oldest; });
  return part;
}

class Evaluator {
 public:
  Evaluator(const ShopEvaluationOptions& options, const TasteOptions& taste, MatrixView vectors,
            Console& console, ShopEvaluation& result)
      : options_(options),
        taste_(taste),
        console_(console),
        result_(result),
        meter_(result.split, vectors) {}

  Status Run() {
    std::vector<std::string> names = {std::string(kReferenceStrategy)};
    for (const std::string& name : options_.strategies) {
      if (name != kReferenceStrategy) names.push_back(name);
    }
    for (const std::string& name : names) {
      console_.Detail("evaluating " + name);
      VITRINE_ASSIGN(StrategyRun run, RunStrategy(name, result_.split.earlier, result_.split.cases,
                                                  taste_, console_));
      result_.runs.push_back(std::move(run));
    }
    for (const CaseGroup& group : result_.groups) {
      const Bootstrap bootstrap = meter_.BootstrapOf(group);
      std::vector<ShopMetrics>& row = result_.metrics.emplace_back();
      for (const StrategyRun& run : result_.runs) {
        row.push_back(meter_.Measure(group, bootstrap, run.lists, result_.runs.front().lists));
      }
    }
    for (const StrategyRun& run : result_.runs) {
      Calibrate(run);
    }
    VITRINE_RETURN_IF_ERROR(LearningCurve());
    return FloorCurve();
  }

 private:
  // Bins of equally many cases, by confidence.
  void Calibrate(const StrategyRun& run) {
    std::vector<uint32_t> order;
    for (uint32_t c = 0; c < run.confidence.size(); ++c) {
      if (run.confidence[c] >= 0) order.push_back(c);
    }
    if (order.empty()) return;
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return run.confidence[a] < run.confidence[b]; });
    result_.calibration.clear();
    for (size_t b = 0; b < kCalibrationBins; ++b) {
      const size_t begin = b * order.size() / kCalibrationBins;
      const size_t end = (b + 1) * order.size() / kCalibrationBins;
      if (begin == end) continue;
      CalibrationBin bin;
      std::vector<uint32_t> session;
      std::vector<double> right;
      for (size_t k = begin; k < end; ++k) {
        const ShopCase& one = result_.split.cases[order[k]];
        const auto& list = run.lists[order[k]];
        session.push_back(one.session);
        right.push_back(!list.empty() && list.front() == one.target());
        bin.confidence += run.confidence[order[k]] / static_cast<double>(end - begin);
      }
      bin.cases = end - begin;
      bin.hit_rate = Bootstrap(session).Mean(right);
      result_.calibration.push_back(bin);
    }
  }

  Status LearningCurve() {
    const Shop& earlier = result_.split.earlier;
    for (double share : options_.learning_shares) {
      const Shop part = NewestPart(earlier, share);
      for (const std::string& name : options_.curve_strategies) {
        VITRINE_RETURN_IF_ERROR(AddPoint(name, part, taste_,
                                         static_cast<double>(part.interactions.size()),
                                         result_.learning_curve));
      }
    }
    for (const std::string& name : options_.curve_strategies) {
      VITRINE_RETURN_IF_ERROR(AddPoint(name, earlier, taste_,
                                       static_cast<double>(earlier.interactions.size()),
                                       result_.learning_curve));
    }
    return Ok();
  }

  Status FloorCurve() {
    for (uint32_t floor : options_.floors) {
      TasteOptions taste = taste_;
      taste.min_users = floor;
      for (const std::string& name : options_.floor_strategies) {
        VITRINE_RETURN_IF_ERROR(
            AddPoint(name, result_.split.earlier, taste, floor, result_.floor_curve));
      }
    }
    return Ok();
  }

  Status AddPoint(const std::string& name, const Shop& shop, const TasteOptions& taste, double x,
                  std::vector<CurvePoint>& curve) {
    const auto same = std::find_if(result_.runs.begin(), result_.runs.end(),
                                   [&](const StrategyRun& run) { return run.name == name; });
    StrategyRun run;
    if (same != result_.runs.end() && &shop == &result_.split.earlier &&
        taste.min_users == taste_.min_users) {
      run = *same;  // learned in the same circumstances
    } else {
      VITRINE_ASSIGN(run, RunStrategy(name, shop, result_.split.cases, taste, console_));
    }
    const CaseGroup& all = result_.groups.front();
    const ShopMetrics metrics =
        meter_.Measure(all, meter_.BootstrapOf(all), run.lists, result_.runs.front().lists);
    curve.push_back({name, x, run.size_bytes, metrics, std::move(run.lists)});
    return Ok();
  }

  const ShopEvaluationOptions& options_;
  const TasteOptions& taste_;
  Console& console_;
  ShopEvaluation& result_;
  ShopMeter meter_;
};

}  // namespace

Result<ShopEvaluation> EvaluateShop(const Shop& shop, MatrixView vectors,
                                    const ShopEvaluationOptions& options, const TasteOptions& taste,
                                    Console& console) {
  ShopEvaluation result;
  result.split = SplitShop(shop, options.split);
  result.groups = GroupsOf(result.split);
  if (result.split.cases.empty()) return result;
  Evaluator evaluator(options, taste, vectors, console, result);
  VITRINE_RETURN_IF_ERROR(evaluator.Run());
  return result;
}

}  // namespace vitrine
