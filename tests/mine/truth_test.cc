// Reproduces reference figures that were made with two to five independent programs
// (mining/truth.tsv of the data folder; what each digest means is in its header).
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "indexer/mine/association.h"
#include "indexer/mine/basket_source.h"
#include "indexer/mine/fpgrowth.h"
#include "indexer/mine/measures.h"
#include "indexer/mine/partners.h"
#include "indexer/support/files.h"

using namespace vitrine;

namespace {

std::filesystem::path MiningData() {
  const char* data = std::getenv("VITRINE_DATA");
  const std::filesystem::path root =
      data != nullptr ? data : std::filesystem::path(VITRINE_SOURCE_DIR) / "../shared/data";
  return root / "mining";
}

std::vector<std::string> Split(const std::string& line, char separator) {
  std::vector<std::string> fields;
  std::stringstream stream(line);
  for (std::string field; std::getline(stream, field, separator);) fields.push_back(field);
  return fields;
}

std::vector<std::vector<std::string>> ReadTable(const std::filesystem::path& path) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line[0] != '#') rows.push_back(Split(line, '\t'));
  }
  if (!rows.empty()) rows.erase(rows.begin());  // column names
  return rows;
}

// One data set, mined at one threshold.
struct Mined {
  std::unique_ptr<BasketSource> source;
  RankedBaskets ranked;
  std::vector<uint32_t> number;  // of each item: the integer that is its name

  static Mined Open(const std::string& dataset, uint64_t min_count,
                    const BasketFileOptions& options = {}) {
    Mined mined;
    auto source = BasketSource::Open(MiningData() / (dataset + ".dat"), options);
    REQUIRE(source.ok());
    mined.source = std::move(source.value());
    auto ranked = mined.source->Rank(min_count);
    REQUIRE(ranked.ok());
    mined.ranked = std::move(ranked.value());
    for (const std::string& name : mined.source->names()) {
      mined.number.push_back(static_cast<uint32_t>(std::stoul(name)));
    }
    return mined;
  }

  CollectItemsets Itemsets(const ItemsetOptions& options) const {
    std::vector<uint32_t> names(ranked.item.size());
    for (size_t r = 0; r < names.size(); ++r) names[r] = number[ranked.item[r]];
    CollectItemsets found;
    ItemsOfRanks items(names, found);
    REQUIRE(MineRanked(ranked, options, items).ok());
    return found;
  }
};

std::string Join(std::span<const uint32_t> set) {
  std::string text;
  for (uint32_t item : set) text += (text.empty() ? "" : " ") + std::to_string(item);
  return text;
}

std::string Digest(std::vector<std::string> lines, bool sort = true) {
  if (sort) std::sort(lines.begin(), lines.end());
  std::string all;
  for (const std::string& line : lines) all += line;
  return Sha256Hex(AsBytes(all));
}

std::vector<std::string> Lines(const CollectItemsets& found) {
  std::vector<std::string> lines;
  for (size_t k = 0; k < found.size(); ++k) {
    lines.push_back(Join(found.set(k)) + "\t" + std::to_string(found.counts[k]) + "\n");
  }
  return lines;
}

class RuleLines : public RuleSink {
 public:
  void Rule(std::span<const uint32_t> antecedent, std::span<const uint32_t> consequent,
            const RuleCounts& counts) override {
    lines.push_back(Join(antecedent) + "\t" + Join(consequent) + "\t" +
                    std::to_string(counts.both) + "\t" + std::to_string(counts.left) + "\t" +
                    std::to_string(counts.right) + "\n");
  }
  std::vector<std::string> lines;
};

Decimal Threshold(const std::string& text) {
  if (text.empty()) return {0, 1};
  auto value = ParseDecimal(text);
  REQUIRE(value.ok());
  return value.value();
}

// Partners by count, as the truth has them: ties by lower number.
std::vector<std::string> PairLines(const std::string& dataset, uint32_t k, uint32_t min_count) {
  std::ifstream in(MiningData() / (dataset + ".dat"));
  Baskets baskets;
  uint32_t item_count = 0;
  for (std::string line; std::getline(in, line);) {
    std::stringstream stream(line);
    for (uint32_t item; stream >> item;) {
      baskets.items.push_back(item);
      item_count = std::max(item_count, item + 1);
    }
    baskets.offset.push_back(baskets.items.size());
  }
  PartnerOptions options{.partners = k, .min_count = min_count};
  options.ranking = PartnerRanking::kCount;
  const auto partners = TopPartners(baskets, item_count, options);
  std::vector<std::string> lines;
  for (uint32_t i = 0; i < item_count; ++i) {
    std::string line;
    for (const Partner& partner : partners[i]) {
      line += (line.empty() ? "" : " ") + std::to_string(partner.item) + ":" +
              std::to_string(partner.count);
    }
    if (!line.empty()) lines.push_back(std::to_string(i) + "\t" + line + "\n");
  }
  return lines;
}

struct Expected {
  std::string dataset, kind, digest;
  uint64_t min_count, count;
  std::string min_confidence, min_lift, k;
};

// Rows of the table whose kind is one of `kinds`; checks that each names its data set.
std::vector<Expected> Rows(const std::vector<std::string>& kinds) {
  std::vector<Expected> rows;
  for (const auto& f : ReadTable(MiningData() / "truth.tsv")) {
    REQUIRE(f.size() >= 11);
    if (std::find(kinds.begin(), kinds.end(), f[3]) == kinds.end()) continue;
    const auto path = MiningData() / (f[0] + ".dat");
    if (!std::filesystem::exists(path)) {
      MESSAGE("skipped: " << path << " is absent");
      continue;
    }
    auto bytes = ReadFile(path);
    REQUIRE(bytes.ok());
    REQUIRE(Sha256Hex(bytes.value()) == f[2]);
    rows.push_back({f[0], f[3], f[10], std::stoull(f[4]), std::stoull(f[8]), f[5], f[6], f[7]});
  }
  if (rows.empty()) {
    const auto path = MiningData() / "truth.tsv";
    // A std::string: doctest prints the address of a `const char*` that a condition chose.
    const std::string why = std::filesystem::exists(path)
                                ? " has no row of this kind whose data is there"
                                : " is absent (set VITRINE_DATA)";
    MESSAGE("skipped: " << path.string() << why);
  }
  return rows;
}

}  // namespace

TEST_CASE("all, closed and maximal itemsets of public data sets have the reference digests") {
  const std::map<std::string, ItemsetOptions> options = {
      {"all", {}},
      {"max3", {.max_length = 3}},
      {"closed", {.kind = ItemsetKind::kClosed}},
      {"maximal", {.kind = ItemsetKind::kMaximal}}};
  for (const Expected& row : Rows({"all", "max3", "closed", "maximal"})) {
    CAPTURE(row.dataset);
    CAPTURE(row.kind);
    CAPTURE(row.min_count);
    ItemsetOptions wanted = options.at(row.kind);
    wanted.min_count = row.min_count;
    const auto found = Mined::Open(row.dataset, row.min_count).Itemsets(wanted);
    CHECK(found.size() == row.count);
    CHECK(Digest(Lines(found)) == row.digest);
  }
}

TEST_CASE("rules of public data sets have the reference digests, those at a threshold included") {
  std::string last;
  Mined mined;
  CollectItemsets found;
  for (const Expected& row : Rows({"rules1", "rulesA"})) {
    CAPTURE(row.dataset);
    CAPTURE(row.kind);
    CAPTURE(row.min_count);
    if (const std::string key = row.dataset + std::to_string(row.min_count); key != last) {
      mined = Mined::Open(row.dataset, row.min_count);
      found = mined.Itemsets({.min_count = row.min_count});
      last = key;
    }
    RuleOptions options;
    options.min_confidence = Threshold(row.min_confidence);
    options.min_lift = Threshold(row.min_lift);
    options.max_consequent = row.kind == "rules1" ? 1 : 0;
    RuleLines rules;
    REQUIRE(MineAssociations(found, mined.source->baskets(), options, rules).ok());
    CHECK(rules.lines.size() == row.count);
    CHECK(Digest(rules.lines) == row.digest);
  }
}

TEST_CASE("the ten best partners of every item have the reference digests") {
  for (const Expected& row : Rows({"top10pairs"})) {
    CAPTURE(row.dataset);
    const auto lines = PairLines(row.dataset, static_cast<uint32_t>(std::stoul(row.k)),
                                 static_cast<uint32_t>(row.min_count));
    CHECK(lines.size() == row.count);
    CHECK(Digest(lines, false) == row.digest);
  }
}

TEST_CASE("no kind of reference row is left out") {
  const std::vector<std::string> known = {"all",    "max3",   "closed",     "maximal",
                                          "rules1", "rulesA", "top10pairs", "weighted_pow2day"};
  const auto path = MiningData() / "truth.tsv";
  if (!std::filesystem::exists(path)) MESSAGE("skipped: no " << path << " (set VITRINE_DATA)");
  for (const auto& fields : ReadTable(path)) {
    CAPTURE(fields[3]);
    CHECK(std::find(known.begin(), known.end(), fields[3]) != known.end());
  }
}

TEST_CASE("itemsets of weighted baskets have the reference digests") {
  // The weight of a basket is a power of two by its day, which stands in a file beside the baskets.
  for (const Expected& row : Rows({"weighted_pow2day"})) {
    CAPTURE(row.dataset);
    CAPTURE(row.min_count);
    const auto days = MiningData() / (row.dataset + ".days.txt");
    if (!std::filesystem::exists(days)) {
      MESSAGE("skipped: " << days << " is absent");
      continue;
    }
    std::ifstream in(days);
    std::string weights;
    for (int day = 0; in >> day;) weights += std::to_string(1 << (day - 16)) + "\n";
    const auto path =
        std::filesystem::temp_directory_path() / ("vitrine_weights_" + std::to_string(::getpid()));
    REQUIRE(WriteFileAtomically(path, weights).ok());
    const auto found = Mined::Open(row.dataset, row.min_count, {.weights = path})
                           .Itemsets({.min_count = row.min_count});
    std::filesystem::remove(path);
    CHECK(found.size() == row.count);
    CHECK(Digest(Lines(found)) == row.digest);
  }
}

TEST_CASE("ten measures of 610 rules agree with the reference to 1e-9") {
  const auto path = MiningData() / "truth_metrics_groceries98.tsv";
  if (!std::filesystem::exists(path)) {
    MESSAGE("skipped: " << path << " is absent");
    return;
  }
  const auto rows = [&] {
    std::vector<std::vector<std::string>> all;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
      if (line[0] != '#') all.push_back(Split(line, '\t'));
    }
    return all;
  }();
  REQUIRE(rows.size() == 610);
  constexpr Measure kColumns[] = {
      Measure::kSupport,    Measure::kConfidence,      Measure::kLift,    Measure::kLeverage,
      Measure::kConviction, Measure::kZhang,           Measure::kJaccard, Measure::kCertainty,
      Measure::kKulczynski, Measure::kRepresentativity};
  for (const auto& row : rows) {
    const RuleCounts counts{std::stoull(row[2]), std::stoull(row[3]), std::stoull(row[4]), 9835};
    const auto values = MeasuresOf(counts);
    for (size_t c = 0; c < std::size(kColumns); ++c) {
      CAPTURE(c);
      CHECK(std::abs(values[static_cast<size_t>(kColumns[c])] - std::stod(row[5 + c])) <= 1e-9);
    }
  }
}
