#include "indexer/embed/projection.h"

#include <Eigen/Dense>
#include <Eigen/SparseCore>
#include <algorithm>
#include <cmath>

#include "indexer/embed/parallel.h"

namespace vitrine {
namespace {

using Dense = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Sparse = Eigen::SparseMatrix<float, Eigen::RowMajor>;

constexpr size_t kRowsPerPiece = 256;  // of Apply; fixed, so that sums do not depend on threads
constexpr uint32_t kOversampling = 16;
constexpr int kPasses = 3;

// SplitMix64 (Steele, Lea, Flood 2014).
class Random {
 public:
  uint64_t Next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
  }
  float Sign() { return Next() >> 63 != 0 ? 1.0f : -1.0f; }

 private:
  uint64_t state_ = 20250101;
};

Dense RandomSignMatrix(size_t rows, size_t cols) {
  Random random;
  Dense matrix(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(cols));
  for (Eigen::Index i = 0; i < matrix.size(); ++i) matrix.data()[i] = random.Sign();
  return matrix;
}

Dense Orthonormal(const Dense& matrix) {
  Eigen::HouseholderQR<Dense> qr(matrix);
  return qr.householderQ() * Dense::Identity(matrix.rows(), matrix.cols());
}

// The leading right singular vectors of `rows` (any Eigen matrix), cols x dimensions.
template <typename Rows>
LinearMap Leading(const Rows& rows, uint32_t dimensions) {
  const auto cols = static_cast<size_t>(rows.cols());
  const auto rank = static_cast<uint32_t>(std::min<size_t>(static_cast<size_t>(rows.rows()), cols));
  const uint32_t kept = std::min(dimensions, rank);
  const uint32_t width = std::min(kept + kOversampling, rank);
  Dense basis = Orthonormal(RandomSignMatrix(cols, width));
  for (int pass = 0; pass < kPasses; ++pass) {
    const Dense image = rows * basis;
    basis = Orthonormal(rows.transpose() * image);
  }
  const Dense image = rows * basis;  // rotate the subspace onto its principal axes
  const Eigen::MatrixXf gram = image.transpose() * image;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXf> solver(gram);
  const Dense axes = solver.eigenvectors().rightCols(kept).rowwise().reverse();
  const Dense leading = basis * axes;
  LinearMap map;
  map.cols = cols;
  map.dimensions = kept;
  map.basis.assign(leading.data(), leading.data() + leading.size());
  return map;
}

// `count` row numbers spread evenly over 0..rows-1.
std::vector<size_t> Spread(size_t rows, size_t count) {
  std::vector<size_t> chosen(std::min(rows, count));
  for (size_t i = 0; i < chosen.size(); ++i) chosen[i] = i * rows / chosen.size();
  return chosen;
}

template <typename Work>
void ForRows(size_t rows, unsigned threads, Work&& work) {
  ForEachPiece((rows + kRowsPerPiece - 1) / kRowsPerPiece, threads, [&](size_t piece) {
    work(piece * kRowsPerPiece, std::min(rows, (piece + 1) * kRowsPerPiece));
  });
}

}  // namespace

LinearMap FitSvd(const SparseMatrix& rows, uint32_t dimensions, size_t max_rows) {
  const std::vector<size_t> chosen = Spread(rows.rows(), max_rows);
  Sparse sample(static_cast<Eigen::Index>(chosen.size()), static_cast<Eigen::Index>(rows.cols));
  for (size_t i = 0; i < chosen.size(); ++i) {
    sample.startVec(static_cast<Eigen::Index>(i));
    for (uint64_t k = rows.offset[chosen[i]]; k < rows.offset[chosen[i] + 1]; ++k) {
      sample.insertBack(static_cast<Eigen::Index>(i), rows.column[k]) = rows.value[k];
    }
  }
  sample.finalize();
  return Leading(sample, dimensions);
}

LinearMap FitPca(MatrixView rows, uint32_t dimensions, size_t max_rows) {
  const std::vector<size_t> chosen = Spread(rows.rows, max_rows);
  Dense sample(static_cast<Eigen::Index>(chosen.size()), static_cast<Eigen::Index>(rows.cols));
  for (size_t i = 0; i < chosen.size(); ++i) {
    std::copy_n(rows.row(chosen[i]).data(), rows.cols,
                sample.row(static_cast<Eigen::Index>(i)).data());
  }
  const Eigen::RowVectorXf mean = sample.colwise().mean();
  sample.rowwise() -= mean;
  LinearMap map = Leading(sample, dimensions);
  map.mean.assign(mean.data(), mean.data() + mean.size());
  return map;
}

LinearMap RandomSigns(size_t cols, uint32_t dimensions) {
  const Dense signs =
      RandomSignMatrix(cols, dimensions) / std::sqrt(static_cast<float>(dimensions));
  LinearMap map;
  map.cols = cols;
  map.dimensions = dimensions;
  map.basis.assign(signs.data(), signs.data() + signs.size());
  return map;
}

void Apply(const LinearMap& map, const SparseMatrix& rows, Matrix& out, unsigned threads) {
  ForRows(rows.rows(), threads, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      std::span<float> to = out.row(i);
      std::fill(to.begin(), to.end(), 0.0f);
      for (uint64_t k = rows.offset[i]; k < rows.offset[i + 1]; ++k) {
        const float* axis = &map.basis[rows.column[k] * map.dimensions];
        for (size_t j = 0; j < map.dimensions; ++j) to[j] += rows.value[k] * axis[j];
      }
    }
  });
}

void Apply(const LinearMap& map, MatrixView rows, Matrix& out, unsigned threads) {
  const Eigen::Map<const Dense> basis(map.basis.data(), static_cast<Eigen::Index>(map.cols),
                                      static_cast<Eigen::Index>(map.dimensions));
  ForRows(rows.rows, threads, [&](size_t begin, size_t end) {
    const auto count = static_cast<Eigen::Index>(end - begin);
    const auto cols = static_cast<Eigen::Index>(rows.cols);
    Dense in = Eigen::Map<const Dense>(rows.data + begin * rows.cols, count, cols);
    if (!map.mean.empty()) {
      in.rowwise() -= Eigen::Map<const Eigen::RowVectorXf>(map.mean.data(), cols);
    }
    Eigen::Map<Dense>(out.row(begin).data(), count, basis.cols()).noalias() = in * basis;
  });
}

void Normalise(std::span<float> row) {
  double square = 0;
  for (float value : row) square += static_cast<double>(value) * value;
  if (square == 0) return;
  const double scale = 1 / std::sqrt(square);
  for (float& value : row) value = static_cast<float>(value * scale);
}

}  // namespace vitrine
