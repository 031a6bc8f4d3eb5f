#include "shared/vectors/code_rows.h"

#include <algorithm>
#include <cassert>

namespace vitrine {
namespace {

constexpr uint32_t kGroupBytes = kKernelWidth;
constexpr float kUntold = 0.1f;  // how much of the products' spread need not be in the leading axes

// How many axes lead: as many as tell nine tenths of how the products of items with queries like
// them vary, at least kLeadingAxes.
uint32_t LeadingAxes(const VectorModel& model) {
  std::vector<float> spread(model.axes);
  float rest = 0;
  for (uint32_t a = 0; a < model.axes; ++a) {
    const FrequencyTable& table = model.tables[model.code_table[a]];
    float square = 0;
    for (size_t i = 0; i < table.frequency.size(); ++i) {
      const auto code = static_cast<float>(table.low + static_cast<int>(i));
      square += table.frequency[i] * code * code;
    }
    square *= model.step(a) * model.step(a);
    spread[a] = square * square;
    rest += spread[a];
  }
  const float least = kUntold * rest;
  uint32_t axes = 0;
  while (axes < model.axes && (axes < kLeadingAxes || rest > least)) rest -= spread[axes++];
  return axes;
}

}  // namespace

CodeRows::CodeRows(const VectorModel& model) : axes_(model.axes) {
  uint32_t wide = 0;
  for (uint32_t a = 0; a < axes_; ++a) {
    const FrequencyTable& table = model.tables[model.code_table[a]];
    if (table.low < kLowestHalf || table.high() > kHighestHalf) wide = a + 1;
  }
  wide_ = RoundUp(wide, kGroupBytes);
  const uint32_t narrow = axes_ > wide_ ? axes_ - wide_ : 0;
  bytes_ = wide_ + RoundUp(narrow, kGroupAxes) / 2;
  if (axes_ > 0) leading_bytes_ = (GroupOf(LeadingAxes(model) - 1).index + 1) * kGroupBytes;
}

CodeRows::Group CodeRows::GroupOf(uint32_t axis) const {
  const bool wide = axis < wide_;
  const uint32_t axes = wide ? kGroupBytes : kGroupAxes;
  const uint32_t at = wide ? axis / axes : (axis - wide_) / axes;
  const uint32_t begin = (wide ? 0 : wide_) + at * axes;
  return {(wide ? 0 : wide_ / kGroupBytes) + at, begin, std::min(begin + axes, axes_)};
}

void CodeRows::Add(const Group& group, std::span<const int8_t> tile,
                   std::span<const uint32_t> rows) {
  assert(tile.size() == kGroupAxes * kBlockItems && rows.size() <= kBlockItems);
  const bool wide = group.axis_begin < wide_;
  const size_t at = group.index * kGroupBytes;
  const bool leads = at < leading_bytes_;
  const size_t stride = leads ? leading_bytes_ : bytes_ - leading_bytes_;
  int8_t* first = leads ? leading_.data() + at : others_.data() + (at - leading_bytes_);
  for (size_t i = 0; i < rows.size(); ++i) {
    int8_t* out = first + rows[i] * stride;
    const int8_t* code = tile.data() + i;
    for (uint32_t j = 0; j < kGroupBytes; ++j) {
      const int8_t lower = code[j * kBlockItems];
      const int8_t upper = code[(kGroupBytes + j) * kBlockItems];
      out[j] = static_cast<int8_t>(out[j] | (wide ? lower : JoinHalves(lower, upper)));
    }
  }
}

void CodeRows::CopyRow(const CodeRows& from, uint32_t from_row, uint32_t row) {
  assert(from.bytes_ == bytes_);
  auto copy = [&](const std::vector<int8_t>& source, size_t stride, std::vector<int8_t>& to) {
    std::copy_n(source.begin() + static_cast<ptrdiff_t>(from_row * stride), stride,
                to.begin() + static_cast<ptrdiff_t>(row * stride));
  };
  copy(from.leading_, leading_bytes_, leading_);
  copy(from.others_, bytes_ - leading_bytes_, others_);
}

}  // namespace vitrine
