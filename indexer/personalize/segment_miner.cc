// What groups of shoppers prefer: for each value of each attribute the products that its shoppers
// turn to more or less than all do.
#include <algorithm>
#include <cmath>

#include "indexer/personalize/lists.h"
#include "indexer/personalize/taste_builder.h"

namespace vitrine {
namespace {

constexpr double kPrior = 4;  // pseudo-shoppers with everybody's taste, in each count
constexpr size_t kMaxSegmentsPerAttribute = 500;  // those with most shoppers

// Distinct products of each user: user u has items[begin[u]] .. items[begin[u+1]-1].
struct UserItems {
  std::vector<uint64_t> begin;
  std::vector<ItemIndex> items;
};

UserItems Distinct(std::span<const Interaction> interactions, size_t users) {
  std::vector<std::pair<uint32_t, ItemIndex>> pairs;
  pairs.reserve(interactions.size());
  for (const Interaction& event : interactions) pairs.emplace_back(event.user, event.item);
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  UserItems of;
  of.begin.assign(users + 1, 0);
  for (const auto& [user, item] : pairs) {
    ++of.begin[user + 1];
    of.items.push_back(item);
  }
  for (size_t u = 0; u < users; ++u) of.begin[u + 1] += of.begin[u];
  return of;
}

}  // namespace

SegmentsData MineSegments(std::span<const Interaction> interactions, uint32_t item_count,
                          const Profiles& profiles, const TasteOptions& options) {
  const UserItems of = Distinct(interactions, profiles.users());
  std::vector<uint32_t> everybody(item_count);
  for (ItemIndex item : of.items) ++everybody[item];
  const double total = static_cast<double>(of.items.size());
  SegmentsData data;
  std::vector<uint32_t> count(item_count);
  for (size_t a = 0; a < profiles.attributes(); ++a) {
    std::vector<std::vector<uint32_t>> users(profiles.Values(a));
    for (uint32_t u = 0; u < profiles.users(); ++u) {
      if (of.begin[u] < of.begin[u + 1]) users[profiles.Of(u, a)].push_back(u);
    }
    std::vector<uint32_t> values;
    for (uint32_t v = 1; v < users.size(); ++v) {
      if (users[v].size() >= options.min_users) values.push_back(v);
    }
    std::stable_sort(values.begin(), values.end(),
                     [&](uint32_t x, uint32_t y) { return users[x].size() > users[y].size(); });
    if (values.size() > kMaxSegmentsPerAttribute) values.resize(kMaxSegmentsPerAttribute);
    std::sort(values.begin(), values.end());
    data.attributes.push_back(profiles.Attribute(a));
    data.weight.push_back(1);
    for (uint32_t v : values) {
      std::fill(count.begin(), count.end(), 0);
      double touched = 0;
      for (uint32_t u : users[v]) {
        for (uint64_t i = of.begin[u]; i < of.begin[u + 1]; ++i) ++count[of.items[i]], ++touched;
      }
      data.segments.push_back(
          {static_cast<uint32_t>(a), profiles.Value(a, v), static_cast<uint32_t>(users[v].size())});
      for (ItemIndex i = 0; i < item_count; ++i) {
        if (count[i] < options.min_users || everybody[i] < options.min_users) continue;
        const double expected = everybody[i] / total * touched;
        const double lift = std::log((count[i] + kPrior) / (expected + kPrior));
        data.entries.push_back({i, static_cast<float>(lift), count[i]});
      }
      data.begin.push_back(data.entries.size());
    }
  }
  return data;
}

}  // namespace vitrine
