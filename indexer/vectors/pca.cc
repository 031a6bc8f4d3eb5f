#include "indexer/vectors/pca.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "indexer/vectors/parallel.h"

namespace vitrine {
namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
constexpr size_t kChunk = 512;
constexpr size_t kSampleFloats = 24'000'000;  // rows x dimensions of the largest sample
constexpr size_t kLongVector = 2048;          // dimensions

double SquaredLength(std::span<const float> row) {
  double sum = 0;
  for (float x : row) sum += static_cast<double>(x) * x;
  return sum;
}

// The normalised, usable rows of pick[begin..end) as a dense block.
RowMajor Block(MatrixView rows, std::span<const size_t> pick) {
  RowMajor block(pick.size(), rows.cols);
  for (size_t i = 0; i < pick.size(); ++i) {
    Normalise(rows.row(pick[i]), {block.data() + i * rows.cols, rows.cols});
  }
  return block;
}

// Mean and covariance. Sums by chunk, added in order of the chunks: the same to the last bit for
// any number of threads.
void Moments(MatrixView rows, std::span<const size_t> pick, size_t threads,
             const Eigen::VectorXd& mean, Eigen::MatrixXd& covariance) {
  const size_t d = rows.cols;
  const size_t chunks = (pick.size() + kChunk - 1) / kChunk;
  constexpr size_t kGroup = 8;  // chunks whose sums are held at once
  covariance = Eigen::MatrixXd::Zero(d, d);
  std::vector<Eigen::MatrixXf> products(kGroup);
  const Eigen::RowVectorXf center = mean.transpose().cast<float>();
  for (size_t group = 0; group < chunks; group += kGroup) {
    const size_t count = std::min(kGroup, chunks - group);
    ParallelChunks(count, 1, threads, [&](size_t g, size_t) {
      const size_t begin = (group + g) * kChunk;
      RowMajor block = Block(rows, pick.subspan(begin, std::min(kChunk, pick.size() - begin)));
      block.rowwise() -= center;
      products[g] = block.transpose() * block;
    });
    for (size_t g = 0; g < count; ++g) covariance += products[g].cast<double>();
  }
  covariance /= static_cast<double>(pick.size());
}

Eigen::VectorXd Mean(MatrixView rows, std::span<const size_t> pick) {
  Eigen::VectorXd mean = Eigen::VectorXd::Zero(rows.cols);
  for (size_t begin = 0; begin < pick.size(); begin += kChunk) {
    const RowMajor block = Block(rows, pick.subspan(begin, std::min(kChunk, pick.size() - begin)));
    mean += block.cast<double>().colwise().sum().transpose();
  }
  return mean / static_cast<double>(pick.size());
}

void AddAxis(const Eigen::VectorXd& axis, double variance, size_t k, Pca& pca) {
  pca.variance.push_back(std::max(0.0f, static_cast<float>(variance)));
  for (Eigen::Index j = 0; j < axis.size(); ++j) {
    pca.axes.row(k)[static_cast<size_t>(j)] = static_cast<float>(axis[j]);
  }
}

// Fewer rows than dimensions: the eigenvectors of the rows' products with each other lead to those
// of the covariance (Turk and Pentland 1991), and axes without variance are not needed.
void AxesFromRows(MatrixView rows, std::span<const size_t> pick, const Eigen::VectorXd& mean,
                  size_t axes, Pca& pca) {
  RowMajor block = Block(rows, pick);
  block.rowwise() -= mean.transpose().cast<float>();
  const Eigen::MatrixXd centred = block.cast<double>();
  const auto s = static_cast<double>(pick.size());
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(
      Eigen::MatrixXd(centred * centred.transpose() / s));
  const size_t count = pick.size();
  const double largest = std::max(0.0, solver.eigenvalues()[count - 1]);
  size_t rank = 0;
  while (rank < std::min(axes, count) &&
         solver.eigenvalues()[count - 1 - rank] > std::max(1e-12, 1e-7 * largest)) {
    ++rank;
  }
  pca.axes = Matrix(rank, rows.cols);
  for (size_t k = 0; k < rank; ++k) {
    const double variance = solver.eigenvalues()[count - 1 - k];
    const Eigen::VectorXd axis = centred.transpose() * solver.eigenvectors().col(count - 1 - k);
    AddAxis(axis / std::sqrt(variance * s), variance, k, pca);
  }
}

}  // namespace

bool IsBlank(std::span<const float> row) {
  const double length = SquaredLength(row);
  return !(length > 0) || !std::isfinite(length);
}

void Normalise(std::span<const float> row, std::span<float> out) {
  const double scale = 1.0 / std::sqrt(SquaredLength(row));
  for (size_t j = 0; j < row.size(); ++j) out[j] = static_cast<float>(row[j] * scale);
}

Matrix FromMean(MatrixView rows, std::span<const uint32_t> pick, std::span<const float> mean) {
  Matrix vectors(pick.size(), rows.cols);
  for (size_t i = 0; i < pick.size(); ++i) {
    if (IsBlank(rows.row(pick[i]))) continue;
    const auto vector = vectors.row(i);
    Normalise(rows.row(pick[i]), vector);
    for (size_t j = 0; j < vector.size(); ++j) vector[j] -= mean[j];
  }
  return vectors;
}

Pca ComputePca(MatrixView rows, size_t axes, size_t sample, size_t threads) {
  const size_t d = rows.cols;
  Pca pca;
  if (d == 0) return pca;
  axes = std::min(axes, d);
  // Time grows with sample d^2 + d^3: long vectors get a smaller sample.
  const size_t affordable = d <= kLongVector ? kSampleFloats / d : kLongVector;
  const size_t wanted = std::min({sample, affordable, rows.rows});
  std::vector<size_t> pick;
  for (size_t i = 0; i < wanted; ++i) {
    const size_t row = i * rows.rows / wanted;
    if (!IsBlank(rows.row(row))) pick.push_back(row);
  }
  pca.mean.assign(d, 0);
  if (pick.empty()) return pca;
  const Eigen::VectorXd mean = Mean(rows, pick);
  for (size_t j = 0; j < d; ++j) pca.mean[j] = static_cast<float>(mean[j]);
  if (pick.size() <= d) {
    AxesFromRows(rows, pick, mean, axes, pca);
    return pca;
  }
  Eigen::MatrixXd covariance;
  Moments(rows, pick, threads, mean, covariance);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
  pca.axes = Matrix(axes, d);
  for (size_t k = 0; k < axes; ++k) {
    AddAxis(solver.eigenvectors().col(d - 1 - k), solver.eigenvalues()[d - 1 - k], k, pca);
  }
  return pca;
}

Matrix Project(MatrixView rows, const Pca& pca, size_t threads) {
  const size_t k = pca.axes.rows, d = rows.cols;
  Matrix out(rows.rows, k);
  const Eigen::Map<const RowMajor> axes(pca.axes.data.data(), k, d);
  const Eigen::Map<const Eigen::RowVectorXf> mean(pca.mean.data(), d);
  ParallelChunks(rows.rows, kChunk, threads, [&](size_t begin, size_t end) {
    std::vector<size_t> pick;
    for (size_t i = begin; i < end; ++i) {
      if (!IsBlank(rows.row(i))) pick.push_back(i);
    }
    RowMajor block = Block(rows, pick);
    block.rowwise() -= mean;
    const RowMajor coordinates = block * axes.transpose();
    for (size_t i = 0; i < pick.size(); ++i) {
      std::copy_n(coordinates.data() + i * k, k, out.row(pick[i]).begin());
    }
  });
  return out;
}

}  // namespace vitrine
