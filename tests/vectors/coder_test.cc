#include "indexer/vectors/coder.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "indexer/vectors/lanes.h"
#include "indexer/vectors/neighbourhood.h"
#include "tests/vectors/clouds.h"

using namespace vitrine;

namespace {

constexpr size_t kAxes = 5;

// A small problem whose every solution can be tried.
struct Problem {
  std::vector<BitCosts> costs{BitCosts::Gaussian(0.8)};
  CodeSettings settings;
  std::vector<float> residual, along, rest;
  ErrorDirections directions;

  explicit Problem(uint64_t seed) {
    const Matrix numbers = ClusteredCloud(2 + kLanes, kAxes, 3, seed);
    for (size_t a = 0; a < kAxes; ++a) {
      settings.step.push_back(0.3f);
      settings.weight.push_back(0.1f);
      settings.cost.push_back(costs.data());
      residual.push_back(numbers.row(0)[a]);
      for (size_t v = 0; v < kLanes; ++v) along.push_back(v < 3 ? numbers.row(2 + v)[a] : 0);
    }
    settings.lambda = 0.002f;
    rest.assign(kLanes, 0);
    rest[1] = 0.05f;
    directions = {kLanes, along, rest, 0.6f};
  }

  // What the header promises to make small, in doubles.
  double Loss(std::span<const int8_t> codes) const {
    double loss = 0;
    std::vector<double> seen(rest.begin(), rest.end());
    for (size_t a = 0; a < kAxes; ++a) {
      const double error = residual[a] - static_cast<double>(codes[a]) * settings.step[a];
      loss += 0.6 * settings.weight[a] * error * error +
              settings.lambda * static_cast<double>(costs[0](codes[a]));
      for (size_t v = 0; v < kLanes; ++v) seen[v] += along[a * kLanes + v] * error;
    }
    for (double s : seen) loss += s * s;
    return loss;
  }

  std::vector<int8_t> Nearest() const {
    std::vector<int8_t> codes;
    for (size_t a = 0; a < kAxes; ++a) {
      codes.push_back(static_cast<int8_t>(std::round(residual[a] / settings.step[a])));
    }
    return codes;
  }

  // The least loss of all codes within one of the nearest.
  double Least() const {
    const std::vector<int8_t> nearest = Nearest();
    double least = Loss(nearest);
    for (int n = 0; n < 243; ++n) {  // 3 ^ kAxes
      std::vector<int8_t> codes = nearest;
      for (int a = 0, rest_of_n = n; a < static_cast<int>(kAxes); ++a, rest_of_n /= 3) {
        codes[static_cast<size_t>(a)] =
            static_cast<int8_t>(codes[static_cast<size_t>(a)] + rest_of_n % 3 - 1);
      }
      least = std::min(least, Loss(codes));
    }
    return least;
  }
};

}  // namespace

TEST_CASE("chosen codes cost less than the nearest ones, and little more than the best of all") {
  double nearest = 0, chosen = 0, least = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const Problem problem(seed);
    std::vector<int8_t> codes(kAxes);
    ChooseCodes(problem.settings, problem.residual, problem.directions, codes);
    const double loss = problem.Loss(codes);
    CHECK(loss <= problem.Loss(problem.Nearest()) + 1e-6);
    // No single code can be moved by one for the better.
    for (size_t a = 0; a < kAxes; ++a) {
      for (int step : {-1, 1}) {
        std::vector<int8_t> other = codes;
        other[a] = static_cast<int8_t>(other[a] + step);
        CHECK(problem.Loss(other) >= loss - 1e-6);
      }
    }
    nearest += problem.Loss(problem.Nearest());
    chosen += loss;
    least += problem.Least();
  }
  CHECK(chosen < 0.8 * nearest);
  CHECK(chosen < 1.3 * least);
}

TEST_CASE("the neighbourhood holds the items with the largest products, blank ones last") {
  const size_t n = 400, d = 24;
  Matrix items = ClusteredCloud(n, d, 5, 31);
  const std::vector<float> mean(items.row(399).begin(), items.row(399).end());
  for (float& x : items.row(7)) x = 0;
  const Neighbourhood found = FindNeighbourhood(items.view(), mean, 64, 2);
  REQUIRE(found.each == 50);  // an eighth
  for (size_t i = 0; i < n; i += 13) {
    std::vector<std::pair<double, uint32_t>> all;
    for (uint32_t j = 0; j < n; ++j) {
      double product = 0;
      for (size_t a = 0; a < d; ++a) {
        product += static_cast<double>(items.row(i)[a] + mean[a]) * items.row(j)[a];
      }
      if (j != i && j != 7) all.emplace_back(product, j);
    }
    std::sort(all.rbegin(), all.rend());
    const std::set<uint32_t> mine(found.of(i).begin(), found.of(i).end());
    REQUIRE(mine.size() == 50);
    size_t shared = 0;
    for (size_t r = 0; r < 50; ++r) shared += mine.contains(all[r].second);
    CHECK(shared >= 49);  // sums of floats may differ in a tie
  }
  CHECK(FindNeighbourhood(items.view(), mean, 64, 1).item == found.item);
}

TEST_CASE("few items have few neighbours, fewer than eight none") {
  const Matrix items = ClusteredCloud(700, 8, 3, 32);
  const std::vector<float> mean(8, 0.1f);
  for (size_t n : {0, 1, 7, 8, 100, 700}) {
    const Neighbourhood found = FindNeighbourhood({items.data.data(), n, 8}, mean, 64, 1);
    CHECK(found.each == std::min<size_t>(64, n / 8));
    CHECK(found.item.size() == n * found.each);
  }
}

TEST_CASE("the rest of a product is what the coded axes leave") {
  const Matrix all = ClusteredCloud(40, 20, 3, 33);
  FramedVectors items{all, Matrix(40, 11), Matrix(40, 11)};
  for (size_t i = 0; i < 40; ++i) {
    std::copy_n(all.row(i).begin(), 11, items.coordinates.row(i).begin());
    std::copy_n(all.row(i).begin(), 11, items.products.row(i).begin());
  }
  const Neighbourhood near = FindNeighbourhood(all.view(), std::vector<float>(20, 0.1f), 64, 1);
  const std::vector<float> rest = RestOfProducts(near, items, 0, 2);
  REQUIRE(rest.size() == 40 * 5);
  for (size_t i = 0; i < 40; ++i) {
    for (size_t n = 0; n < 5; ++n) {
      double left = 0;
      for (size_t a = 11; a < 20; ++a) {
        left += static_cast<double>(all.row(i)[a]) * all.row(near.of(i)[n])[a];
      }
      CHECK(rest[i * 5 + n] == doctest::Approx(left).epsilon(1e-3));
    }
  }
}
