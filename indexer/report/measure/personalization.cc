// "For you": every strategy on the shop's later sessions.
#include <algorithm>
#include <map>

#include "indexer/report/measure/input.h"

namespace vitrine {
namespace {

constexpr size_t kExamples = 6;
constexpr size_t kExampleEvents = 5;
constexpr size_t kExampleAnswers = 6;

Json GainJson(const PairedDifference& gain) {
  return {{"value", Rounded(gain.difference)},
          {"low", Rounded(gain.low)},
          {"high", Rounded(gain.high)},
          {"p_value", Rounded(gain.p_value)}};
}

Json MetricsJson(const ShopMetrics& metrics) {
  Json json = {{"cases", metrics.cases}, {"sessions", metrics.sessions}};
  for (size_t k = 0; k < kCutoffs.size(); ++k) {
    json["hit_rate_" + std::to_string(kCutoffs[k])] = ToJson(metrics.hit_rate[k]);
  }
  json["mrr_20"] = ToJson(metrics.mrr);
  json["ndcg_20"] = ToJson(metrics.ndcg);
  json["recall_20"] = ToJson(metrics.recall);
  json["coverage"] = Rounded(metrics.coverage);
  json["novelty_bits"] = ToJson(metrics.novelty_bits);
  json["diversity"] = ToJson(metrics.diversity);
  json["gini"] = Rounded(metrics.gini);
  json["hit_rate_20_gain"] = GainJson(metrics.hit_rate_gain);
  json["mrr_20_gain"] = GainJson(metrics.mrr_gain);
  return json;
}

Json CurveJson(const std::vector<CurvePoint>& curve, const char* x) {
  Json list = Json::array();
  for (const CurvePoint& point : curve) {
    list.push_back({{"strategy", point.strategy},
                    {x, point.x},
                    {"size_bytes", point.size_bytes},
                    {"hit_rate_20", ToJson(point.metrics.hit_rate[kCutoffs.size() - 1])},
                    {"mrr_20", ToJson(point.metrics.mrr)},
                    {"coverage", Rounded(point.metrics.coverage)}});
  }
  return list;
}

// What the published blend listens to, for each range of session lengths.
Json BlendWeightsJson(const ReportInput& input) {
  const Result<Taste> taste = Taste::Open(input.parts.taste);
  if (input.parts.taste.empty() || !taste.ok()) return nullptr;
  constexpr const char* kEvents[kBlendBuckets] = {
      "0", "1", "2", "3-4", "5+", "earlier visits", "earlier visits, 1-2", "earlier visits, 3+"};
  Json list = Json::array();
  for (size_t b = 0; b < kBlendBuckets; ++b) {
    const BlendTerms& terms = taste.value().blend()[b];
    double repeat = 0;
    for (float weight : terms.repeat) repeat += static_cast<double>(weight) / kRepeatPositions;
    Json weights = {{"session encoder", Rounded(terms.encoder)},
                    {"lists of the strongest event", Rounded(terms.focus)},
                    {"lists of the other events", Rounded(terms.others)},
                    {"popularity", Rounded(terms.popularity)},
                    {"near in content", Rounded(terms.near)}};
    // The others only where the shop has what they speak of: else they never speak.
    const TasteOptions& options = input.config.taste;
    if (taste.value().cohorts().size() > 0)
      weights["cohorts of similar taste"] = Rounded(terms.cohorts);
    if (taste.value().segments().size() > 0) weights["segments"] = Rounded(terms.segments);
    if (options.two_tower) weights["two towers"] = Rounded(terms.towers);
    if (options.publish_sessions) weights["published sessions"] = Rounded(terms.neighbours);
    weights["seen before (mean)"] = Rounded(repeat);
    weights["seen before, below the floor"] = Rounded(terms.unlearned);
    list.push_back({{"events", kEvents[b]}, {"weights", weights}});
  }
  return list;
}

// The widget's answers, with reasons, to a few sessions of the test.
Json Examples(const ReportInput& input) {
  constexpr const char* kKindNames[] = {"view", "click", "wishlist", "cart", "order"};
  const std::vector<ShopCase>& cases = input.evaluation.split.cases;
  const std::vector<Product>& products = input.shop.products;
  std::array<size_t, kShopperSlices> taken{};
  Json examples = Json::array();
  for (const ShopCase& one : cases) {
    if (one.slice != ShopperSlice::kNewWithout && one.session_events < 2) continue;
    if (taken[static_cast<size_t>(one.slice)]++ >= kExamples / kShopperSlices) continue;
    Json events = Json::array(), answers = Json::array();
    const size_t first = one.events.size() - std::min(one.events.size(), kExampleEvents);
    for (size_t e = first; e < one.events.size(); ++e) {
      Json product = ProductJson(products[one.events[e].item], one.events[e].item);
      product["kind"] = kKindNames[static_cast<size_t>(one.events[e].kind)];
      events.push_back(std::move(product));
    }
    for (const Recommendation& line : input.recommender.ForYou(
             one.events, {.limit = kExampleAnswers, .now_seconds = one.now_seconds})) {
      Json product = ProductJson(products[line.item], line.item);
      const bool because =
          line.reason == ReasonKind::kBecauseViewed && line.other < products.size();
      product["reason"] = because ? "because of " + products[line.other].title
                          : line.reason == ReasonKind::kSimilarTaste
                              ? "shoppers with a similar taste"
                              : "popular";
      answers.push_back(std::move(product));
    }
    examples.push_back({{"slice", kShopperSliceNames[static_cast<size_t>(one.slice)]},
                        {"events_before", one.events.size() - events.size()},
                        {"events", events},
                        {"answers", answers},
                        {"came_next", ProductJson(products[one.target()], one.target())}});
  }
  return examples;
}

}  // namespace

Json MeasurePersonalization(const ReportInput& input) {
  const ShopEvaluation& evaluation = input.evaluation;
  const ShopSplit& split = evaluation.split;
  Json strategies = Json::array();
  for (const StrategyRun& run : evaluation.runs) {
    strategies.push_back(
        {{"name", run.name},
         {"size_bytes", run.size_bytes},
         {"learn_seconds", Rounded(run.learn_seconds)},
         {"answer_milliseconds",
          Rounded(1000 * run.answer_seconds / static_cast<double>(split.cases.size()))}});
  }
  Json groups = Json::array();
  for (size_t g = 0; g < evaluation.metrics.size(); ++g) {
    Json by_strategy = Json::object();
    for (size_t r = 0; r < evaluation.runs.size(); ++r) {
      by_strategy[evaluation.runs[r].name] = MetricsJson(evaluation.metrics[g][r]);
    }
    groups.push_back({{"dimension", evaluation.groups[g].dimension},
                      {"value", evaluation.groups[g].value},
                      {"strategies", by_strategy}});
  }
  Json calibration = Json::array();
  for (const CalibrationBin& bin : evaluation.calibration) {
    calibration.push_back({{"cases", bin.cases},
                           {"confidence", Rounded(bin.confidence)},
                           {"hit_rate_1", ToJson(bin.hit_rate)}});
  }
  Json found = Json::object();
  for (size_t s = 0; s < kShopperSlices; ++s) {
    found[std::string(kShopperSliceNames[s])] = split.cases_found[s];
  }
  const auto before_cut = std::count_if(
      input.shop.interactions.begin(), input.shop.interactions.end(),
      [&](const Interaction& event) { return event.time_seconds < split.cut_seconds; });
  return {{"reference", kReferenceStrategy},
          {"first_seconds", split.first_seconds},
          {"cut_seconds", split.cut_seconds},
          {"last_seconds", split.last_seconds},
          {"earlier_sessions", split.earlier_sessions},
          {"later_sessions", split.later_sessions},
          {"interactions_before_cut", before_cut},
          {"interactions_learned", split.earlier.interactions.size()},
          {"cases", split.cases.size()},
          {"cases_found", found},
          {"strategies", strategies},
          {"groups", groups},
          {"calibration", calibration},
          {"blend_weights", BlendWeightsJson(input)},
          {"learning_curve", CurveJson(evaluation.learning_curve, "interactions")},
          {"examples", evaluation.runs.empty() ? Json::array() : Examples(input)}};
}

}  // namespace vitrine
