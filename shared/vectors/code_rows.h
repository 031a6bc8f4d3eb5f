// The codes of items as a search walks over them: a row for each item, its axes one after another.
// Axes up to the last one whose codes leave [-8, 7] have a byte each. The others share bytes by
// two, which spares a third of the memory of dense embeddings.
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

  void Resize(size_t rows) {
    leading_.resize(rows * leading_bytes_, 0);
    others_.resize(rows * (bytes_ - leading_bytes_), 0);
  }

  // The group that `axis` is of.
  Group GroupOf(uint32_t axis) const;
  // Puts codes of the group's axes into `rows`, which hold 0 for these axes so far. The code of
  // rows[i] along the group's axis t is tile[t * kBlockItems + i]; 0 for axes that are not known.
  // REQUIRES: tile has kGroupAxes * kBlockItems codes, rows at most kBlockItems.
  void Add(const Group& group, std::span<const int8_t> tile, std::span<const uint32_t> rows);
  // REQUIRES: `from` has rows for the same model.
  void CopyRow(const CodeRows& from, uint32_t from_row, uint32_t row);

  int8_t At(uint32_t row, uint32_t axis) const {
    if (axis < wide_) return Byte(row, axis);
    const uint32_t narrow = axis - wide_;
    const int8_t both =
        Byte(row, wide_ + narrow / kGroupAxes * kKernelWidth + narrow % kKernelWidth);
    return narrow % kGroupAxes < kKernelWidth ? LowerHalf(both) : UpperHalf(both);
  }

  // Sum over axes of code x weight; weights are by axis, padded with zeros to weight_count().
  size_t weight_count() const { return wide_ + 2 * (bytes_ - wide_); }
  int32_t Dot(uint32_t row, const int16_t* weights) const {
    Lanes sum[1] = {NoLanes()};
    AddBytes(sum, 0, leading_bytes_, {leading_.data() + row * leading_bytes_}, weights);
    const size_t rest = bytes_ - leading_bytes_;
    AddBytes(sum, leading_bytes_, bytes_, {others_.data() + row * rest}, weights);
    return Sum(sum[0]);
  }
  // The same of four rows over the leading axes: what is left out is small. Four at a time, since
  // adding up the lanes of one row costs as much as its products.
  void DotLeading(const uint32_t (&rows)[4], const int16_t* weights, int32_t (&sums)[4]) const {
    const int8_t* codes[4];
    for (int i = 0; i < 4; ++i) codes[i] = leading_.data() + rows[i] * leading_bytes_;
    Lanes lanes[4] = {NoLanes(), NoLanes(), NoLanes(), NoLanes()};
    AddBytes(lanes, 0, leading_bytes_, codes, weights);
    SumsOfFour(lanes, sums);
  }
  bool AllLead() const { return leading_bytes_ == bytes_; }

 private:
  int8_t Byte(uint32_t row, size_t at) const {
    return at < leading_bytes_ ? leading_[row * leading_bytes_ + at]
                               : others_[row * (bytes_ - leading_bytes_) + (at - leading_bytes_)];
  }
  // Adds the products of some rows' bytes [begin, end), which stand at `codes`. Always inline:
  // else the sums live in memory, a tenth of the time of a search.
  template <size_t kRows>
  [[gnu::always_inline]] void AddBytes(Lanes (&sums)[kRows], size_t begin, size_t end,
                                       const int8_t* const (&codes)[kRows],
                                       const int16_t* weights) const {
    size_t at = begin;
    const size_t wide_end = std::min<size_t>(end, wide_);
    for (; at < wide_end; at += kKernelWidth) {
      for (size_t i = 0; i < kRows; ++i) {
        sums[i] = AddCodes(sums[i], codes[i] + (at - begin), weights + at);
      }
    }
    for (; at < end; at += kKernelWidth) {
      for (size_t i = 0; i < kRows; ++i) {
        sums[i] = AddHalves(sums[i], codes[i] + (at - begin), weights + (2 * at - wide_));
      }
    }
  }

  uint32_t axes_ = 0;
  uint32_t wide_ = 0;         // axes that have a byte each, and padding to whole groups
  size_t bytes_ = 0;          // of a row
  size_t leading_bytes_ = 0;  // of them those of the leading axes
  // Rows of the leading axes stand together: a search walks over thousands of them.
  std::vector<int8_t> leading_, others_;
};

}  // namespace vitrine
