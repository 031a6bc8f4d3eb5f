// The recall of every index in the report, counted again from what the index answers and from
// all products compared with all.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <set>

#include "indexer/evaluate/projection_forest.h"
#include "indexer/report/measure/input.h"
#include "indexer/vectors/quantizer.h"
#include "indexer/vectors/small_world.h"
#include "shared/vectors/index.h"

namespace vitrine {
namespace {

constexpr size_t kProducts = 2500, kDimensions = 24;
constexpr size_t kQueries = 200, kDepth = 20;

// Products of 40 kinds, of length 1.
Matrix Clouds() {
  std::mt19937_64 random(11);
  std::normal_distribution<float> normal;
  Matrix centres(40, kDimensions), rows(kProducts, kDimensions);
  for (float& x : centres.data) x = normal(random);
  for (size_t i = 0; i < kProducts; ++i) {
    const auto centre = centres.row(i % centres.rows), row = rows.row(i);
    double square = 0;
    for (size_t k = 0; k < kDimensions; ++k) {
      row[k] = centre[k] + 0.7f * normal(random);
      square += static_cast<double>(row[k]) * static_cast<double>(row[k]);
    }
    for (float& x : row) x /= static_cast<float>(std::sqrt(square));
  }
  return rows;
}

// Every 12.5th product is asked about, as the report says ("queries" of "products").
std::vector<ItemIndex> Queries() {
  std::vector<ItemIndex> queries;
  for (size_t q = 0; q < kQueries; ++q)
    queries.push_back(static_cast<ItemIndex>(q * kProducts / kQueries));
  return queries;
}

std::vector<std::set<ItemIndex>> Truth(const Matrix& rows) {
  std::vector<std::set<ItemIndex>> truth;
  for (ItemIndex query : Queries()) {
    std::vector<std::pair<double, ItemIndex>> all;
    for (ItemIndex i = 0; i < rows.rows; ++i) {
      double cosine = 0;
      for (size_t k = 0; k < kDimensions; ++k) {
        cosine += static_cast<double>(rows.row(query)[k]) * static_cast<double>(rows.row(i)[k]);
      }
      if (i != query) all.emplace_back(-cosine, i);
    }
    std::sort(all.begin(), all.end());
    auto& nearest = truth.emplace_back();
    for (size_t r = 0; r < kDepth; ++r) nearest.insert(all[r].second);
  }
  return truth;
}

// The share of the truth among the first 20 answers that are not the query itself.
double Recall(const std::vector<std::set<ItemIndex>>& truth,
              const std::function<std::vector<ScoredItem>(ItemIndex)>& answers) {
  double found = 0;
  const std::vector<ItemIndex> queries = Queries();
  for (size_t q = 0; q < kQueries; ++q) {
    size_t taken = 0;
    for (const ScoredItem& answer : answers(queries[q])) {
      if (answer.item == queries[q] || taken++ == kDepth) continue;
      found += static_cast<double>(truth[q].count(answer.item));
    }
  }
  return found / (kDepth * kQueries);
}

TEST_CASE("the recall of every index is what its answers find of the true nearest") {
  const Matrix rows = Clouds();
  Shop shop;
  shop.products.resize(kProducts);
  Config config;
  config.threads = 1;
  Console quiet(Console::Level::kQuiet);
  Recommender recommender;
  const Json indexes = MeasureComparison(
      {config, shop, rows.view(), {}, {}, {}, {}, {}, recommender, quiet, true})["indexes"];
  CHECK(indexes["products"] == kProducts);
  CHECK(indexes["queries"] == kQueries);

  const auto truth = Truth(rows);
  const ProjectionForest forest(rows.view(), 20);
  SmallWorldGraph graph(kProducts, kDimensions, 16, 100);
  for (ItemIndex i = 0; i < kProducts; ++i) graph.Add(i, rows.view().row(i));
  std::set<std::string> kinds;
  std::set<double> recalls;
  for (const Json& index : indexes["indexes"]) {
    const std::string name = index["name"];
    CAPTURE(name);
    const size_t space = name.find(' ');
    const std::string kind = name.substr(0, space);
    const size_t number = space == std::string::npos ? 0 : std::stoul(name.substr(space + 1));
    double counted = 1;  // of "exact"
    if (kind == "vitrine") {
      const auto section = BuildVectorSection(
          rows.view(), {.bytes_per_item = static_cast<double>(number), .threads = 1});
      REQUIRE(section.ok());
      const auto opened = VectorIndex::Open(section.value());
      REQUIRE(opened.ok());
      counted = Recall(truth, [&](ItemIndex query) {
        return opened.value().Search(rows.view().row(query), kDepth + 1);
      });
      CHECK(index["bytes_per_item"].get<double>() ==
            doctest::Approx(static_cast<double>(section.value().size()) / kProducts));
    } else if (kind == "forest") {
      counted = Recall(truth, [&](ItemIndex query) {
        return forest.Search(rows.view().row(query), kDepth + 1, number);
      });
    } else if (kind == "hnswlib") {
      graph.SetBreadth(number);
      counted = Recall(
          truth, [&](ItemIndex query) { return graph.Search(rows.view().row(query), kDepth + 1); });
    }
    CHECK(index["recall_20"].get<double>() == doctest::Approx(counted).epsilon(1e-5));
    kinds.insert(kind);
    recalls.insert(counted);
  }
  CHECK(kinds == std::set<std::string>{"exact", "vitrine", "forest", "hnswlib"});
  CHECK(recalls.size() > 5);  // else a constant would pass
}

}  // namespace
}  // namespace vitrine
