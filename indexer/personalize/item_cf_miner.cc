// Item-based collaborative filtering (Sarwar et al., WWW 2001): the cosine between two products'
// vectors of shoppers. One product at a time against dense scratch, as in list_miner.cc.
#include <algorithm>
#include <cmath>

#include "indexer/personalize/lists.h"
#include "indexer/personalize/taste_builder.h"
#include "indexer/personalize/weights.h"

namespace vitrine {
namespace {

constexpr size_t kMaxItemsPerUser = 500;  // the newest; longer histories are robots or resellers

struct UserItem {
  uint32_t user;
  ItemIndex item;
  float weight;
};

// One weight per (user, item): the strongest interaction. Ordered by (user, item).
std::vector<UserItem> Aggregate(std::span<const Interaction> interactions,
                                const TasteOptions& options) {
  const InteractionWeights weigh(interactions, options, kTogetherHalfLives);
  std::vector<UserItem> rows;
  rows.reserve(interactions.size());
  for (const Interaction& event : interactions) {
    rows.push_back({event.user, event.item, weigh(event)});
  }
  std::sort(rows.begin(), rows.end(), [](const UserItem& a, const UserItem& b) {
    if (a.user != b.user) return a.user < b.user;
    return a.item != b.item ? a.item < b.item : a.weight > b.weight;
  });
  rows.erase(std::unique(rows.begin(), rows.end(),
                         [](const UserItem& a, const UserItem& b) {
                           return a.user == b.user && a.item == b.item;
                         }),
             rows.end());
  return rows;
}

}  // namespace

ItemListsData MineItemCf(std::span<const Interaction> interactions, uint32_t item_count,
                         const TasteOptions& options) {
  const std::vector<UserItem> rows = Aggregate(interactions, options);
  std::vector<double> square(item_count);
  std::vector<uint64_t> begin(item_count + 1);
  for (const UserItem& row : rows) {
    square[row.item] += static_cast<double>(row.weight) * row.weight;
    ++begin[row.item + 1];
  }
  for (uint32_t i = 0; i < item_count; ++i) begin[i + 1] += begin[i];
  std::vector<uint64_t> at(rows.size()), next(begin.begin(), begin.end() - 1);
  for (uint64_t r = 0; r < rows.size(); ++r) at[next[rows[r].item]++] = r;

  std::vector<EntryList> lists(item_count);
  OnThreads(options.threads, [&](uint32_t first, uint32_t stride) {
    std::vector<float> dot(item_count);
    std::vector<uint32_t> users(item_count);
    std::vector<ItemIndex> touched;
    const auto add_user = [&](uint64_t center) {
      const auto add = [&](uint64_t r) {
        const ItemIndex other = rows[r].item;
        if (users[other]++ == 0) touched.push_back(other);
        dot[other] += rows[center].weight * rows[r].weight;
      };
      const uint32_t user = rows[center].user;
      for (uint64_t r = center; r-- > 0 && rows[r].user == user && center - r < kMaxItemsPerUser;) {
        add(r);
      }
      for (uint64_t r = center + 1;
           r < rows.size() && rows[r].user == user && r - center < kMaxItemsPerUser; ++r) {
        add(r);
      }
    };
    for (ItemIndex i = first; i < item_count; i += stride) {
      for (uint64_t o = begin[i]; o < begin[i + 1]; ++o) add_user(at[o]);
      EntryList& list = lists[i];
      for (ItemIndex other : touched) {
        if (users[other] >= options.min_users) {
          const double cosine = dot[other] / std::sqrt(square[i] * square[other]);
          if (cosine > 0) {
            list.push_back({other, static_cast<float>(std::min(1.0, cosine)), users[other]});
          }
        }
        dot[other] = 0;
        users[other] = 0;
      }
      touched.clear();
      KeepHeaviest(list, options.list_size);
    }
  });
  return JoinLists(lists);
}

}  // namespace vitrine
