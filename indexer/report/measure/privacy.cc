// How many shoppers stand behind what is published, and what the floor costs.
#include <algorithm>
#include <limits>

#include "indexer/mine/basket_index.h"
#include "indexer/personalize/taste_builder.h"
#include "indexer/report/measure/input.h"

namespace vitrine {
namespace {

constexpr uint32_t kGroupBars[] = {1, 2, 5, 10, 20, 50, 100, 1000};

// Distinct shoppers behind each published number of one kind.
struct Backing {
  std::string what;
  uint64_t numbers = 0;
  uint32_t smallest = std::numeric_limits<uint32_t>::max();
  std::vector<uint64_t> bars = std::vector<uint64_t>(std::size(kGroupBars));

  void Add(uint32_t users) {
    ++numbers;
    smallest = std::min(smallest, users);
    size_t bar = 0;
    while (bar + 1 < bars.size() && users >= kGroupBars[bar + 1]) ++bar;
    ++bars[bar];
  }
  Json ToJson() const {
    return {{"what", what},
            {"numbers", numbers},
            {"smallest_group", numbers > 0 ? smallest : 0},
            {"numbers_by_group_size", bars}};
  }
};

}  // namespace

Json MeasurePrivacy(const ReportInput& input) {
  const auto n = static_cast<uint32_t>(input.shop.products.size());
  Backing rules{"rules of bought together"}, popularity{"popularity of products"},
      complements{"what goes together by content"};
  const BasketIndex index(input.shop.baskets, n);
  for (const Rule& rule : input.rules) {
    std::vector<ItemIndex> set = rule.antecedent;
    set.push_back(rule.consequent);
    std::sort(set.begin(), set.end());
    rules.Add(index.CountTogether(set).users);
  }
  const PopularityData popular = MinePopularity(input.shop.interactions, n, input.config.taste);
  for (uint32_t shoppers : popular.shoppers) {
    if (shoppers > 0) popularity.Add(shoppers);
  }
  input.complements.ForEachGroup([&](uint32_t shoppers) { complements.Add(shoppers); });
  uint32_t smallest = std::numeric_limits<uint32_t>::max();
  Json groups = Json::array();
  for (const Backing* backing : {&rules, &complements, &popularity}) {
    if (backing->numbers > 0) smallest = std::min(smallest, backing->smallest);
    groups.push_back(backing->ToJson());
  }
  Json curve = Json::array();
  for (const CurvePoint& point : input.evaluation.floor_curve) {
    curve.push_back({{"strategy", point.strategy},
                     {"min_users", point.x},
                     {"size_bytes", point.size_bytes},
                     {"hit_rate_20", ToJson(point.metrics.hit_rate[kCutoffs.size() - 1])},
                     {"mrr_20", ToJson(point.metrics.mrr)}});
  }
  return {{"min_users", input.config.taste.min_users},
          {"smallest_group", smallest == std::numeric_limits<uint32_t>::max() ? 0 : smallest},
          {"group_sizes", std::vector<uint32_t>(std::begin(kGroupBars), std::end(kGroupBars))},
          {"groups", groups},
          {"curve", curve}};
}

}  // namespace vitrine
