#include "indexer/report/measure/input.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>

namespace vitrine {

double Rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return std::strtod(text, nullptr);
}

Json ToJson(const Estimate& estimate) {
  return {{"value", Rounded(estimate.value)},
          {"low", Rounded(estimate.low)},
          {"high", Rounded(estimate.high)}};
}

Json ProductJson(const Product& product, ItemIndex index) {
  return {{"index", index},
          {"id", product.id},
          {"title", product.title},
          {"department", product.department},
          {"category", product.category},
          {"colour", product.colour},
          {"audience", kAudienceNames[static_cast<size_t>(product.audience)]},
          {"image", product.images.empty() ? "" : product.images.front()}};
}

std::vector<uint32_t> EvenSample(size_t size, size_t count) {
  std::vector<uint32_t> sample;
  count = std::min(size, count);
  for (size_t k = 0; k < count; ++k) sample.push_back(static_cast<uint32_t>(k * size / count));
  return sample;
}

std::vector<uint32_t> DemandOf(const Shop& shop) {
  std::vector<uint32_t> demand(shop.products.size());
  for (const Interaction& event : shop.interactions) {
    demand[event.item] += event.kind == InteractionKind::kOrder;
  }
  if (std::any_of(demand.begin(), demand.end(), [](uint32_t count) { return count > 0; })) {
    return demand;
  }
  for (const Interaction& event : shop.interactions) ++demand[event.item];
  return demand;
}

std::vector<uint32_t> DemandDeciles(const std::vector<uint32_t>& demand) {
  std::vector<uint32_t> order(demand.size()), decile(demand.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return demand[a] > demand[b]; });
  for (size_t r = 0; r < order.size(); ++r) {
    decile[order[r]] = static_cast<uint32_t>(r * 10 / order.size()) + 1;
  }
  return decile;
}

}  // namespace vitrine
