#include "indexer/vectors/nearest.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "tests/vectors/clouds.h"

using namespace vitrine;

TEST_CASE("neighbours of a small set are those that comparing all pairs finds") {
  const Matrix cloud = ClusteredCloud(300, 24, 5, 11);
  const auto lists = NearestNeighbours(cloud.view(), 7, 2);
  for (ItemIndex i = 0; i < 300; ++i) {
    std::vector<ScoredItem> all;
    for (ItemIndex j = 0; j < 300; ++j) {
      const auto cosine = static_cast<float>(Cosine(cloud.row(i), cloud.row(j)));
      if (j != i) all.push_back({j, cosine});
    }
    std::sort(all.begin(), all.end(), RanksBefore);
    REQUIRE(lists[i].size() == 7);
    for (size_t r = 0; r < 7; ++r) CHECK(lists[i][r].score == doctest::Approx(all[r].score));
  }
}

TEST_CASE("a graph finds nearly all neighbours of a large set, whatever the number of threads") {
  const Matrix cloud = ClusteredCloud(7000, 64, 60, 12);  // beyond the exact limit
  const auto lists = NearestNeighbours(cloud.view(), 20, 1);
  CHECK(MeasureRecall(cloud.view(), lists, 20, 200) > 0.98);
  CHECK(lists == NearestNeighbours(cloud.view(), 20, 3));
}

TEST_CASE("recall is the share of true neighbours, and sees what is missing") {
  const Matrix cloud = ClusteredCloud(200, 16, 4, 13);
  auto lists = NearestNeighbours(cloud.view(), 10, 1);
  CHECK(MeasureRecall(cloud.view(), lists, 10, 200) == 1.0);
  for (auto& list : lists) list.resize(5);
  CHECK(MeasureRecall(cloud.view(), lists, 10, 200) == 0.5);
  for (auto& list : lists) list.clear();
  CHECK(MeasureRecall(cloud.view(), lists, 10, 200) == 0.0);
}

TEST_CASE("rows without a direction have no neighbours and are nobody's") {
  for (size_t rows : {60, 6000}) {
    Matrix cloud = ClusteredCloud(rows, 16, 3, 14);
    for (float& x : cloud.row(5)) x = 0;
    cloud.row(9)[3] = std::numeric_limits<float>::quiet_NaN();
    const auto lists = NearestNeighbours(cloud.view(), 10, 2);
    CHECK(lists[5].empty());
    CHECK(lists[9].empty());
    for (const auto& list : lists) {
      for (const ScoredItem& hit : list) {
        CHECK(hit.item != 5);
        CHECK(hit.item != 9);
      }
    }
  }
  CHECK(NearestNeighbours(MatrixView{}, 5).empty());
}
