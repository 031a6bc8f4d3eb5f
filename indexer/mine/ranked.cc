#include "indexer/mine/ranked.h"

#include <algorithm>
#include <numeric>
#include <string>

namespace vitrine {
namespace {

constexpr uint32_t kInfrequent = 0xFFFFFFFFu;

Result<std::vector<uint64_t>> CountItems(const BasketView& baskets) {
  std::vector<uint64_t> counts(baskets.item_count);
  std::vector<uint64_t> seen_in(baskets.item_count, UINT64_MAX);
  for (size_t b = 0; b < baskets.size(); ++b) {
    const uint32_t weight = baskets.weight.empty() ? 1 : baskets.weight[b];
    if (weight >= RankedBaskets::kHead) {
      return Error{"basket " + std::to_string(b + 1) + ": its weight " + std::to_string(weight) +
                   " is not below 2^31"};
    }
    for (uint64_t k = baskets.offset[b]; k < baskets.offset[b + 1]; ++k) {
      const uint32_t item = baskets.items[k];
      if (item >= baskets.item_count) {
        return Error{"basket " + std::to_string(b + 1) + ": item " + std::to_string(item) +
                     " is out of range"};
      }
      if (seen_in[item] == b) continue;
      seen_in[item] = b;
      counts[item] += weight;
    }
  }
  return counts;
}

}  // namespace

bool RequiredAlone(const RankedBaskets& baskets, ItemsetKind kind) {
  if (baskets.required == 0) return false;
  const bool extends = !baskets.count.empty();
  if (kind == ItemsetKind::kMaximal) return !extends;
  return kind == ItemsetKind::kAll || !extends || baskets.count[0] < baskets.required_count;
}

void SortRanks(uint32_t* begin, uint32_t* end) {
  if (end - begin > 32) {
    std::sort(begin, end);
    return;
  }
  for (uint32_t* at = begin + 1; at < end; ++at) {
    const uint32_t value = *at;
    uint32_t* to = at;
    for (; to > begin && to[-1] > value; --to) *to = to[-1];
    *to = value;
  }
}

Result<RankedBaskets> RankBaskets(const BasketView& baskets, uint64_t min_count) {
  VITRINE_ASSIGN(const std::vector<uint64_t> counts, CountItems(baskets));
  RankedBaskets ranked;
  for (uint32_t i = 0; i < baskets.item_count; ++i) {
    if (counts[i] >= min_count && counts[i] > 0) ranked.item.push_back(i);
  }
  std::sort(ranked.item.begin(), ranked.item.end(), [&](uint32_t a, uint32_t b) {
    return counts[a] != counts[b] ? counts[a] > counts[b] : a < b;
  });
  std::vector<uint32_t> rank(baskets.item_count, kInfrequent);
  for (uint32_t r = 0; r < ranked.item.size(); ++r) {
    rank[ranked.item[r]] = r;
    ranked.count.push_back(counts[ranked.item[r]]);
  }
  for (size_t b = 0; b < baskets.size(); ++b) {
    const uint32_t weight = baskets.weight.empty() ? 1 : baskets.weight[b];
    const size_t head = ranked.words.size();
    ranked.words.push_back(RankedBaskets::kHead | weight);
    for (uint64_t k = baskets.offset[b]; k < baskets.offset[b + 1]; ++k) {
      const uint32_t r = rank[baskets.items[k]];
      if (r != kInfrequent) ranked.words.push_back(r);
    }
    uint32_t* const begin = ranked.words.data() + head + 1;
    uint32_t* const end = ranked.words.data() + ranked.words.size();
    SortRanks(begin, end);
    ranked.words.Truncate(head + 1 + static_cast<size_t>(std::unique(begin, end) - begin));
    if (ranked.words.size() < head + 3 || weight == 0) ranked.words.Truncate(head);
    if (ranked.words.size() > UINT32_MAX) {
      return Error{"more than 2^32 basket lines with frequent items; raise the minimum support"};
    }
  }
  ranked.words.Seal(RankedBaskets::kHead);
  return ranked;
}

namespace {

enum class Role : uint8_t { kFree, kRequired, kForbidden };

// Calls visit(weight, ranks) for each run.
template <typename Visit>
void ForEachRun(const RankedBaskets& baskets, Visit visit) {
  const std::span<const uint32_t> words = baskets.words.span();
  for (size_t at = 0; at < words.size();) {
    const uint32_t weight = words[at++] & ~RankedBaskets::kHead;
    const size_t begin = at;
    while (at < words.size() && !(words[at] & RankedBaskets::kHead)) ++at;
    visit(weight, words.subspan(begin, at - begin));
  }
}

// Writes `run` recoded by `new_rank` to the end of `words`.
void AppendRun(uint32_t weight, std::span<const uint32_t> run,
               const std::vector<uint32_t>& new_rank, WordArray& words) {
  const size_t head = words.size();
  words.push_back(RankedBaskets::kHead | weight);
  for (uint32_t r : run) {
    if (new_rank[r] != kInfrequent) words.push_back(new_rank[r]);
  }
  SortRanks(words.data() + head + 1, words.data() + words.size());
  if (words.size() < head + 3) words.Truncate(head);
}

}  // namespace

Result<RankedBaskets> Restrict(const RankedBaskets& baskets, std::span<const uint32_t> required,
                               std::span<const uint32_t> forbidden, uint64_t min_count) {
  if (baskets.partitions != nullptr) {
    return UsageError("required and forbidden items need the baskets in memory; raise --memory");
  }
  auto listed = [](std::span<const uint32_t> list, uint32_t item) {
    return std::find(list.begin(), list.end(), item) != list.end();
  };
  std::vector<Role> role(baskets.ranks(), Role::kFree);
  RankedBaskets restricted;
  std::vector<uint32_t> required_items;
  std::vector<uint64_t> counts = baskets.count;
  for (uint32_t r = 0; r < baskets.ranks(); ++r) {
    if (listed(forbidden, baskets.item[r])) role[r] = Role::kForbidden;
    if (!listed(required, baskets.item[r])) continue;
    if (role[r] == Role::kForbidden) return UsageError("an item is both required and forbidden");
    role[r] = Role::kRequired;
    required_items.push_back(baskets.item[r]);
    restricted.required_count = baskets.count[r];
  }
  if (required_items.size() < required.size()) return RankedBaskets{};  // one is infrequent
  auto holds_required = [&](std::span<const uint32_t> run) {
    size_t found = 0;
    for (uint32_t r : run) found += role[r] == Role::kRequired;
    return found == required_items.size();
  };
  if (!required_items.empty()) {
    uint64_t with_all = 0;
    std::fill(counts.begin(), counts.end(), 0);
    ForEachRun(baskets, [&](uint32_t weight, std::span<const uint32_t> run) {
      if (!holds_required(run)) return;
      with_all += weight;
      for (uint32_t r : run) counts[r] += weight;
    });
    // The runs leave out baskets of one item, which count for that item alone.
    if (required_items.size() > 1) restricted.required_count = with_all;
    if (restricted.required_count < min_count) return RankedBaskets{};
  }
  std::vector<uint32_t> kept;
  for (uint32_t r = 0; r < baskets.ranks(); ++r) {
    if (role[r] == Role::kFree && counts[r] >= min_count) kept.push_back(r);
  }
  std::sort(kept.begin(), kept.end(), [&](uint32_t a, uint32_t b) {
    return counts[a] != counts[b] ? counts[a] > counts[b] : baskets.item[a] < baskets.item[b];
  });
  std::vector<uint32_t> new_rank(baskets.ranks(), kInfrequent);
  for (uint32_t r : kept) {
    new_rank[r] = static_cast<uint32_t>(restricted.item.size());
    restricted.item.push_back(baskets.item[r]);
    restricted.count.push_back(counts[r]);
  }
  ForEachRun(baskets, [&](uint32_t weight, std::span<const uint32_t> run) {
    if (holds_required(run)) AppendRun(weight, run, new_rank, restricted.words);
  });
  restricted.words.Seal(RankedBaskets::kHead);
  restricted.required = static_cast<uint32_t>(required_items.size());
  restricted.item.insert(restricted.item.end(), required_items.begin(), required_items.end());
  return restricted;
}

}  // namespace vitrine
