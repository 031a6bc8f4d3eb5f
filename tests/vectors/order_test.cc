#include "indexer/vectors/order.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "indexer/vectors/nearest.h"
#include "tests/vectors/clouds.h"

using namespace vitrine;

namespace {
double MeanAdjacentCosine(MatrixView rows, const std::vector<uint32_t>& order) {
  double sum = 0;
  for (size_t p = 1; p < order.size(); ++p) {
    sum += Cosine(rows.row(order[p - 1]), rows.row(order[p]));
  }
  return sum / static_cast<double>(order.size() - 1);
}
}  // namespace

TEST_CASE("the order of items is a permutation that puts near neighbours near each other") {
  const Matrix cloud = ClusteredCloud(3000, 48, 30, 1);
  const std::vector<uint32_t> order = NeighbourOrder(cloud.view(), 2);
  std::vector<uint32_t> identity = order;
  std::sort(identity.begin(), identity.end());
  for (uint32_t i = 0; i < identity.size(); ++i) REQUIRE(identity[i] == i);
  const double sorted = MeanAdjacentCosine(cloud.view(), order);
  const double given = MeanAdjacentCosine(cloud.view(), identity);
  const double nearest = [&] {
    double sum = 0;
    for (const auto& list : NearestNeighbours(cloud.view(), 1, 2)) sum += list[0].score;
    return sum / 3000;
  }();
  CAPTURE(given);
  CAPTURE(nearest);
  // At least two thirds of the way from the given order to the best that any order could reach.
  CHECK(sorted > given + 2.0 / 3 * (nearest - given));
}

TEST_CASE("the order of items does not depend on the number of threads") {
  const Matrix cloud = ClusteredCloud(2500, 40, 10, 2);
  CHECK(NeighbourOrder(cloud.view(), 1) == NeighbourOrder(cloud.view(), 5));
}

TEST_CASE("rows without a direction stand last, in their own order") {
  Matrix cloud = ClusteredCloud(50, 8, 3, 3);
  for (float& x : cloud.row(7)) x = 0;
  cloud.row(3)[2] = std::numeric_limits<float>::quiet_NaN();
  cloud.row(40)[0] = std::numeric_limits<float>::infinity();
  const std::vector<uint32_t> order = NeighbourOrder(cloud.view());
  REQUIRE(order.size() == 50);
  CHECK(std::vector<uint32_t>(order.end() - 3, order.end()) == std::vector<uint32_t>{3, 7, 40});
}

TEST_CASE("empty, single and identical rows have an order") {
  CHECK(NeighbourOrder(MatrixView{}).empty());
  Matrix one(1, 3);
  CHECK(NeighbourOrder(one.view()) == std::vector<uint32_t>{0});
  Matrix same(100, 5);
  std::fill(same.data.begin(), same.data.end(), 0.5f);
  std::vector<uint32_t> order = NeighbourOrder(same.view());
  std::sort(order.begin(), order.end());
  for (uint32_t i = 0; i < 100; ++i) CHECK(order[i] == i);
}
