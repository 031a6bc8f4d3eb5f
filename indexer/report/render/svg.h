// A chart as SVG: sharp on paper and on screen, readable without scripts, light or dark as its
// surroundings are.
#pragma once

#include <string>
#include <string_view>

#include "indexer/report/render/document.h"

namespace vitrine {

inline constexpr size_t kChartColours = 8;
// Dots that are drawn at most; more are thinned out evenly.
inline constexpr size_t kSvgPoints = 2500;

// `standalone`: a file of its own, with its own style; else a part of a page that has kChartCss.
std::string SvgOf(const Chart& chart, bool standalone);

// `text` for a place between tags or in quotes.
std::string Escaped(std::string_view text);

}  // namespace vitrine
