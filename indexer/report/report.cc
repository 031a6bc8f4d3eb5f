#include "indexer/report/report.h"

#include <algorithm>

#include "indexer/report/compare.h"
#include "indexer/report/pages.h"
#include "indexer/report/render/html.h"
#include "indexer/report/render/markdown.h"
#include "indexer/report/render/svg.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

constexpr int kSchema = 1;

std::string Dump(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

constexpr size_t kStrategiesNamed = 8;

// What all are compared with, what ships, and those that find most of the others.
std::vector<std::string> StrategiesToName(const Json& report) {
  std::vector<std::string> names;
  for (const Json& strategy : At(report, "personalization/strategies")) {
    names.push_back(strategy["name"]);
  }
  const std::string shipped = ShippedStrategy(report);
  const auto rank = [&](const std::string& name) {
    if (name == At(report, "personalization/reference")) return 2.0;
    if (name == shipped) return 1.5;
    return NumberAt(MetricsAt(report, "all", "all", name), "hit_rate_20/value");
  };
  std::stable_sort(names.begin(), names.end(),
                   [&](const std::string& a, const std::string& b) { return rank(a) > rank(b); });
  if (names.size() > kStrategiesNamed) names.resize(kStrategiesNamed);
  return names;
}

}  // namespace

Json MakeReport(const ReportInput& input) {
  Json report = {
      {"schema", kSchema},
      {"shop",
       {{"name", input.config.publish.shop_name}, {"currency", input.config.publish.currency}}},
      {"thorough", input.thorough}};
  const struct {
    const char* name;
    Json (*measure)(const ReportInput&);
  } parts[] = {{"data", MeasureData},
               {"mining", MeasureMining},
               {"similarity", MeasureSimilarity},
               {"personalization", MeasurePersonalization},
               {"comparison", MeasureComparison},
               {"bytes", MeasureBytes},
               {"long_tail", MeasureLongTail},
               {"privacy", MeasurePrivacy}};
  for (const auto& part : parts) {
    input.console.Detail(std::string("report: ") + part.name);
    report[part.name] = part.measure(input);
  }
  report["verdict"] = ToJson(Verdict(report));
  return report;
}

Status AddComparison(const Json& before, const std::string& name, Json& report) {
  try {  // JSON throws where a value has another type than it should
    report["compared_with"] = before.is_object() ? Json(name) : Json(nullptr);
    report["changes"] = before.is_object() ? ToJson(CompareReports(before, report)) : Json::array();
    report["gate"] = {{"failures", ToJson(GateFailures(report, before))}, {"published", false}};
    return Ok();
  } catch (const Json::exception& error) {
    return Error{std::string("the report to compare with is damaged (") + error.what() +
                 "); remove it, or name another"};
  }
}

Status WriteReport(const Json& report, std::span<const Product> products,
                   const PhotoOptions& photos, const std::filesystem::path& folder) {
  const Document document = DocumentOf(report);
  Thumbnails thumbnails(products, photos);
  VITRINE_RETURN_IF_ERROR(WriteFileAtomically(folder / "report.json", Dump(report)));
  VITRINE_RETURN_IF_ERROR(WriteFileAtomically(folder / "report.md", MarkdownOf(document)));
  for (const Page& page : document.pages) {
    for (const Block& block : page.blocks) {
      const auto* chart = std::get_if<Chart>(&block);
      if (chart == nullptr) continue;
      VITRINE_RETURN_IF_ERROR(
          WriteFileAtomically(folder / (chart->id + ".svg"), SvgOf(*chart, true)));
    }
  }
  return WriteFileAtomically(folder / "index.html", HtmlOf(document, thumbnails));
}

Result<Json> ReadReport(const std::filesystem::path& path, bool may_be_missing) {
  std::error_code ignored;
  if (may_be_missing && !std::filesystem::exists(path, ignored)) return Json(nullptr);
  VITRINE_ASSIGN(const Bytes bytes, ReadFile(path));
  Json report = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (!report.is_object() || !report.contains("schema") || !report["schema"].is_number_integer()) {
    return Error{path.string() + ": not a report (report.json of vitrine build or evaluate)"};
  }
  if (report["schema"] != kSchema) {
    return Error{path.string() + ": a report of schema " + report["schema"].dump() +
                 ", this program reads " + std::to_string(kSchema) +
                 "; build again to make a new one"};
  }
  return report;
}

std::string TerminalSummary(const Json& report) {
  constexpr const char* kMarks[] = {"ok  ", "LOOK", "BAD "};
  std::string text;
  const auto line = [&text](const std::string& words) {
    // By letters, not bytes; cut between words.
    size_t letters = 0, at = 0, space = 0;
    for (; at < words.size() && letters <= 80; ++at) {
      letters += (words[at] & 0xC0) != 0x80;
      if (words[at] == ' ' && letters < 80) space = at;
    }
    text += (letters <= 80 ? words : words.substr(0, space) + "…") + "\n";
  };
  size_t lines = 0;
  for (const Finding& finding : FindingsOf(report["verdict"])) {
    if (++lines > 9) break;
    line(std::string(kMarks[static_cast<size_t>(finding.state)]) + " " + finding.subject + ": " +
         finding.reason);
    if (finding.state == State::kRed) line("     to mend: " + finding.fix);
  }
  const Json& strategies = At(report, "personalization/strategies");
  if (!strategies.empty()) {
    line("");
    line("HR@20 on later cases   existing      new, events   new, nothing  over popular");
  }
  for (const std::string& name : StrategiesToName(report)) {
    std::string row = name + std::string(name.size() < 21 ? 21 - name.size() : 1, ' ');
    for (const char* slice : {"existing", "new with events", "new without events"}) {
      const Json& metrics = MetricsAt(report, "slice", slice, name);
      const std::string cell =
          metrics.is_object() ? PercentText(metrics["hit_rate_20"]["value"].get<double>()) : "-";
      row += "  " + cell + std::string(cell.size() < 12 ? 12 - cell.size() : 0, ' ');
    }
    const Json& all = MetricsAt(report, "all", "all", name);
    if (all.is_object() && name != report["personalization"]["reference"]) {
      const Json& gain = all["hit_rate_20_gain"];
      row += "  " + DecimalText(gain["value"].get<double>() * 100, 1) + " (p " +
             ChanceText(gain["p_value"].get<double>()) + ")";
    }
    line(row);
  }
  if (strategies.size() > kStrategiesNamed) {
    line(std::to_string(strategies.size() - kStrategiesNamed) + " more are in the report");
  }
  return text;
}

}  // namespace vitrine
