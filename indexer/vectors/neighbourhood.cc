#include "indexer/vectors/neighbourhood.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <utility>

#include "indexer/vectors/lanes.h"
#include "indexer/vectors/parallel.h"

namespace vitrine {
namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr size_t kItemsAtOnce = 256;
constexpr size_t kMostItems = 32768, kMostValues = size_t{1} << 26;  // of a small shop; 256 MiB

}  // namespace

bool IsSmallShop(MatrixView rows) {
  return rows.rows <= kMostItems && rows.rows * rows.cols <= kMostValues;
}

size_t MostNeighbours(MatrixView rows) {
  return IsSmallShop(rows) ? std::clamp<size_t>(rows.rows / 16, 64, 256) : 64;
}

Neighbourhood FindNeighbourhood(MatrixView items, std::span<const float> mean, size_t most,
                                size_t threads) {
  const size_t n = items.rows;
  Neighbourhood out;
  out.most = most;
  out.each = std::min(most, n / 8);
  out.item.resize(n * out.each);
  if (out.each == 0) return out;
  const auto rows = static_cast<Eigen::Index>(n), cols = static_cast<Eigen::Index>(items.cols);
  const auto axes = std::min<Eigen::Index>(cols, kNeighbourAxes);
  const auto all = Eigen::Map<const RowMajor>(items.data, rows, cols).leftCols(axes);
  std::vector<float> with_mean(n);
  for (size_t i = 0; i < n; ++i) {
    const bool blank = all.row(static_cast<Eigen::Index>(i)).isZero(0);
    with_mean[i] =
        blank ? -INFINITY : LaneDot(items.row(i).data(), mean.data(), static_cast<size_t>(axes));
  }
  ParallelChunks(n, kItemsAtOnce, threads, [&](size_t begin, size_t end) {
    const RowMajor products =
        all.middleRows(static_cast<Eigen::Index>(begin), static_cast<Eigen::Index>(end - begin)) *
        all.transpose();
    std::vector<std::pair<float, uint32_t>> others;
    for (size_t i = begin; i < end; ++i) {
      others.clear();
      const float* product = products.data() + (i - begin) * n;
      for (size_t j = 0; j < n; ++j) {
        if (j != i) others.emplace_back(-(product[j] + with_mean[j]), static_cast<uint32_t>(j));
      }
      const auto last = others.begin() + static_cast<std::ptrdiff_t>(out.each);
      std::nth_element(others.begin(), last - 1, others.end());
      uint32_t* mine = out.item.data() + i * out.each;
      for (auto at = others.begin(); at != last; ++at) *mine++ = at->second;
      std::sort(mine - out.each, mine);
    }
  });
  return out;
}

std::vector<float> RestOfProducts(const Neighbourhood& neighbours, const FramedVectors& items,
                                  size_t first, size_t threads) {
  const auto& [vectors, coordinates, products] = items;
  std::vector<float> rest(neighbours.item.size());
  ParallelChunks(neighbours.size(), kItemsAtOnce, threads, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      float* at = rest.data() + i * neighbours.each;
      for (uint32_t j : neighbours.of(i)) {
        *at++ = LaneDot(vectors.row(first + i).data(), vectors.row(j).data(), vectors.cols) -
                LaneDot(coordinates.row(first + i).data(), products.row(j).data(), products.cols);
      }
    }
  });
  return rest;
}

}  // namespace vitrine
