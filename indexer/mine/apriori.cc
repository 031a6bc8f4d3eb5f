#include "indexer/mine/apriori.h"

#include <algorithm>
#include <numeric>

#include "indexer/mine/emitter.h"

namespace vitrine {
namespace {

constexpr uint32_t kHead = RankedBaskets::kHead;

// Itemsets of one length in lexicographic order, back to back, with their counts.
struct LevelSets {
  uint32_t length = 0;
  std::vector<uint32_t> items;
  std::vector<uint64_t> counts;

  size_t size() const { return counts.size(); }
  std::span<const uint32_t> set(size_t k) const { return {items.data() + k * length, length}; }
  void Add(std::span<const uint32_t> set, uint64_t count) {
    items.insert(items.end(), set.begin(), set.end());
    counts.push_back(count);
  }
  // The position of `set`, or size().
  size_t Find(std::span<const uint32_t> wanted) const {
    size_t low = 0, high = size();
    while (low < high) {
      const size_t middle = (low + high) / 2;
      const auto at = set(middle);
      if (std::lexicographical_compare(at.begin(), at.end(), wanted.begin(), wanted.end())) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    const bool found = low < size() && std::equal(wanted.begin(), wanted.end(), set(low).begin());
    return found ? low : size();
  }
};

class Apriori {
 public:
  Apriori(const RankedBaskets& baskets, const ItemsetOptions& options, ItemsetSink& sink)
      : baskets_(baskets),
        options_(options),
        sink_(sink),
        budget_(options.max_itemsets, options.max_seconds) {}

  Status Mine() {
    for (uint32_t k = 0; k < baskets_.required; ++k) with_required_.push_back(baskets_.ranks() + k);
    const size_t required = with_required_.size();
    auto wanted = [&](size_t length) {
      return options_.max_length == 0 || length + required <= options_.max_length;
    };
    if (wanted(0) && RequiredAlone(baskets_, options_.kind)) {
      budget_.Spend(1);
      sink_.Itemset(with_required_, baskets_.required_count);
    }
    LevelSets level;
    level.length = 1;
    for (uint32_t r = 0; r < baskets_.ranks(); ++r) {
      level.Add(std::span(&r, 1), baskets_.count[r]);
    }
    while (level.size() > 0 && wanted(level.length) && budget_.Spend(level.size())) {
      LevelSets next = Join(level);
      if (budget_.verdict() != Budget::Verdict::kWithin) break;
      CountCandidates(next);
      KeepFrequent(next);
      Give(level, next);
      level = std::move(next);
    }
    return budget_.status();
  }

 private:
  // Two sets that differ in their last item only make a candidate, if all its subsets are frequent.
  LevelSets Join(const LevelSets& level) {
    LevelSets next;
    next.length = level.length + 1;
    std::vector<uint32_t> candidate(next.length);
    for (size_t a = 0; a < level.size(); ++a) {
      const auto first = level.set(a);
      for (size_t b = a + 1; b < level.size(); ++b) {
        const auto second = level.set(b);
        if (!std::equal(first.begin(), first.end() - 1, second.begin())) break;
        std::copy(first.begin(), first.end(), candidate.begin());
        candidate.back() = second.back();
        if (!AllSubsetsIn(level, candidate)) continue;
        next.Add(candidate, 0);
        if (next.size() > budget_.max_itemsets()) budget_.Stop(Budget::Verdict::kTooMany);
      }
      if (!budget_.Spend(0)) break;
    }
    return next;
  }

  static bool AllSubsetsIn(const LevelSets& level, const std::vector<uint32_t>& candidate) {
    if (candidate.size() == 2) return true;
    std::vector<uint32_t> subset(candidate.begin() + 1, candidate.end());
    // Without item `dropped`; the subsets without one of the two last items are those that were
    // joined.
    for (size_t dropped = 0; dropped + 2 < candidate.size(); ++dropped) {
      if (level.Find(subset) == level.size()) return false;
      subset[dropped] = candidate[dropped];
    }
    return true;
  }

  void CountCandidates(LevelSets& level) {
    if (level.size() == 0) return;
    first_.assign(baskets_.ranks() + 1, level.size());
    for (size_t k = level.size(); k-- > 0;) first_[level.set(k)[0]] = k;
    for (uint32_t r = baskets_.ranks(); r-- > 0;) first_[r] = std::min(first_[r], first_[r + 1]);
    const std::span<const uint32_t> words = baskets_.words.span();
    for (size_t at = 0; at < words.size();) {
      const uint64_t weight = words[at] & ~kHead;
      size_t end = ++at;
      while (end < words.size() && !(words[end] & kHead)) ++end;
      const auto basket = words.subspan(at, end - at);
      for (size_t i = 0; i + level.length <= basket.size(); ++i) {
        Match(level, first_[basket[i]], first_[basket[i] + 1], 1, basket.subspan(i + 1), weight);
      }
      at = end;
    }
  }

  // Counts the candidates begin..end-1, which share their first `depth` items with the basket,
  // whose later items are `rest`.
  void Match(LevelSets& level, size_t begin, size_t end, uint32_t depth,
             std::span<const uint32_t> rest, uint64_t weight) {
    if (begin == end) return;
    if (depth == level.length) {
      level.counts[begin] += weight;
      return;
    }
    const uint32_t* items = level.items.data() + depth;
    const uint32_t length = level.length;
    for (size_t i = 0; i + (length - depth) <= rest.size() && begin < end; ++i) {
      const uint32_t item = rest[i];
      begin = Bound(items, length, begin, end, item);
      const size_t next = Bound(items, length, begin, end, item + 1);
      Match(level, begin, next, depth + 1, rest.subspan(i + 1), weight);
      begin = next;
    }
  }
  // The first candidate of begin..end-1 whose item at this depth is at least `item`.
  static size_t Bound(const uint32_t* items, uint32_t length, size_t begin, size_t end,
                      uint32_t item) {
    while (begin < end) {
      const size_t middle = (begin + end) / 2;
      if (items[middle * length] < item) {
        begin = middle + 1;
      } else {
        end = middle;
      }
    }
    return begin;
  }

  void KeepFrequent(LevelSets& level) const {
    LevelSets kept;
    kept.length = level.length;
    for (size_t k = 0; k < level.size(); ++k) {
      if (level.counts[k] >= options_.min_count) kept.Add(level.set(k), level.counts[k]);
    }
    level = std::move(kept);
  }

  // Hands on the sets of `level`; the next level tells which of them are closed or maximal.
  void Give(const LevelSets& level, const LevelSets& next) {
    std::vector<bool> keep(level.size(), true);
    if (options_.kind != ItemsetKind::kAll) {
      std::vector<uint32_t> subset;
      for (size_t k = 0; k < next.size(); ++k) {
        const auto set = next.set(k);
        for (size_t dropped = 0; dropped < set.size(); ++dropped) {
          subset.assign(set.begin(), set.end());
          subset.erase(subset.begin() + static_cast<ptrdiff_t>(dropped));
          const size_t at = level.Find(subset);
          if (options_.kind == ItemsetKind::kMaximal || level.counts[at] == next.counts[k]) {
            keep[at] = false;
          }
        }
      }
    }
    for (size_t k = 0; k < level.size(); ++k) {
      if (!keep[k]) continue;
      with_required_.resize(baskets_.required);
      with_required_.insert(with_required_.end(), level.set(k).begin(), level.set(k).end());
      sink_.Itemset(with_required_, level.counts[k]);
    }
  }

  const RankedBaskets& baskets_;
  const ItemsetOptions& options_;
  ItemsetSink& sink_;
  Budget budget_;
  std::vector<uint32_t> with_required_;
  std::vector<size_t>
      first_;  // of each rank, the first candidate that begins with it or a later one
};

}  // namespace

Status MineApriori(const RankedBaskets& baskets, const ItemsetOptions& options, ItemsetSink& sink) {
  return Apriori(baskets, options, sink).Mine();
}

}  // namespace vitrine
