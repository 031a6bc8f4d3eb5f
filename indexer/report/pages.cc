#include "indexer/report/pages.h"

#include "indexer/report/verdict.h"

namespace vitrine {
namespace {

using Json = nlohmann::ordered_json;

std::string Interval(const Json& estimate, double scale, int digits) {
  return " (" + DecimalText(estimate["low"].get<double>() * scale, digits) + " to " +
         DecimalText(estimate["high"].get<double>() * scale, digits) + ")";
}

}  // namespace

Tile TileOf(const Json& product, const std::string& caption) {
  return {product["index"].get<ItemIndex>(), product["title"].get<std::string>(), caption};
}

void AddEstimate(const Json& estimate, Series& series) {
  series.y.push_back(NumberAt(estimate, "value"));
  series.low.push_back(NumberAt(estimate, "low"));
  series.high.push_back(NumberAt(estimate, "high"));
}

std::string EstimateText(const Json& estimate) {
  if (!estimate.is_object()) return "";
  return PercentText(estimate["value"].get<double>()) + Interval(estimate, 100, 1);
}

std::string EstimateText(const Json& estimate, double scale, int digits) {
  if (!estimate.is_object()) return "";
  return DecimalText(estimate["value"].get<double>() * scale, digits) +
         Interval(estimate, scale, digits);
}

Table TableOf(const Chart& chart, size_t dots) {
  Table table;
  const auto value = [](double number, bool percent) {
    return percent                                  ? PercentText(number, 2)
           : number == static_cast<int64_t>(number) ? CountText(number)
                                                    : DecimalText(number, 4);
  };
  if (!chart.categories.empty()) {
    table.columns = {""};
    for (const Series& series : chart.series) {
      table.columns.push_back(series.name.empty() ? chart.y_label : series.name);
    }
    for (size_t c = 0; c < chart.categories.size(); ++c) {
      std::vector<std::string> row = {chart.categories[c]};
      for (const Series& series : chart.series) {
        std::string cell = c < series.y.size() ? value(series.y[c], chart.y_percent) : "";
        if (c < series.low.size()) {
          cell += " (" + value(series.low[c], chart.y_percent) + " to " +
                  value(series.high[c], chart.y_percent) + ")";
        }
        row.push_back(cell);
      }
      table.rows.push_back(std::move(row));
    }
    return table;
  }
  table.columns = {"", chart.x_label, chart.y_label};
  size_t total = 0;
  for (const Series& series : chart.series) total += series.x.size();
  const size_t step = std::max<size_t>(1, (total + dots - 1) / dots);
  for (const Series& series : chart.series) {
    for (size_t i = 0; i < series.x.size(); i += step) {
      std::string name = series.name;
      if (i < series.label.size()) name += (name.empty() ? "" : ": ") + series.label[i];
      table.rows.push_back(
          {name, value(series.x[i], chart.x_percent), value(series.y[i], chart.y_percent)});
    }
  }
  if (step > 1) table.caption = chart.title + " (one of " + std::to_string(step) + " dots)";
  return table;
}

Page VerdictPage(const Json& report) {
  Page page{"verdict",
            "Verdict",
            "Ready or not, for the data and each widget, with the reason and what mends it.",
            {}};
  page.blocks.push_back(Findings{FindingsOf(At(report, "verdict"))});
  const Json& gate = At(report, "gate/failures");
  const bool published =
      At(report, "gate/published").is_boolean() && At(report, "gate/published").get<bool>();
  if (gate.is_array() && !gate.empty()) {
    // `vitrine evaluate` publishes nothing anyway.
    page.blocks.push_back(Heading{published            ? "The quality gate was overruled"
                                  : IsThorough(report) ? "The quality gate would refuse to publish"
                                                       : "The quality gate refused to publish"});
    page.blocks.push_back(Findings{FindingsOf(gate)});
  }
  const Json& blend = MetricsAt(report, "all", "all", ShippedStrategy(report));
  Figures figures{{{"products", CountText(NumberAt(report, "data/products"))},
                   {"shoppers", CountText(NumberAt(report, "data/users"))},
                   {"interactions", CountText(NumberAt(report, "data/interactions"))},
                   {"baskets", CountText(NumberAt(report, "data/baskets"))}}};
  if (blend.is_object())
    figures.list.push_back(
        {"HR@20 on later sessions", PercentText(blend["hit_rate_20"]["value"].get<double>())});
  page.blocks.push_back(std::move(figures));
  const Json& changes = At(report, "changes");
  if (changes.is_array() && !changes.empty()) {
    const Json& other = At(report, "compared_with");
    Table table{
        "Against " + (other.is_string() ? other.get<std::string>() : "the last published build"),
        {"figure", "before", "now", "verdict", "p"},
        {}};
    size_t alike = 0;
    for (const Json& change : changes) {
      if (change["verdict"] == "no clear difference" || change["verdict"] == "same") {
        ++alike;
        continue;
      }
      const bool percent = change["percent"].get<bool>();
      const auto text = [&](const char* key) {
        const double value = change[key].get<double>();
        return percent ? PercentText(value, 2) : CountText(value);
      };
      table.rows.push_back(
          {change["what"], text("before"), text("now"), change["verdict"],
           change.contains("p_value") ? ChanceText(change["p_value"].get<double>()) : ""});
    }
    page.blocks.push_back(std::move(table));
    page.blocks.push_back(Paragraph{CountText(static_cast<double>(alike)) + " of " +
                                    CountText(static_cast<double>(changes.size())) +
                                    " figures are the same, or differ by no more than chance; "
                                    "report.json has them all."});
  }
  return page;
}

Document DocumentOf(const Json& report) {
  const Json& name = At(report, "shop/name");
  const std::string shop =
      name.is_string() && !name.get<std::string>().empty() ? name.get<std::string>() : "The shop";
  Document document{shop + ": evaluation report", "", {}};
  document.subtitle = CountText(NumberAt(report, "data/products")) + " products, " +
                      CountText(NumberAt(report, "data/interactions")) + " interactions";
  if (At(report, "data/times").is_object()) {
    document.subtitle += " from " +
                         DateText(At(report, "data/times/first_seconds").get<int64_t>()) + " to " +
                         DateText(At(report, "data/times/last_seconds").get<int64_t>());
  }
  for (auto* page : {VerdictPage, DataPage, MiningPage, SimilarityPage, PersonalizationPage,
                     ComparisonPage, BytesPage, LongTailPage, PrivacyPage}) {
    document.pages.push_back(page(report));
  }
  return document;
}

}  // namespace vitrine
