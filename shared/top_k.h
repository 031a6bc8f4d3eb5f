// The best of a stream of scored items, deterministic: higher score first, then lower index.
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

// The same set in no order, for a k of some hundreds: O(1) per item, where a heap would pay for
// each that is accepted.
class Shortlist {
 public:
  // REQUIRES: k > 0.
  explicit Shortlist(size_t k) : k_(k) { items_.reserve(2 * k); }

  void Add(ItemIndex item, float score) {
    const ScoredItem candidate{item, score};
    if (!full_ || RanksBefore(candidate, worst_)) Accept(candidate);
  }

  // Empties the list.
  std::vector<ScoredItem> Take() {
    if (items_.size() > k_) Cut();
    return std::move(items_);
  }

 private:
  // Apart, so that what a search does for each item it passes over stays small.
  [[gnu::noinline]] void Accept(const ScoredItem& candidate) {
    items_.push_back(candidate);
    if (items_.size() == 2 * k_) Cut();
  }
  void Cut() {
    const auto last = items_.begin() + static_cast<std::ptrdiff_t>(k_ - 1);
    std::nth_element(items_.begin(), last, items_.end(),
                     [](const ScoredItem& a, const ScoredItem& b) { return RanksBefore(a, b); });
    items_.resize(k_);
    worst_ = items_.back();
    full_ = true;
  }

  size_t k_;
  bool full_ = false;
  ScoredItem worst_;  // of the k best at the last cut
  std::vector<ScoredItem> items_;
};

}  // namespace vitrine
