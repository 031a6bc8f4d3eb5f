// What the miners of item lists share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <thread>
#include <vector>

#include "shared/taste/item_lists.h"

namespace vitrine {

using EntryList = std::vector<ItemListsData::Entry>;

// Keeps the `size` heaviest entries (ties: lower index), ordered by item.
inline void KeepHeaviest(EntryList& list, uint32_t size) {
  const auto heavier = [](const auto& a, const auto& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.item < b.item;
  };
  if (list.size() > size) {
    std::nth_element(list.begin(), list.begin() + size, list.end(), heavier);
    list.resize(size);
  }
  std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.item < b.item; });
}

inline ItemListsData JoinLists(const std::vector<EntryList>& lists) {
  ItemListsData data;
  for (const EntryList& list : lists) {
    data.entries.insert(data.entries.end(), list.begin(), list.end());
    data.begin.push_back(data.entries.size());
  }
  return data;
}

// Shortens every list to as many of its heaviest entries as let all of them fit into `bytes`.
inline void ShortenLists(ItemListsData& data, size_t bytes) {
  uint64_t longest = 0;
  for (size_t i = 1; i < data.begin.size(); ++i) {
    longest = std::max(longest, data.begin[i] - data.begin[i - 1]);
  }
  while (longest > 0 && EncodeItemLists(data).size() > bytes) {
    --longest;
    std::vector<EntryList> lists;
    for (size_t i = 1; i < data.begin.size(); ++i) {
      lists.emplace_back(data.entries.begin() + static_cast<std::ptrdiff_t>(data.begin[i - 1]),
                         data.entries.begin() + static_cast<std::ptrdiff_t>(data.begin[i]));
      KeepHeaviest(lists.back(), static_cast<uint32_t>(longest));
    }
    data = JoinLists(lists);
  }
}

// Runs work(first, stride) on `threads` threads: thread t takes t, t + threads, t + 2 threads, ….
template <typename Work>
void OnThreads(int threads, Work&& work) {
  const uint32_t count = static_cast<uint32_t>(std::max(1, threads));
  std::vector<std::thread> others;
  for (uint32_t t = 1; t < count; ++t) others.emplace_back([&work, t, count] { work(t, count); });
  work(0u, count);
  for (std::thread& thread : others) thread.join();
}

}  // namespace vitrine
