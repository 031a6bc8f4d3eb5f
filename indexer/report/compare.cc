#include "indexer/report/compare.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "indexer/report/verdict.h"

namespace vitrine {
namespace {

using Json = nlohmann::ordered_json;

// 95 % intervals are 1.96 standard errors to each side.
double StandardError(const Json& estimate) {
  return (estimate["high"].get<double>() - estimate["low"].get<double>()) / (2 * 1.959964);
}

class Comparison {
 public:
  Comparison(const Json& before, const Json& now) : before_(before), now_(now) {}

  std::vector<Change> Run() {
    Means();
    Number("products", "data/products", 0, false);
    Number("ids that match", "data/item_ids/match_rate", 1, true);
    Number("rules", "mining/rules", 1, false);
    Number("products never bought, shown", "long_tail/dead_products_shown", 1, false);
    Number("smallest group behind a number", "privacy/smallest_group", 0, false);
    Sections();
    CorrectForMany();
    return std::move(changes_);
  }

 private:
  void Means() {
    for (const Json& group : At(now_, "personalization/groups")) {
      const auto dimension = group["dimension"].get<std::string>(),
                 value = group["value"].get<std::string>();
      if (dimension != "all" && dimension != "slice") continue;
      for (const auto& [strategy, metrics] : group["strategies"].items()) {
        const Json& old = MetricsAt(before_, dimension, value, strategy);
        if (!old.is_object()) continue;
        const std::string where = strategy + (dimension == "all" ? "" : ", " + value);
        Mean(where + ": HR@20", old["hit_rate_20"], metrics["hit_rate_20"]);
        Mean(where + ": MRR@20", old["mrr_20"], metrics["mrr_20"]);
      }
    }
    Mean("bought together: later baskets, hit@10", At(before_, "mining/next_baskets/hit_rate_10"),
         At(now_, "mining/next_baskets/hit_rate_10"));
    for (const char* label : {"type", "colour", "audience"}) {
      const std::string place = std::string("similarity/precision_10_shown/") + label;
      Mean(std::string("similar: same ") + label + " among ten", At(before_, place),
           At(now_, place));
    }
  }

  void Mean(const std::string& what, const Json& before, const Json& now) {
    if (!before.is_object() || !now.is_object()) return;
    const double difference = now["value"].get<double>() - before["value"].get<double>();
    const double error = std::hypot(StandardError(before), StandardError(now));
    const double p = error > 0         ? std::erfc(std::fabs(difference) / error / std::sqrt(2.0))
                     : difference == 0 ? 1
                                       : 0;
    changes_.push_back({what, before["value"], now["value"], p, 1, true});
  }

  // Holm (1979): the k-th smallest of m p-values times m - k + 1, never below the one before it.
  void CorrectForMany() {
    std::vector<Change*> tested;
    for (Change& change : changes_) {
      if (change.p_value >= 0) tested.push_back(&change);
    }
    std::stable_sort(tested.begin(), tested.end(),
                     [](const Change* a, const Change* b) { return a->p_value < b->p_value; });
    double least = 0;
    for (size_t k = 0; k < tested.size(); ++k) {
      least = std::max(least, tested[k]->p_value * static_cast<double>(tested.size() - k));
      tested[k]->p_value = std::min(1.0, least);
    }
  }

  void Number(const std::string& what, const std::string& path, int direction, bool percent) {
    if (!At(before_, path).is_number() || !At(now_, path).is_number()) return;
    changes_.push_back(
        {what, NumberAt(before_, path), NumberAt(now_, path), -1, direction, percent});
  }

  void Sections() {
    for (const Json& section : At(now_, "bytes/sections")) {
      for (const Json& old : At(before_, "bytes/sections")) {
        if (old["section"] != section["section"]) continue;
        changes_.push_back({"bytes of " + section["section"].get<std::string>(), old["bytes"],
                            section["bytes"], -1, -1, false});
      }
    }
    for (const Json& stage : At(now_, "bytes/bundle/stages")) {
      for (const Json& old : At(before_, "bytes/bundle/stages")) {
        if (old["part"] != stage["part"]) continue;
        changes_.push_back({"sent: " + stage["part"].get<std::string>(), old["brotli_bytes"],
                            stage["brotli_bytes"], -1, -1, false});
      }
    }
  }

  const Json& before_;
  const Json& now_;
  std::vector<Change> changes_;
};

constexpr const char* kUnclear = "no clear difference";
constexpr const char* kSame = "same";

std::string Word(const Change& change) {
  if (change.better()) return "better";
  if (change.worse()) return "worse";
  return change.p_value >= 0 ? kUnclear : change.now == change.before ? kSame : "changed";
}

std::string Value(double value, bool percent) {
  return percent ? PercentText(value, 2) : CountText(value);
}

}  // namespace

std::vector<Change> CompareReports(const Json& before, const Json& now) {
  return Comparison(before, now).Run();
}

std::string ToText(const std::vector<Change>& changes) {
  std::string text;
  size_t alike = 0;
  for (const Change& change : changes) {
    const std::string word = Word(change);
    if (word == kUnclear || word == kSame) {
      ++alike;
      continue;
    }
    char line[256];
    const std::string p = change.p_value < 0 ? "" : "p " + ChanceText(change.p_value);
    std::snprintf(line, sizeof line, "%-46.46s %12s -> %12s  %-20s %s\n", change.what.c_str(),
                  Value(change.before, change.percent).c_str(),
                  Value(change.now, change.percent).c_str(), word.c_str(), p.c_str());
    text += line;
  }
  return text + std::to_string(alike) + " of " + std::to_string(changes.size()) +
         " figures are the same or show " + kUnclear + "\n";
}

Json ToJson(const std::vector<Change>& changes) {
  Json list = Json::array();
  for (const Change& change : changes) {
    Json one = {{"what", change.what},
                {"before", change.before},
                {"now", change.now},
                {"percent", change.percent},
                {"verdict", Word(change)}};
    if (change.p_value >= 0) one["p_value"] = change.p_value;
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace vitrine
