// Who is bought and who is shown: do recommendations reach beyond what sells anyway?
#include <algorithm>
#include <numeric>

#include "indexer/evaluate/metrics.h"
#include "indexer/report/measure/input.h"

namespace vitrine {
namespace {

constexpr size_t kPages = 5000;  // product pages whose lists are counted
constexpr uint32_t kListLength = 8;
constexpr size_t kRareBelow = 5;  // purchases
constexpr size_t kDeadShown = 12;
constexpr size_t kCurvePoints = 50;

// How often each product stands in the lists of one widget.
struct Shown {
  std::string widget;
  std::vector<uint64_t> times;
  uint64_t lists = 0;

  void Add(const std::vector<Recommendation>& list) {
    ++lists;
    for (const Recommendation& line : list) ++times[line.item];
  }
};

// Lorenz curve: the share of the total that the least x of the products have.
Json Lorenz(std::vector<uint64_t> values) {
  std::sort(values.begin(), values.end());
  const double total =
      static_cast<double>(std::accumulate(values.begin(), values.end(), uint64_t{0}));
  Json points = Json::array();
  double sum = 0;
  size_t next = 0;
  for (size_t p = 0; p <= kCurvePoints; ++p) {
    const size_t upto = p * values.size() / kCurvePoints;
    for (; next < upto; ++next) sum += static_cast<double>(values[next]);
    points.push_back(
        {Rounded(static_cast<double>(p) / kCurvePoints), Rounded(total > 0 ? sum / total : 0)});
  }
  return points;
}

std::vector<double> ShareByDecile(const std::vector<uint64_t>& values,
                                  const std::vector<uint32_t>& decile) {
  std::vector<double> share(10);
  double total = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    share[decile[i] - 1] += static_cast<double>(values[i]);
    total += static_cast<double>(values[i]);
  }
  for (double& each : share) each = Rounded(total > 0 ? each / total : 0);
  return share;
}

Json RowJson(const std::string& name, const std::vector<uint64_t>& values,
             const std::vector<uint32_t>& demand, const std::vector<uint32_t>& decile) {
  const auto shown =
      values.size() - static_cast<size_t>(std::count(values.begin(), values.end(), 0u));
  uint64_t total = 0, rare = 0;
  size_t dead = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    total += values[i];
    if (demand[i] < kRareBelow) rare += values[i];
    dead += demand[i] == 0 && values[i] > 0;
  }
  const double n = static_cast<double>(std::max<size_t>(values.size(), 1));
  return {{"name", name},
          {"entries", total},
          {"coverage", Rounded(static_cast<double>(shown) / n)},
          {"gini", Rounded(Gini(values))},
          {"rare_share",
           Rounded(total > 0 ? static_cast<double>(rare) / static_cast<double>(total) : 0)},
          {"dead_products_shown", dead},
          {"share_by_decile", ShareByDecile(values, decile)},
          {"lorenz", Lorenz(values)}};
}

}  // namespace

Json MeasureLongTail(const ReportInput& input) {
  const size_t n = input.shop.products.size();
  const std::vector<uint32_t> demand = DemandOf(input.shop);
  const std::vector<uint32_t> decile = DemandDeciles(demand);
  Shown together{"bought together", std::vector<uint64_t>(n)};
  Shown similar{"similar", std::vector<uint64_t>(n)};
  Shown for_you{"for you", std::vector<uint64_t>(n)};
  const Request request{.limit = kListLength};
  for (uint32_t i : EvenSample(n, kPages)) {
    together.Add(input.recommender.BoughtTogether(std::span(&i, 1), request));
    similar.Add(input.recommender.Similar(i, request));
  }
  for (const ShopCase& one : input.evaluation.split.cases) {
    for_you.Add(input.recommender.ForYou(one.events,
                                         {.limit = kListLength, .now_seconds = one.now_seconds}));
  }
  Json rows = Json::array();
  rows.push_back(
      RowJson("purchases", std::vector<uint64_t>(demand.begin(), demand.end()), demand, decile));
  for (const Shown* shown : {&together, &similar, &for_you}) {
    if (shown->lists > 0) rows.push_back(RowJson(shown->widget, shown->times, demand, decile));
  }
  size_t dead = 0, rescued = 0;
  Json examples = Json::array();
  for (size_t i = 0; i < n; ++i) {
    const uint64_t times = together.times[i] + similar.times[i] + for_you.times[i];
    dead += demand[i] == 0;
    if (demand[i] > 0 || times == 0) continue;
    ++rescued;
    if (examples.size() == kDeadShown) continue;
    Json product = ProductJson(input.shop.products[i], static_cast<ItemIndex>(i));
    product["times_shown"] = times;
    examples.push_back(std::move(product));
  }
  return {{"rare_below", kRareBelow},
          {"products", n},
          {"pages_counted", together.lists},
          {"sessions_counted", for_you.lists},
          {"rows", rows},
          {"dead_products", dead},
          {"dead_products_shown", rescued},
          {"dead_examples", examples}};
}

}  // namespace vitrine
