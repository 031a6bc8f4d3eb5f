// Pages 5, 8 and 9: for you, the long tail, and privacy.
#include <algorithm>

#include "indexer/report/pages.h"
#include "indexer/report/verdict.h"

namespace vitrine {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kGroupsDrawn = 14;

std::vector<std::string> StrategyNamesOf(const Json& report) {
  std::vector<std::string> names;
  for (const Json& strategy : At(report, "personalization/strategies"))
    names.push_back(strategy["name"]);
  return names;
}

// Every strategy in each value of a dimension, as dots with intervals.
Chart ByDimension(const Json& report, const std::string& dimension, const std::string& id,
                  const std::string& title, const std::string& about,
                  const std::vector<std::string>& strategies) {
  Chart chart{.id = id,
              .title = title,
              .about = about,
              .kind = ChartKind::kIntervals,
              .y_label = "HR@20",
              .y_percent = true};
  for (const std::string& name : strategies) chart.series.push_back({.name = name});
  const auto cases_of = [](const Json& group) {
    return group["strategies"].begin().value()["cases"].get<double>();
  };
  std::vector<double> sizes;
  for (const Json& group : At(report, "personalization/groups")) {
    if (group["dimension"] == dimension) sizes.push_back(cases_of(group));
  }
  std::sort(sizes.rbegin(), sizes.rend());
  const double fewest = sizes.size() > kGroupsDrawn ? sizes[kGroupsDrawn - 1] : 0;
  for (const Json& group : At(report, "personalization/groups")) {
    const double cases = group["dimension"] == dimension ? cases_of(group) : -1;
    if (cases < fewest || chart.categories.size() == kGroupsDrawn) continue;
    chart.categories.push_back(group["value"].get<std::string>() + " (" + CountText(cases) + ")");
    for (size_t s = 0; s < strategies.size(); ++s) {
      const Json& metrics = At(group["strategies"], strategies[s]);
      if (metrics.is_object()) AddEstimate(metrics["hit_rate_20"], chart.series[s]);
    }
  }
  chart.table = TableOf(chart);
  return chart;
}

// A row for each strategy, so that sixteen of them need no sixteen colours.
void AddSlices(const Json& report, const std::vector<std::string>& names, Page& page) {
  Chart chart{.id = "slices",
              .title = "Who is asking: strategies by slice",
              .about =
                  "How often the next product is among the first 20, for shoppers with a history, "
                  "new ones with events in this session, and new ones of whom nothing is known. In "
                  "brackets: cases. Lines are 95 % intervals over sessions.",
              .kind = ChartKind::kIntervals,
              .y_label = "HR@20",
              .y_percent = true,
              .categories = names};
  for (const Json& group : At(report, "personalization/groups")) {
    if (group["dimension"] != "slice") continue;
    const double cases = group["strategies"].begin().value()["cases"].get<double>();
    Series series{.name = group["value"].get<std::string>() + " (" + CountText(cases) + ")"};
    for (const std::string& name : names) {
      AddEstimate(group["strategies"][name]["hit_rate_20"], series);
    }
    chart.series.push_back(std::move(series));
  }
  chart.table = TableOf(chart);
  page.blocks.push_back(std::move(chart));
}

void AddTable(const Json& report, const std::string& dimension, const std::string& value,
              const std::string& caption, Page& page) {
  Table table{caption,
              {"strategy", "HR@1", "HR@5", "HR@10", "HR@20", "MRR@20", "NDCG@20", "recall@20",
               "novelty, bits", "diversity", "coverage", "gini", "gain in HR@20, points", "p"},
              {}};
  for (const std::string& name : StrategyNamesOf(report)) {
    const Json& m = MetricsAt(report, dimension, value, name);
    if (!m.is_object()) continue;
    std::vector<std::string> row = {name};
    for (const char* key : {"hit_rate_1", "hit_rate_5", "hit_rate_10", "hit_rate_20", "mrr_20",
                            "ndcg_20", "recall_20"}) {
      row.push_back(EstimateText(m[key]));
    }
    row.push_back(EstimateText(m["novelty_bits"], 1, 1));
    row.push_back(EstimateText(m["diversity"], 1, 2));
    row.push_back(PercentText(m["coverage"].get<double>()));
    row.push_back(DecimalText(m["gini"].get<double>(), 2));
    const bool reference = name == At(report, "personalization/reference").get<std::string>();
    row.push_back(reference ? "" : EstimateText(m["hit_rate_20_gain"], 100, 1));
    row.push_back(reference ? "" : ChanceText(m["hit_rate_20_gain"]["p_value"].get<double>()));
    table.rows.push_back(std::move(row));
  }
  page.blocks.push_back(std::move(table));
}

// Lines over x for each strategy of a list of points.
Chart Curve(const Json& points, const char* x, Chart chart) {
  chart.kind = ChartKind::kLines;
  for (const Json& point : points) {
    const auto name = point["strategy"].get<std::string>();
    auto at = std::find_if(chart.series.begin(), chart.series.end(),
                           [&](const Series& series) { return series.name == name; });
    if (at == chart.series.end()) {
      chart.series.push_back({.name = name});
      at = chart.series.end() - 1;
    }
    at->x.push_back(point[x]);
    AddEstimate(point["hit_rate_20"], *at);
    at->label.push_back(EstimateText(point["hit_rate_20"]));
  }
  chart.table = TableOf(chart);
  return chart;
}

// Where less is learned than there is, curves say less of what is published.
std::string OfNewestOnly(const Json& report) {
  const double learned = NumberAt(report, "personalization/interactions_learned"),
               all = NumberAt(report, "personalization/interactions_before_cut");
  if (learned >= all) return "";
  return " Learned here: the newest " + CountText(learned) + " of " + CountText(all) +
         " interactions; what is published learns from all" +
         (IsThorough(report) ? "." : ", and so does `vitrine evaluate -c`.");
}

void AddCalibration(const Json& report, Page& page) {
  const Json& bins = At(report, "personalization/calibration");
  if (!bins.is_array() || bins.empty()) return;
  Chart chart{.id = "calibration",
              .title = "Does the blend know when it is right?",
              .about =
                  "Cases grouped by how likely the blend holds its first product to be the next "
                  "one, and how often it was. On the straight line it would be exactly as sure as "
                  "it is right; below it, it is too sure. Lists need only the order of products.",
              .kind = ChartKind::kLines,
              .x_label = "how likely it says",
              .y_label = "how often the first was right",
              .x_percent = true,
              .y_percent = true};
  Series series{.name = "observed"};
  for (const Json& bin : bins) {
    series.x.push_back(bin["confidence"]);
    AddEstimate(bin["hit_rate_1"], series);
    series.label.push_back(CountText(bin["cases"].get<double>()) + " cases");
  }
  Series same{.name = "as sure as right",
              .x = {series.x.front(), series.x.back()},
              .y = {series.x.front(), series.x.back()}};
  chart.series = {std::move(series), std::move(same)};
  chart.table = TableOf(chart);
  page.blocks.push_back(std::move(chart));
}

void AddBlendWeights(const Json& report, Page& page) {
  const Json& weights = At(report, "personalization/blend_weights");
  if (!weights.is_array() || weights.empty()) return;
  Chart chart{.id = "blend",
              .title = "What the blend listens to, by length of session",
              .about =
                  "The weight of each signal, by the number of events that are known of the "
                  "shopper's visit, without and with earlier visits: fitted on sessions that came "
                  "later than those the signals were learned "
                  "from.",
              .kind = ChartKind::kBars,
              .x_label = "events",
              .y_label = "weight"};
  for (const Json& bucket : weights) {
    chart.categories.push_back(bucket["events"]);
    size_t s = 0;
    for (const auto& [signal, weight] : bucket["weights"].items()) {
      if (s == chart.series.size()) chart.series.push_back({.name = signal});
      chart.series[s++].y.push_back(weight);
    }
  }
  chart.table = TableOf(chart);
  page.blocks.push_back(std::move(chart));
}

void AddExamples(const Json& report, Page& page) {
  Gallery gallery{"Sessions and what they were answered", {}};
  for (const Json& example : At(report, "personalization/examples")) {
    Strip strip;
    strip.label = "Shopper: " + example["slice"].get<std::string>() +
                  (example["events"].empty() ? ". Nothing is known, so this is recommended"
                                             : ". What was done, then what is recommended") +
                  "; the shopper went on with \"" +
                  example["came_next"]["title"].get<std::string>() + "\".";
    for (const Json& event : example["events"]) strip.first.push_back(TileOf(event, event["kind"]));
    for (const Json& answer : example["answers"]) {
      const bool right = answer["index"] == example["came_next"]["index"];
      strip.others.push_back(
          TileOf(answer, (right ? "came next; " : "") + answer["reason"].get<std::string>()));
    }
    gallery.strips.push_back(std::move(strip));
  }
  page.blocks.push_back(std::move(gallery));
}

}  // namespace

Page PersonalizationPage(const Json& report) {
  Page page{"for-you",
            "For you",
            "Every strategy learned from the earlier part of the log and asked what later sessions "
            "did next.",
            {}};
  const std::vector<std::string> names = StrategyNamesOf(report);
  if (names.empty()) {
    page.blocks.push_back(
        Paragraph{"Nothing could be evaluated: the log has no sessions that began after others. "
                  "See the verdict."});
    return page;
  }
  page.blocks.push_back(
      Figures{{{"cut at", DateText(At(report, "personalization/cut_seconds").get<int64_t>())},
               {"sessions before", CountText(NumberAt(report, "personalization/earlier_sessions"))},
               {"sessions after", CountText(NumberAt(report, "personalization/later_sessions"))},
               {"interactions learned",
                CountText(NumberAt(report, "personalization/interactions_learned"))},
               {"cases asked", CountText(NumberAt(report, "personalization/cases"))}}});
  page.blocks.push_back(Paragraph{
      "HR@20 (hit rate): in how many cases the product that came next is among the first 20. "
      "MRR@20 "
      "and NDCG@20 count it more, the nearer to the top it stands; recall@20 counts everything "
      "that "
      "the session did later. Novelty: how rarely shoppers touch what is recommended; diversity: "
      "how unlike each other the products of a list are (0 to 1); coverage: the share of the "
      "catalogue that stands in some list; gini: how unevenly (0 = all alike, 1 = one product has "
      "all places). The gain is over popular, in percentage points; p is the chance of one as "
      "large "
      "if there were none (0.005 is the least that can be told)."});
  AddSlices(report, names, page);
  AddTable(report, "all", "all", "All cases", page);
  for (const char* slice : {"existing", "new with events", "new without events"}) {
    AddTable(report, "slice", slice, std::string("Shoppers: ") + slice, page);
  }
  std::vector<std::string> two = {At(report, "personalization/reference").get<std::string>()};
  if (ShippedStrategy(report) != two.front()) two.push_back(ShippedStrategy(report));
  const struct {
    const char *dimension, *id, *title, *about;
  } views[] = {{"session length", "by-length", "By length of the session so far",
                "0 = the first product of a session. In brackets: cases."},
               {"popularity decile", "by-decile", "By popularity of what came next",
                "1 = the most popular tenth of the products, 10 = the least. In brackets: cases."},
               {"audience", "by-audience", "By audience of what came next",
                "For whom the next product is made. In brackets: cases."},
               {"department", "by-department", "By department of what came next",
                "Those with the most cases. In brackets: cases."}};
  for (const auto& view : views)
    page.blocks.push_back(
        ByDimension(report, view.dimension, view.id, view.title, view.about, two));
  const Json& learning = At(report, "personalization/learning_curve");
  if (!learning.empty()) {
    page.blocks.push_back(
        Curve(learning, "interactions",
              {.id = "learning",
               .title = "Would more log help?",
               .about = "HR@20 when only the newest part of the earlier log is learned from. A "
                        "line that still rises asks for more days." +
                        OfNewestOnly(report),
               .x_label = "interactions learned from",
               .y_label = "HR@20",
               .y_percent = true,
               .x_logarithmic = true}));
  }
  AddCalibration(report, page);
  AddBlendWeights(report, page);
  AddExamples(report, page);
  return page;
}

Page LongTailPage(const Json& report) {
  Page page{"long-tail",
            "Long tail",
            "Who is bought and who is shown: recommendations that only repeat what sells bring "
            "nothing new.",
            {}};
  const Json& rows = At(report, "long_tail/rows");
  page.blocks.push_back(Figures{
      {{"products never bought", CountText(NumberAt(report, "long_tail/dead_products"))},
       {"of them in some list", CountText(NumberAt(report, "long_tail/dead_products_shown"))}}});
  Chart deciles{.id = "tail",
                .title = "Purchases beside recommendations",
                .about =
                    "The share of purchases, and of places in lists, that each tenth of the "
                    "products has, from the most to the least bought.",
                .kind = ChartKind::kBars,
                .x_label = "tenth of the products, 1 = the most bought",
                .y_label = "share",
                .y_percent = true};
  Chart lorenz{.id = "lorenz",
               .title = "How evenly it is spread",
               .about =
                   "The share of all purchases, or of all places in lists, that the least bought, "
                   "or least shown, part of the products has. On the straight line each product "
                   "has as much as any other.",
               .kind = ChartKind::kLines,
               .x_label = "share of the products",
               .y_label = "share of purchases or places",
               .x_percent = true,
               .y_percent = true};
  Table table{"Reach",
              {"", "purchases or places", "products reached", "gini",
               "share of products bought fewer than " +
                   CountText(NumberAt(report, "long_tail/rare_below")) + " times",
               "never bought, shown"},
              {}};
  for (int d = 1; d <= 10; ++d) deciles.categories.push_back(std::to_string(d));
  for (const Json& row : rows) {
    const std::string name = row["name"];
    table.rows.push_back(
        {name, CountText(row["entries"].get<double>()), PercentText(row["coverage"].get<double>()),
         DecimalText(row["gini"].get<double>(), 2), PercentText(row["rare_share"].get<double>()),
         CountText(row["dead_products_shown"].get<double>())});
    if (row["entries"].get<double>() == 0) continue;  // nothing to draw
    deciles.series.push_back(
        {.name = name, .y = row["share_by_decile"].get<std::vector<double>>()});
    Series line{.name = name};
    for (const Json& point : row["lorenz"]) {
      line.x.push_back(point[0]);
      line.y.push_back(point[1]);
    }
    lorenz.series.push_back(std::move(line));
  }
  lorenz.series.push_back({.name = "all alike", .x = {0, 1}, .y = {0, 1}});
  const double pages = NumberAt(report, "long_tail/pages_counted");
  deciles.about += " Counted: the lists of " +
                   (pages < NumberAt(report, "long_tail/products") ? CountText(pages) + " of the"
                                                                   : std::string("all")) +
                   " product pages, and of the sessions that were asked about.";
  deciles.table = TableOf(deciles);
  lorenz.table = TableOf(lorenz, 60);
  page.blocks.push_back(std::move(deciles));
  page.blocks.push_back(std::move(table));
  page.blocks.push_back(std::move(lorenz));
  Gallery gallery{"Never bought, and shown now", {}};
  Strip strip{
      .label = "products without a purchase that stand in lists", .first = {}, .others = {}};
  for (const Json& product : At(report, "long_tail/dead_examples")) {
    strip.others.push_back(TileOf(product, "in " + CountText(product["times_shown"].get<double>()) +
                                               (product["times_shown"] == 1 ? " list" : " lists")));
  }
  if (!strip.others.empty()) gallery.strips.push_back(std::move(strip));
  page.blocks.push_back(std::move(gallery));
  return page;
}

Page PrivacyPage(const Json& report) {
  Page page{"privacy",
            "Privacy",
            "What is published is made of groups of shoppers: how small are they, and what does "
            "the floor cost?",
            {}};
  page.blocks.push_back(
      Figures{{{"floor, distinct shoppers", CountText(NumberAt(report, "privacy/min_users"))},
               {"smallest group found", CountText(NumberAt(report, "privacy/smallest_group"))}}});
  Chart groups{.id = "groups",
               .title = "Shoppers behind each published number",
               .about =
                   "How many published numbers stand on groups of each size. Nothing may stand "
                   "left of the floor.",
               .kind = ChartKind::kBars,
               .x_label = "distinct shoppers, at least",
               .y_label = "published numbers"};
  for (const Json& size : At(report, "privacy/group_sizes"))
    groups.categories.push_back(CountText(size.get<double>()));
  for (const Json& group : At(report, "privacy/groups")) {
    groups.series.push_back(
        {.name = group["what"], .y = group["numbers_by_group_size"].get<std::vector<double>>()});
  }
  groups.table = TableOf(groups);
  if (NumberAt(report, "privacy/smallest_group") > 0) {
    page.blocks.push_back(std::move(groups));
  } else {
    page.blocks.push_back(Paragraph{"Nothing that is published was learned from shoppers."});
  }
  const Json& curve = At(report, "privacy/curve");
  if (!curve.empty()) {
    page.blocks.push_back(Curve(curve, "min_users",
                                {.id = "floor",
                                 .title = "Quality against floor",
                                 .about = "HR@20 on later sessions when every learned number must "
                                          "have at least so many distinct shoppers behind it." +
                                          OfNewestOnly(report),
                                 .x_label = "privacy.min_users",
                                 .y_label = "HR@20",
                                 .y_percent = true,
                                 .x_logarithmic = true}));
  }
  return page;
}

}  // namespace vitrine
