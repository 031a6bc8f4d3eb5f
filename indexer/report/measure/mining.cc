// What is bought together: the rules that shoppers will see, and how well they foresee later
// baskets.
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "indexer/evaluate/bootstrap.h"
#include "indexer/mine/basket_index.h"
#include "indexer/mine/shop_rules.h"
#include "indexer/report/measure/input.h"

namespace vitrine {
namespace {

constexpr size_t kTopRules = 30;
constexpr size_t kScatterRules = 3000;
constexpr size_t kGraphRules = 36;
constexpr size_t kBasketCases = 2000;
constexpr uint32_t kBasketDepth = 10;

// The rules by score, best first; of two directions of one pair only the better one.
std::vector<const Rule*> BestRules(std::span<const Rule> rules) {
  std::vector<const Rule*> best;
  for (const Rule& rule : rules) best.push_back(&rule);
  std::stable_sort(best.begin(), best.end(),
                   [](const Rule* a, const Rule* b) { return a->score > b->score; });
  std::map<std::vector<ItemIndex>, bool> seen;
  std::erase_if(best, [&](const Rule* rule) {
    std::vector<ItemIndex> set = rule->antecedent;
    set.push_back(rule->consequent);
    std::sort(set.begin(), set.end());
    return !seen.emplace(std::move(set), true).second;
  });
  return best;
}

Json RuleJson(const Rule& rule, const std::vector<Product>& products, double baskets) {
  Json antecedent = Json::array();
  for (ItemIndex item : rule.antecedent) antecedent.push_back(ProductJson(products[item], item));
  return {{"antecedent", antecedent},
          {"consequent", ProductJson(products[rule.consequent], rule.consequent)},
          {"count", rule.count},
          {"support", Rounded(rule.count / baskets)},
          {"confidence", Rounded(rule.confidence)},
          {"lift", Rounded(rule.lift)}};
}

// Places on a plane by springs and repulsion (Fruchterman and Reingold 1991), a fixed number of
// steps from a circle: the same every time.
std::vector<std::array<double, 2>> SpringLayout(size_t nodes,
                                                const std::vector<std::array<size_t, 2>>& edges) {
  std::vector<std::array<double, 2>> at(nodes), move(nodes);
  const double length = 1 / std::sqrt(static_cast<double>(std::max<size_t>(nodes, 1)));
  for (size_t i = 0; i < nodes; ++i) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(i) * 0.618033988749895;
    const double radius = std::sqrt((static_cast<double>(i) + 0.5) / static_cast<double>(nodes));
    at[i] = {radius * std::cos(angle) / 2, radius * std::sin(angle) / 2};
  }
  constexpr int kSteps = 400;
  for (int step = 0; step < kSteps; ++step) {
    for (auto& each : move) each = {0, 0};
    for (size_t a = 0; a < nodes; ++a) {
      for (size_t b = a + 1; b < nodes; ++b) {
        const double dx = at[a][0] - at[b][0], dy = at[a][1] - at[b][1];
        const double square = std::max(1e-6, dx * dx + dy * dy);
        if (square > 9 * length * length) continue;  // far groups do not push each other away
        const double force = length * length / square;
        move[a][0] += dx * force, move[a][1] += dy * force;
        move[b][0] -= dx * force, move[b][1] -= dy * force;
      }
      // A weak pull to the middle keeps separate clusters in the picture.
      move[a][0] -= at[a][0] * 0.15, move[a][1] -= at[a][1] * 0.15;
    }
    for (const auto& [a, b] : edges) {
      const double dx = at[a][0] - at[b][0], dy = at[a][1] - at[b][1];
      const double force = std::sqrt(dx * dx + dy * dy) / length;
      move[a][0] -= dx * force, move[a][1] -= dy * force;
      move[b][0] += dx * force, move[b][1] += dy * force;
    }
    const double heat = 0.1 * (1 - static_cast<double>(step) / kSteps);
    for (size_t i = 0; i < nodes; ++i) {
      const double size = std::sqrt(move[i][0] * move[i][0] + move[i][1] * move[i][1]);
      if (size <= 0) continue;
      const double scale = std::min(size, heat) / size;
      at[i][0] += move[i][0] * scale, at[i][1] += move[i][1] * scale;
    }
  }
  return at;
}

Json Graph(const std::vector<const Rule*>& best, const std::vector<Product>& products) {
  std::map<ItemIndex, size_t> number;
  std::vector<ItemIndex> nodes;
  std::vector<std::array<size_t, 2>> edges;
  Json edge_list = Json::array();
  const auto node = [&](ItemIndex item) {
    const auto [at, inserted] = number.emplace(item, nodes.size());
    if (inserted) nodes.push_back(item);
    return at->second;
  };
  for (const Rule* rule : best) {
    if (rule->antecedent.size() != 1) continue;
    if (edges.size() == kGraphRules) break;
    edges.push_back({node(rule->antecedent.front()), node(rule->consequent)});
    edge_list.push_back({{"from", edges.back()[0]},
                         {"to", edges.back()[1]},
                         {"count", rule->count},
                         {"lift", Rounded(rule->lift)}});
  }
  const auto places = SpringLayout(nodes.size(), edges);
  Json node_list = Json::array();
  for (size_t n = 0; n < nodes.size(); ++n) {
    Json product = ProductJson(products[nodes[n]], nodes[n]);
    product["x"] = Rounded(places[n][0]);
    product["y"] = Rounded(places[n][1]);
    node_list.push_back(std::move(product));
  }
  return {{"nodes", node_list}, {"edges", edge_list}};
}

Json PartnersByDecile(const ReportInput& input) {
  const std::vector<uint32_t> decile = DemandDeciles(DemandOf(input.shop));
  std::vector<uint32_t> partners(input.shop.products.size());
  for (const Rule& rule : input.rules) {
    if (rule.antecedent.size() == 1) ++partners[rule.antecedent.front()];
  }
  struct Row {
    size_t products = 0, with_partner = 0, partners = 0;
  };
  std::map<uint32_t, Row> rows;
  for (size_t i = 0; i < partners.size(); ++i) {
    Row& row = rows[decile[i]];
    ++row.products;
    row.with_partner += partners[i] > 0;
    row.partners += partners[i];
  }
  Json list = Json::array();
  for (const auto& [number, row] : rows) {
    list.push_back({{"decile", number},
                    {"products", row.products},
                    {"with_partner", row.with_partner},
                    {"share", Rounded(static_cast<double>(row.with_partner) /
                                      static_cast<double>(row.products))},
                    {"mean_partners", Rounded(static_cast<double>(row.partners) /
                                              static_cast<double>(row.products))}});
  }
  return list;
}

// Later baskets: one product is shown, the others must be among the first ten. Rules are learned
// from the earlier baskets.
Json NextBaskets(const ReportInput& input) {
  const ShopSplit& split = input.evaluation.split;
  const Baskets& later = split.later_baskets;
  const auto n = static_cast<uint32_t>(input.shop.products.size());
  std::vector<uint32_t> usable;
  for (uint32_t b = 0; b < later.size(); ++b) {
    if (later.offset[b + 1] - later.offset[b] >= 2) usable.push_back(b);
  }
  if (usable.empty() || split.earlier.baskets.size() == 0) return nullptr;
  const auto mined = MineShopRules(split.earlier.baskets, n, input.config.mine, input.console);
  if (!mined.ok()) return nullptr;
  const Bytes bytes = EncodeRules(n, mined.value());
  const Result<Rules> rules = Rules::Open(bytes);
  if (!rules.ok()) return nullptr;
  const BasketIndex index(split.earlier.baskets, n);
  std::vector<ItemIndex> popular(n);
  for (ItemIndex i = 0; i < n; ++i) popular[i] = i;
  std::stable_sort(popular.begin(), popular.end(),
                   [&](ItemIndex a, ItemIndex b) { return index.count(a) > index.count(b); });

  std::vector<double> by_rules, by_popularity, answered;
  std::vector<uint32_t> cluster;
  for (uint32_t k : EvenSample(usable.size(), kBasketCases)) {
    const uint32_t b = usable[k];
    const std::span<const ItemIndex> basket(later.items.data() + later.offset[b],
                                            later.offset[b + 1] - later.offset[b]);
    for (ItemIndex shown : basket) {
      const auto wanted = [&](ItemIndex item) {
        return item != shown && std::binary_search(basket.begin(), basket.end(), item);
      };
      const auto matches = rules.value().Matches(std::span(&shown, 1));
      double hit = 0, popular_hit = 0;
      for (size_t m = 0; m < std::min<size_t>(matches.size(), kBasketDepth); ++m) {
        if (wanted(matches[m].consequent)) hit = 1;
      }
      uint32_t taken = 0;
      for (ItemIndex item : popular) {
        if (item == shown) continue;
        if (wanted(item)) popular_hit = 1;
        if (++taken == kBasketDepth) break;
      }
      by_rules.push_back(hit);
      by_popularity.push_back(popular_hit);
      answered.push_back(!matches.empty());
      cluster.push_back(later.user[b]);
    }
  }
  const Bootstrap bootstrap(cluster);
  const PairedDifference gain = bootstrap.Difference(by_rules, by_popularity);
  return {{"cases", by_rules.size()},
          {"hit_rate_10", ToJson(bootstrap.Mean(by_rules))},
          {"popular_hit_rate_10", ToJson(bootstrap.Mean(by_popularity))},
          {"answered", ToJson(bootstrap.Mean(answered))},
          {"gain",
           {{"value", Rounded(gain.difference)},
            {"low", Rounded(gain.low)},
            {"high", Rounded(gain.high)},
            {"p_value", Rounded(gain.p_value)}}}};
}

}  // namespace

Json MeasureMining(const ReportInput& input) {
  const double baskets = static_cast<double>(input.shop.baskets.size());
  const std::vector<const Rule*> best = BestRules(input.rules);
  Json top = Json::array(), scatter = Json::array();
  for (size_t r = 0; r < std::min(best.size(), kTopRules); ++r) {
    top.push_back(RuleJson(*best[r], input.shop.products, baskets));
  }
  for (uint32_t r : EvenSample(best.size(), kScatterRules)) {
    scatter.push_back({Rounded(best[r]->count / baskets), Rounded(best[r]->confidence),
                       Rounded(best[r]->lift), best[r]->antecedent.front(), best[r]->consequent});
  }
  size_t multi = 0;
  for (const Rule& rule : input.rules) multi += rule.antecedent.size() > 1;
  return {{"baskets", input.shop.baskets.size()},
          {"rules", input.rules.size()},
          {"cart_rules", multi},
          {"top_rules", top},
          {"scatter_columns", {"support", "confidence", "lift", "antecedent", "consequent"}},
          {"scatter", scatter},
          {"graph", Graph(best, input.shop.products)},
          {"partners_by_decile", PartnersByDecile(input)},
          {"next_baskets", NextBaskets(input)}};
}

}  // namespace vitrine
