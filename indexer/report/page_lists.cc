// Pages 3 and 4: what is bought together, and what is similar.
#include <map>

#include "indexer/report/pages.h"
#include "indexer/report/verdict.h"

namespace vitrine {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kRuleStrips = 12;
constexpr size_t kMapColours = 7;  // the other departments share the eighth

void AddTopRules(const Json& report, Page& page) {
  Gallery gallery{"The best rules", {}};
  Table table{"The best rules, measured",
              {"with", "also bought", "baskets", "support", "confidence", "lift"},
              {}};
  for (const Json& rule : At(report, "mining/top_rules")) {
    std::string with;
    Strip strip;
    for (const Json& product : rule["antecedent"]) {
      with += (with.empty() ? "" : " + ") + product["title"].get<std::string>();
      strip.first.push_back(TileOf(product));
    }
    strip.others.push_back(TileOf(rule["consequent"]));
    const size_t left = strip.first.size();
    strip.label =
        "in " + CountText(rule["count"].get<double>()) + " baskets; " +
        PercentText(rule["confidence"].get<double>(), 0) +
        (left == 1 ? " of those with the first also hold the second, "
                   : " of those with the first " + std::to_string(left) + " also hold the last, ") +
        DecimalText(rule["lift"].get<double>(), 1) + " times chance";
    if (gallery.strips.size() < kRuleStrips) gallery.strips.push_back(std::move(strip));
    table.rows.push_back({with, rule["consequent"]["title"], CountText(rule["count"].get<double>()),
                          PercentText(rule["support"].get<double>(), 3),
                          PercentText(rule["confidence"].get<double>()),
                          DecimalText(rule["lift"].get<double>(), 1)});
  }
  page.blocks.push_back(std::move(gallery));
  page.blocks.push_back(std::move(table));
}

void AddScatter(const Json& report, Page& page) {
  Chart chart{.id = "rules",
              .title = "Support, confidence and lift",
              .about =
                  "Each dot is a rule: how often its products are bought together, and how often "
                  "who takes the first takes the last. The colour tells how many times more often "
                  "than by chance.",
              .kind = ChartKind::kPoints,
              .x_label = "support",
              .y_label = "confidence",
              .x_percent = true,
              .y_percent = true,
              .x_logarithmic = true};
  chart.series = {{.name = "lift below 2"},
                  {.name = "lift 2 to 10"},
                  {.name = "lift 10 to 50"},
                  {.name = "lift above 50"}};
  for (const Json& dot : At(report, "mining/scatter")) {
    const double lift = dot[2].get<double>();
    Series& series = chart.series[lift < 2 ? 0 : lift < 10 ? 1 : lift < 50 ? 2 : 3];
    series.x.push_back(dot[0]);
    series.y.push_back(dot[1]);
    series.label.push_back("lift " + DecimalText(lift, 1));
  }
  chart.table = TableOf(chart);
  if (!At(report, "mining/scatter").empty()) page.blocks.push_back(std::move(chart));
}

void AddGraph(const Json& report, Page& page) {
  Chart chart{.id = "rule-graph",
              .title = "What hangs together",
              .about =
                  "The strongest pairs as a graph: a dot is a product, a line joins two that are "
                  "bought together.",
              .kind = ChartKind::kGraph,
              .axes = false};
  Series series;
  for (const Json& node : At(report, "mining/graph/nodes")) {
    series.x.push_back(node["x"]);
    series.y.push_back(node["y"]);
    series.label.push_back(node["title"]);
  }
  Table table{"The pairs of the graph", {"product", "bought with", "baskets", "lift"}, {}};
  for (const Json& edge : At(report, "mining/graph/edges")) {
    chart.edges.push_back({edge["from"], edge["to"]});
    table.rows.push_back(
        {series.label[edge["from"].get<size_t>()], series.label[edge["to"].get<size_t>()],
         CountText(edge["count"].get<double>()), DecimalText(edge["lift"].get<double>(), 1)});
  }
  if (series.x.empty()) return;
  chart.series = {std::move(series)};
  chart.table = std::move(table);
  page.blocks.push_back(std::move(chart));
}

void AddDeciles(const Json& report, Page& page) {
  Chart chart{.id = "partners",
              .title = "Products with partners, by demand",
              .about =
                  "The share of products that have at least one partner from purchases, in ten "
                  "groups from the most to the "
                  "least wanted. Products without one show what goes with them by content.",
              .kind = ChartKind::kBars,
              .x_label = "tenth of the products, 1 = the most wanted",
              .y_label = "share with a partner",
              .y_percent = true};
  chart.series = {{.name = ""}};
  for (const Json& row : At(report, "mining/partners_by_decile")) {
    chart.categories.push_back(std::to_string(row["decile"].get<int>()));
    chart.series[0].y.push_back(row["share"]);
  }
  chart.table = TableOf(chart);
  if (!chart.categories.empty()) page.blocks.push_back(std::move(chart));
}

void AddNextBaskets(const Json& report, Page& page) {
  const Json& next = At(report, "mining/next_baskets");
  if (!next.is_object()) return;
  Chart chart{.id = "next-baskets",
              .title = "Do the rules foresee later baskets?",
              .about =
                  "Of a later basket one product is shown; how often is another one of it among "
                  "ten recommended? Rules are "
                  "learned from earlier baskets only. Lines are 95 % intervals.",
              .kind = ChartKind::kIntervals,
              .y_label = "hit@10",
              .y_percent = true};
  chart.categories = {"rules", "most bought"};
  Series series;
  for (const char* key : {"hit_rate_10", "popular_hit_rate_10"}) {
    series.y.push_back(next[key]["value"]);
    series.low.push_back(next[key]["low"]);
    series.high.push_back(next[key]["high"]);
  }
  chart.series = {std::move(series)};
  chart.table = TableOf(chart);
  page.blocks.push_back(std::move(chart));
  page.blocks.push_back(
      Paragraph{CountText(next["cases"].get<double>()) + " cases; the rules had an answer in " +
                PercentText(next["answered"]["value"].get<double>()) +
                " of them. Gain over the most bought: " +
                DecimalText(next["gain"]["value"].get<double>() * 100, 1) + " points (p " +
                ChanceText(next["gain"]["p_value"].get<double>()) + ")."});
}

// ---- similarity

void AddGallery(const Json& report, const char* key, const char* caption, Page& page) {
  Gallery gallery{caption, {}};
  for (const Json& row : At(report, std::string("similarity/gallery/") + key)) {
    Strip strip{.label = "mean cosine " + DecimalText(row["mean_cosine"].get<double>(), 2),
                .first = {TileOf(row["product"])},
                .others = {}};
    for (const Json& product : row["similar"]) {
      strip.others.push_back(TileOf(product, DecimalText(product["cosine"].get<double>(), 2)));
    }
    gallery.strips.push_back(std::move(strip));
  }
  page.blocks.push_back(std::move(gallery));
}

std::string InvariantName(const std::string& kind) {
  const std::map<std::string, const char*> names = {
      {"cross_audience", "nothing for another audience"},
      {"out_of_stock", "nothing that cannot be bought"},
      {"same_group", "no variant of the product itself"},
      {"in_cart", "not the product itself"}};
  return names.contains(kind) ? names.at(kind) : kind;
}

void AddViolations(const Json& report, Page& page) {
  Gallery gallery{"Entries that break an invariant", {}};
  for (const Json& row : At(report, "similarity/violation_examples")) {
    gallery.strips.push_back({.label = "not kept in " + row["list"].get<std::string>() + ": " +
                                       InvariantName(row["invariant"]),
                              .first = {TileOf(row["product"])},
                              .others = {TileOf(row["shown"])}});
  }
  page.blocks.push_back(std::move(gallery));
}

void AddEncoders(const Json& report, Page& page) {
  Chart chart{.id = "encoders",
              .title = "Encoders: precision among ten neighbours",
              .about =
                  "For each encoder alone, and all together (fused), the share of a product's ten "
                  "nearest that are of its type, colour and audience. Here a product's own "
                  "variants count; lists for shoppers leave them out, and what cannot be bought. "
                  "Lines are 95 % intervals.",
              .kind = ChartKind::kBars,
              .y_label = "precision@10",
              .y_percent = true};
  chart.series = {{.name = "type"}, {.name = "colour"}, {.name = "audience"}};
  const Json& side = At(report, "similarity/side_by_side");
  Gallery gallery{"The same products through each encoder", {}};
  for (const Json& encoder : At(report, "similarity/encoders")) {
    if (!encoder["present"].get<bool>()) continue;  // ComparisonPage() lists them
    chart.categories.push_back(encoder["name"]);
    for (Series& series : chart.series) {
      AddEstimate(At(encoder, "precision_10/" + series.name), series);
    }
  }
  for (size_t p = 0; p < side.size(); ++p) {
    for (const Json& encoder : At(report, "similarity/encoders")) {
      if (!encoder["present"].get<bool>()) continue;
      Strip strip{.label = encoder["name"], .first = {TileOf(side[p])}, .others = {}};
      for (const Json& product : encoder["neighbours"][p]) strip.others.push_back(TileOf(product));
      gallery.strips.push_back(std::move(strip));
    }
  }
  chart.table = TableOf(chart);
  page.blocks.push_back(std::move(chart));
  page.blocks.push_back(std::move(gallery));
}

void AddMap(const Json& report, Page& page) {
  std::map<std::string, size_t> counts;
  const Json& points = At(report, "similarity/map/points");
  for (const Json& point : points) ++counts[point[2].get<std::string>()];
  std::vector<std::pair<size_t, std::string>> largest;
  for (const auto& [department, count] : counts) largest.emplace_back(count, department);
  std::sort(largest.rbegin(), largest.rend());
  Chart chart{
      .id = "map",
      .title = "Map of the catalogue",
      .about =
          "Each dot is a product; products with near vectors stand near each other. Colours are "
          "departments: one that is "
          "scattered all over the map has products that the encoders cannot tell from others.",
      .kind = ChartKind::kPoints,
      .axes = false};
  std::map<std::string, size_t> series_of;
  for (size_t k = 0; k < std::min(largest.size(), kMapColours); ++k) {
    series_of[largest[k].second] = chart.series.size();
    chart.series.push_back({.name = largest[k].second.empty() ? "not said" : largest[k].second});
  }
  if (largest.size() > kMapColours) chart.series.push_back({.name = "others"});
  for (const Json& point : points) {
    const auto at = series_of.find(point[2].get<std::string>());
    Series& series = chart.series[at == series_of.end() ? chart.series.size() - 1 : at->second];
    series.x.push_back(point[0]);
    series.y.push_back(point[1]);
    series.label.push_back(point[3]);
  }
  Table table{"Products on the map, by department", {"department", "products"}, {}};
  for (const auto& [count, department] : largest) {
    table.rows.push_back(
        {department.empty() ? "not said" : department, CountText(static_cast<double>(count))});
  }
  chart.table = std::move(table);
  if (!points.empty()) page.blocks.push_back(std::move(chart));
}

}  // namespace

Page MiningPage(const Json& report) {
  Page page{"mining",
            "Bought together",
            "Rules from baskets: what they say, how sure they are, and how far into the catalogue "
            "they reach.",
            {}};
  if (NumberAt(report, "mining/rules") == 0) {
    page.blocks.push_back(Paragraph{"There are no rules: see the verdict for what is missing."});
    return page;
  }
  page.blocks.push_back(
      Figures{{{"baskets", CountText(NumberAt(report, "mining/baskets"))},
               {"rules", CountText(NumberAt(report, "mining/rules"))},
               {"of them for carts", CountText(NumberAt(report, "mining/cart_rules"))}}});
  AddNextBaskets(report, page);
  AddDeciles(report, page);
  AddTopRules(report, page);
  AddScatter(report, page);
  AddGraph(report, page);
  return page;
}

Page SimilarityPage(const Json& report) {
  Page page{"similarity",
            "Similar products",
            "Who stands beside whom, as shoppers will see it, and what each encoder sees.",
            {}};
  double violations = 0;
  for (const auto& [kind, count] : At(report, "similarity/violations").items())
    violations += count.get<double>();
  Figures figures;
  for (const char* label : {"type", "colour", "audience"}) {
    const Json& share = At(report, std::string("similarity/precision_10_shown/") + label);
    figures.list.push_back({std::string("same ") + label + " among ten",
                            share.is_object() ? EstimateText(share) : "not known"});
  }
  figures.list.push_back({"invariants broken", CountText(violations)});
  page.blocks.push_back(std::move(figures));
  Table broken{"Invariants over " + CountText(NumberAt(report, "similarity/entries_checked")) +
                   " entries of " + CountText(NumberAt(report, "similarity/lists_checked")) +
                   " lists",
               {"invariant", "broken"},
               {}};
  for (const auto& [kind, count] : At(report, "similarity/violations").items()) {
    broken.rows.push_back({InvariantName(kind), CountText(count.get<double>())});
  }
  page.blocks.push_back(std::move(broken));
  AddViolations(report, page);
  AddMap(report, page);
  AddGallery(report, "random", "Here and there in the catalogue", page);
  AddGallery(report, "best", "The nearest: look here for products given twice", page);
  AddGallery(report, "worst",
             "The farthest: products with few relatives, or with a poor text or photo", page);
  AddEncoders(report, page);
  return page;
}

}  // namespace vitrine
