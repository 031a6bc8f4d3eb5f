#include "indexer/personalize/kernels.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace vitrine;

namespace {

kernels::Floats Random(size_t n, uint64_t seed) {
  std::mt19937_64 random(seed);
  kernels::Floats values(n);
  for (float& v : values) v = static_cast<float>(random() % 2001) / 1000 - 1;
  return values;
}

}  // namespace

TEST_CASE("the kernels agree with loops in double precision") {
  const size_t rows = 8, inner = 96, d = kernels::kColumns;
  const auto a = Random(rows * d, 1), v = Random(inner * d, 2), w = Random(rows * inner, 3);
  kernels::Floats packed(inner * d), out(rows * inner), sums(rows * d);
  kernels::Pack(v.data(), inner, packed.data());
  kernels::Products(a.data(), rows, packed.data(), inner, 2, out.data());
  kernels::WeightedSums(w.data(), inner, 1, rows, inner, v.data(), 0.5f, sums.data());
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < inner; ++c) {
      double exact = 0;
      for (size_t k = 0; k < d; ++k) exact += 2.0 * a[r * d + k] * v[c * d + k];
      CHECK(out[r * inner + c] == doctest::Approx(exact).epsilon(1e-4));
    }
    for (size_t k = 0; k < d; ++k) {
      double exact = 0;
      for (size_t c = 0; c < inner; ++c) exact += 0.5 * w[r * inner + c] * v[c * d + k];
      CHECK(sums[r * d + k] == doctest::Approx(exact).epsilon(1e-4));
    }
  }
  const std::vector<uint32_t> chosen = {5, 90, 5, 17};  // a row twice
  kernels::Floats gathered = Random(d, 6), scattered = v;
  const kernels::Floats before = gathered;
  kernels::Gather(v.data(), chosen.data(), w.data(), chosen.size(), gathered.data());
  kernels::Scatter(a.data(), chosen.data(), w.data(), chosen.size(), scattered.data());
  for (size_t k = 0; k < d; ++k) {
    double exact = before[k];
    for (size_t i = 0; i < chosen.size(); ++i) exact += 1.0 * w[i] * v[chosen[i] * d + k];
    CHECK(gathered[k] == doctest::Approx(exact).epsilon(1e-4));
    for (size_t r = 0; r < inner; ++r) {
      exact = v[r * d + k];
      for (size_t i = 0; i < chosen.size(); ++i) exact += chosen[i] == r ? 1.0 * w[i] * a[k] : 0;
      CHECK(scattered[r * d + k] == doctest::Approx(exact).epsilon(1e-4));
    }
  }
  auto z = Random(96, 4);
  const auto logits = z, correction = Random(96, 5);
  const float p = kernels::Softmax(z.data(), 96, correction.data(), 17);
  double total = 0;
  for (size_t c = 0; c < 96; ++c) total += std::exp(logits[c] - (c == 17 ? 0 : correction[c]));
  CHECK(p == doctest::Approx(std::exp(logits[17]) / total).epsilon(1e-5));
  CHECK(z[40] == doctest::Approx(std::exp(logits[40] - correction[40]) / total).epsilon(1e-5));
  const kernels::Floats given = Random(d, 7), gradient = Random(d, 8);
  std::vector<uint8_t> chance(d);
  for (size_t k = 0; k < d; ++k) chance[k] = static_cast<uint8_t>(k * 4);
  kernels::Floats dropped = given, weight = given, first(d, 0.1f), second(d, 0.2f);
  kernels::Drop(chance.data(), 100, 1.5f, dropped.data());
  kernels::Adam(gradient.data(), {0.01f, 0.9f, 0.99f, 2}, weight.data(), first.data(),
                second.data());
  for (size_t k = 0; k < d; ++k) {
    CHECK(dropped[k] == (k * 4 < 100 ? 0 : given[k] * 1.5f));
    const double m = 0.9 * 0.1 + 0.1 * gradient[k];
    const double u = 0.99 * 0.2 + 0.01 * gradient[k] * gradient[k];
    CHECK(weight[k] == doctest::Approx(given[k] - 0.01 * m / std::sqrt(2 * u)).epsilon(1e-5));
  }
}
