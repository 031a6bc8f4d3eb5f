#include "indexer/vectors/quantizer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "indexer/vectors/nearest.h"
#include "indexer/vectors/pca.h"
#include "shared/vectors/index.h"
#include "tests/vectors/clouds.h"

using namespace vitrine;

namespace {

struct Built {
  Bytes payload;
  VectorIndex index;
};

Built Build(MatrixView rows, double bytes_per_item = 64) {
  auto payload = BuildVectorSection(rows, {.bytes_per_item = bytes_per_item, .threads = 2});
  REQUIRE(payload.ok());
  Built built{std::move(payload.value()), {}};
  auto index = VectorIndex::Open(built.payload);
  REQUIRE_MESSAGE(index.ok(), (index.ok() ? "" : index.error().message));
  built.index = std::move(index.value());
  return built;
}

double Recall(const VectorIndex& index, MatrixView rows, MatrixView queries, size_t k) {
  size_t found = 0, wanted = 0;
  for (size_t q = 0; q < queries.rows; ++q) {
    const auto truth = NearestToQuery(rows, queries.row(q), k);
    const auto answer = index.Search(queries.row(q), k);
    wanted += truth.size();
    for (const ScoredItem& hit : truth) {
      for (const ScoredItem& a : answer) found += a.item == hit.item;
    }
  }
  return static_cast<double>(found) / static_cast<double>(wanted);
}

}  // namespace

TEST_CASE("more bytes per item find more of the true neighbours") {
  const Matrix cloud = ClusteredCloud(4000, 64, 40, 21);
  const Matrix queries = ClusteredCloud(4100, 64, 40, 21);  // its first rows are the cloud's
  const MatrixView last{queries.row(4000).data(), 100, 64};
  double previous = 0;
  for (double bytes : {12.0, 24.0, 48.0}) {
    const Built built = Build(cloud.view(), bytes);
    const double recall = Recall(built.index, cloud.view(), last, 20);
    CAPTURE(bytes);
    CHECK(recall > previous);
    previous = recall;
  }
  CHECK(previous > 0.9);
}

TEST_CASE("an item is coded from the centre of the cell that is nearest along all coded axes") {
  const size_t n = 2000, d = 256;
  Matrix cloud = ClusteredCloud(n, d, 1, 25);
  for (size_t i = 0; i < n; ++i) {  // all dimensions matter alike
    for (size_t j = 0; j < d; ++j) cloud.row(i)[j] *= std::sqrt(1 + static_cast<float>(j));
    Normalise(cloud.row(i), cloud.row(i));
  }
  const Built built = Build(cloud.view(), 200);
  ByteReader in(built.payload);
  const auto read = ReadModel(in);
  REQUIRE(read.ok());
  const VectorModel& model = read.value();
  REQUIRE(model.axes > 200);
  size_t nearest = 0;
  for (size_t i = 0; i < n; ++i) {
    std::vector<float> along(model.axes);
    for (uint32_t a = 0; a < model.axes; ++a) {
      for (size_t j = 0; j < d; ++j) {
        along[a] += (cloud.row(i)[j] - model.mean[j] * model.mean_step) *
                    model.rotation[a * d + j] * model.rotation_step(a);
      }
    }
    float least = INFINITY;
    size_t cell = 0;
    for (size_t c = 0; c < model.cells; ++c) {
      float distance = 0;
      for (uint32_t a = 0; a < model.axes; ++a) {
        const float x = along[a] - model.centroids[c * model.axes + a] * model.centroid_step(a);
        distance += x * x;
      }
      if (distance < least) least = distance, cell = c;
    }
    nearest += cell == model.cell[i];
  }
  CHECK(nearest >= n * 99 / 100);  // the stored rotation is rounded, the indexer's own is not
}

TEST_CASE("a decoded item points the way of the original") {
  const Matrix cloud = ClusteredCloud(1000, 64, 10, 22);
  const Built built = Build(cloud.view());
  std::vector<float> out(64);
  for (ItemIndex i = 0; i < 1000; i += 50) {
    built.index.Decode(i, out);
    CHECK(Cosine(out, cloud.row(i)) > 0.98);
    CHECK(Cosine(out, out) == doctest::Approx(1));
  }
}

TEST_CASE("a mask hides items, and the rest is ranked as before") {
  const Matrix cloud = ClusteredCloud(500, 32, 5, 23);
  const Built built = Build(cloud.view());
  const auto all = built.index.Search(cloud.row(0), 500);
  std::vector<uint64_t> mask(8, 0xAAAAAAAAAAAAAAAAu);  // odd items only
  const auto odd = built.index.Search(cloud.row(0), 500, mask);
  CHECK(all.size() == 500);
  std::vector<ScoredItem> expected;
  for (const ScoredItem& hit : all) {
    if (hit.item % 2 == 1) expected.push_back(hit);
  }
  CHECK(odd == expected);
}

TEST_CASE("a short list by leading axes keeps what all axes would rank first") {
  constexpr size_t kItems = 3000, kQueries = 60, k = 20;
  const Matrix cloud = ClusteredCloud(kItems + kQueries, 160, 30, 27);
  const Built built = Build({cloud.data.data(), kItems, 160}, 128);
  size_t found = 0;
  for (size_t q = 0; q < kQueries; ++q) {
    const auto query = cloud.row(kItems + q);
    const auto all = built.index.Search(query, kItems);  // everything is on the short list
    REQUIRE(all.size() == kItems);
    const auto answer = built.index.Search(query, k);
    REQUIRE(answer.size() == k);
    for (const ScoredItem& hit : answer) {
      const auto same = std::find(all.begin(), all.end(), hit);
      REQUIRE(same != all.end());
      found += static_cast<size_t>(same - all.begin()) < k;
    }
  }
  CHECK(found >= kQueries * k * 998 / 1000);
}

TEST_CASE("rows without a direction are items that no search finds") {
  Matrix cloud = ClusteredCloud(100, 16, 3, 24);
  for (float& x : cloud.row(5)) x = 0;
  cloud.row(9)[3] = std::numeric_limits<float>::quiet_NaN();
  cloud.row(10)[0] = -std::numeric_limits<float>::infinity();
  const Built built = Build(cloud.view());
  CHECK(built.index.size() == 100);
  const auto answer = built.index.Search(cloud.row(0), 100);
  CHECK(answer.size() == 97);
  for (const ScoredItem& hit : answer) {
    CHECK(built.index.HasVector(hit.item));
  }
  CHECK_FALSE(built.index.HasVector(9));
  std::vector<float> out(16, 7.0f);
  built.index.Decode(9, out);
  for (float x : out) CHECK(x == 0.0f);
}

TEST_CASE("a query without a direction has no neighbours") {
  const Matrix cloud = ClusteredCloud(50, 16, 3, 25);
  const Built built = Build(cloud.view());
  std::vector<float> query(16, 0.0f);
  CHECK(built.index.Search(query, 5).empty());
  query[3] = std::numeric_limits<float>::quiet_NaN();
  CHECK(built.index.Search(query, 5).empty());
  query[3] = std::numeric_limits<float>::infinity();
  CHECK(built.index.Search(query, 5).empty());
}

TEST_CASE("catalogues of 0, 1, 2 and 19 items, and of identical items, can be searched") {
  CHECK(Build(MatrixView{}).index.Search({}, 5).empty());
  for (size_t n : {1, 2, 19}) {
    const Matrix cloud = ClusteredCloud(n, 16, 3, 26);
    const Built built = Build(cloud.view());
    CHECK(built.index.Search(cloud.row(0), 5).size() == std::min<size_t>(n, 5));
    CHECK(built.index.Search(cloud.row(0), 5)[0].item == 0);
  }
  Matrix same(200, 8);
  std::fill(same.data.begin(), same.data.end(), -2.0f);
  const Built built = Build(same.view());
  const auto answer = built.index.Search(same.row(0), 3);
  REQUIRE(answer.size() == 3);
  for (ItemIndex r = 0; r < 3; ++r) {
    CHECK(answer[r].item == r);
    CHECK(answer[r].score == doctest::Approx(1));
  }
}

TEST_CASE("two distinct points keep apart") {
  Matrix two(40, 8);
  for (size_t i = 0; i < 40; ++i) two.row(i)[i % 2] = 1;
  const Built built = Build(two.view());
  const auto answer = built.index.Search(two.row(1), 20);
  for (const ScoredItem& hit : answer) CHECK(hit.item % 2 == 1);
}

TEST_CASE("the section's bytes do not depend on the number of threads") {
  const Matrix cloud = ClusteredCloud(3000, 40, 10, 27);
  auto one = BuildVectorSection(cloud.view(), {.threads = 1});
  auto four = BuildVectorSection(cloud.view(), {.threads = 4});
  REQUIRE(one.ok());
  REQUIRE(four.ok());
  CHECK(one.value() == four.value());
}

TEST_CASE("settings that cannot be met are refused with the reason") {
  const Matrix cloud = ClusteredCloud(10, 8, 2, 28);
  for (double bytes : {0.0, -5.0, 1e9, std::numeric_limits<double>::quiet_NaN()}) {
    auto result = BuildVectorSection(cloud.view(), {.bytes_per_item = bytes});
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().message.find("bytes per item") != std::string::npos);
  }
}
