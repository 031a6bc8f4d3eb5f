// The log as sequences of products: one a session, oldest first.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "indexer/shop.h"

namespace vitrine {

// Sequence s is items[offset[s]] .. items[offset[s+1]-1].
struct Sequences {
  std::vector<ItemIndex> items;
  std::vector<uint64_t> offset = {0};
  std::vector<uint32_t> user;         // whose; parallel to the sequences
  std::vector<int64_t> time_seconds;  // when it began; parallel to the sequences

  size_t size() const { return offset.size() - 1; }
  std::span<const ItemIndex> operator[](size_t s) const {
    return {items.data() + offset[s], static_cast<size_t>(offset[s + 1] - offset[s])};
  }
};

// Sessions ordered by (time of their first event, position in the log).
// REQUIRES: interactions ordered by session, then time.
Sequences SequencesOf(std::span<const Interaction> interactions);

// The log in two: the sessions that began last (that share of all sessions), and those before.
struct LogSplit {
  std::vector<Interaction> earlier, later;  // both ordered as the log
};
LogSplit SplitByTime(std::span<const Interaction> interactions, double later_share);

// How many distinct users touched each product.
std::vector<uint32_t> UsersPerItem(const Sequences& sequences, uint32_t item_count);

}  // namespace vitrine
