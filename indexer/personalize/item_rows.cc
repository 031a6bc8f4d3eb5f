#include "indexer/personalize/item_rows.h"

#include <algorithm>
#include <cmath>

#include "indexer/personalize/encoder_batch.h"

namespace vitrine {
namespace {
constexpr size_t d = kernels::kColumns;
}  // namespace

ItemRows::ItemRows(const std::vector<bool>& own, const ItemFeatures& features,
                   std::mt19937_64& random)
    : own_(own), features_(features) {
  const size_t rows = own.size() + features.count;
  row_.resize(rows * d);
  first_.resize(rows * d);
  second_.resize(rows * d);
  for (float& weight : row_) weight = static_cast<float>(Uniform(random) - 0.5) * 0.4f;
  unit_.resize(own.size() * d);
  length_.resize(own.size());
  item_gradient_.resize(own.size() * d);
  item_touched_.assign(own.size(), false);
  row_gradient_.resize(rows * d);
  row_touched_.assign(rows, false);
  for (uint32_t item = 0; item < own.size(); ++item) {
    if (own[item]) {
      part_row_.push_back(item);
      part_weight_.push_back(1);
    }
    if (features.count > 0) {
      for (uint32_t f = features.offset[item]; f < features.offset[item + 1]; ++f) {
        part_row_.push_back(static_cast<uint32_t>(own.size()) + features.feature[f]);
        part_weight_.push_back(features.weight[f]);
      }
    }
    part_offset_.push_back(part_row_.size());
  }
}

const float* ItemRows::UnitOf(ItemIndex item, float& length) const {
  float* unit = unit_.data() + size_t{item} * d;
  if (length_[item] == 0) {
    const Parts parts = PartsOf(item);
    kernels::Gather(row_.data(), parts.row, parts.weight, parts.count, unit);
    length_[item] = std::sqrt(kernels::Dot(unit, unit)) + 1e-12f;
    for (size_t k = 0; k < d; ++k) unit[k] /= length_[item];
    summed_.push_back(item);
  }
  length = length_[item];
  return unit;
}

void ItemRows::Unit(ItemIndex item, float* out) const {
  float length;
  std::copy_n(UnitOf(item, length), d, out);
}

void ItemRows::AddGradient(ItemIndex item, const float* gradient) {
  if (!item_touched_[item]) {
    item_touched_[item] = true;
    touched_items_.push_back(item);
  }
  kernels::AddScaled(gradient, 1, item_gradient_.data() + size_t{item} * d);
}

// From a product's unit vector to the rows that it is the normalised sum of.
void ItemRows::SpreadToRows(ItemIndex item) {
  float length;
  const float* unit = UnitOf(item, length);
  float* gradient = item_gradient_.data() + size_t{item} * d;
  const float along = kernels::Dot(unit, gradient);
  for (size_t k = 0; k < d; ++k) gradient[k] = (gradient[k] - unit[k] * along) / length;
  const Parts parts = PartsOf(item);
  for (size_t p = 0; p < parts.count; ++p) {
    const uint32_t row = parts.row[p];
    if (row_touched_[row]) continue;
    row_touched_[row] = true;
    touched_rows_.push_back(row);
  }
  kernels::Scatter(gradient, parts.row, parts.weight, parts.count, row_gradient_.data());
  std::fill_n(gradient, d, 0.0f);
  item_touched_[item] = false;
}

void ItemRows::Update(const kernels::AdamStep& adam) {
  for (ItemIndex item : touched_items_) SpreadToRows(item);
  touched_items_.clear();
  for (ItemIndex item : summed_) length_[item] = 0;
  summed_.clear();
  for (uint32_t row : touched_rows_) {
    const size_t at = size_t{row} * d;
    kernels::Adam(row_gradient_.data() + at, adam, row_.data() + at, first_.data() + at,
                  second_.data() + at);
    std::fill_n(row_gradient_.data() + at, d, 0.0f);
    row_touched_[row] = false;
  }
  touched_rows_.clear();
}

}  // namespace vitrine
