// The current prefix of a depth-first search, what it has found, and when it has to stop.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "indexer/mine/itemsets.h"

namespace vitrine {

// The limits of one run, shared by its threads.
class Budget {
 public:
  enum class Verdict : int { kWithin, kTooMany, kTooLong };

  // 0 = no limit.
  Budget(uint64_t max_itemsets, double max_seconds)
      : max_itemsets_(max_itemsets == 0 ? UINT64_MAX : max_itemsets),
        max_seconds_(max_seconds),
        start_(std::chrono::steady_clock::now()) {}

  // Counts `itemsets` more. False when the run has to stop.
  bool Spend(uint64_t itemsets) {
    const uint64_t spent = spent_.fetch_add(itemsets) + itemsets;
    if (spent > max_itemsets_) Stop(Verdict::kTooMany);
    if (max_seconds_ > 0) {
      const std::chrono::duration<double> used = std::chrono::steady_clock::now() - start_;
      if (used.count() > max_seconds_) Stop(Verdict::kTooLong);
    }
    return verdict_.load() == Verdict::kWithin;
  }
  void Stop(Verdict verdict) {
    Verdict within = Verdict::kWithin;
    verdict_.compare_exchange_strong(within, verdict);
  }
  Verdict verdict() const { return verdict_.load(); }
  // Ok, or an error that names the limit.
  Status status() const;
  uint64_t max_itemsets() const { return max_itemsets_; }

 private:
  const uint64_t max_itemsets_;
  const double max_seconds_;
  const std::chrono::steady_clock::time_point start_;
  std::atomic<uint64_t> spent_ = 0;
  std::atomic<Verdict> verdict_ = Verdict::kWithin;
};

// One per thread.
class Emitter {
 public:
  Emitter(uint64_t min_count, uint32_t max_length, Budget& budget, ItemsetSink& sink)
      : min_count_(min_count),
        max_length_(max_length == 0 ? UINT32_MAX : max_length),
        budget_(budget),
        sink_(&sink) {}
  ~Emitter() { budget_.Spend(pending_); }
  Emitter(const Emitter&) = delete;
  Emitter& operator=(const Emitter&) = delete;

  uint64_t min_count() const { return min_count_; }
  bool stopped() const { return stopped_; }
  void SetSink(ItemsetSink& sink) { sink_ = &sink; }

  void Push(uint32_t rank) { prefix_.push_back(rank); }
  void Pop() { prefix_.pop_back(); }
  std::span<const uint32_t> prefix() const { return prefix_; }
  // How many items may still be added to the prefix. REQUIRES: it is not too long already.
  uint32_t room() const { return max_length_ - static_cast<uint32_t>(prefix_.size()); }
  bool HasRoom() const { return prefix_.size() < max_length_; }

  // The prefix is an itemset.
  void Give(uint64_t count) {
    sink_->Itemset(prefix_, count);
    if (++pending_ == kStride) Settle();
  }
  void GiveIfShort(uint64_t count) {
    if (prefix_.size() <= max_length_) Give(count);
  }
  // Called where no itemset may come for long.
  void Tick() {
    if (++ticks_ % kTickStride == 0) Settle();
  }
  // `free_items` items stand in every basket of the prefix: each choice of them is an itemset.
  // Stops at once when these alone are more than the limit, instead of after writing it full.
  void ExpectChoicesOf(uint32_t free_items) {
    if (free_items < 16) return;
    double choices = 0, binomial = 1;
    for (uint32_t k = 1; k <= std::min(free_items, room()) && choices < 1e19; ++k) {
      binomial *= static_cast<double>(free_items - k + 1) / k;
      choices += binomial;
    }
    if (choices <= static_cast<double>(budget_.max_itemsets())) return;
    budget_.Stop(Budget::Verdict::kTooMany);
    stopped_ = true;
  }

 private:
  static constexpr uint64_t kStride = 4096;
  static constexpr uint32_t kTickStride = 64;

  void Settle() {
    stopped_ = !budget_.Spend(pending_);
    pending_ = 0;
  }

  const uint64_t min_count_;
  const uint32_t max_length_;
  Budget& budget_;
  ItemsetSink* sink_;
  std::vector<uint32_t> prefix_;
  uint64_t pending_ = 0;
  uint32_t ticks_ = 0;
  bool stopped_ = false;
};

}  // namespace vitrine
