#include "indexer/evaluate/projection_forest.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <set>

namespace vitrine {
namespace {

Matrix Cloud(size_t rows, size_t cols, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  Matrix matrix(rows, cols);
  for (size_t i = 0; i < rows; ++i) {
    double square = 0;
    for (float& x : matrix.row(i)) x = normal(random), square += static_cast<double>(x) * x;
    for (float& x : matrix.row(i)) x /= static_cast<float>(std::sqrt(square));
  }
  return matrix;
}

std::vector<ItemIndex> Nearest(const Matrix& rows, size_t query, size_t k) {
  std::vector<std::pair<double, ItemIndex>> all;
  for (ItemIndex i = 0; i < rows.rows; ++i) {
    const auto a = rows.row(query), b = rows.row(i);
    all.emplace_back(-std::inner_product(a.begin(), a.end(), b.begin(), 0.0), i);
  }
  std::sort(all.begin(), all.end());
  std::vector<ItemIndex> items;
  for (size_t r = 0; r < k; ++r) items.push_back(all[r].second);
  return items;
}

double Recall(const Matrix& rows, const ProjectionForest& forest, size_t candidates) {
  double found = 0;
  for (size_t q = 0; q < 50; ++q) {
    const auto truth = Nearest(rows, q, 10);
    for (const ScoredItem& hit : forest.Search(rows.view().row(q), 10, candidates)) {
      found += std::count(truth.begin(), truth.end(), hit.item) > 0;
    }
  }
  return found / 500;
}

TEST_CASE("a forest that looks at every product is exact") {
  const Matrix rows = Cloud(500, 16, 1);
  const ProjectionForest forest(rows.view(), 3, 20);
  CHECK(Recall(rows, forest, 3 * rows.rows) == doctest::Approx(1));
}

TEST_CASE("more trees and more candidates find more") {
  const Matrix rows = Cloud(2000, 16, 2);
  const ProjectionForest one(rows.view(), 1, 20), twenty(rows.view(), 20, 20);
  CHECK(Recall(rows, one, 100) < Recall(rows, twenty, 1000));
  CHECK(Recall(rows, twenty, 200) < Recall(rows, twenty, 2000));
  CHECK(Recall(rows, twenty, 4000) > 0.9);
  CHECK(twenty.size_bytes() > 10 * one.size_bytes());
}

TEST_CASE("equal products, one product and none do not break a forest") {
  Matrix same(300, 4);
  for (size_t i = 0; i < same.rows; ++i) same.row(i)[0] = 1;
  const ProjectionForest forest(same.view(), 2, 10);
  const auto found = forest.Search(same.view().row(0), 5, 1000);
  CHECK(found.size() == 5);
  CHECK(std::set<float>{found[0].score, found[4].score} == std::set<float>{1.0f});
  const Matrix single = Cloud(1, 4, 3);
  CHECK(ProjectionForest(single.view(), 2).Search(single.view().row(0), 5, 10).size() == 1);
  const Matrix none(0, 4);
  CHECK(ProjectionForest(none.view(), 2).Search(single.view().row(0), 5, 10).empty());
}

}  // namespace
}  // namespace vitrine
