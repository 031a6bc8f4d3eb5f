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

// Calls visit(ranks, weight) for each run.
template <typename Visit>
void ForEachRun(const RankedBaskets& baskets, Visit visit) {
  const std::span<const uint32_t> words = baskets.words.span();
  for (size_t at = 0; at < words.size();) {
    const uint32_t weight = words[at++] & ~RankedBaskets::kHead;
    const size_t begin = at;
    while (at < words.size() && !(words[at] & RankedBaskets::kHead)) ++at;
    visit(words.subspan(begin, at - begin), weight);
  }
}

bool IsListed(std::span<const uint32_t> list, uint32_t item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

Result<Restriction> Restriction::Create(const RankedBaskets& baskets,
                                        std::span<const uint32_t> required,
                                        std::span<const uint32_t> forbidden) {
  Restriction restriction(baskets);
  restriction.wanted_ = required.size();
  restriction.role_.resize(baskets.ranks(), Role::kFree);
  restriction.counts_.resize(baskets.ranks());
  for (uint32_t r = 0; r < baskets.ranks(); ++r) {
    const uint32_t item = baskets.item[r];
    const bool is_forbidden = IsListed(forbidden, item);
    if (is_forbidden) restriction.role_[r] = Role::kForbidden;
    if (!IsListed(required, item)) continue;
    if (is_forbidden) return UsageError("an item is both required and forbidden");
    restriction.role_[r] = Role::kRequired;
    restriction.required_.push_back(item);
    restriction.with_all_ = baskets.count[r];
  }
  // The runs leave out baskets of one item, which count for that item alone.
  if (restriction.required_.size() != 1) restriction.with_all_ = 0;
  if (required.empty()) restriction.counts_ = baskets.count;
  return restriction;
}

bool Restriction::HoldsRequired(std::span<const uint32_t> run) const {
  size_t found = 0;
  for (uint32_t r : run) found += role_[r] == Role::kRequired;
  return found == required_.size();
}

void Restriction::Count(std::span<const uint32_t> run, uint32_t weight) {
  if (required_.empty() || !HoldsRequired(run)) return;
  if (required_.size() > 1) with_all_ += weight;
  for (uint32_t r : run) counts_[r] += weight;
}

RankedBaskets Restriction::Rank(uint64_t min_count) {
  RankedBaskets ranked;
  new_rank_.assign(baskets_.ranks(), kInfrequent);
  if (required_.size() < wanted_) return ranked;
  if (!required_.empty() && with_all_ < min_count) return ranked;
  std::vector<uint32_t> kept;
  for (uint32_t r = 0; r < baskets_.ranks(); ++r) {
    if (role_[r] == Role::kFree && counts_[r] >= min_count) kept.push_back(r);
  }
  std::sort(kept.begin(), kept.end(), [&](uint32_t a, uint32_t b) {
    return counts_[a] != counts_[b] ? counts_[a] > counts_[b] : baskets_.item[a] < baskets_.item[b];
  });
  for (uint32_t r : kept) {
    new_rank_[r] = static_cast<uint32_t>(ranked.item.size());
    ranked.item.push_back(baskets_.item[r]);
    ranked.count.push_back(counts_[r]);
  }
  ranked.required = static_cast<uint32_t>(required_.size());
  ranked.required_count = with_all_;
  ranked.item.insert(ranked.item.end(), required_.begin(), required_.end());
  return ranked;
}

void Restriction::Recode(std::span<const uint32_t> run, std::vector<uint32_t>& recoded) const {
  recoded.clear();
  if (!HoldsRequired(run)) return;
  for (uint32_t r : run) {
    if (new_rank_[r] != kInfrequent) recoded.push_back(new_rank_[r]);
  }
  if (recoded.size() < 2) recoded.clear();
  SortRanks(recoded.data(), recoded.data() + recoded.size());
}

Result<RankedBaskets> Restrict(const RankedBaskets& baskets, std::span<const uint32_t> required,
                               std::span<const uint32_t> forbidden, uint64_t min_count) {
  VITRINE_ASSIGN(Restriction restriction, Restriction::Create(baskets, required, forbidden));
  ForEachRun(baskets, [&](auto run, uint32_t weight) { restriction.Count(run, weight); });
  RankedBaskets restricted = restriction.Rank(min_count);
  std::vector<uint32_t> recoded;
  ForEachRun(baskets, [&](auto run, uint32_t weight) {
    restriction.Recode(run, recoded);
    if (recoded.empty()) return;
    restricted.words.push_back(RankedBaskets::kHead | weight);
    for (uint32_t r : recoded) restricted.words.push_back(r);
  });
  restricted.words.Seal(RankedBaskets::kHead);
  return restricted;
}

}  // namespace vitrine
