#include "indexer/report/render/html.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "indexer/report/render/assets.h"
#include "indexer/report/render/svg.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

using Json = nlohmann::ordered_json;

// Fewer are seen well enough in the drawing, which has their intervals and names as well.
constexpr size_t kExploredDots = 60;
constexpr size_t kManyColumns = 8;
constexpr size_t kLongCell = 24;  // letters, from which a cell needs room on a narrow screen

constexpr const char* kStateClasses[] = {"green", "amber", "red"};

// "12,345", "-3.2 (-5 to -1)", "55 %", "130 kB"; not "21188, 21179" and "3/4 trousers".
bool IsNumber(const std::string& cell) {
  const size_t digit = cell.find_first_of("0123456789");
  if (digit > 1 || (digit == 1 && !std::strchr("-+<", cell[0]))) return false;
  const size_t end = cell.find_first_not_of("0123456789.,", digit);
  if (end == cell.npos) return true;
  const std::string_view rest = std::string_view(cell).substr(end);
  return rest == " %" || rest.starts_with(" % (") || rest.starts_with(" (") || rest == " B" ||
         rest == " kB" || rest == " MB" || rest == " GB";
}

// `a command` stands as one.
std::string Prose(const std::string& text) {
  std::string html = Escaped(text);
  bool open = false;
  for (size_t at = 0; (at = html.find('`', at)) != html.npos; open = !open) {
    if (!open && html.find('`', at + 1) == html.npos) break;
    html.replace(at, 1, open ? "</code>" : "<code>");
  }
  // A line must not break within "--option".
  for (size_t at = 0; (at = html.find(" --", at)) != html.npos;) {
    const size_t end = std::min(html.find_first_of(" <,;", at + 1), html.size());
    html.insert(end, "</span>").insert(at + 1, "<span class=\"option\">");
    at = end;
  }
  return html;
}

// What stands in brackets behind a number, its interval, goes below it.
std::string WithRangeBelow(const std::string& number) {
  const size_t bracket = number.ends_with(')') ? number.find(" (") : number.npos;
  if (bracket == number.npos) return Escaped(number);
  std::string range = number.substr(bracket + 2, number.size() - bracket - 3);
  const size_t to = range.find(" to ");
  if (to != range.npos && range.find('-') == range.npos) range.replace(to, 4, "–");
  return Escaped(number.substr(0, bracket)) + "<small>" + Escaped(range) + "</small>";
}

class Writer {
 public:
  Writer(const Document& document, Thumbnails& thumbnails)
      : document_(document), thumbnails_(thumbnails) {}

  std::string Write() {
    const std::string style = std::string(kReportCss) + kChartCss + kPlotCss;
    for (const Page& page : document_.pages) WritePage(page);
    // "<" would let a product's title end the block.
    std::string charts = charts_.dump(-1, ' ', false, Json::error_handler_t::replace);
    for (size_t at = 0; (at = charts.find('<', at)) != std::string::npos;)
      charts.replace(at, 1, "\\u003c");
    const auto source = [](const std::string& text) {
      return "'sha256-" + Sha256Base64(AsBytes(text)) + "'";
    };
    std::string html = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">";
    html +=
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
        "style-src " +
        source(style) + "; script-src " + source(kPlotScript) + " " + source(kReportScript) +
        "; base-uri 'none'; form-action 'none'\">";
    html +=
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        "<meta name=\"color-scheme\" content=\"light dark\">";
    html += "<title>" + Escaped(document_.title) + "</title><style>" + style +
            "</style></head>\n<body>";
    html += "<a class=\"skip\" href=\"#" + Escaped(document_.pages.front().id) +
            "\">Skip to the report</a>";
    html += Navigation() + "<main><header><h1>" + Escaped(document_.title) +
            "</h1><p class=\"subtitle\">" + Escaped(document_.subtitle) + "</p></header>\n" +
            body_ + "</main>\n";
    html += "<script type=\"application/json\" id=\"charts\">" + charts + "</script>";
    html +=
        "<script>" + std::string(kPlotScript) + "</script><script>" + kReportScript + "</script>";
    return html + "</body></html>\n";
  }

 private:
  std::string Navigation() const {
    std::string text = "<nav aria-label=\"Pages of the report\"><p>Report</p><ol>";
    for (const Page& page : document_.pages) {
      text += "<li><a href=\"#" + Escaped(page.id) + "\">" + Escaped(page.title) + "</a></li>";
    }
    return text + "</ol></nav>\n";
  }

  void WritePage(const Page& page) {
    const std::string id = Escaped(page.id);
    body_ += "<section id=\"" + id + "\" aria-labelledby=\"" + id + "-heading\"><h2 id=\"" + id +
             "-heading\">" + Escaped(page.title) + "</h2><p class=\"lead\">" + Escaped(page.lead) +
             "</p>\n";
    for (const Block& block : page.blocks) {
      std::visit([this](const auto& each) { Add(each); }, block);
      body_ += '\n';
    }
    body_ += "</section>\n";
  }

  void Add(const Heading& heading) { body_ += "<h3>" + Escaped(heading.text) + "</h3>"; }
  void Add(const Paragraph& paragraph) { body_ += "<p>" + Prose(paragraph.text) + "</p>"; }

  void Add(const Figures& figures) {
    body_ += "<dl class=\"figures\">";
    for (const auto& [name, value] : figures.list) {
      body_ += "<div><dt>" + Escaped(name) + "</dt><dd>" + WithRangeBelow(value) + "</dd></div>";
    }
    body_ += "</dl>";
  }

  void Add(const Findings& findings) {
    body_ += "<ul class=\"findings\">";
    for (const Finding& finding : findings.list) {
      const auto state = static_cast<size_t>(finding.state);
      body_ += "<li class=\"" + std::string(kStateClasses[state]) + "\"><b>" +
               Escaped(finding.subject) + "</b> <span class=\"state\">" + kStateNames[state] +
               "</span><p>" + Prose(finding.reason) + "</p>";
      if (!finding.fix.empty()) body_ += "<p><b>To mend:</b> " + Prose(finding.fix) + "</p>";
      body_ += "</li>";
    }
    body_ += "</ul>";
  }

  void Add(const Table& table) {
    if (table.rows.empty()) return;
    body_ += "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"" +
             Escaped(table.caption.empty() ? "Table" : table.caption) + "\"><table" +
             (table.columns.size() > kManyColumns ? " class=\"dense\"" : "") + ">";
    if (!table.caption.empty()) body_ += "<caption>" + Escaped(table.caption) + "</caption>";
    body_ += "<thead><tr>";
    for (size_t c = 0; c < table.columns.size(); ++c) {
      if (table.columns[c].empty()) {  // a header without words would tell nobody anything
        body_ += "<td></td>";
        continue;
      }
      const bool number = c > 0 && std::any_of(table.rows.begin(), table.rows.end(),
                                               [c](const auto& row) { return IsNumber(row[c]); });
      body_ += std::string("<th scope=\"col\"") + (number ? " class=\"n\"" : "") + ">" +
               Escaped(table.columns[c]) + "</th>";
    }
    body_ += "</tr></thead><tbody>";
    for (const auto& row : table.rows) {
      body_ += "<tr>";
      for (size_t c = 0; c < row.size(); ++c) {
        if (c == 0) {
          body_ += std::string("<th scope=\"row\"") +
                   (row[c].size() > kLongCell ? " class=\"long\"" : "") + ">" + Escaped(row[c]) +
                   "</th>";
        } else {
          AddCell(row[c]);
        }
      }
      body_ += "</tr>";
    }
    body_ += "</tbody></table></div>";
  }

  void AddCell(const std::string& cell) {
    if (IsNumber(cell)) {
      body_ += "<td class=\"n\">" + WithRangeBelow(cell) + "</td>";
    } else {
      body_ += (cell.size() > kLongCell ? "<td class=\"long\">" : "<td>") + Prose(cell) + "</td>";
    }
  }

  void Add(const Chart& chart) {
    body_ += "<figure id=\"" + Escaped(chart.id) + "\"><figcaption><b>" + Escaped(chart.title) +
             "</b><span>" + Prose(chart.about) + "</span></figcaption><div class=\"drawing\">" +
             SvgOf(chart, false) + "</div>";
    body_ += "<details><summary>The numbers of this chart</summary>";
    Table table = chart.table;
    if (table.caption.empty()) table.caption = chart.title;
    Add(table);
    body_ += "</details></figure>";
    size_t dots = 0;
    for (const Series& series : chart.series) dots += series.x.size();
    const bool plane = chart.kind == ChartKind::kLines || chart.kind == ChartKind::kPoints;
    if (plane && dots > kExploredDots) Explorable(chart);
  }

  // What the script needs to draw the chart again.
  void Explorable(const Chart& chart) {
    Json series = Json::array();
    for (const Series& one : chart.series) {
      series.push_back({{"name", one.name}, {"x", one.x}, {"y", one.y}, {"label", one.label}});
    }
    charts_.push_back({{"id", chart.id},
                       {"kind", chart.kind == ChartKind::kLines ? "lines" : "points"},
                       {"axes", chart.axes},
                       {"x_label", chart.x_label},
                       {"y_label", chart.y_label},
                       {"x_percent", chart.x_percent},
                       {"y_percent", chart.y_percent},
                       {"x_logarithmic", chart.x_logarithmic},
                       {"from_zero", chart.from_zero},
                       {"series", series}});
  }

  void Add(const Gallery& gallery) {
    if (gallery.strips.empty()) return;
    body_ +=
        "<p class=\"gallery-caption\">" + Escaped(gallery.caption) + "</p><div class=\"gallery\">";
    for (const Strip& strip : gallery.strips) {
      body_ += "<div class=\"strip\" role=\"group\" tabindex=\"0\" aria-label=\"" +
               Escaped(strip.label) + "\"><p>" + Escaped(strip.label) + "</p><ul class=\"tiles\">";
      for (const Tile& tile : strip.first) AddTile(tile);
      if (!strip.others.empty() && !strip.first.empty()) {
        // Of several with several each has a line of its own, or nobody sees where the others
        // begin.
        if (strip.first.size() > 1 && strip.others.size() > 1) {
          body_ += "</ul><ul class=\"tiles\">";
        }
        body_ += "<li class=\"gap\" aria-hidden=\"true\">→</li>";
      }
      for (const Tile& tile : strip.others) AddTile(tile);
      body_ += "</ul></div>";
    }
    body_ += "</div>";
  }

  void AddTile(const Tile& tile) {
    const std::string& photo = thumbnails_.DataAddress(tile.item);
    body_ += "<li class=\"tile\"><span class=\"photo\">";
    // The title stands below, so the picture adds nothing for those who cannot see it.
    body_ += photo.empty() ? "<span class=\"none\" aria-hidden=\"true\">◇</span>"
                           : "<img alt=\"\" src=\"" + photo + "\">";
    body_ += "</span><span class=\"title\">" + Escaped(tile.title) + "</span>";
    if (!tile.caption.empty()) body_ += "<span class=\"note\">" + Escaped(tile.caption) + "</span>";
    body_ += "</li>";
  }

  const Document& document_;
  Thumbnails& thumbnails_;
  std::string body_;
  Json charts_ = Json::array();
};

}  // namespace

std::string HtmlOf(const Document& document, Thumbnails& thumbnails) {
  return Writer(document, thumbnails).Write();
}

}  // namespace vitrine
