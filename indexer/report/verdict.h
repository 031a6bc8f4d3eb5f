// Ready or not: what report.json says, in a few sentences with their fixes.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "indexer/report/render/document.h"

namespace vitrine {

// One finding for the data and one for each widget, worst reason first within each. `report` has
// the parts of docs/report.md; parts that are missing count as not measured.
std::vector<Finding> Verdict(const nlohmann::ordered_json& report);
// Rows of this reason for rejecting are not missed.
bool LeftOutOnPurpose(const std::string& reason);
// The worst of all.
State Overall(const std::vector<Finding>& findings);

// Reasons not to publish: worse than popularity or than the last published build beyond the
// interval, or an invariant broken. `published`: the report of the last published build, or null.
std::vector<Finding> GateFailures(const nlohmann::ordered_json& report,
                                  const nlohmann::ordered_json& published);

nlohmann::ordered_json ToJson(const std::vector<Finding>& findings);
std::vector<Finding> FindingsOf(const nlohmann::ordered_json& json);

// report at `path` ("data/prices/missing"), or null where it has no such place.
const nlohmann::ordered_json& At(const nlohmann::ordered_json& report, const std::string& path);
double NumberAt(const nlohmann::ordered_json& report, const std::string& path,
                double otherwise = 0);
// The metrics of a strategy in a group of personalization/groups; null when there are none.
const nlohmann::ordered_json& MetricsAt(const nlohmann::ordered_json& report,
                                        const std::string& dimension, const std::string& value,
                                        const std::string& strategy);
// Was everything measured (`vitrine evaluate -c`), or what every build measures?
bool IsThorough(const nlohmann::ordered_json& report);
// The strategy that ships: "blend", or the reference when there is no blend.
std::string ShippedStrategy(const nlohmann::ordered_json& report);

}  // namespace vitrine
