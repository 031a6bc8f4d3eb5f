// Finding one's way in report.json.
#include "indexer/report/verdict.h"

namespace vitrine {
namespace {
using Json = nlohmann::ordered_json;
}

const Json& At(const Json& report, const std::string& path) {
  static const Json kNull;
  const Json* at = &report;
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string key = path.substr(begin, end - begin);
    if (!at->is_object() || !at->contains(key)) return kNull;
    at = &(*at)[key];
    begin = end + 1;
  }
  return *at;
}

double NumberAt(const Json& report, const std::string& path, double otherwise) {
  const Json& value = At(report, path);
  return value.is_number() ? value.get<double>() : otherwise;
}

const Json& MetricsAt(const Json& report, const std::string& dimension, const std::string& value,
                      const std::string& strategy) {
  for (const Json& group : At(report, "personalization/groups")) {
    if (group["dimension"] == dimension && group["value"] == value) {
      return At(group["strategies"], strategy);
    }
  }
  static const Json kNull;
  return kNull;
}

bool IsThorough(const Json& report) {
  const Json& thorough = At(report, "thorough");
  return thorough.is_boolean() && thorough.get<bool>();
}

std::string ShippedStrategy(const Json& report) {
  for (const Json& strategy : At(report, "personalization/strategies")) {
    if (strategy["name"] == "blend") return "blend";
  }
  const Json& reference = At(report, "personalization/reference");
  return reference.is_string() ? reference.get<std::string>() : "";
}

}  // namespace vitrine
