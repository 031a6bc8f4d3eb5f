#include "indexer/personalize/item_rows.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "indexer/personalize/lists.h"
#include "indexer/personalize/random.h"

namespace vitrine {
namespace {
constexpr size_t d = kernels::kColumns;
constexpr size_t kShares = 64;  // of the features, between threads
}  // namespace

ItemRows::Table::Table(size_t rows, uint32_t dimensions, std::mt19937_64& random)
    : value(rows * d), first(rows * d), second(rows * d) {
  for (size_t i = 0; i < value.size(); ++i) {
    const float weight = static_cast<float>(Uniform(random) - 0.5) * 0.4f;
    value[i] = i % d < dimensions ? weight : 0;
  }
}

void ItemRows::Table::Step(size_t row, const float* gradient, const kernels::AdamStep& adam) {
  const size_t at = row * d;
  kernels::Adam(gradient, adam, value.data() + at, first.data() + at, second.data() + at);
}

ItemRows::ItemRows(const std::vector<bool>& own, const ItemFeatures& features, uint32_t dimensions,
                   std::mt19937_64& random)
    : own_(own),
      features_(features),
      items_(own.size(), dimensions, random),
      shared_(features.count, dimensions, random),
      unit_(own.size() * d),
      length_(own.size()),
      item_gradient_(own.size() * d),
      feature_gradient_(features.count * d),
      item_touched_(own.size()),
      feature_touched_(features.count) {
  std::vector<uint32_t> products_with(features.count);
  for (uint32_t feature : features.feature) ++products_with[feature];
  size_t seen = 0;
  for (uint32_t feature = 0; feature < features.count; ++feature) {
    seen += products_with[feature];
    while (feature_share_.size() < kShares &&
           seen * kShares >= features.feature.size() * feature_share_.size()) {
      feature_share_.push_back(feature + 1);
    }
  }
  feature_share_.resize(kShares + 1, features.count);
}

ItemRows::Features ItemRows::FeaturesOf(ItemIndex item) const {
  if (features_.count == 0) return {};
  const size_t first = features_.offset[item], count = features_.offset[item + 1] - first;
  const Features features{{features_.feature.data() + first, count},
                          features_.weight.data() + first};
  assert(std::is_sorted(features.index.begin(), features.index.end()));
  return features;
}

void ItemRows::ComputeUnit(ItemIndex item) const {
  float* unit = unit_.data() + size_t{item} * d;
  if (own_[item]) {
    std::copy_n(items_.value.data() + size_t{item} * d, d, unit);
  } else {
    std::fill_n(unit, d, 0.0f);
  }
  const Features features = FeaturesOf(item);
  kernels::Gather(shared_.value.data(), features.index.data(), features.weight,
                  features.index.size(), unit);
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
  OnThreads(threads, [&](uint32_t t, uint32_t count) {
    for (size_t i = first; i < summed_.size(); ++i) {
      if (summed_[i] % count == t) ComputeUnit(summed_[i]);
    }
  });
}

void ItemRows::Unit(ItemIndex item, float* out) const {
  if (length_[item] == 0) Prepare({&item, 1}, 1);
  std::copy_n(unit_.data() + size_t{item} * d, d, out);
}

void ItemRows::AddGradients(std::span<const Gradient> gradients, int threads) {
  for (const Gradient& gradient : gradients) {
    if (item_touched_[gradient.item]) continue;
    item_touched_[gradient.item] = true;
    touched_items_.push_back(gradient.item);
  }
  OnThreads(threads, [&](uint32_t t, uint32_t count) {
    for (const Gradient& gradient : gradients) {
      if (gradient.item % count != t) continue;
      kernels::AddScaled(gradient.by_unit, 1, item_gradient_.data() + size_t{gradient.item} * d);
    }
  });
}

// From the gradient by a product's unit vector to that by the sum behind it, and its own row's
// step.
void ItemRows::UpdateItem(ItemIndex item, const kernels::AdamStep& adam) {
  const float* unit = unit_.data() + size_t{item} * d;
  float* gradient = item_gradient_.data() + size_t{item} * d;
  const float along = kernels::Dot(unit, gradient);
  for (size_t k = 0; k < d; ++k) gradient[k] = (gradient[k] - unit[k] * along) / length_[item];
  if (own_[item]) items_.Step(item, gradient, adam);
}

void ItemRows::UpdateFeatures(uint32_t begin, uint32_t end, const kernels::AdamStep& adam) {
  std::vector<uint32_t> touched;
  for (ItemIndex item : touched_items_) {
    const Features features = FeaturesOf(item);
    const auto index = features.index;
    const auto from = std::lower_bound(index.begin(), index.end(), begin) - index.begin();
    const auto to = std::lower_bound(index.begin() + from, index.end(), end) - index.begin();
    for (auto f = from; f < to; ++f) {
      if (feature_touched_[index[f]] != 0) continue;
      feature_touched_[index[f]] = 1;
      touched.push_back(index[f]);
    }
    kernels::Scatter(item_gradient_.data() + size_t{item} * d, index.data() + from,
                     features.weight + from, static_cast<size_t>(to - from),
                     feature_gradient_.data());
  }
  for (uint32_t feature : touched) {
    float* gradient = feature_gradient_.data() + size_t{feature} * d;
    shared_.Step(feature, gradient, adam);
    std::fill_n(gradient, d, 0.0f);
    feature_touched_[feature] = 0;
  }
}

void ItemRows::Update(const kernels::AdamStep& adam, int threads) {
  Prepare(touched_items_, threads);
  OnThreads(threads, [&](uint32_t t, uint32_t count) {
    for (ItemIndex item : touched_items_) {
      if (item % count == t) UpdateItem(item, adam);
    }
  });
  if (features_.count > 0) {
    OnThreads(threads, [&](uint32_t t, uint32_t count) {
      UpdateFeatures(feature_share_[t * kShares / count], feature_share_[(t + 1) * kShares / count],
                     adam);
    });
  }
  for (ItemIndex item : touched_items_) {
    std::fill_n(item_gradient_.data() + size_t{item} * d, d, 0.0f);
    item_touched_[item] = false;
  }
  touched_items_.clear();
  for (ItemIndex item : summed_) length_[item] = 0;
  summed_.clear();
}

}  // namespace vitrine
