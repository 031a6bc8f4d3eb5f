// Matrices of networks as int8 with one float scale a row.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "shared/bytes.h"

namespace vitrine {

inline void WriteRow(std::span<const float> row, ByteWriter& out) {
  float largest = 0;
  for (float value : row) largest = std::max(largest, std::abs(value));
  const float scale = largest / 127;
  out.Write(scale);
  for (float value : row) {
    const float code = scale > 0 ? value / scale : 0;
    out.Write(static_cast<int8_t>(code < 0 ? code - 0.5f : code + 0.5f));
  }
}

// `matrix`: row-major, any number of rows of `columns`.
inline void WriteMatrix(std::span<const float> matrix, size_t columns, ByteWriter& out) {
  for (size_t at = 0; at < matrix.size(); at += columns) {
    WriteRow(matrix.subspan(at, columns), out);
  }
}

// Appends rows x columns values to `matrix`; the reader fails when they are not there.
inline void ReadMatrix(ByteReader& in, size_t rows, size_t columns, std::vector<float>& matrix) {
  for (size_t r = 0; r < rows && in.ok(); ++r) {
    const float scale = in.Read<float>();
    for (int8_t code : in.ReadArray<int8_t>(columns)) {
      matrix.push_back(scale * static_cast<float>(code));
    }
  }
}

// Whether every value is far below what would make later sums overflow; false for NaN.
inline bool AllSmall(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(),
                     [](float value) { return std::abs(value) < 1e6f; });
}

}  // namespace vitrine
