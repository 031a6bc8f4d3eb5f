#include "shared/complements.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <string>

#include "shared/taste/varint.h"

namespace vitrine {
namespace {

constexpr float kLiftSteps = 16;
constexpr float kPopularitySteps = 16;
constexpr int kTopLevel = 255;
constexpr size_t kMinPairSize = 3;
// Chosen on a held-out training day of the real orders of tests/bench/baskets.bench.mjs. The
// attributes are not independent: less than 1 each keeps them from being counted twice.
constexpr float kLiftWeight = 0.5f;
constexpr float kPopularityWeight = 0.5f;
constexpr float kStrangersLogLift = -1;  // of two values that too few shoppers buy together

uint8_t LevelOf(float popularity) {
  const float level = kTopLevel + std::nearbyint(popularity * kPopularitySteps);
  return static_cast<uint8_t>(std::clamp(level, 1.0f, static_cast<float>(kTopLevel)));
}

float OfLevel(uint8_t level) {
  return static_cast<float>(static_cast<int>(level) - kTopLevel) / kPopularitySteps;
}

std::array<size_t, kPairedAttributes> NamesOf(const CatalogueData& data) {
  return {data.department_names.size(), data.category_names.size(), data.colour_names.size(),
          static_cast<size_t>(kAudiences)};
}

}  // namespace

std::array<uint16_t, kPairedAttributes> PairedValues(const CatalogueData& data, ItemIndex item) {
  return {data.department[item], data.category[item], data.colour[item],
          static_cast<uint16_t>(data.audience[item])};
}

uint32_t ComplementsData::SmallestGroup() const {
  uint32_t fewest = 0;
  const auto see = [&](uint32_t group) {
    if (group > 0 && (fewest == 0 || group < fewest)) fewest = group;
  };
  for (const auto& of_attribute : pairs) {
    for (const Pair& pair : of_attribute) see(pair.shoppers);
  }
  for (uint32_t group : shoppers) see(group);
  return fewest;
}

Bytes EncodeComplements(const ComplementsData& data) {
  ByteWriter out;
  if (data.empty()) return out.Take();
  out.Write(data.SmallestGroup());
  out.Write(LevelOf(data.unknown_popularity));
  for (float popularity : data.popularity) {
    out.Write(popularity == ComplementsData::kTooFew ? uint8_t{0} : LevelOf(popularity));
  }
  for (const auto& pairs : data.pairs) {
    WriteVarint(out, static_cast<uint32_t>(pairs.size()));
    uint32_t value = 0, with = 0;
    for (const ComplementsData::Pair& pair : pairs) {
      assert(pair.value > value || (pair.value == value && pair.with > with));
      WriteVarint(out, pair.value - value);
      WriteVarint(out, pair.with - (pair.value == value ? with : 0));
      const float steps = std::nearbyint(pair.log_lift * kLiftSteps);
      out.Write(static_cast<int8_t>(std::clamp(steps, -64.0f, 63.0f)));
      value = pair.value;
      with = pair.with;
    }
  }
  return out.Take();
}

Result<Complements> Complements::Open(ByteView payload, const CatalogueData& catalogue) {
  Complements complements;
  if (payload.empty()) return complements;
  ByteReader in(payload);
  complements.smallest_group_ = in.Read<uint32_t>();
  complements.unknown_level_ = in.Read<uint8_t>();
  complements.level_ = in.ReadArray<uint8_t>(catalogue.size());
  const auto names = NamesOf(catalogue);
  for (size_t f = 0; f < kPairedAttributes; ++f) {
    const uint32_t count = ReadVarint(in);
    if (!in.ok() || count > in.remaining() / kMinPairSize) {
      return Error{"rules section: its complements are truncated"};
    }
    std::vector<With>& with = complements.with_[f];
    std::vector<uint32_t>& begin = complements.begin_[f];
    begin.assign(names[f] + 1, 0);
    with.reserve(count);
    uint64_t value = 0, other = 0;
    for (uint32_t p = 0; p < count; ++p) {
      const uint32_t step = ReadVarint(in), other_step = ReadVarint(in);
      value += step;
      other = (step == 0 ? other : 0) + other_step;
      const float log_lift = static_cast<float>(in.Read<int8_t>()) / kLiftSteps;
      if (!in.ok() || other_step == 0 || value == 0 || value >= names[f] || other >= names[f]) {
        return Error{"rules section: its complements are corrupt or of another catalogue"};
      }
      with.push_back({static_cast<uint16_t>(other), log_lift});
      ++begin[value + 1];
    }
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
  }
  if (!in.ok() || in.remaining() != 0 || complements.unknown_level_ == 0) {
    return Error{"rules section: its complements are corrupt"};
  }
  complements.ArrangeCells(catalogue);
  return complements;
}

float Complements::PopularityOf(ItemIndex item) const {
  return OfLevel(level_[item] == 0 ? unknown_level_ : level_[item]);
}

void Complements::ArrangeCells(const CatalogueData& catalogue) {
  const auto n = static_cast<uint32_t>(catalogue.size());
  std::vector<uint64_t> key(n);
  for (ItemIndex i = 0; i < n; ++i) {
    for (uint16_t value : PairedValues(catalogue, i)) key[i] = key[i] << 16 | value;
  }
  items_.resize(n);
  std::iota(items_.begin(), items_.end(), 0u);
  const auto level = [&](ItemIndex i) { return level_[i] == 0 ? unknown_level_ : level_[i]; };
  std::sort(items_.begin(), items_.end(), [&](ItemIndex a, ItemIndex b) {
    if (key[a] != key[b]) return key[a] < key[b];
    return level(a) != level(b) ? level(a) > level(b) : a < b;
  });
  cell_.resize(n);
  for (uint32_t at = 0; at < n; ++at) {
    if (at == 0 || key[items_[at]] != key[items_[at - 1]]) {
      cells_.push_back({PairedValues(catalogue, items_[at]), at, at});
    }
    cells_.back().end = at + 1;
    cell_[items_[at]] = static_cast<uint32_t>(cells_.size() - 1);
  }
}

float Complements::LogLift(const Values& a, const Values& b) const {
  float sum = 0;
  for (size_t f = 0; f < kPairedAttributes; ++f) {
    if (a[f] == 0 || b[f] == 0) continue;
    const auto begin = with_[f].begin() + begin_[f][a[f]];
    const auto end = with_[f].begin() + begin_[f][a[f] + 1];
    const auto at = std::lower_bound(begin, end, b[f],
                                     [](const With& w, uint16_t value) { return w.value < value; });
    sum += at != end && at->value == b[f] ? at->log_lift : kStrangersLogLift;
  }
  return sum;
}

ItemIndex Complements::GoesWith(std::span<const ItemIndex> cart, ItemIndex item) const {
  ItemIndex best = cart.front();
  float most = LogLift(ValuesOf(best), ValuesOf(item));
  for (ItemIndex candidate : cart.subspan(1)) {
    const float lift = LogLift(ValuesOf(candidate), ValuesOf(item));
    if (lift > most) most = lift, best = candidate;
  }
  return best;
}

std::vector<ScoredItem> Complements::Best(std::span<const ItemIndex> cart, size_t k,
                                          std::span<const uint64_t> mask) const {
  if (empty() || cart.empty() || k == 0) return {};
  // What each value of each attribute adds; an unknown value, on either side, adds nothing.
  std::array<std::vector<float>, kPairedAttributes> adds;
  for (size_t f = 0; f < kPairedAttributes; ++f) {
    std::vector<float>& of_value = adds[f];
    of_value.assign(begin_[f].size() - 1, 0);
    const float weight = kLiftWeight / static_cast<float>(cart.size());
    for (ItemIndex item : cart) {
      const uint16_t value = ValuesOf(item)[f];
      if (value == 0) continue;
      for (float& sum : of_value) sum += weight * kStrangersLogLift;
      for (uint32_t w = begin_[f][value]; w < begin_[f][value + 1]; ++w) {
        of_value[with_[f][w].value] += weight * (with_[f][w].log_lift - kStrangersLogLift);
      }
    }
    of_value[0] = 0;
  }
  // Cells by the most that one of their products can reach.
  std::vector<ScoredItem> cells;
  cells.reserve(cells_.size());
  for (uint32_t c = 0; c < cells_.size(); ++c) {
    float score = kPopularityWeight * PopularityOf(items_[cells_[c].begin]);
    for (size_t f = 0; f < kPairedAttributes; ++f) score += adds[f][cells_[c].values[f]];
    cells.push_back({c, score});
  }
  const auto worse = [](const ScoredItem& a, const ScoredItem& b) { return RanksBefore(b, a); };
  std::make_heap(cells.begin(), cells.end(), worse);
  TopK best(k);
  while (!cells.empty() && cells.front().score >= best.Bar()) {
    const ScoredItem cell = cells.front();
    std::pop_heap(cells.begin(), cells.end(), worse);
    cells.pop_back();
    const float top = PopularityOf(items_[cells_[cell.item].begin]);
    for (uint32_t at = cells_[cell.item].begin; at < cells_[cell.item].end; ++at) {
      const ItemIndex item = items_[at];
      const float score = cell.score + kPopularityWeight * (PopularityOf(item) - top);
      if (score < best.Bar()) break;  // the others of the cell are bought less
      if ((mask[item / 64] >> item % 64 & 1) != 0) best.Add(item, score);
    }
  }
  return best.Take();
}

}  // namespace vitrine
