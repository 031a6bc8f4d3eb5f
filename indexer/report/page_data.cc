// Page 2: data health.
#include <algorithm>

#include "indexer/report/pages.h"
#include "indexer/report/verdict.h"

namespace vitrine {
namespace {

using Json = nlohmann::ordered_json;

void AddFunnel(const Json& report, Page& page) {
  Chart chart{.id = "rows",
              .title = "From rows to what is used",
              .about =
                  "What became of the rows of each input. On purpose, a log's purchases are left "
                  "out that the order file tells too (told_by_orders), and so are events that "
                  "nobody asked for (not_of_interest) and sessions of robots (bot_session).",
              .kind = ChartKind::kBars,
              .y_label = "rows"};
  chart.series = {{.name = "kept"}, {.name = "rejected"}, {.name = "left out on purpose"}};
  Table table{"Rows by input",
              {"input", "format", "read", "kept", "rejected", "left out on purpose", "why"},
              {}};
  for (const Json& input : At(report, "data/inputs")) {
    std::string file = input["file"];
    file = file.substr(file.rfind('/') + 1);
    chart.categories.push_back(input["role"].get<std::string>() + ": " + file);
    double on_purpose = 0;
    std::string reasons;
    for (const auto& [reason, count] : input["rejected_by_reason"].items()) {
      reasons += (reasons.empty() ? "" : ", ") + reason + ": " + CountText(count.get<double>());
      if (LeftOutOnPurpose(reason)) on_purpose += count.get<double>();
    }
    const double rejected = input["rows_rejected"].get<double>() - on_purpose;
    chart.series[0].y.push_back(input["rows_kept"]);
    chart.series[1].y.push_back(rejected);
    chart.series[2].y.push_back(on_purpose);
    for (const auto& [reason, count] : input["dropped_values"].items()) {
      reasons += (reasons.empty() ? "" : ", ") + ("values dropped, " + reason) + ": " +
                 CountText(count.get<double>());
    }
    table.rows.push_back({chart.categories.back(), input["format"],
                          CountText(input["rows_read"].get<double>()),
                          CountText(input["rows_kept"].get<double>()), CountText(rejected),
                          CountText(on_purpose), reasons});
  }
  chart.table = TableOf(chart);
  page.blocks.push_back(std::move(chart));
  page.blocks.push_back(std::move(table));
}

void AddSamples(const Json& report, Page& page) {
  Table table{"Rejected rows and dropped values, some of each reason",
              {"where", "field", "reason", "what it says and how to mend it", ""},
              {}};
  for (const Json& row : At(report, "data/samples")) {
    const std::string line =
        row["line"].get<uint64_t>() == 0 ? "" : ":" + std::to_string(row["line"].get<uint64_t>());
    table.rows.push_back({row["file"].get<std::string>() + line, row["field"], row["reason"],
                          row["detail"],
                          row["row_kept"].get<bool>() ? "row kept" : "row left out"});
  }
  if (table.rows.empty()) {
    page.blocks.push_back(Paragraph{"No row was rejected for an error."});
  } else {
    page.blocks.push_back(std::move(table));
  }
  const Json& unmatched = At(report, "data/item_ids/most_frequent_unmatched");
  if (unmatched.empty()) return;
  Table ids{"Item ids that the catalogue does not have, the most frequent", {"id", "rows"}, {}};
  for (const Json& id : unmatched)
    ids.rows.push_back({id["id"], CountText(id["count"].get<double>())});
  page.blocks.push_back(std::move(ids));
}

void AddFillRates(const Json& report, Page& page) {
  Chart chart{.id = "fill-rates",
              .title = "How much of the catalogue is filled in",
              .about =
                  "The share of products that have each field. Title, images, category, colour "
                  "and audience matter most.",
              .kind = ChartKind::kBars,
              .y_label = "share of products",
              .y_percent = true};
  chart.series = {{.name = ""}};
  std::string empty;
  for (const auto& [field, rate] : At(report, "data/fill_rate").items()) {
    if (rate.get<double>() == 0) {
      empty += (empty.empty() ? "" : ", ") + field;
      continue;
    }
    chart.categories.push_back(field);
    chart.series[0].y.push_back(rate.get<double>());
  }
  chart.table = TableOf(chart);
  if (!chart.categories.empty()) page.blocks.push_back(std::move(chart));
  if (empty.empty()) return;
  page.blocks.push_back(Paragraph{"In no product: " + empty +
                                  ". If the shop has them, name their columns in "
                                  "[catalogue.columns]."});
}

void AddPrices(const Json& report, Page& page) {
  Table table{
      "Prices",
      {"currency", "products", "lowest", "1st quartile", "median", "3rd quartile", "highest"},
      {}};
  const Json& ranges = At(report, "data/prices/ranges");
  for (const Json& range : ranges) {
    std::vector<std::string> row = {
        range["currency"].get<std::string>().empty() ? "not said" : range["currency"],
        CountText(range["products"].get<double>())};
    for (const char* key : {"min", "quartile_1", "median", "quartile_3", "max"}) {
      row.push_back(DecimalText(range[key].get<double>(), 2));
    }
    table.rows.push_back(std::move(row));
  }
  if (table.rows.empty()) {
    page.blocks.push_back(Paragraph{"No product has a price."});
    return;
  }
  page.blocks.push_back(std::move(table));
  const Json& range =
      *std::max_element(ranges.begin(), ranges.end(), [](const Json& a, const Json& b) {
        return a["products"].get<size_t>() < b["products"].get<size_t>();
      });
  Chart chart{.id = "prices",
              .title = "Prices in " + range["currency"].get<std::string>(),
              .about = "How many products cost how much; the last bar has all that is dearer.",
              .kind = ChartKind::kBars,
              .x_label = "price from, " + range["currency"].get<std::string>(),
              .y_label = "products"};
  chart.series = {{.name = ""}};
  const double low = range["min"].get<double>(), width = range["bar_width"].get<double>();
  for (size_t b = 0; b < range["bars"].size(); ++b) {
    chart.categories.push_back(DecimalText(low + width * static_cast<double>(b), 0));
    chart.series[0].y.push_back(range["bars"][b]);
  }
  chart.table = TableOf(chart);
  page.blocks.push_back(std::move(chart));
}

void AddTimes(const Json& report, Page& page) {
  const Json& times = At(report, "data/times");
  if (!times.is_object()) {
    page.blocks.push_back(Paragraph{"No event has a time."});
    return;
  }
  const auto days = times["days_per_bar"].get<int64_t>();
  Chart chart{.id = "times",
              .title = "Interactions over time",
              .about = "Interactions for every " +
                       (days == 1 ? std::string("day") : std::to_string(days) + " days") +
                       ". A fall to nothing is a time whose log is missing.",
              .kind = ChartKind::kLines,
              .x_label = "days since the first",
              .y_label = "interactions"};
  Series series{.name = "interactions"};
  for (size_t b = 0; b < times["bars"].size(); ++b) {
    series.x.push_back(static_cast<double>(static_cast<int64_t>(b) * days));
    series.y.push_back(times["bars"][b]);
    series.label.push_back(
        DateText(times["first_seconds"].get<int64_t>() + static_cast<int64_t>(b) * days * 86400));
  }
  chart.series = {std::move(series)};
  chart.from_zero = true;
  chart.table = TableOf(chart, 60);
  page.blocks.push_back(std::move(chart));
}

void AddDuplicates(const Json& report, Page& page) {
  Table table{
      "Products that may be one product given twice", {"the same", "value", "products", "ids"}, {}};
  const auto add = [&](const char* key, const char* name) {
    const std::string place = std::string("data/duplicates/") + key;
    for (const Json& sample : At(report, place + "/samples")) {
      std::string ids;
      for (const Json& id : sample["ids"]) ids += (ids.empty() ? "" : ", ") + id.get<std::string>();
      table.rows.push_back(
          {name, sample["value"], CountText(sample["products"].get<double>()), ids});
    }
  };
  add("title_and_colour", "title, colour and brand");
  add("photo", "photo");
  const double alike = NumberAt(report, "data/duplicates/title_and_colour/sets"),
               pictured = NumberAt(report, "data/duplicates/photo/sets");
  page.blocks.push_back(Paragraph{
      alike + pictured == 0
          ? "No two products of different groups have the same title, colour and brand, or the "
            "same photo."
          : "Products of different groups with the same title, colour and brand: " +
                CountText(alike) + " sets with " +
                CountText(NumberAt(report, "data/duplicates/title_and_colour/products")) +
                " products. With the same photo: " + CountText(pictured) +
                " sets. Give variants a common group_id: else they stand beside each other."});
  page.blocks.push_back(std::move(table));
}

void AddKinds(const Json& report, Page& page) {
  Chart chart{.id = "departments",
              .title = "Departments",
              .about = "Products of each department, the largest first.",
              .kind = ChartKind::kBars,
              .y_label = "products"};
  chart.series = {{.name = ""}};
  for (const Json& each : At(report, "data/departments")) {
    if (chart.categories.size() == 20) break;
    const auto value = each["value"].get<std::string>();
    chart.categories.push_back(value.empty() ? "not said" : value);
    chart.series[0].y.push_back(each["products"]);
  }
  chart.table = TableOf(chart);
  page.blocks.push_back(std::move(chart));
}

}  // namespace

Page DataPage(const Json& report) {
  Page page{"data",
            "Data health",
            "What came in, what was left out and why, and how well catalogue and log fit together.",
            {}};
  page.blocks.push_back(
      Figures{{{"ids that match", PercentText(NumberAt(report, "data/item_ids/match_rate", 1))},
               {"products", CountText(NumberAt(report, "data/products"))},
               {"can be bought", CountText(NumberAt(report, "data/available"))},
               {"with any demand", CountText(NumberAt(report, "data/products_with_demand"))},
               {"sessions", CountText(NumberAt(report, "data/sessions"))},
               {"without price", CountText(NumberAt(report, "data/prices/missing"))}}});
  AddFunnel(report, page);
  AddSamples(report, page);
  AddFillRates(report, page);
  AddPrices(report, page);
  AddTimes(report, page);
  AddKinds(report, page);
  AddDuplicates(report, page);
  return page;
}

}  // namespace vitrine
