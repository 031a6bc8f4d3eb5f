#include "indexer/mine/complements.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "indexer/mine/basket_index.h"

namespace vitrine {
namespace {

constexpr double kWeekSeconds = 7 * 24 * 60 * 60;
constexpr double kSpanShare = 0.25;
constexpr float kLeastLogLift = -3, kMostLogLift = 3.9f;
// Of a product with too few shoppers: more than such a product has on average, so that new and rare
// ones are shown, for a loss of hits that is hardly there (tests/bench/baskets.bench.mjs).
constexpr double kUnknownPurchases = 2;
constexpr size_t kMostPairs = 65'536;  // of an attribute: the ones with most users

double HalfLife(const Baskets& baskets, const ComplementOptions& options) {
  if (options.half_life_seconds > 0 || baskets.time_seconds.empty()) {
    return options.half_life_seconds;
  }
  const auto [first, last] =
      std::minmax_element(baskets.time_seconds.begin(), baskets.time_seconds.end());
  return std::min(kWeekSeconds, kSpanShare * static_cast<double>(*last - *first));
}

// Counts the pairs of values of one attribute.
class PairCounter {
 public:
  // Two products of a basket of `user`. REQUIRES: the baskets of one user in a row.
  void Add(uint16_t value, uint16_t with, uint64_t user) {
    if (value == 0 || with == 0) return;
    Cell& cell = cells_[static_cast<uint32_t>(value) << 16 | with];
    ++cell.count;
    cell.users += cell.last_user != user;
    cell.last_user = user;
  }

  std::vector<ComplementsData::Pair> Lifts(uint32_t min_users) const {
    // A pair is counted from both sides, so a value's sum is the same on the left and on the right.
    std::unordered_map<uint16_t, double> sum;
    double total = 0;
    std::vector<std::pair<uint32_t, Cell>> kept;
    for (const auto& [key, cell] : cells_) {
      sum[static_cast<uint16_t>(key >> 16)] += static_cast<double>(cell.count);
      total += static_cast<double>(cell.count);
      if (cell.users >= min_users) kept.emplace_back(key, cell);
    }
    if (kept.size() > kMostPairs) {
      std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) {
        return a.second.users != b.second.users ? a.second.users > b.second.users
                                                : a.first < b.first;
      });
      kept.resize(kMostPairs);
    }
    std::sort(kept.begin(), kept.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<ComplementsData::Pair> pairs;
    for (const auto& [key, cell] : kept) {
      const auto value = static_cast<uint16_t>(key >> 16);
      const auto with = static_cast<uint16_t>(key & 0xFFFF);
      const double lift = static_cast<double>(cell.count) * total / (sum[value] * sum[with]);
      pairs.push_back({value, with,
                       std::clamp(static_cast<float>(std::log(lift)), kLeastLogLift, kMostLogLift),
                       cell.users});
    }
    return pairs;
  }

 private:
  struct Cell {
    uint64_t count = 0;
    uint32_t users = 0;
    uint64_t last_user = UINT64_MAX;
  };
  std::unordered_map<uint32_t, Cell> cells_;  // by value << 16 | with
};

void MinePopularity(const Baskets& baskets, const BasketIndex& index,
                    const ComplementOptions& options, ComplementsData& data) {
  const BasketWeights weights(baskets, index, HalfLife(baskets, options));
  const uint32_t n = index.item_count();
  std::vector<double> weight(n);
  data.shoppers.assign(n, 0);
  double most = 0;
  for (ItemIndex i = 0; i < n; ++i) {
    const uint32_t users = index.CountTogether(std::span(&i, 1)).users;
    if (users == 0 || users < options.min_users) continue;
    weight[i] = std::max(weights.count(i), std::numeric_limits<double>::min());
    most = std::max(most, weight[i]);
    data.shoppers[i] = users;
  }
  data.popularity.assign(n, ComplementsData::kTooFew);
  if (most == 0) return;
  for (ItemIndex i = 0; i < n; ++i) {
    if (weight[i] > 0) data.popularity[i] = static_cast<float>(std::log(weight[i] / most));
  }
  // As if it was bought so often, at no matter what time.
  const double bought =
      kUnknownPurchases * weights.baskets() / static_cast<double>(index.basket_count());
  data.unknown_popularity = static_cast<float>(std::min(0.0, std::log(bought / most)));
}

}  // namespace

ComplementOptions ComplementOptionsOf(const MineOptions& options) {
  return {.min_users = options.min_users,
          .half_life_seconds = options.half_life_days * 24 * 60 * 60};
}

ComplementsData MineComplements(const Baskets& baskets, const CatalogueData& catalogue,
                                const ComplementOptions& options) {
  const BasketIndex index(baskets, static_cast<uint32_t>(catalogue.size()));
  std::array<PairCounter, kPairedAttributes> counters;
  std::vector<std::array<uint16_t, kPairedAttributes>> values;
  for (uint32_t b : BasketsByUser(baskets)) {
    const std::span<const ItemIndex> basket = index.basket(b);
    if (basket.size() > options.max_basket) continue;
    const uint64_t user = index.user(b);
    values.clear();
    for (ItemIndex item : basket) values.push_back(PairedValues(catalogue, item));
    for (size_t x = 0; x < basket.size(); ++x) {
      for (size_t y = 0; y < basket.size(); ++y) {
        if (catalogue.group[basket[x]] == catalogue.group[basket[y]]) continue;
        for (size_t f = 0; f < kPairedAttributes; ++f) {
          counters[f].Add(values[x][f], values[y][f], user);
        }
      }
    }
  }
  ComplementsData data;
  size_t pairs = 0;
  for (size_t f = 0; f < kPairedAttributes; ++f) {
    data.pairs[f] = counters[f].Lifts(options.min_users);
    pairs += data.pairs[f].size();
  }
  // Popularity alone is no reason to call anything a complement.
  if (pairs == 0) return {};
  MinePopularity(baskets, index, options, data);
  return data;
}

}  // namespace vitrine
