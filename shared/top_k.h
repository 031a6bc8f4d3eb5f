// The k best of a stream of scored items, deterministic: higher score first, then lower index.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "shared/item.h"

namespace vitrine {

struct ScoredItem {
  ItemIndex item = kNoItem;
  float score = 0;
  friend bool operator==(const ScoredItem&, const ScoredItem&) = default;
};

// The order of every ranked list in Vitrine.
inline bool RanksBefore(const ScoredItem& a, const ScoredItem& b) {
  return a.score != b.score ? a.score > b.score : a.item < b.item;
}

// Keeps the k best in a heap: O(log k) per accepted item, O(1) per rejected one.
class TopK {
 public:
  explicit TopK(size_t k) : k_(k) { heap_.reserve(k); }

  void Add(ItemIndex item, float score) {
    const ScoredItem candidate{item, score};
    if (heap_.size() < k_) {
      heap_.push_back(candidate);
      std::push_heap(heap_.begin(), heap_.end(), RanksBefore);
    } else if (k_ > 0 && RanksBefore(candidate, heap_.front())) {
      std::pop_heap(heap_.begin(), heap_.end(), RanksBefore);
      heap_.back() = candidate;
      std::push_heap(heap_.begin(), heap_.end(), RanksBefore);
    }
  }

  // What a score must reach to be among the k best so far: anything before there are k.
  // REQUIRES: k > 0.
  float Bar() const {
    return heap_.size() < k_ ? -std::numeric_limits<float>::infinity() : heap_.front().score;
  }

  // Best first. Empties the heap.
  std::vector<ScoredItem> Take() {
    std::sort_heap(heap_.begin(), heap_.end(), RanksBefore);
    return std::move(heap_);
  }

 private:
  size_t k_;
  std::vector<ScoredItem> heap_;
};

}  // namespace vitrine
