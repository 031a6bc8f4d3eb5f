// From report.json to the report's nine pages.
#pragma once

#include <nlohmann/json.hpp>

#include "indexer/report/render/document.h"

namespace vitrine {

// Takes every number from `report` (docs/report.md); what a build did not measure is left out or
// said to be missing.
Document DocumentOf(const nlohmann::ordered_json& report);

// One a page, in this order.
Page VerdictPage(const nlohmann::ordered_json& report);
Page DataPage(const nlohmann::ordered_json& report);
Page MiningPage(const nlohmann::ordered_json& report);
Page SimilarityPage(const nlohmann::ordered_json& report);
Page PersonalizationPage(const nlohmann::ordered_json& report);
Page ComparisonPage(const nlohmann::ordered_json& report);
Page BytesPage(const nlohmann::ordered_json& report);
Page LongTailPage(const nlohmann::ordered_json& report);
Page PrivacyPage(const nlohmann::ordered_json& report);

// A tile of a product of report.json.
Tile TileOf(const nlohmann::ordered_json& product, const std::string& caption = "");
// The chart's table from its series: a row a category, or a row a dot of at most `dots` dots.
Table TableOf(const Chart& chart, size_t dots = 40);
// What is not known is drawn as 0, without an interval's length.
void AddEstimate(const nlohmann::ordered_json& estimate, Series& series);
// A share and its interval: "71.8 % (70.2 to 73.1)".
std::string EstimateText(const nlohmann::ordered_json& estimate);
// Any other value, times `scale`: "7.3 (7.1 to 7.5)".
std::string EstimateText(const nlohmann::ordered_json& estimate, double scale, int digits);

}  // namespace vitrine
