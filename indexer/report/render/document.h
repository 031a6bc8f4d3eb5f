// A report as text, tables, charts and rows of photos: what pages.h makes of report.json, and what
// is written as HTML, SVG and Markdown.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "shared/item.h"

namespace vitrine {

struct Table {
  std::string caption = {};
  std::vector<std::string> columns = {};
  std::vector<std::vector<std::string>> rows = {};  // numbers among the cells stand on the right
};

enum class ChartKind {
  kBars,       // a group of bars for each category
  kLines,      // y over x, with a band from low to high where there is one
  kPoints,     // a dot at each (x, y)
  kIntervals,  // for each category a dot at y between low and high
  kGraph,      // dots at (x, y), joined by edges
};

struct Series {
  std::string name = {};
  std::vector<double> x = {}, y = {};       // x is not used by bars and intervals
  std::vector<double> low = {}, high = {};  // of y; may be empty
  std::vector<std::string> label = {};      // of each dot; may be empty
};

struct Chart {
  std::string id = {};  // of the element, and of the file report/<id>.svg
  std::string title = {};
  std::string about = {};  // one or two sentences that say what is to be seen: the text alternative
  ChartKind kind = ChartKind::kBars;
  std::string x_label = {}, y_label = {};
  bool x_percent = false, y_percent = false, x_logarithmic = false;
  bool from_zero = false;  // the vertical axis of a plane; bars always begin there
  std::vector<std::string> categories = {};  // of bars and intervals
  std::vector<Series> series = {};
  std::vector<std::array<size_t, 2>> edges = {};  // between dots of the first series
  bool axes = true;                               // false: places without a meaning of their own
  Table table = {};                               // the same numbers
};

// A product's photo with what is said of it.
struct Tile {
  ItemIndex item = kNoItem;
  std::string title = {}, caption = {};
};

// A product and others beside it: "this one: those".
struct Strip {
  std::string label = {};
  std::vector<Tile> first = {}, others = {};
};
struct Gallery {
  std::string caption = {};
  std::vector<Strip> strips = {};
};

enum class State { kGreen, kAmber, kRed };
inline constexpr std::array<const char*, 3> kStateNames = {"ready", "look at this", "not ready"};

// One line of the verdict.
struct Finding {
  std::string subject = {};
  State state = State::kGreen;
  std::string reason = {}, fix = {};
};
struct Findings {
  std::vector<Finding> list = {};
};

struct Heading {
  std::string text = {};
};
struct Paragraph {
  std::string text = {};
};
// Short facts side by side: {"products", "1,391"}.
struct Figures {
  std::vector<std::array<std::string, 2>> list = {};
};

using Block = std::variant<Heading, Paragraph, Figures, Findings, Table, Chart, Gallery>;

struct Page {
  std::string id, title, lead;
  std::vector<Block> blocks;
};

struct Document {
  std::string title, subtitle;
  std::vector<Page> pages;
};

// ---- words for numbers

std::string CountText(double value);                    // "12,345"
std::string DecimalText(double value, int digits = 3);  // "0.123"
std::string ChanceText(double p);                       // "0.005", "<0.001"
std::string PercentText(double share, int digits = 1);  // "12.3 %"
std::string BytesText(double bytes);                    // "130 kB"
std::string DateText(int64_t unix_seconds);             // "2024-05-31"

}  // namespace vitrine
