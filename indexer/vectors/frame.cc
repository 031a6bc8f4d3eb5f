#include "indexer/vectors/frame.h"

#include <Eigen/Dense>
#include <utility>

#include "indexer/vectors/parallel.h"

namespace vitrine {
namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Rows = Eigen::Map<const RowMajor>;

constexpr float kRidge = 1e-4f;  // keeps axes that are nearly alike from large coordinates
constexpr size_t kRowsAtOnce = 256;

Rows RowsOf(const Matrix& matrix) {
  return {matrix.data.data(), static_cast<Eigen::Index>(matrix.rows),
          static_cast<Eigen::Index>(matrix.cols)};
}

}  // namespace

Frame MakeFrame(const VectorModel& model) {
  const size_t k = model.axes, d = model.dimensions;
  Frame frame{Matrix(k, d), Matrix(k, d)};
  for (size_t a = 0; a < k; ++a) {
    const float step = model.rotation_step(static_cast<uint32_t>(a));
    for (size_t j = 0; j < d; ++j) frame.axes.row(a)[j] = model.rotation[a * d + j] * step;
  }
  if (k == 0) return frame;
  Eigen::MatrixXf gram = RowsOf(frame.axes) * RowsOf(frame.axes).transpose();
  gram.diagonal().array() += kRidge;
  Eigen::Map<RowMajor>(frame.dual.data.data(), static_cast<Eigen::Index>(k),
                       static_cast<Eigen::Index>(d)) = gram.llt().solve(RowsOf(frame.axes));
  return frame;
}

FramedVectors InFrame(const Frame& frame, Matrix vectors, size_t threads) {
  const size_t n = vectors.rows, d = vectors.cols, k = frame.axes.rows;
  FramedVectors out{std::move(vectors), Matrix(n, k), Matrix(n, k)};
  ParallelChunks(n, kRowsAtOnce, threads, [&](size_t begin, size_t end) {
    const auto count = static_cast<Eigen::Index>(end - begin);
    const Rows some(out.vectors.data.data() + begin * d, count, static_cast<Eigen::Index>(d));
    auto fill = [&](const Matrix& rows, Matrix& to) {
      Eigen::Map<RowMajor>(to.data.data() + begin * k, count, static_cast<Eigen::Index>(k))
          .noalias() = some * RowsOf(rows).transpose();
    };
    fill(frame.dual, out.coordinates);
    fill(frame.axes, out.products);
  });
  return out;
}

}  // namespace vitrine
