#include "indexer/mine/complements.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <unordered_map>

#include "indexer/mine/basket_index.h"

namespace vitrine {
namespace {

constexpr double kWeekSeconds = 7 * 24 * 60 * 60;
constexpr double kSpanShare = 0.25;
constexpr float kLeastLogLift = -3, kMostLogLift = 3.9f;
// Of a product with too few shoppers: more than such a product has on average, so that new and rare
// ones are shown, for a loss of hits that is hardly there. Not chosen blindly: docs/mining.md.
constexpr double kUnknownPurchases = 2.5;
// As many pairs are taken to have been seen, and expected, before any is counted: one seen once
// says little.
constexpr double kPriorCount = 2;
constexpr size_t kMostPairs = 65'536;  // of an attribute, of words: the ones with most users

double HalfLife(const Baskets& baskets, const ComplementOptions& options) {
  if (options.half_life_seconds > 0 || baskets.time_seconds.empty()) {
    return options.half_life_seconds;
  }
  const auto [first, last] =
      std::minmax_element(baskets.time_seconds.begin(), baskets.time_seconds.end());
  return std::min(kWeekSeconds, kSpanShare * static_cast<double>(*last - *first));
}

// What is counted of one basket's products: at most `width` values a product, 0 = none.
struct Feature {
  size_t width = 1;
  std::vector<uint16_t> values;  // width for each product of the catalogue
  std::span<const uint16_t> of(ItemIndex item) const {
    return std::span(values).subspan(item * width, width);
  }
};

// Counts the pairs of values of one feature.
class PairCounter {
 public:
  // Keeps a reference to `feature`, which must outlive it. O(values + lines of baskets).
  PairCounter(const Feature& feature, const BasketIndex& index, uint32_t min_users)
      : feature_(feature), min_users_(min_users) {
    const size_t size =
        feature.values.empty() ? 1 : *std::ranges::max_element(feature.values) + size_t{1};
    sum_.resize(size);
    users_.resize(size);
    std::vector<uint64_t> last_user(size, UINT64_MAX);
    for (uint32_t b : index.by_user()) {
      for (ItemIndex item : index.basket(b)) {
        for (uint16_t value : feature.of(item)) {
          users_[value] += last_user[value] != index.user(b);
          last_user[value] = index.user(b);
        }
      }
    }
  }

  // Two products of a basket of `user`. REQUIRES: the baskets of one user in a row.
  void Add(ItemIndex item, ItemIndex other, uint64_t user) {
    for (uint16_t value : feature_.of(item)) {
      for (uint16_t with : feature_.of(other)) {
        if (value == 0 || with == 0) continue;
        ++sum_[value];
        ++total_;
        // A pair has no more users than either of its values: most pairs of words need no counter.
        if (users_[value] < min_users_ || users_[with] < min_users_) continue;
        Cell& cell = cells_[static_cast<uint32_t>(value) << 16 | with];
        ++cell.count;
        cell.users += cell.last_user != user;
        cell.last_user = user;
      }
    }
  }

  std::vector<ComplementsData::Pair> Lifts() const {
    std::vector<std::pair<uint32_t, Cell>> kept;
    for (const auto& [key, cell] : cells_) {
      if (cell.users >= min_users_) kept.emplace_back(key, cell);
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
    pairs.reserve(kept.size());
    for (const auto& [key, cell] : kept) {
      const auto value = static_cast<uint16_t>(key >> 16);
      const auto with = static_cast<uint16_t>(key & 0xFFFF);
      // A pair is counted from both sides, so a value's sum is the same on the left and on the
      // right.
      const double expected = static_cast<double>(sum_[value]) * static_cast<double>(sum_[with]) /
                              static_cast<double>(total_);
      const double lift =
          (static_cast<double>(cell.count) + kPriorCount) / (expected + kPriorCount);
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
  const Feature& feature_;
  uint32_t min_users_;
  std::vector<uint64_t> sum_;    // of the pairs of each value
  std::vector<uint32_t> users_;  // that bought each value at all
  uint64_t total_ = 0;
  std::unordered_map<uint32_t, Cell> cells_;  // by value << 16 | with
};

// The attributes, then the words.
std::array<Feature, kPairedAttributes + 1> FeaturesOf(const CatalogueData& catalogue,
                                                      std::span<const PairedWords> words) {
  std::array<Feature, kPairedAttributes + 1> features;
  for (ItemIndex i = 0; i < catalogue.size(); ++i) {
    const auto values = PairedValues(catalogue, i);
    for (size_t f = 0; f < kPairedAttributes; ++f) features[f].values.push_back(values[f]);
  }
  Feature& of_words = features.back();
  of_words.width = words.empty() ? 0 : kPairedWords;
  for (const PairedWords& each : words) {
    of_words.values.insert(of_words.values.end(), each.begin(), each.end());
  }
  return features;
}

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
                                std::span<const PairedWords> words,
                                const ComplementOptions& options) {
  const BasketIndex index(baskets, static_cast<uint32_t>(catalogue.size()));
  const auto features = FeaturesOf(catalogue, words);
  std::vector<PairCounter> counters;
  counters.reserve(features.size());
  for (const Feature& feature : features) counters.emplace_back(feature, index, options.min_users);
  for (uint32_t b : index.by_user()) {
    const std::span<const ItemIndex> basket = index.basket(b);
    if (basket.size() > options.max_basket) continue;
    for (ItemIndex item : basket) {
      for (ItemIndex other : basket) {
        if (catalogue.group[item] == catalogue.group[other]) continue;
        for (PairCounter& counter : counters) counter.Add(item, other, index.user(b));
      }
    }
  }
  ComplementsData data;
  for (size_t f = 0; f < kPairedAttributes; ++f) data.pairs[f] = counters[f].Lifts();
  data.word_pairs = counters.back().Lifts();
  size_t pairs = data.word_pairs.size();
  for (const auto& of_attribute : data.pairs) pairs += of_attribute.size();
  // Popularity alone is no reason to call anything a complement.
  if (pairs == 0) return {};
  if (!data.word_pairs.empty()) data.words.assign(words.begin(), words.end());
  MinePopularity(baskets, index, options, data);
  return data;
}

}  // namespace vitrine
