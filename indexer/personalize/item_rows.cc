#include "indexer/personalize/item_rows.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "indexer/personalize/lists.h"
#include "indexer/personalize/random.h"

namespace vitrine {
namespace {
constexpr size_t d = kernels::kColumns;
constexpr size_t kShares = 64;  // of the rows, between threads
}  // namespace

ItemRows::ItemRows(const std::vector<bool>& own, const ItemFeatures& features, uint32_t dimensions,
                   std::mt19937_64& random)
    : own_(own), features_(features) {
  const size_t rows = own.size() + features.count;
  row_.resize(rows * d);
  first_.resize(rows * d);
  second_.resize(rows * d);
  for (size_t i = 0; i < row_.size(); ++i) {
    const float weight = static_cast<float>(Uniform(random) - 0.5) * 0.4f;
    row_[i] = i % d < dimensions ? weight : 0;
  }
  unit_.resize(own.size() * d);
  length_.resize(own.size());
  item_gradient_.resize(own.size() * d);
  item_touched_.assign(own.size(), false);
  row_gradient_.resize(rows * d);
  row_touched_.assign(rows, 0);
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
    assert(std::is_sorted(part_row_.begin() + static_cast<std::ptrdiff_t>(part_offset_.back()),
                          part_row_.end()));
    part_offset_.push_back(part_row_.size());
  }
  // Ranges of rows with about as many parts each.
  std::vector<uint32_t> parts_of(rows);
  for (uint32_t row : part_row_) ++parts_of[row];
  size_t seen = 0;
  row_share_ = {0};
  for (uint32_t row = 0; row < rows; ++row) {
    seen += parts_of[row];
    while (row_share_.size() < kShares && seen * kShares >= part_row_.size() * row_share_.size()) {
      row_share_.push_back(row + 1);
    }
  }
  row_share_.resize(kShares + 1, static_cast<uint32_t>(rows));
}

void ItemRows::ComputeUnit(ItemIndex item) const {
  float* unit = unit_.data() + size_t{item} * d;
  const Parts parts = PartsOf(item);
  kernels::Gather(row_.data(), parts.row, parts.weight, parts.count, unit);
  length_[item] = std::sqrt(kernels::Dot(unit, unit)) + 1e-12f;
  for (size_t k = 0; k < d; ++k) unit[k] /= length_[item];
}

void ItemRows::Prepare(std::span<const ItemIndex> items, int threads) const {
  const size_t first = summed_.size();
  for (ItemIndex item : items) {
    if (length_[item] != 0) continue;
    length_[item] = 1;  // is about to be computed
    summed_.push_back(item);
  }
  OnThreads(threads, [&](uint32_t begin, uint32_t stride) {
    for (size_t i = first + begin; i < summed_.size(); i += stride) ComputeUnit(summed_[i]);
  });
}

void ItemRows::Unit(ItemIndex item, float* out) const {
  Prepare({&item, 1}, 1);
  std::copy_n(unit_.data() + size_t{item} * d, d, out);
}

void ItemRows::AddGradient(ItemIndex item, const float* gradient) {
  if (!item_touched_[item]) {
    item_touched_[item] = true;
    touched_items_.push_back(item);
  }
  kernels::AddScaled(gradient, 1, item_gradient_.data() + size_t{item} * d);
}

void ItemRows::ThroughNormalisation(ItemIndex item) {
  const float* unit = unit_.data() + size_t{item} * d;
  float* gradient = item_gradient_.data() + size_t{item} * d;
  const float along = kernels::Dot(unit, gradient);
  for (size_t k = 0; k < d; ++k) gradient[k] = (gradient[k] - unit[k] * along) / length_[item];
}

void ItemRows::UpdateRows(uint32_t begin, uint32_t end, const kernels::AdamStep& adam) {
  std::vector<uint32_t> touched;
  for (ItemIndex item : touched_items_) {
    const Parts parts = PartsOf(item);
    const auto from = std::lower_bound(parts.row, parts.row + parts.count, begin) - parts.row;
    const auto to = std::lower_bound(parts.row + from, parts.row + parts.count, end) - parts.row;
    for (auto p = from; p < to; ++p) {
      if (row_touched_[parts.row[p]] != 0) continue;
      row_touched_[parts.row[p]] = 1;
      touched.push_back(parts.row[p]);
    }
    kernels::Scatter(item_gradient_.data() + size_t{item} * d, parts.row + from,
                     parts.weight + from, static_cast<size_t>(to - from), row_gradient_.data());
  }
  for (uint32_t row : touched) {
    const size_t at = size_t{row} * d;
    kernels::Adam(row_gradient_.data() + at, adam, row_.data() + at, first_.data() + at,
                  second_.data() + at);
    std::fill_n(row_gradient_.data() + at, d, 0.0f);
    row_touched_[row] = 0;
  }
}

void ItemRows::Update(const kernels::AdamStep& adam, int threads) {
  Prepare(touched_items_, threads);
  OnThreads(threads, [&](uint32_t begin, uint32_t stride) {
    for (size_t i = begin; i < touched_items_.size(); i += stride) {
      ThroughNormalisation(touched_items_[i]);
    }
  });
  OnThreads(threads, [&](uint32_t t, uint32_t count) {
    UpdateRows(row_share_[t * kShares / count], row_share_[(t + 1) * kShares / count], adam);
  });
  for (ItemIndex item : touched_items_) {
    std::fill_n(item_gradient_.data() + size_t{item} * d, d, 0.0f);
    item_touched_[item] = false;
  }
  touched_items_.clear();
  for (ItemIndex item : summed_) length_[item] = 0;
  summed_.clear();
}

}  // namespace vitrine
