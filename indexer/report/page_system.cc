// Pages 6 and 7: the approaches of the earlier system, measured; and bytes.
#include <algorithm>
#include <map>

#include "indexer/report/pages.h"
#include "indexer/report/verdict.h"

namespace vitrine {
namespace {

using Json = nlohmann::ordered_json;

// The heap is looked at every fifth of a millisecond, when the machine lets it.
constexpr double kShortMilliseconds = 5;

void AddMiners(const Json& report, Page& page) {
  page.blocks.push_back(Heading{"Mining: Apriori against FP-Growth"});
  const Json& mining = At(report, "comparison/mining");
  if (!mining.is_object()) {
    page.blocks.push_back(Paragraph{"There are no baskets to mine."});
    return;
  }
  Chart chart{.id = "miners",
              .title = "Time to find all frequent itemsets",
              .about =
                  "The same baskets and minimum support, one thread, time of the processor. A "
                  "miner that gave up has no bar.",
              .kind = ChartKind::kBars,
              .x_label = "minimum support",
              .y_label = "processor milliseconds"};
  chart.series = {{.name = "fpgrowth"}, {.name = "apriori"}};
  Table table{"Miners",
              {"minimum support", "baskets at least", "miner", "itemsets", "processor ms",
               "peak memory", "same result"},
              {}};
  for (const Json& run : mining["runs"]) {
    chart.categories.push_back(PercentText(run["min_support"].get<double>(), 2));
    for (size_t m = 0; m < run["miners"].size(); ++m) {
      const Json& miner = run["miners"][m];
      const bool finished = miner["finished"].get<bool>();
      const double milliseconds = miner["cpu_seconds"].get<double>() * 1000;
      chart.series[m].y.push_back(finished ? milliseconds : 0);
      const std::string error = miner["error"];
      table.rows.push_back(
          {PercentText(run["min_support"].get<double>(), 2),
           CountText(run["min_count"].get<double>()), miner["algorithm"],
           finished ? CountText(miner["itemsets"].get<double>()) : "", DecimalText(milliseconds, 2),
           milliseconds < kShortMilliseconds ? "too short to see"
                                             : BytesText(miner["peak_bytes"].get<double>()),
           !finished                        ? "gave up: " + error.substr(0, error.find(';'))
           : run["same_result"].get<bool>() ? "yes"
                                            : "not compared"});
    }
  }
  chart.table = TableOf(chart);
  page.blocks.push_back(std::move(chart));
  page.blocks.push_back(std::move(table));
}

// A dot in the series of that name.
void AddDot(Chart& chart, const std::string& name, const std::string& label, double x, double y) {
  auto at = std::find_if(chart.series.begin(), chart.series.end(),
                         [&](const Series& series) { return series.name == name; });
  if (at == chart.series.end()) at = chart.series.insert(at, Series{.name = name});
  at->x.push_back(x);
  at->y.push_back(y);
  at->label.push_back(label);
}

void AddIndexes(const Json& report, Page& page) {
  page.blocks.push_back(
      Heading{"Nearest neighbours: trees, graphs and our index against exact search"});
  const Json& indexes = At(report, "comparison/indexes");
  if (!indexes.is_object()) {
    page.blocks.push_back(Paragraph{"There are no vectors to compare indexes on."});
    return;
  }
  Chart chart{.id = "indexes",
              .title = "Recall against bytes",
              .about =
                  "How many of the exact twenty nearest each index finds, and what it takes for "
                  "each product, on " +
                  CountText(indexes["products"].get<double>()) +
                  " products. A browser can load what is on the left.",
              .kind = ChartKind::kPoints,
              .x_label = "bytes per product",
              .y_label = "recall@20",
              .y_percent = true,
              .x_logarithmic = true};
  Chart time{
      .id = "index-time",
      .title = "Recall against time",
      .about =
          "The same indexes: how many of the exact twenty nearest each finds, and how long a "
          "query takes on one thread of the machine that made this report.",
      .kind = ChartKind::kPoints,
      .x_label = "processor milliseconds per query",
      .y_label = "recall@20",
      .y_percent = true,
      .x_logarithmic = true};
  Table table{"Indexes",
              {"index", "what it is", "recall@20", "bytes per product", "build, processor seconds",
               "query, processor ms", "ships"},
              {}};
  for (const Json& index : indexes["indexes"]) {
    const std::string name = index["name"];
    const std::string family = name.substr(0, name.find(' '));
    AddDot(chart, family, name, index["bytes_per_item"], index["recall_20"]);
    AddDot(time, family, name, index["query_cpu_milliseconds"], index["recall_20"]);
    table.rows.push_back({name, index["about"], PercentText(index["recall_20"].get<double>()),
                          CountText(index["bytes_per_item"].get<double>()),
                          DecimalText(index["build_cpu_seconds"].get<double>(), 2),
                          DecimalText(index["query_cpu_milliseconds"].get<double>(), 3),
                          index["ships"].get<bool>() ? "yes" : "no"});
  }
  for (Chart* each : {&chart, &time}) {
    each->table = TableOf(*each);
    page.blocks.push_back(std::move(*each));
  }
  page.blocks.push_back(std::move(table));
}

void AddEncoders(const Json& report, Page& page) {
  page.blocks.push_back(Heading{"Encoders"});
  Table table{"Encoders on the same " +
                  CountText(NumberAt(report, "similarity/compared_products")) + " products",
              {"encoder", "same type among ten", "same colour", "same audience", "dimensions",
               "bytes per product"},
              {}};
  Table absent{"Encoders that were not compared", {"encoder", "why", "how to add it"}, {}};
  for (const Json& encoder : At(report, "similarity/encoders")) {
    if (encoder["present"].get<bool>()) {
      const Json& precision = encoder["precision_10"];
      table.rows.push_back({encoder["name"], EstimateText(precision["type"]),
                            EstimateText(precision["colour"]), EstimateText(precision["audience"]),
                            CountText(encoder["dimensions"].get<double>()),
                            CountText(encoder["bytes_per_item_uncompressed"].get<double>())});
    } else {
      absent.rows.push_back({encoder["name"], encoder["reason"], encoder["how_to_add"]});
    }
  }
  page.blocks.push_back(std::move(table));
  if (!absent.rows.empty()) page.blocks.push_back(std::move(absent));
}

void AddRecommenders(const Json& report, Page& page) {
  page.blocks.push_back(Heading{"Personalization: user-cf, embedding-cf, two-tower and ours"});
  if (!IsThorough(report)) {
    page.blocks.push_back(
        Paragraph{"A build compares what evaluate.strategies names; `vitrine evaluate -c` learns "
                  "and asks all of them, user-cf, embedding-cf and two-tower among them."});
  }
  Table table{"Strategies on all cases",
              {"strategy", "HR@20", "MRR@20", "over popular, points", "p",
               "bytes per product, alone in the browser", "learned in, seconds"},
              {}};
  for (const Json& strategy : At(report, "personalization/strategies")) {
    const std::string name = strategy["name"];
    const Json& metrics = MetricsAt(report, "all", "all", name);
    if (!metrics.is_object()) continue;
    const bool reference = name == At(report, "personalization/reference").get<std::string>();
    const double bytes =
        strategy["size_bytes"].get<double>() / std::max(1.0, NumberAt(report, "data/products"));
    table.rows.push_back(
        {name, EstimateText(metrics["hit_rate_20"]), EstimateText(metrics["mrr_20"]),
         reference ? "" : EstimateText(metrics["hit_rate_20_gain"], 100, 1),
         reference ? "" : ChanceText(metrics["hit_rate_20_gain"]["p_value"].get<double>()),
         bytes > 0 ? DecimalText(bytes, 1) : "needs everybody's history",
         DecimalText(strategy["learn_seconds"].get<double>(), 2)});
  }
  page.blocks.push_back(std::move(table));
}

bool HasBefore(const Json& report) { return At(report, "compared_with").is_string(); }

// What a figure was, and by how much it changed: "12,345 (+1.2 %)".
std::string Before(const Json& report, const std::string& what) {
  for (const Json& change : At(report, "changes")) {
    if (change["what"] != what) continue;
    const double before = change["before"].get<double>(), now = change["now"].get<double>();
    if (before == now || before == 0) return CountText(before) + " (the same)";
    const double more = (now - before) / before;
    return CountText(before) + " (now " + (more > 0 ? "+" : "") + PercentText(more) + ")";
  }
  return "";
}

void AddDownloads(const Json& report, Page& page) {
  const bool written = At(report, "bytes/bundle").is_object();
  const Json& stages =
      At(report, written ? "bytes/bundle/stages" : "bytes/published_bundle/stages");
  if (!stages.is_array()) {
    page.blocks.push_back(Paragraph{
        "No bundle was written, so that only its sections are told; `vitrine build` tells what "
        "shoppers download."});
    return;
  }
  if (!written) {
    page.blocks.push_back(
        Paragraph{"No bundle was written: the downloads are those of the last published build."});
  }
  Chart chart{.id = "downloads",
              .title = "What a shopper downloads",
              .about =
                  "Bytes as a CDN sends them (Brotli), by when they are needed. Only what belongs "
                  "to first paint is waited for.",
              .kind = ChartKind::kBars,
              .y_label = "kilobytes sent"};
  chart.series = {{.name = ""}};
  Table table{"Downloads", {"part", "stage", "when", "bytes", "sent (Brotli)"}, {}};
  if (HasBefore(report)) table.columns.emplace_back("sent before");
  for (const Json& stage : stages) {
    chart.categories.push_back(stage["stage"].get<std::string>() + ": " +
                               stage["part"].get<std::string>());
    chart.series[0].y.push_back(stage["brotli_bytes"].get<double>() / 1000);
    table.rows.push_back({stage["part"], stage["stage"], stage["when"],
                          CountText(stage["bytes"].get<double>()),
                          CountText(stage["brotli_bytes"].get<double>())});
    if (HasBefore(report)) {
      table.rows.back().push_back(Before(report, "sent: " + stage["part"].get<std::string>()));
    }
  }
  chart.table = TableOf(chart);
  page.blocks.push_back(std::move(chart));
  page.blocks.push_back(std::move(table));
}

}  // namespace

Page ComparisonPage(const Json& report) {
  Page page{
      "comparison",
      "Approaches compared",
      "The approaches of the system that this one replaces, measured on this shop's own data.",
      {}};
  AddMiners(report, page);
  AddEncoders(report, page);
  AddIndexes(report, page);
  AddRecommenders(report, page);
  return page;
}

Page BytesPage(const Json& report) {
  Page page{
      "bytes", "Bytes", "What a shopper downloads and when, and what fewer bytes would cost.", {}};
  AddDownloads(report, page);
  Table sections{
      "Sections of the bundle", {"section", "bytes", "sent (Brotli)", "bytes per product"}, {}};
  if (HasBefore(report)) {
    sections.columns.emplace_back("bytes before");
  }
  for (const Json& section : At(report, "bytes/sections")) {
    sections.rows.push_back({section["section"], CountText(section["bytes"].get<double>()),
                             CountText(section["brotli_bytes"].get<double>()),
                             DecimalText(section["bytes_per_item"].get<double>(), 1)});
    if (HasBefore(report)) {
      sections.rows.back().push_back(
          Before(report, "bytes of " + section["section"].get<std::string>()));
    }
  }
  page.blocks.push_back(std::move(sections));
  Chart chart{.id = "recall-bytes",
              .title = "Recall against bytes of the vector section",
              .about =
                  "vectors.bytes_per_item: how many of the exact twenty nearest are found with "
                  "fewer or more bytes for each product.",
              .kind = ChartKind::kLines,
              .x_label = "bytes per product",
              .y_label = "recall@20",
              .y_percent = true};
  Series series{.name = "our index"};
  for (const Json& index : At(report, "comparison/indexes/indexes")) {
    if (!index["ships"].get<bool>()) continue;
    series.x.push_back(index["bytes_per_item"]);
    series.y.push_back(index["recall_20"]);
    series.label.push_back(index["name"]);
  }
  if (series.x.empty()) return page;
  chart.series = {std::move(series)};
  chart.table = TableOf(chart);
  page.blocks.push_back(std::move(chart));
  return page;
}

}  // namespace vitrine
