#include "indexer/vectors/plan.h"

#include <doctest/doctest.h>

#include "tests/vectors/clouds.h"

using namespace vitrine;

TEST_CASE("an item's error is turned away from its neighbours") {
  const size_t n = 1000, d = 64;
  const Matrix cloud = ClusteredCloud(n, d, 10, 23);
  const Training training = Train(cloud.view(), {.threads = 2});
  const Plan plan = MakePlan(training, 1e-5, 2);
  const size_t k = plan.axis.size();
  REQUIRE(k > 20);
  Matrix along(n, k);
  ItemsToCode items;
  for (size_t i = 0; i < n; ++i) {
    const auto y = training.sample.row(i);
    float mean = 0;
    for (size_t a = 0; a < y.size(); ++a) mean += training.mean_along[a] * y[a];
    for (size_t a = 0; a < k; ++a) {
      along.row(i)[a] = y[plan.axis[a]];
      mean -= training.mean_along[plan.axis[a]] * along.row(i)[a];
    }
    items.mean_rest.push_back(mean);
  }
  items.along = along.view();
  items.cell = training.cell;
  items.other_rest.assign(n, 0);
  const Neighbourhood near = FindNeighbourhood(training.sample.view(), training.mean_along, 64, 2);
  REQUIRE(near.each == 64);

  // How far an item's error puts apart the scores of two of its neighbours, over all items.
  auto seen_by_neighbours = [&] {
    const std::vector<int8_t> codes = CodeItems(training, plan, items, 2);
    double seen = 0;
    for (size_t i = 0; i < n; ++i) {
      const auto x = training.sample.row(i);
      std::vector<double> error(x.begin(), x.end());
      for (size_t a = 0; a < k; ++a) {
        const auto axis = static_cast<uint32_t>(a);
        error[plan.axis[a]] -=
            codes[a * n + i] * plan.model.step(axis) +
            plan.model.centroids[items.cell[i] * k + a] * plan.model.centroid_step(axis);
      }
      for (size_t v = 0; v + 1 < near.each; ++v) {
        const auto one = training.sample.row(near.of(i)[v]);
        const auto other = training.sample.row(near.of(i)[v + 1]);
        double apart = 0;
        for (size_t a = 0; a < error.size(); ++a) apart += (one[a] - other[a]) * error[a];
        seen += apart * apart;
      }
    }
    return seen;
  };
  const double without = seen_by_neighbours();
  items.neighbours = near;
  items.neighbour_rest = RestOfProducts(near, training.sample.view(), items.along, 0, 2);
  const double with = seen_by_neighbours();
  CAPTURE(with / without);
  CHECK(with < 0.85 * without);
}
