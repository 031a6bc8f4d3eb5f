#include "indexer/vectors/plan.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/vectors/clouds.h"

using namespace vitrine;

TEST_CASE("an item's error is turned away from its neighbours") {
  const size_t n = 1000, d = 64;
  const Matrix cloud = ClusteredCloud(n, d, 10, 23);
  const Training training = Train(cloud.view(), {.threads = 2});
  const Plan plan = MakePlan(training, 1e-5, 2);
  const size_t k = plan.model.axes;
  REQUIRE(k > 20);
  Matrix vectors(n, d);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < d; ++j) vectors.row(i)[j] = cloud.row(i)[j] - plan.mean[j];
  }
  const FramedVectors pool = InFrame(plan.frame, vectors, 2);
  const Neighbourhood near = FindNeighbourhood(training.sample.view(), training.mean_along, 64, 2);
  REQUIRE(near.each == 64);

  // How far an item's error puts apart the scores of two of its neighbours, over all items.
  auto seen_by_neighbours = [&](const Neighbourhood& known) {
    const ItemsToCode items{pool, 0, training.cell, known};
    const std::vector<int8_t> codes = CodeItems(plan, items, 2);
    double seen = 0;
    for (size_t i = 0; i < n; ++i) {
      std::vector<double> error(vectors.row(i).begin(), vectors.row(i).end());
      for (size_t a = 0; a < k; ++a) {
        const auto axis = static_cast<uint32_t>(a);
        const double along =
            codes[a * n + i] * plan.model.step(axis) +
            plan.model.centroids[items.cell[i] * k + a] * plan.model.centroid_step(axis);
        for (size_t j = 0; j < d; ++j) {
          error[j] -= along * plan.model.rotation[a * d + j] * plan.model.rotation_step(axis);
        }
      }
      for (size_t v = 0; v + 1 < near.each; ++v) {
        const auto one = vectors.row(near.of(i)[v]), other = vectors.row(near.of(i)[v + 1]);
        double apart = 0;
        for (size_t j = 0; j < d; ++j) apart += (one[j] - other[j]) * error[j];
        seen += apart * apart;
      }
    }
    return seen;
  };
  const double without = seen_by_neighbours({}), with = seen_by_neighbours(near);
  CAPTURE(with / without);
  CHECK(with < 0.85 * without);
}
