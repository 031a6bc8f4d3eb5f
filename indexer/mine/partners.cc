#include "indexer/mine/partners.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <span>
#include <thread>

#include "indexer/mine/basket_index.h"

namespace vitrine {
namespace {

// Strength of the prior: a pair must be seen about this often before its count is believed.
constexpr double kPrior = 3;

// Leaves the best `keep`, best first.
void KeepBest(size_t keep, std::vector<Partner>& partners) {
  auto better = [](const Partner& a, const Partner& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.count != b.count ? a.count > b.count : a.item < b.item;
  };
  keep = std::min(keep, partners.size());
  std::partial_sort(partners.begin(), partners.begin() + static_cast<ptrdiff_t>(keep),
                    partners.end(), better);
  partners.resize(keep);
}

// Calls make_worker() on each thread and what it gave for every item.
template <typename MakeWorker>
void ForEachItem(uint32_t items, int threads, const MakeWorker& make_worker) {
  threads = std::max(1, threads);
  auto run = [&](int thread) {
    auto work = make_worker();
    for (uint32_t i = static_cast<uint32_t>(thread); i < items;
         i += static_cast<uint32_t>(threads)) {
      work(i);
    }
  };
  std::vector<std::thread> helpers;
  for (int t = 1; t < threads; ++t) helpers.emplace_back(run, t);
  run(0);
  for (std::thread& helper : helpers) helper.join();
}

// Counts the partners of one item after the other; one per thread.
class PartnerCounter {
 public:
  PartnerCounter(const BasketIndex& index, const BasketWeights& weights,
                 const PartnerOptions& options)
      : index_(index), weights_(weights), options_(options), cells_(index.item_count()) {}

  std::vector<Partner> Best(ItemIndex item) {
    Count(item);
    std::vector<Partner> partners;
    for (ItemIndex other : touched_) {
      const Cell& cell = cells_[other];
      if (cell.count >= options_.min_count && cell.users >= options_.min_users) {
        partners.push_back({other, cell.count, cell.users, Score(item, other, cell.weight)});
      }
      cells_[other] = {};
    }
    touched_.clear();
    KeepBest(options_.partners, partners);
    return partners;
  }

 private:
  struct Cell {
    uint32_t count = 0;
    uint32_t users = 0;
    uint64_t weight = 0;
    uint64_t last_user = UINT64_MAX;
  };

  void Count(ItemIndex item) {
    for (uint32_t b : index_.baskets_of(item)) {
      const std::span<const ItemIndex> basket = index_.basket(b);
      if (basket.size() > options_.max_basket) continue;
      const uint64_t user = index_.user(b);
      for (ItemIndex other : basket) {
        Cell& cell = cells_[other];
        if (cell.count++ == 0) touched_.push_back(other);
        cell.weight += weights_.of(b);
        // Baskets come ordered by user, so a new user differs from the last one.
        cell.users += cell.last_user != user;
        cell.last_user = user;
      }
    }
    if (const auto self = std::find(touched_.begin(), touched_.end(), item);
        self != touched_.end()) {
      cells_[item] = {};
      *self = touched_.back();
      touched_.pop_back();
    }
  }

  double Score(ItemIndex item, ItemIndex other, uint64_t weight) const {
    const double count = weights_.AsBaskets(weight);
    if (options_.ranking == PartnerRanking::kCount) return count;
    return ShrunkScore(count, weights_.count(item), weights_.count(other), weights_.baskets());
  }

  const BasketIndex& index_;
  const BasketWeights& weights_;
  const PartnerOptions& options_;
  std::vector<Cell> cells_;
  std::vector<ItemIndex> touched_;
};

}  // namespace

double ShrunkScore(double count, double antecedent, double consequent, double baskets) {
  const double expected = antecedent * consequent / baskets;
  return (count + kPrior) / (expected + kPrior) * std::sqrt(consequent / baskets);
}

std::vector<std::vector<Partner>> TopPartners(const Baskets& baskets, uint32_t item_count,
                                              const PartnerOptions& options) {
  const BasketIndex index(baskets, item_count);
  const BasketWeights weights(baskets, index, options.half_life_seconds);
  std::vector<std::vector<Partner>> partners(item_count);
  ForEachItem(item_count, options.threads, [&] {
    auto counter = std::make_shared<PartnerCounter>(index, weights, options);
    return [&, counter](uint32_t item) { partners[item] = counter->Best(item); };
  });
  return partners;
}

std::vector<std::vector<Partner>> TopPartners(const PairView& pairs,
                                              const PartnerOptions& options) {
  const uint32_t items = pairs.items();
  // The partners before each item: the transposed rows.
  std::vector<uint64_t> begin(items + 1);
  for (uint32_t i = 0; i < items; ++i) {
    for (PairRow row = pairs.row(i); row.Next();) ++begin[row.pair().other + 1];
  }
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  std::vector<PairCount> before(pairs.pairs);
  std::vector<uint64_t> next(begin.begin(), begin.end() - 1);
  for (uint32_t i = 0; i < items; ++i) {
    for (PairRow row = pairs.row(i); row.Next();) {
      before[next[row.pair().other]++] = {i, row.pair().count};
    }
  }
  const uint32_t least = std::max(options.min_count, options.min_users);
  const bool by_count = options.ranking == PartnerRanking::kCount;
  std::vector<std::vector<Partner>> partners(items);
  ForEachItem(items, options.threads, [&] {
    return [&](uint32_t item) {
      std::vector<Partner>& best = partners[item];
      auto consider = [&](const PairCount& pair) {
        if (pair.count < least) return;
        const double score = by_count
                                 ? pair.count
                                 : ShrunkScore(pair.count, static_cast<double>(pairs.count[item]),
                                               static_cast<double>(pairs.count[pair.other]),
                                               static_cast<double>(pairs.baskets));
        best.push_back({pair.other, pair.count, pair.count, score});
      };
      for (uint64_t k = begin[item]; k < begin[item + 1]; ++k) consider(before[k]);
      for (PairRow row = pairs.row(item); row.Next();) consider(row.pair());
      KeepBest(options.partners, best);
      best.shrink_to_fit();
    };
  });
  return partners;
}

}  // namespace vitrine
