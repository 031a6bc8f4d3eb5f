#include "indexer/personalize/sequences.h"

#include <algorithm>

namespace vitrine {

Sequences SequencesOf(std::span<const Interaction> interactions) {
  std::vector<uint64_t> begin;
  for (uint64_t i = 0; i < interactions.size(); ++i) {
    if (i == 0 || interactions[i].session != interactions[i - 1].session) begin.push_back(i);
  }
  std::stable_sort(begin.begin(), begin.end(), [&](uint64_t a, uint64_t b) {
    return interactions[a].time_seconds < interactions[b].time_seconds;
  });
  Sequences sequences;
  for (uint64_t first : begin) {
    const Interaction& head = interactions[first];
    for (uint64_t i = first; i < interactions.size() && interactions[i].session == head.session;
         ++i) {
      // Viewed, then put into the cart: one visit of the product, not two.
      if (i > first && interactions[i].item == interactions[i - 1].item &&
          interactions[i].kind != interactions[i - 1].kind) {
        continue;
      }
      sequences.items.push_back(interactions[i].item);
    }
    sequences.offset.push_back(sequences.items.size());
    sequences.user.push_back(head.user);
    sequences.time_seconds.push_back(head.time_seconds);
  }
  return sequences;
}

LogSplit SplitByTime(std::span<const Interaction> interactions, double later_share) {
  std::vector<std::pair<int64_t, uint32_t>> begins;  // (time, session), one a session
  for (size_t i = 0; i < interactions.size(); ++i) {
    if (i == 0 || interactions[i].session != interactions[i - 1].session) {
      begins.emplace_back(interactions[i].time_seconds, interactions[i].session);
    }
  }
  const auto later = static_cast<size_t>(later_share * static_cast<double>(begins.size()));
  LogSplit split;
  if (later == 0) {
    split.earlier.assign(interactions.begin(), interactions.end());
    return split;
  }
  const auto first_later = begins.end() - static_cast<std::ptrdiff_t>(later);
  std::nth_element(begins.begin(), first_later, begins.end());
  const std::pair<int64_t, uint32_t> boundary = *first_later;
  bool is_later = false;
  for (size_t i = 0; i < interactions.size(); ++i) {
    const Interaction& event = interactions[i];
    if (i == 0 || event.session != interactions[i - 1].session) {
      is_later = std::pair(event.time_seconds, event.session) >= boundary;
    }
    (is_later ? split.later : split.earlier).push_back(event);
  }
  return split;
}

std::vector<uint32_t> UsersPerItem(const Sequences& sequences, uint32_t item_count) {
  std::vector<std::pair<ItemIndex, uint32_t>> touched;
  for (size_t s = 0; s < sequences.size(); ++s) {
    for (ItemIndex item : sequences[s]) touched.emplace_back(item, sequences.user[s]);
  }
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  std::vector<uint32_t> users(item_count);
  for (const auto& [item, user] : touched) ++users[item];
  return users;
}

}  // namespace vitrine
