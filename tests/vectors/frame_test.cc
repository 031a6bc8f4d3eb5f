#include "indexer/vectors/frame.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "tests/vectors/clouds.h"

using namespace vitrine;

namespace {

// A rotation of k rows that is so coarse that its axes are far from orthogonal.
VectorModel CoarseModel(uint32_t axes, uint32_t dimensions) {
  const Matrix rows = ClusteredCloud(axes, dimensions, axes, 41);
  VectorModel model;
  model.axes = axes;
  model.dimensions = dimensions;
  model.rotation_step_code.assign(axes, CodeFromStep(0.06f));
  for (float x : rows.data) {
    model.rotation.push_back(static_cast<int8_t>(std::round(x / model.rotation_step(0))));
  }
  return model;
}

}  // namespace

TEST_CASE("coordinates in a frame of oblique axes leave a rest that no axis sees") {
  const uint32_t k = 9, d = 24;
  const Frame frame = MakeFrame(CoarseModel(k, d));
  const FramedVectors items = InFrame(frame, ClusteredCloud(300, d, 5, 42), 2);
  double oblique = 0;
  for (size_t a = 0; a < k; ++a) {
    for (size_t b = 0; b < a; ++b) {
      double product = 0;
      for (size_t j = 0; j < d; ++j) product += frame.axes.row(a)[j] * frame.axes.row(b)[j];
      oblique = std::max(oblique, std::fabs(product));
    }
  }
  REQUIRE(oblique > 0.2);
  for (size_t i = 0; i < items.vectors.rows; ++i) {
    std::vector<double> rest(items.vectors.row(i).begin(), items.vectors.row(i).end());
    for (size_t a = 0; a < k; ++a) {
      for (size_t j = 0; j < d; ++j) rest[j] -= items.coordinates.row(i)[a] * frame.axes.row(a)[j];
    }
    for (size_t a = 0; a < k; ++a) {
      double seen = 0, product = 0;
      for (size_t j = 0; j < d; ++j) {
        seen += rest[j] * frame.axes.row(a)[j];
        product += items.vectors.row(i)[j] * frame.axes.row(a)[j];
      }
      CHECK(std::fabs(seen) < 2e-3);
      CHECK(items.products.row(i)[a] == doctest::Approx(product).epsilon(1e-3));
    }
  }
}

TEST_CASE("two axes that are alike share a coordinate") {
  VectorModel model = CoarseModel(2, 8);
  std::copy_n(model.rotation.begin(), 8, model.rotation.begin() + 8);
  const FramedVectors items = InFrame(MakeFrame(model), ClusteredCloud(10, 8, 2, 43), 1);
  for (float x : items.coordinates.data) CHECK(std::fabs(x) < 2);
  for (size_t i = 0; i < 10; ++i) {
    const auto both = items.coordinates.row(i);
    CHECK(both[0] == doctest::Approx(both[1]).epsilon(0.05));
  }
}

TEST_CASE("a frame gives the same bits with one thread and with three") {
  const Frame frame = MakeFrame(CoarseModel(9, 24));
  const Matrix cloud = ClusteredCloud(1000, 24, 5, 44);
  const FramedVectors one = InFrame(frame, cloud, 1), three = InFrame(frame, cloud, 3);
  auto same = [](const Matrix& a, const Matrix& b) {
    return std::memcmp(a.data.data(), b.data.data(), a.data.size() * sizeof(float)) == 0;
  };
  CHECK(same(one.coordinates, three.coordinates));
  CHECK(same(one.products, three.products));
}
