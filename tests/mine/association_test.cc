#include "indexer/mine/association.h"

#include <doctest/doctest.h>

#include <set>

#include "indexer/mine/decay.h"
#include "indexer/mine/measures.h"
#include "tests/mine/slow.h"

using namespace vitrine;

namespace {

using Key = std::pair<slow::Set, slow::Set>;

class RuleTable : public RuleSink {
 public:
  void Rule(std::span<const uint32_t> antecedent, std::span<const uint32_t> consequent,
            const RuleCounts& counts) override {
    const Key key{{antecedent.begin(), antecedent.end()}, {consequent.begin(), consequent.end()}};
    CHECK(rules.count(key) == 0);
    rules[key] = counts;
  }
  std::map<Key, RuleCounts> rules;
};

uint64_t Total(const slow::Database& database) {
  uint64_t total = 0;
  for (uint32_t weight : database.weight) total += weight;
  return total;
}

// Every split of every frequent set, thresholds in exact fractions.
std::set<Key> SlowRules(const slow::Table& frequent, uint64_t total, const RuleOptions& options) {
  std::set<Key> rules;
  for (const auto& [set, both] : frequent) {
    for (uint32_t mask = 1; mask + 1 < 1u << set.size(); ++mask) {
      slow::Set x, y;
      for (size_t i = 0; i < set.size(); ++i) (mask >> i & 1 ? y : x).push_back(set[i]);
      if (options.max_consequent > 0 && y.size() > options.max_consequent) continue;
      const uint64_t left = frequent.at(x), right = frequent.at(y);
      const auto& c = options.min_confidence;
      const auto& l = options.min_lift;
      if (both * c.denominator < left * c.numerator) continue;
      if (both * total * l.denominator < left * right * l.numerator) continue;
      bool improves = true;
      for (uint32_t part = 0; options.prune && part + 1 < 1u << x.size(); ++part) {
        slow::Set shorter, with_y = y;
        for (size_t i = 0; i < x.size(); ++i) {
          if (part >> i & 1) shorter.push_back(x[i]);
        }
        with_y.insert(with_y.end(), shorter.begin(), shorter.end());
        std::sort(with_y.begin(), with_y.end());
        const double simple = static_cast<double>(frequent.at(with_y)) /
                              static_cast<double>(shorter.empty() ? total : frequent.at(shorter));
        const double gain = static_cast<double>(both) / static_cast<double>(left) - simple;
        const double wanted = static_cast<double>(options.min_improvement.numerator) /
                              static_cast<double>(options.min_improvement.denominator);
        if (gain < std::max(wanted - 1e-12, 1e-12)) improves = false;
      }
      if (improves) rules.insert({x, y});
    }
  }
  return rules;
}

}  // namespace

TEST_CASE("rules of random databases equal every split of every frequent set") {
  for (uint32_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    const slow::Database database = slow::Random(seed, 8);
    const slow::Table frequent = slow::Frequent(slow::CountAll(database), 2);
    CollectItemsets found;
    REQUIRE(MineItemsets(database.view(), {.min_count = 2}, found).ok());
    RuleOptions options;
    options.min_confidence = {seed % 4, 4};
    options.min_lift = {seed % 3 * 10, 10};
    options.max_consequent = seed % 3;
    options.prune = seed % 2 == 0;
    options.min_improvement = {seed % 8 == 0 ? 10u : 0u, 100};
    RuleTable table;
    REQUIRE(MineAssociations(found, Total(database), options, table).ok());
    std::set<Key> keys;
    for (const auto& [key, counts] : table.rules) {
      keys.insert(key);
      CHECK(counts.left == frequent.at(key.first));
      CHECK(counts.right == frequent.at(key.second));
      CHECK(counts.total == Total(database));
    }
    CHECK(keys == SlowRules(frequent, Total(database), options));
  }
}

TEST_CASE("a rule at a lift of exactly 2 and a confidence of exactly 0.3 is not lost") {
  // 20 baskets: X in 10, Y in 3, both in 3: confidence 0.3, lift 2.
  slow::Database database;
  database.item_count = 3;
  for (int b = 0; b < 3; ++b) database.Add({0, 1});
  for (int b = 0; b < 7; ++b) database.Add({0});
  for (int b = 0; b < 10; ++b) database.Add({2});
  CollectItemsets found;
  REQUIRE(MineItemsets(database.view(), {.min_count = 1}, found).ok());
  RuleOptions options;
  options.min_confidence = ParseDecimal("0.3").value();
  options.min_lift = ParseDecimal("2.0").value();
  RuleTable table;
  REQUIRE(MineAssociations(found, 20, options, table).ok());
  CHECK(table.rules.size() == 2);
  options.min_lift = ParseDecimal("2.000000001").value();
  RuleTable above;
  REQUIRE(MineAssociations(found, 20, options, above).ok());
  CHECK(above.rules.empty());
}

TEST_CASE("thresholds are read exactly and nonsense is refused") {
  CHECK(ParseDecimal("0.05").value().numerator == 5);
  CHECK(ParseDecimal("0.05").value().denominator == 100);
  CHECK(ParseDecimal("1e-3").value().denominator == 1000);
  CHECK(ParseDecimal("2").value().numerator == 2);
  CHECK(CountAtLeast(ParseDecimal("0.01").value(), 9835) == 99);
  CHECK(CountAtLeast(ParseDecimal("0.1").value(), 10) == 1);
  for (const char* bad :
       {"", ".", "-1", "1,5", "0x2", "nan", "1e", "1e99", "1.2.3", "12345678901"}) {
    CAPTURE(bad);
    CHECK_FALSE(ParseDecimal(bad).ok());
  }
}

TEST_CASE("measures of a worked example: 1000 baskets, X in 200, Y in 300, both in 120") {
  const auto m = MeasuresOf({120, 200, 300, 1000});
  auto value = [&](Measure measure) { return m[static_cast<size_t>(measure)]; };
  CHECK(value(Measure::kCosine) == doctest::Approx(0.4898979485566356));
  CHECK(value(Measure::kImbalanceRatio) == doctest::Approx(100.0 / 380));
  // scipy.stats.chi2_contingency([[120, 80], [180, 620]], correction=False)
  CHECK(value(Measure::kChiSquare) == doctest::Approx(107.14285714285714));
  CHECK(value(Measure::kPValue) == doctest::Approx(4.1e-25).epsilon(0.02));
  const auto certain = MeasuresOf({5, 5, 5, 5});
  CHECK(std::isinf(certain[static_cast<size_t>(Measure::kConviction)]));
  CHECK(certain[static_cast<size_t>(Measure::kChiSquare)] == 0);
}

TEST_CASE("a basket's weight halves with every half-life, down to nothing") {
  const std::vector<int64_t> times = {1000, 900, 800, 0, -100000};
  const auto weights = DecayWeights(times, 100);
  CHECK(weights == std::vector<uint32_t>{1u << 20, 1u << 19, 1u << 18, 1u << 10, 0});
}
