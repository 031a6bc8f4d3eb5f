// The codes of items as a search walks over them: a row for each item, its axes one after another.
// Leading axes have a byte each. The others, whose codes are all in [-8, 7], share bytes by two,
// which spares a third of the memory of dense embeddings.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "shared/vectors/format.h"
#include "shared/vectors/kernel.h"

namespace vitrine {

class CodeRows {
 public:
  // A row is a sequence of groups of 16 bytes, of 16 or of 32 axes.
  struct Group {
    uint32_t index = 0;
    uint32_t axis_begin = 0, axis_end = 0;
  };
  static constexpr uint32_t kGroupAxes = 2 * kKernelWidth;  // at most

  CodeRows() = default;
  // Rows for the axes of `model`; which of them share bytes is read off their tables.
  explicit CodeRows(const VectorModel& model);

  void Resize(size_t rows) { codes_.resize(rows * stride_, 0); }

  // The group that `axis` is of.
  Group GroupOf(uint32_t axis) const;
  // Puts codes of the group's axes into `rows`, which hold 0 for these axes so far. The code of
  // rows[i] along the group's axis t is tile[t * kBlockItems + i]; 0 for axes that are not known.
  // REQUIRES: tile has kGroupAxes * kBlockItems codes, rows at most kBlockItems.
  void Add(const Group& group, std::span<const int8_t> tile, std::span<const uint32_t> rows);
  // REQUIRES: `from` has rows for the same model.
  void CopyRow(const CodeRows& from, uint32_t from_row, uint32_t row);

  int8_t At(uint32_t row, uint32_t axis) const {
    const int8_t* codes = codes_.data() + static_cast<size_t>(row) * stride_;
    if (axis < wide_) return codes[axis];
    const uint32_t narrow = axis - wide_;
    const int8_t both = codes[wide_ + narrow / kGroupAxes * kKernelWidth + narrow % kKernelWidth];
    return narrow % kGroupAxes < kKernelWidth ? LowerHalf(both) : UpperHalf(both);
  }

  // Sum over axes of code x weight; weights are by axis, padded with zeros to weight_count().
  size_t weight_count() const { return wide_ + 2 * (stride_ - wide_); }
  int32_t Dot(uint32_t row, const int16_t* weights) const { return Dot(row, weights, stride_); }
  // The same over the leading kLeadingAxes, and those that share a group with them.
  int32_t DotLeading(uint32_t row, const int16_t* weights) const {
    return Dot(row, weights, leading_);
  }

 private:
  // Over the first `bytes` of the row.
  int32_t Dot(uint32_t row, const int16_t* weights, size_t bytes) const {
    const int8_t* codes = codes_.data() + static_cast<size_t>(row) * stride_;
    const size_t wide = std::min<size_t>(bytes, wide_);
    return vitrine::Dot(codes, weights, wide) +
           DotHalves(codes + wide, weights + wide, bytes - wide);
  }

  uint32_t axes_ = 0;
  uint32_t wide_ = 0;   // axes that have a byte each, and padding to whole groups
  size_t stride_ = 0;   // bytes of a row
  size_t leading_ = 0;  // of them those of the leading axes
  std::vector<int8_t> codes_;
};

}  // namespace vitrine
