// Dense float matrices, row-major: component j of row i is data[i * cols + j].
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace vitrine {

struct MatrixView {
  const float* data = nullptr;
  size_t rows = 0;
  size_t cols = 0;
  std::span<const float> row(size_t i) const { return {data + i * cols, cols}; }
};

struct Matrix {
  size_t rows = 0;
  size_t cols = 0;
  std::vector<float> data;

  Matrix() = default;
  Matrix(size_t r, size_t c) : rows(r), cols(c), data(r * c) {}
  std::span<float> row(size_t i) { return {data.data() + i * cols, cols}; }
  std::span<const float> row(size_t i) const { return {data.data() + i * cols, cols}; }
  MatrixView view() const { return {data.data(), rows, cols}; }
};

}  // namespace vitrine
