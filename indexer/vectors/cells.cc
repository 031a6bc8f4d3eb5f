#include "indexer/vectors/cells.h"

#include <Eigen/Dense>
#include <algorithm>

#include "indexer/vectors/parallel.h"

namespace vitrine {
namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Rows = Eigen::Map<const RowMajor, 0, Eigen::OuterStride<>>;
constexpr size_t kChunk = 512;

Rows LeadingColumns(MatrixView m, size_t axes) {
  return Rows(m.data, m.rows, axes, Eigen::OuterStride<>(m.cols));
}

// Numbers of the nearest centroids, and how well each fits: the squared distance, less the point's
// own squared length, halved and negated.
void Assign(MatrixView points, MatrixView centroids, size_t axes, size_t threads,
            std::vector<uint16_t>& cell, std::vector<float>& fit) {
  const Rows all = LeadingColumns(points, axes), centres = LeadingColumns(centroids, axes);
  const Eigen::RowVectorXf half_squares = centres.rowwise().squaredNorm().transpose() * 0.5f;
  cell.resize(points.rows);
  fit.resize(points.rows);
  ParallelChunks(points.rows, kChunk, threads, [&](size_t begin, size_t end) {
    RowMajor scores = all.middleRows(begin, end - begin) * centres.transpose();
    scores.rowwise() -= half_squares;
    for (size_t i = begin; i < end; ++i) {
      const float* row = scores.data() + (i - begin) * centroids.rows;
      const size_t best = std::max_element(row, row + centroids.rows) - row;
      cell[i] = static_cast<uint16_t>(best);
      fit[i] = row[best];
    }
  });
}

}  // namespace

std::vector<uint16_t> NearestCells(MatrixView points, MatrixView centroids, size_t axes,
                                   size_t threads) {
  std::vector<uint16_t> cell(points.rows, 0);
  std::vector<float> fit;
  if (axes > 0 && centroids.rows > 1) Assign(points, centroids, axes, threads, cell, fit);
  return cell;
}

Matrix TrainCells(MatrixView points, size_t count, size_t axes, int rounds, size_t threads) {
  const size_t d = points.cols;
  Matrix centroids(count, d);
  for (size_t c = 0; c < count; ++c) {
    const auto row = points.row((2 * c + 1) * points.rows / (2 * count));
    std::copy(row.begin(), row.end(), centroids.row(c).begin());
  }
  std::vector<uint16_t> cell(points.rows, 0);
  std::vector<float> fit(points.rows, 0.0f);
  for (int round = 0; round < rounds; ++round) {
    if (axes > 0 && count > 1) {
      Assign(points, centroids.view(), axes, threads, cell, fit);
    }
    std::vector<double> sums(count * d, 0.0);
    std::vector<size_t> members(count, 0);
    for (size_t i = 0; i < points.rows; ++i) {
      const auto row = points.row(i);
      double* sum = sums.data() + cell[i] * d;
      for (size_t j = 0; j < d; ++j) sum[j] += row[j];
      ++members[cell[i]];
      float length = 0;
      for (size_t j = 0; j < axes; ++j) length += row[j] * row[j];
      fit[i] -= 0.5f * length;  // minus half the squared distance
    }
    for (size_t c = 0; c < count; ++c) {
      if (members[c] == 0) {
        const size_t furthest = std::min_element(fit.begin(), fit.end()) - fit.begin();
        fit[furthest] = 0;  // the next empty cell takes another point
        std::copy_n(points.row(furthest).begin(), d, centroids.row(c).begin());
        continue;
      }
      for (size_t j = 0; j < d; ++j) {
        centroids.row(c)[j] = static_cast<float>(sums[c * d + j] / static_cast<double>(members[c]));
      }
    }
  }
  return centroids;
}

}  // namespace vitrine
