#include "indexer/report/render/markdown.h"

namespace vitrine {
namespace {

constexpr size_t kTableRows = 12;  // more are in index.html
constexpr const char* kMarks[] = {"🟢", "🟠", "🔴"};

// A cell or line that cannot break out of its place.
std::string Plain(const std::string& text) {
  std::string plain;
  for (char c : text) {
    if (c == '|' || c == '<' || c == '>' || c == '[' || c == ']' || c == '*' || c == '_' ||
        c == '`' || c == '#' || c == '\\') {
      plain += '\\';
    }
    plain += c == '\n' || c == '\r' ? ' ' : c;
  }
  return plain;
}

class Writer {
 public:
  std::string Write(const Document& document) {
    text_ = "# " + Plain(document.title) + "\n\n" + Plain(document.subtitle) + "\n";
    for (const Page& page : document.pages) {
      text_ += "\n## " + Plain(page.title) + "\n\n" + Plain(page.lead) + "\n";
      for (const Block& block : page.blocks) {
        std::visit([this](const auto& each) { Add(each); }, block);
      }
    }
    return text_;
  }

 private:
  void Add(const Heading& heading) { text_ += "\n### " + Plain(heading.text) + "\n"; }
  void Add(const Paragraph& paragraph) { text_ += "\n" + Plain(paragraph.text) + "\n"; }

  void Add(const Figures& figures) {
    text_ += "\n";
    for (const auto& [name, value] : figures.list)
      text_ += "- " + Plain(name) + ": **" + Plain(value) + "**\n";
  }

  void Add(const Findings& findings) {
    text_ += "\n";
    for (const Finding& finding : findings.list) {
      text_ += "- " + std::string(kMarks[static_cast<size_t>(finding.state)]) + " **" +
               Plain(finding.subject) + "**: " + Plain(finding.reason);
      if (!finding.fix.empty()) text_ += " *To mend:* " + Plain(finding.fix);
      text_ += "\n";
    }
  }

  void Add(const Table& table) {
    if (table.rows.empty()) return;
    text_ += "\n";
    if (!table.caption.empty()) text_ += "**" + Plain(table.caption) + "**\n\n";
    std::string rule = "|";
    text_ += "|";
    for (const std::string& column : table.columns) {
      text_ += " " + Plain(column) + " |";
      rule += "---|";
    }
    text_ += "\n" + rule + "\n";
    for (size_t r = 0; r < std::min(table.rows.size(), kTableRows); ++r) {
      text_ += "|";
      for (const std::string& cell : table.rows[r]) text_ += " " + Plain(cell) + " |";
      text_ += "\n";
    }
    if (table.rows.size() > kTableRows) {
      text_ +=
          "\n" + std::to_string(table.rows.size() - kTableRows) + " more rows in index.html.\n";
    }
  }

  void Add(const Chart& chart) {
    text_ += "\n![" + Plain(chart.title + ": " + chart.about) + "](" + chart.id + ".svg)\n";
  }
  void Add(const Gallery&) {}  // photos are in index.html

  std::string text_;
};

}  // namespace

std::string MarkdownOf(const Document& document) { return Writer().Write(document); }

}  // namespace vitrine
