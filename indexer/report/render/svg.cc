#include "indexer/report/render/svg.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "indexer/report/render/assets.h"
#include "indexer/report/render/scale.h"

namespace vitrine {
namespace {

constexpr double kWidth = 720;
constexpr double kWideLetter = 7.4;  // where nothing may be cut off, whatever the font
constexpr size_t kNamedDots = 30;    // of a cloud this small every dot is named
constexpr size_t kNameLetters = 18;  // of a graph's dots
constexpr double kLetter = 6.3;      // width of a letter of 12 units, about

// Text widths are guessed; what counts is the number of letters, not of bytes.
size_t Letters(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string Shortened(const std::string& text, size_t letters) {
  if (Letters(text) <= letters) return text;
  size_t at = 0;
  for (size_t seen = 0; at < text.size(); ++at) {
    if ((text[at] & 0xC0) != 0x80 && seen++ == letters - 1) break;
  }
  return text.substr(0, at) + "…";
}

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string ColourClass(size_t series) { return "c" + std::to_string(series % kChartColours); }

struct Range {
  double low = 1e300, high = -1e300;
  void Add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

class Drawing {
 public:
  explicit Drawing(const Chart& chart) : chart_(chart) {}

  std::string Draw(bool standalone) {
    switch (chart_.kind) {
      case ChartKind::kBars:
        LabelsAreShort() ? DrawColumns() : DrawRows();
        break;
      case ChartKind::kIntervals:
        DrawRows();
        break;
      default:
        DrawPlane();
    }
    Legend();
    return Frame(standalone);
  }

 private:
  std::string Frame(bool standalone) const {
    const std::string id = Escaped(chart_.id);
    std::string text = "<svg " +
                       std::string(standalone ? "xmlns=\"http://www.w3.org/2000/svg\" " : "") +
                       "class=\"chart\" role=\"img\" aria-labelledby=\"" + id + "-title " + id +
                       "-about\" viewBox=\"0 0 " + Number(kWidth) + " " + Number(height_) + "\">";
    text += "<title id=\"" + id + "-title\">" + Escaped(chart_.title) + "</title>";
    text += "<desc id=\"" + id + "-about\">" + Escaped(chart_.about) + "</desc>";
    if (standalone) {
      text += "<style>" + std::string(kChartCss) +
              "</style><rect class=\"paper\" width=\"100%\" height=\"100%\"/>";
    }
    return text + body_ + "</svg>";
  }

  // Do all categories' names fit side by side?
  bool LabelsAreShort() const {
    size_t longest = 0;
    for (const std::string& category : chart_.categories)
      longest = std::max(longest, Letters(category));
    return static_cast<double>((longest + 2) * chart_.categories.size()) * kLetter < kWidth - 68;
  }

  void Text(double x, double y, const char* anchor, const std::string& text,
            const char* style = "tick") {
    body_ += "<text class=\"" + std::string(style) + "\" x=\"" + Number(x) + "\" y=\"" + Number(y) +
             "\" text-anchor=\"" + anchor + "\">" + Escaped(text) + "</text>";
  }
  void Line(double x1, double y1, double x2, double y2, const std::string& style) {
    body_ += "<line class=\"" + style + "\" x1=\"" + Number(x1) + "\" y1=\"" + Number(y1) +
             "\" x2=\"" + Number(x2) + "\" y2=\"" + Number(y2) + "\"/>";
  }
  void Bar(double x, double y, double width, double height, size_t series) {
    body_ += "<rect class=\"bar " + ColourClass(series) + "\" x=\"" + Number(x) + "\" y=\"" +
             Number(y) + "\" width=\"" + Number(std::max(0.0, width)) + "\" height=\"" +
             Number(std::max(0.0, height)) + "\" rx=\"1.5\"/>";
  }
  void Dot(double x, double y, double radius, size_t series, const std::string& label = "") {
    body_ += "<circle class=\"dot " + ColourClass(series) + "\" cx=\"" + Number(x) + "\" cy=\"" +
             Number(y) + "\" r=\"" + Number(radius) + "\"";
    body_ += label.empty() ? "/>" : "><title>" + Escaped(label) + "</title></circle>";
  }

  Range YRange(bool from_zero) const {
    Range range;
    if (from_zero) range.Add(0);
    for (const Series& series : chart_.series) {
      for (const auto* values : {&series.y, &series.low, &series.high}) {
        for (double value : *values) range.Add(value);
      }
    }
    if (range.high < range.low) range = {0, 1};
    return range;
  }

  void AxisNames(double left, double right, double top, double bottom) {
    if (!chart_.x_label.empty()) {
      Text((left + right) / 2, bottom + 36, "middle", chart_.x_label, "axis");
    }
    if (!chart_.y_label.empty()) Text(left, top - 8, "start", chart_.y_label, "axis");
  }

  // Categories from left to right.
  void DrawColumns() {
    const double left = 56, right = kWidth - 12, top = 28, bottom = 250;
    height_ = bottom + (chart_.x_label.empty() ? 26 : 44);
    Range range = YRange(true);
    if (range.low > -0.03 * range.high) range.low = 0;  // a sliver needs no step of its own
    const Scale y(range.low, range.high, bottom, top);
    for (double tick : y.Ticks(5)) {
      Line(left, y(tick), right, y(tick), "grid");
      Text(left - 6, y(tick) + 4, "end", TickText(tick, chart_.y_percent));
    }
    const double slot =
        (right - left) / static_cast<double>(std::max<size_t>(1, chart_.categories.size()));
    const double gap = std::min(12.0, slot * 0.2);
    const double width =
        (slot - gap) / static_cast<double>(std::max<size_t>(1, chart_.series.size()));
    for (size_t c = 0; c < chart_.categories.size(); ++c) {
      const double at = left + slot * static_cast<double>(c) + gap / 2;
      Text(at + (slot - gap) / 2, bottom + 16, "middle", chart_.categories[c]);
      for (size_t s = 0; s < chart_.series.size(); ++s) {
        if (c >= chart_.series[s].y.size()) continue;
        const double value = chart_.series[s].y[c];
        const double x = at + width * static_cast<double>(s);
        Bar(x, std::min(y(0), y(value)), width - 1, std::fabs(y(value) - y(0)), s);
        Whisker(
            chart_.series[s], c, [&](double v) { return y(v); }, x + (width - 1) / 2, true);
      }
    }
    Line(left, y(0), right, y(0), "base");
    AxisNames(left, right, top, bottom);
  }

  template <typename Place>
  void Whisker(const Series& series, size_t at, const Place& place, double across, bool upright) {
    if (at >= series.low.size()) return;
    const double low = place(series.low[at]), high = place(series.high[at]);
    upright ? Line(across, low, across, high, "whisker")
            : Line(low, across, high, across, "whisker");
  }

  // Categories from top to bottom: bars, or dots with their intervals.
  void DrawRows() {
    size_t letters = 4;
    for (const std::string& category : chart_.categories)
      letters = std::max(letters, Letters(category));
    letters = std::min<size_t>(letters, 34);
    const double left = static_cast<double>(letters) * kWideLetter + 16, right = kWidth - 24,
                 top = chart_.x_label.empty() ? 14 : 26;
    const size_t groups = std::max<size_t>(1, chart_.series.size());
    const bool dots = chart_.kind == ChartKind::kIntervals;
    const double lane = dots ? 13 : groups > 1 ? 11 : 16;
    const double slot = lane * static_cast<double>(groups) + 10;
    const double bottom = top + slot * static_cast<double>(chart_.categories.size());
    height_ = bottom + 44;
    const Range range = YRange(!dots);
    const Scale x(range.low, range.high, left, right);
    for (double tick : x.Ticks(6)) {
      Line(x(tick), top, x(tick), bottom, tick == 0 ? "base" : "grid");
      Text(x(tick), bottom + 16, "middle", TickText(tick, chart_.y_percent));
    }
    for (size_t c = 0; c < chart_.categories.size(); ++c) {
      const double at = top + slot * static_cast<double>(c) + 5;
      Text(left - 8, at + (slot - 10) / 2 + 4, "end", Shortened(chart_.categories[c], letters));
      for (size_t s = 0; s < chart_.series.size(); ++s) {
        if (c >= chart_.series[s].y.size()) continue;
        const Series& series = chart_.series[s];
        const double middle = at + lane * (static_cast<double>(s) + 0.5);
        const double value = series.y[c];
        if (!dots)
          Bar(std::min(x(0), x(value)), middle - lane / 2 + 0.5, std::fabs(x(value) - x(0)),
              lane - 1, s);
        Whisker(
            series, c, [&](double v) { return x(v); }, middle, false);
        if (dots) Dot(x(value), middle, 4, s);
      }
    }
    if (!chart_.y_label.empty())
      Text((left + right) / 2, bottom + 36, "middle", chart_.y_label, "axis");
    if (!chart_.x_label.empty()) Text(12, top - 10, "start", chart_.x_label, "axis");
  }

  // x and y both numbers.
  void DrawPlane() {
    const bool map = !chart_.axes;
    const double left = map ? 10 : 56, right = kWidth - 16, top = map ? 8 : 28;
    const double bottom = map ? 470 : 290;
    height_ = bottom + (map ? 10 : 44);
    Range across;
    for (const Series& series : chart_.series) {
      for (double value : series.x) across.Add(value);
    }
    if (across.high < across.low) across = {0, 1};
    const bool zero = chart_.kind == ChartKind::kPoints && chart_.axes && !chart_.x_logarithmic;
    if (zero) across.Add(0);
    Range range = YRange(false);
    // From zero, unless all stands so high that the differences would not be seen.
    const bool low = chart_.kind == ChartKind::kPoints && chart_.axes && range.low < range.high / 2;
    if (low || chart_.from_zero) range.Add(0);
    // Names stand around the dots of a graph, and no dot on an axis.
    const double inset = chart_.kind == ChartKind::kGraph    ? 64
                         : map                               ? 12
                         : chart_.kind == ChartKind::kPoints ? 16
                                                             : 0;
    const Scale x(across.low, across.high, left + inset, right - inset, chart_.x_logarithmic,
                  chart_.kind != ChartKind::kLines && !map);
    const Scale y(range.low, range.high, bottom - (map ? 12 : 0), top + (map ? 12 : 0), false,
                  !map);
    if (chart_.axes) {
      for (double tick : y.Ticks(5)) {
        Line(left, y(tick), right, y(tick), "grid");
        Text(left - 6, y(tick) + 4, "end", TickText(tick, chart_.y_percent));
      }
      for (double tick : x.Ticks(7)) {
        Line(x(tick), bottom, x(tick), bottom + 4, "base");
        Text(x(tick), bottom + 18, "middle", TickText(tick, chart_.x_percent));
      }
      Line(left, bottom, right, bottom, "base");
      AxisNames(left, right, top, bottom);
    }
    DrawEdges(x, y);
    const bool graph = chart_.kind == ChartKind::kGraph;
    if (graph || Dots() <= kNamedDots) NoteDots(x, y);
    for (size_t s = 0; s < chart_.series.size(); ++s) {
      chart_.kind == ChartKind::kLines ? DrawLine(s, x, y) : DrawDots(s, x, y);
    }
  }

  void DrawEdges(const Scale& x, const Scale& y) {
    if (chart_.series.empty()) return;
    const Series& dots = chart_.series.front();
    for (const auto& [a, b] : chart_.edges) {
      Line(x(dots.x[a]), y(dots.y[a]), x(dots.x[b]), y(dots.y[b]), "edge");
    }
  }

  void DrawLine(size_t s, const Scale& x, const Scale& y) {
    const Series& series = chart_.series[s];
    std::string line, band;
    for (size_t i = 0; i < series.x.size(); ++i) {
      const std::string place = Number(x(series.x[i])) + "," + Number(y(series.y[i])) + " ";
      line += place;
      if (i < series.low.size())
        band += Number(x(series.x[i])) + "," + Number(y(series.low[i])) + " ";
    }
    for (size_t i = series.high.size(); i-- > 0;) {
      band += Number(x(series.x[i])) + "," + Number(y(series.high[i])) + " ";
    }
    if (!band.empty())
      body_ += "<polygon class=\"band " + ColourClass(s) + "\" points=\"" + band + "\"/>";
    body_ += "<polyline class=\"line " + ColourClass(s) + "\" points=\"" + line + "\"/>";
    if (series.x.size() > 60) return;
    for (size_t i = 0; i < series.x.size(); ++i) {
      Dot(x(series.x[i]), y(series.y[i]), 3, s, i < series.label.size() ? series.label[i] : "");
    }
  }

  void DrawDots(size_t s, const Scale& x, const Scale& y) {
    const size_t total = Dots(), step = total / kSvgPoints + 1;
    const bool graph = chart_.kind == ChartKind::kGraph, few = total <= kNamedDots;
    const Series& series = chart_.series[s];
    for (size_t i = 0; i < series.x.size(); i += step) {
      const std::string label = (graph || few) && i < series.label.size() ? series.label[i] : "";
      const double across = x(series.x[i]), down = y(series.y[i]);
      Dot(across, down, graph ? 5 : total > 1000 ? 2 : few ? 4.5 : 3.5, s, label);
      if (!label.empty()) Name(across, down, graph ? Shortened(label, kNameLetters) : label);
    }
  }

  size_t Dots() const {
    size_t dots = 0;
    for (const Series& series : chart_.series) dots += series.x.size();
    return dots;
  }

  // No name may stand on a dot or on the axis's name.
  void NoteDots(const Scale& x, const Scale& y) {
    if (!chart_.y_label.empty())
      named_ = {{56, 60 + static_cast<double>(Letters(chart_.y_label)) * kWideLetter, 0, 26}};
    for (const Series& series : chart_.series) {
      for (size_t i = 0; i < series.x.size(); ++i) {
        const double across = x(series.x[i]), down = y(series.y[i]);
        named_.push_back({across - 5, across + 5, down - 5, down + 5});
      }
    }
  }

  // A dot's name where nothing else is named yet: right of it, left, above, or below; else nowhere.
  void Name(double x, double y, const std::string& name) {
    constexpr double kHeight = 11;
    const double width = static_cast<double>(Letters(name)) * 5.8;
    const struct {
      double left, bottom;
    } places[] = {
        {x + 8, y + 4}, {x - 8 - width, y + 4}, {x - width / 2, y - 8}, {x - width / 2, y + 17}};
    for (const auto& [left, bottom] : places) {
      const bool free =
          left > (chart_.axes ? 56 : 0) && left + width < kWidth && bottom > kHeight &&
          std::none_of(named_.begin(), named_.end(), [&](const std::array<double, 4>& other) {
            return left < other[1] && left + width > other[0] && bottom - kHeight < other[3] &&
                   bottom > other[2];
          });
      if (!free) continue;
      named_.push_back({left, left + width, bottom - kHeight, bottom});
      return Text(left, bottom, "start", name, "name");
    }
  }

  void Legend() {
    if (chart_.series.size() < 2) return;
    double x = 12, y = height_ + 12;
    for (size_t s = 0; s < chart_.series.size(); ++s) {
      const double width = static_cast<double>(Letters(chart_.series[s].name)) * kLetter + 34;
      if (x + width > kWidth) x = 12, y += 18;
      body_ += "<rect class=\"bar " + ColourClass(s) + "\" x=\"" + Number(x) + "\" y=\"" +
               Number(y - 9) + "\" width=\"11\" height=\"11\" rx=\"2\"/>";
      Text(x + 16, y + 1, "start", chart_.series[s].name);
      x += width;
    }
    height_ = y + 12;
  }

  const Chart& chart_;
  std::string body_;
  double height_ = 0;
  std::vector<std::array<double, 4>> named_;  // left, right, top, bottom of what Name() wrote
};

}  // namespace

std::string SvgOf(const Chart& chart, bool standalone) { return Drawing(chart).Draw(standalone); }

std::string Escaped(std::string_view text) {
  std::string safe;
  for (char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        // Control characters are not allowed in XML, whoever put them into a title.
        safe += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
    }
  }
  return safe;
}

}  // namespace vitrine
