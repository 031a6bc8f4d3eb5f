#include "indexer/mine/fpgrowth.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>
#include <string>

#include "indexer/mine/apriori.h"
#include "indexer/mine/bitmap_kernel.h"
#include "indexer/mine/closed.h"
#include "indexer/mine/emitter.h"
#include "indexer/mine/mask_kernel.h"
#include "indexer/mine/ordered_tasks.h"

namespace vitrine {
namespace {

constexpr uint32_t kHead = RankedBaskets::kHead;
constexpr uint32_t kDropped = 0xFFFFFFFFu;

// Bit vectors pay where an item stands in at least 1 of so many baskets (measured with
// tests/bench/mine_bench), and while they fit in a cache.
constexpr uint64_t kDenseShare = 16;
constexpr uint64_t kMaxBitmapBytes = 16u << 20;

// A database that is conditional on the current prefix: its items are codes 0..size-1, in the order
// of their ranks.
struct Conditional {
  std::span<const uint32_t> words;  // as in RankedBaskets
  std::vector<uint32_t> rank;       // of each code
  std::vector<uint64_t> count;      // of each code
  // Baskets in which code c has codes before it: heads[begin[c]] .. heads[begin[c+1]-1], positions
  // in words.
  std::vector<uint32_t> begin;
  std::vector<uint32_t> heads;
  std::vector<uint32_t> own_words;  // what `words` points to, except for the whole database

  uint32_t codes() const { return static_cast<uint32_t>(rank.size()); }
  // Fills begin and heads, for codes from..to-1.
  void IndexHeads(uint32_t from, uint32_t to);
};

void Conditional::IndexHeads(uint32_t from, uint32_t to) {
  begin.assign(rank.size() + 2, 0);
  const auto end = static_cast<uint32_t>(words.size());
  for (uint32_t w = 0; w + 1 < end; ++w) {
    // The word after the first code of a basket, and all that follow.
    const uint32_t code = words[w + 1];
    if (!(words[w] & kHead) && code >= from && code < to) ++begin[code + 2];
  }
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  heads.resize(begin.back());
  for (uint32_t head = 0; head < end;) {
    uint32_t w = head + 2;
    for (; w < end && !(words[w] & kHead); ++w) {
      if (words[w] >= from && words[w] < to) heads[begin[words[w] + 1]++] = head;
    }
    head = w;
  }
}

bool IsDense(uint64_t sum_of_counts, uint64_t baskets, uint64_t items) {
  return sum_of_counts * kDenseShare >= baskets * items && baskets / 8 * items <= kMaxBitmapBytes;
}

// The search below one prefix; one per thread. `Count` holds the count of any item.
template <typename Count>
class Grower {
 public:
  // `codes`: of the whole database.
  Grower(uint32_t codes, Emitter& emitter)
      : emitter_(emitter), counts_(codes), codes_(codes, kDropped) {}

  // The itemsets that add codes of `base` to the prefix, the highest of them from..to-1.
  void Grow(const Conditional& base, uint32_t from, uint32_t to, size_t depth) {
    for (uint32_t c = to; c-- > from;) {
      if (emitter_.stopped()) return;
      emitter_.Push(base.rank[c]);
      emitter_.Give(base.count[c]);
      if (!base.heads.empty() && base.begin[c] < base.begin[c + 1] && emitter_.room() > 0) {
        GrowBelow(base, c, depth);
      }
      emitter_.Pop();
    }
  }

 private:
  static constexpr uint32_t kAhead = 12;  // baskets whose first words are fetched ahead of use

  // The database of the baskets of `base` with code c, in the representation that suits it.
  void GrowBelow(const Conditional& base, uint32_t c, size_t depth) {
    if (levels_.size() <= depth) levels_.push_back(std::make_unique<Conditional>());
    Conditional& next = *levels_[depth];
    emitter_.Tick();
    const uint64_t sum = CountBelow(base, c, next);
    if (next.rank.empty()) return;
    const uint32_t baskets = base.begin[c + 1] - base.begin[c];
    const uint32_t codes = next.codes();
    if (codes == 1 || emitter_.room() == 1) {
      next.heads.clear();
      Grow(next, 0, codes, depth + 1);
      return;
    }
    const bool as_masks = codes <= MaskKernel::kMaxItems && (1u << codes) <= 4 * baskets + 64;
    if (as_masks) {
      FillMasks(base, c, next.rank);
    } else {
      Project(base, c, next);
    }
    if (as_masks) {
      masks_.Mine(emitter_);
    } else if (IsDense(sum, base.count[c], codes)) {
      const Bitmaps bitmaps = MakeBitmaps(next.words, codes);
      bitmap_kernel_.Mine(bitmaps, next.rank, next.count, 0, codes, emitter_);
    } else {
      next.IndexHeads(0, codes);
      Grow(next, 0, codes, depth + 1);
    }
  }

  // Calls visit(head word, first code, position of c) for each basket with c and codes before it.
  template <typename Visit>
  static void ForEachRun(const Conditional& base, uint32_t c, Visit visit) {
    const uint32_t* words = base.words.data();
    const uint32_t* head = base.heads.data() + base.begin[c];
    const uint32_t* const end = base.heads.data() + base.begin[c + 1];
    for (; head < end; ++head) {
      if (head + kAhead < end) __builtin_prefetch(words + head[kAhead]);
      visit(words + *head);
    }
  }

  // Fills next.rank and next.count with the codes below c that stay frequent, and next_codes_ with
  // their codes in `base`. Returns the sum of their counts.
  uint64_t CountBelow(const Conditional& base, uint32_t c, Conditional& next) {
    const auto min_count = static_cast<Count>(emitter_.min_count());
    frequent_.clear();
    size_t visited = 0;
    ForEachRun(base, c, [&](const uint32_t* run) {
      const uint32_t* const first = run + 1;
      const Count weight = *run & ~kHead;
      while (*++run != c) {
        // Crossing the threshold is rare, so this branch costs nothing, and no loop over all codes
        // has to look for the frequent ones.
        const Count before = counts_[*run];
        counts_[*run] = before + weight;
        if (before < min_count && before + weight >= min_count) frequent_.push_back(*run);
      }
      visited += static_cast<size_t>(run - first);
    });
    std::sort(frequent_.begin(), frequent_.end());
    next.rank.clear();
    next.count.clear();
    uint64_t sum = 0;
    uint32_t everywhere = 0;
    for (uint32_t other : frequent_) {
      next.rank.push_back(base.rank[other]);
      next.count.push_back(counts_[other]);
      sum += counts_[other];
      everywhere += counts_[other] == base.count[c];
    }
    emitter_.ExpectChoicesOf(everywhere);
    ClearCounts(base, c, visited);
    return sum;
  }

  void ClearCounts(const Conditional& base, uint32_t c, size_t visited) {
    if (visited * 4 > c) {
      std::fill_n(counts_.begin(), c, Count{0});
      return;
    }
    ForEachRun(base, c, [&](const uint32_t* run) {
      while (*++run != c) counts_[*run] = 0;
    });
  }

  void Project(const Conditional& base, uint32_t c, Conditional& next) {
    for (uint32_t k = 0; k < frequent_.size(); ++k) codes_[frequent_[k]] = k;
    std::vector<uint32_t>& out = next.own_words;
    out.clear();
    ForEachRun(base, c, [&](const uint32_t* run) {
      const size_t head = out.size();
      out.push_back(*run);
      while (*++run != c) {
        if (codes_[*run] != kDropped) out.push_back(codes_[*run]);
      }
      if (out.size() < head + 3) out.resize(head);  // alone, an item has no more to say
    });
    for (uint32_t code : frequent_) codes_[code] = kDropped;
    next.words = out;
  }

  void FillMasks(const Conditional& base, uint32_t c, std::span<const uint32_t> ranks) {
    masks_.Start(ranks);
    for (uint32_t k = 0; k < frequent_.size(); ++k) codes_[frequent_[k]] = k;
    ForEachRun(base, c, [&](const uint32_t* run) {
      const uint32_t weight = *run & ~kHead;
      uint32_t mask = 0;
      // A dropped code shifts by 31 and is cut off.
      while (*++run != c) mask |= 1u << (codes_[*run] & 31);
      masks_.Add(mask & ~(1u << 31), weight);
    });
    for (uint32_t code : frequent_) codes_[code] = kDropped;
  }

  Emitter& emitter_;
  std::vector<std::unique_ptr<Conditional>> levels_;
  std::vector<Count> counts_;    // of the codes of the database above; zero between uses
  std::vector<uint32_t> codes_;  // their codes in the next one; kDropped between uses
  std::vector<uint32_t> frequent_;
  MaskKernel masks_;
  BitmapKernel bitmap_kernel_;
};

// A search over the whole database: the itemsets whose highest rank is from..to-1.
using Search = std::function<void(uint32_t from, uint32_t to)>;

// Takes tasks: task t is the `step` ranks below to - t * step, down to `from`.
void MineTasks(uint32_t from, uint32_t to, uint32_t step, const Search& search, Emitter& emitter,
               TaskSource& source) {
  while (auto task = source.Next()) {
    emitter.SetSink(*task->sink);
    const uint32_t last = to - task->number * step;
    search(std::max(from + step, last) - step, last);
    source.Done(*task);
  }
}

// Mines the itemsets whose highest rank is from..to-1 in `words`, the baskets that hold such ranks.
class RangeMiner {
 public:
  RangeMiner(const RankedBaskets& baskets, const ItemsetOptions& options, Budget& budget,
             ItemsetSink& sink)
      : baskets_(baskets), options_(options), budget_(budget), sink_(sink) {
    root_.count = baskets.count;
    root_.rank.resize(baskets.ranks());
    std::iota(root_.rank.begin(), root_.rank.end(), 0u);
  }

  void Mine(std::span<const uint32_t> words, uint32_t from, uint32_t to) {
    root_.words = words;
    const bool all = options_.kind == ItemsetKind::kAll;
    uint64_t runs = 0;
    for (uint32_t word : words) runs += word >> 31;
    const bool dense = IsDense(words.size() - runs, runs, root_.codes());
    Bitmaps bitmaps;
    if (dense) {
      bitmaps = MakeBitmaps(words, root_.codes());
    } else if (all && options_.max_length != 1) {
      root_.IndexHeads(from, to);
    }
    const uint32_t step = root_.codes() > 2048 ? 16 : 1;
    const uint32_t tasks = (to - from + step - 1) / step;
    RunOrdered(tasks, options_.threads, sink_, [&](TaskSource& source) {
      Emitter emitter(options_.min_count, options_.max_length, budget_, sink_);
      for (uint32_t k = 0; k < baskets_.required; ++k) emitter.Push(baskets_.ranks() + k);
      auto run = [&](const Search& search) { MineTasks(from, to, step, search, emitter, source); };
      if (dense) {
        BitmapKernel kernel(options_.kind);
        run([&](uint32_t first, uint32_t last) {
          kernel.Mine(bitmaps, root_.rank, root_.count, first, last, emitter);
        });
      } else if (!all) {
        ClosedGrower grower(words, root_.count, options_.kind, emitter);
        run([&](uint32_t first, uint32_t last) { grower.Grow(first, last); });
      } else if (root_.codes() == 0 || root_.count[0] <= UINT32_MAX) {
        Grower<uint32_t> grower(root_.codes(), emitter);
        run([&](uint32_t first, uint32_t last) { grower.Grow(root_, first, last, 0); });
      } else {
        Grower<uint64_t> grower(root_.codes(), emitter);
        run([&](uint32_t first, uint32_t last) { grower.Grow(root_, first, last, 0); });
      }
    });
  }

 private:
  const RankedBaskets& baskets_;
  const ItemsetOptions& options_;
  Budget& budget_;
  ItemsetSink& sink_;
  Conditional root_;
};

}  // namespace

Status MineRanked(const RankedBaskets& baskets, const ItemsetOptions& options, ItemsetSink& sink) {
  if (options.algorithm == MiningAlgorithm::kApriori) return MineApriori(baskets, options, sink);
  Budget budget(options.max_itemsets, options.max_seconds);
  {
    Emitter emitter(options.min_count, options.max_length, budget, sink);
    for (uint32_t k = 0; k < baskets.required; ++k) emitter.Push(baskets.ranks() + k);
    if (RequiredAlone(baskets, options.kind)) emitter.GiveIfShort(baskets.required_count);
    if (options.max_length > 0 && baskets.required >= options.max_length) return budget.status();
  }
  RangeMiner miner(baskets, options, budget, sink);
  if (baskets.partitions == nullptr) {
    miner.Mine(baskets.words.span(), 0, baskets.ranks());
    return budget.status();
  }
  for (size_t k = baskets.partitions->size(); k-- > 0 && budget.status().ok();) {
    VITRINE_ASSIGN(const WordArray words, baskets.partitions->Load(k));
    miner.Mine(words.span(), baskets.partitions->part(k).from, baskets.partitions->part(k).to);
  }
  return budget.status();
}

}  // namespace vitrine
