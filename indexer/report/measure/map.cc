// The catalogue on a plane: neighbours near each other. Attraction along the edges of the
// neighbour graph, repulsion between random pairs (Tang et al., "Visualizing large-scale and
// high-dimensional data", 2016; McInnes et al., UMAP, 2018), from the first two principal
// components.
#include <algorithm>
#include <cmath>
#include <random>

#include "indexer/report/measure/input.h"
#include "indexer/vectors/nearest.h"
#include "indexer/vectors/pca.h"

namespace vitrine {
namespace {

constexpr size_t kMapProducts = 6000;
constexpr size_t kNeighbours = 12;
constexpr int kSteps = 150;
constexpr int kRepulsions = 4;  // random pairs for each edge

struct Point {
  float x = 0, y = 0;
};

float Clamped(float value) { return std::clamp(value, -4.0f, 4.0f); }

// One edge: its ends attract each other, and its first end is pushed away from a few others.
void MoveEdge(std::vector<Point>& at, size_t a, size_t b, float rate, std::mt19937_64& random) {
  const float dx = at[a].x - at[b].x, dy = at[a].y - at[b].y;
  const float pull = -2 / (1 + dx * dx + dy * dy);
  at[a].x += Clamped(pull * dx) * rate, at[a].y += Clamped(pull * dy) * rate;
  at[b].x -= Clamped(pull * dx) * rate, at[b].y -= Clamped(pull * dy) * rate;
  for (int r = 0; r < kRepulsions; ++r) {
    const size_t c = random() % at.size();
    if (c == a) continue;
    const float ex = at[a].x - at[c].x, ey = at[a].y - at[c].y;
    const float square = ex * ex + ey * ey;
    const float push = 2 / ((0.01f + square) * (1 + square));
    at[a].x += Clamped(push * ex) * rate, at[a].y += Clamped(push * ey) * rate;
  }
}

std::vector<Point> Layout(MatrixView rows, size_t threads) {
  const Pca pca = ComputePca(rows, 2, kMapProducts, threads);
  const Matrix start = Project(rows, pca, threads);
  std::vector<Point> at(rows.rows);
  for (size_t i = 0; i < at.size(); ++i) {
    at[i].x = start.cols > 0 ? start.row(i)[0] * 20 : 0;
    at[i].y = start.cols > 1 ? start.row(i)[1] * 20 : 0;
  }
  const auto lists = NearestNeighbours(rows, kNeighbours, threads);
  std::mt19937_64 random(3);
  for (int step = 0; step < kSteps; ++step) {
    const float rate = 1 - static_cast<float>(step) / kSteps;
    for (size_t a = 0; a < at.size(); ++a) {
      for (const ScoredItem& near : lists[a]) MoveEdge(at, a, near.item, rate * 0.5f, random);
    }
  }
  return at;
}

}  // namespace

Json MeasureMap(const ReportInput& input) {
  const std::vector<uint32_t> sample = EvenSample(input.shop.products.size(), kMapProducts);
  Matrix rows(sample.size(), input.vectors.cols);
  for (size_t i = 0; i < sample.size(); ++i) {
    std::copy_n(input.vectors.row(sample[i]).begin(), rows.cols, rows.row(i).begin());
  }
  const std::vector<Point> at = Layout(rows.view(), static_cast<size_t>(input.config.threads));
  Json points = Json::array();
  for (size_t i = 0; i < sample.size(); ++i) {
    const Product& product = input.shop.products[sample[i]];
    // Two decimals: more than a screen shows, and a third of the bytes.
    points.push_back({std::round(at[i].x * 100.0) / 100, std::round(at[i].y * 100.0) / 100,
                      product.department, product.title});
  }
  return {{"columns", {"x", "y", "department", "title"}}, {"points", points}};
}

}  // namespace vitrine
