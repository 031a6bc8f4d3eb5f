#include "shared/complements.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "shared/taste/math.h"
#include "shared/taste/varint.h"

namespace vitrine {
namespace {

constexpr float kLiftSteps = 16;
constexpr float kPopularitySteps = 16;
constexpr int kTopLevel = 255;
constexpr size_t kMinPairSize = 3;
constexpr size_t kFirstCells = 128;
// Chosen on a held-out training day of the real orders of tests/bench/baskets.bench.mjs. The
// attributes are not independent: less than 1 each keeps them from being counted twice. Of two
// titles up to four pairs of words are summed, so that each counts a quarter.
constexpr float kLiftWeight = 0.5f;
constexpr float kWordWeight = 1.0f / (kPairedWords * kPairedWords);
constexpr float kPopularityWeight = 0.5f;
// Of two values that too few shoppers buy together. Most pairs of words are rare by themselves, so
// that their absence says nothing.
constexpr float kStrangersLogLift = -1, kStrangeWordsLogLift = 0;

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

void WritePairs(std::span<const ComplementsData::Pair> pairs, ByteWriter& out) {
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

}  // namespace

std::array<uint16_t, kPairedAttributes> PairedValues(const CatalogueData& data, ItemIndex item) {
  return {data.department[item], data.category[item], data.colour[item],
          static_cast<uint16_t>(data.audience[item])};
}

uint32_t ComplementsData::SmallestGroup() const {
  uint32_t fewest = 0;
  ForEachGroup([&](uint32_t group) {
    if (fewest == 0 || group < fewest) fewest = group;
  });
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
  for (const auto& pairs : data.pairs) WritePairs(pairs, out);
  if (data.words.empty()) return out.Take();
  // Column by column: neighbours share words, and a compressor sees it better so.
  for (size_t w = 0; w < kPairedWords; ++w) {
    for (const PairedWords& words : data.words) out.Write(words[w]);
  }
  WritePairs(data.word_pairs, out);
  return out.Take();
}

bool Complements::ReadLifts(ByteReader& in, size_t values, Lifts& lifts) {
  const uint32_t count = ReadVarint(in);
  if (!in.ok() || count > in.remaining() / kMinPairSize) return false;
  lifts.begin.assign(values + 1, 0);
  lifts.with.reserve(count);
  uint64_t value = 0, other = 0;
  for (uint32_t p = 0; p < count; ++p) {
    const uint32_t step = ReadVarint(in), other_step = ReadVarint(in);
    value += step;
    other = (step == 0 ? other : 0) + other_step;
    const float log_lift = static_cast<float>(in.Read<int8_t>()) / kLiftSteps;
    if (!in.ok() || other_step == 0 || value == 0 || value >= values || other >= values) {
      return false;
    }
    lifts.with.push_back({static_cast<uint16_t>(other), log_lift});
    ++lifts.begin[value + 1];
  }
  std::partial_sum(lifts.begin.begin(), lifts.begin.end(), lifts.begin.begin());
  return true;
}

bool Complements::ReadWords(ByteReader& in) {
  size_t words = 1;
  for (size_t w = 0; w < kPairedWords; ++w) {
    const auto column = in.ReadArray<uint16_t>(words_.size());
    if (!in.ok()) return false;
    for (size_t i = 0; i < column.size(); ++i) {
      const auto end = words_[i].begin() + static_cast<ptrdiff_t>(w);
      if (column[i] != 0 && std::find(words_[i].begin(), end, column[i]) != end) return false;
      words_[i][w] = column[i];
      words = std::max<size_t>(words, column[i] + 1u);
    }
  }
  return ReadLifts(in, words, word_lifts_);
}

Result<Complements> Complements::Open(ByteView payload, const CatalogueData& catalogue) {
  Complements complements;
  if (payload.empty()) return complements;
  const Error corrupt{"rules section: its complements are corrupt or of another catalogue"};
  ByteReader in(payload);
  complements.smallest_group_ = in.Read<uint32_t>();
  complements.unknown_level_ = in.Read<uint8_t>();
  complements.level_ = in.ReadArray<uint8_t>(catalogue.size());
  const auto names = NamesOf(catalogue);
  for (size_t f = 0; f < kPairedAttributes; ++f) {
    if (!ReadLifts(in, names[f], complements.attributes_[f])) return corrupt;
  }
  complements.words_.resize(catalogue.size());
  complements.word_lifts_.begin.assign(2, 0);
  if (in.remaining() > 0 && !complements.ReadWords(in)) return corrupt;
  if (!in.ok() || in.remaining() != 0 || complements.unknown_level_ == 0) return corrupt;
  complements.ArrangeCells(catalogue);
  return complements;
}

float Complements::PopularityAt(uint32_t position) const {
  return OfLevel(level_[position] == 0 ? unknown_level_ : level_[position]);
}

const Complements::Values& Complements::ValuesAt(uint32_t position) const {
  const auto behind =
      std::upper_bound(cells_.begin(), cells_.end(), position,
                       [](uint32_t at, const Cell& cell) { return at < cell.begin; });
  return (behind - 1)->values;
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
  std::vector<PairedWords> words(n);
  std::vector<uint8_t> levels(n);
  position_.resize(n);
  for (uint32_t at = 0; at < n; ++at) {
    const ItemIndex item = items_[at];
    if (at == 0 || key[item] != key[items_[at - 1]]) {
      cells_.push_back({PairedValues(catalogue, item), at, at});
    }
    cells_.back().end = at + 1;
    position_[item] = at;
    words[at] = words_[item];
    levels[at] = level_[item];
  }
  words_ = std::move(words);
  level_ = std::move(levels);
}

float Complements::Lifts::Of(uint16_t a, uint16_t b, float stranger) const {
  const auto first = with.begin() + begin[a], last = with.begin() + begin[a + 1];
  const auto at = std::lower_bound(first, last, b,
                                   [](const With& w, uint16_t value) { return w.value < value; });
  return at != last && at->value == b ? at->log_lift : stranger;
}

void Complements::Lifts::AddTo(uint16_t value, float weight, float stranger,
                               std::vector<float>& sum) const {
  if (stranger != 0) {
    for (float& each : sum) each += weight * stranger;
  }
  for (uint32_t w = begin[value]; w < begin[value + 1]; ++w) {
    sum[with[w].value] += weight * (with[w].log_lift - stranger);
  }
}

float Complements::LogLift(ItemIndex a, ItemIndex b) const {
  const uint32_t at_a = position_[a], at_b = position_[b];
  const Values &of_a = ValuesAt(at_a), &of_b = ValuesAt(at_b);
  float attributes = 0, words = 0;
  for (size_t f = 0; f < kPairedAttributes; ++f) {
    if (of_a[f] == 0 || of_b[f] == 0) continue;
    attributes += attributes_[f].Of(of_a[f], of_b[f], kStrangersLogLift);
  }
  for (uint16_t word : words_[at_a]) {
    for (uint16_t with : words_[at_b]) words += word_lifts_.Of(word, with, kStrangeWordsLogLift);
  }
  return kLiftWeight * attributes + kWordWeight * words;
}

float Complements::Score(std::span<const ItemIndex> cart, ItemIndex item) const {
  float sum = 0;
  for (ItemIndex known : cart) sum += LogLift(known, item);
  return sum / static_cast<float>(cart.size()) + kPopularityWeight * PopularityAt(position_[item]);
}

float Complements::RootShare(ItemIndex item) const {
  return Exp(kPopularityWeight * PopularityAt(position_[item]));
}

ItemIndex Complements::GoesWith(std::span<const ItemIndex> cart, ItemIndex item) const {
  ItemIndex best = cart.front();
  float most = LogLift(best, item);
  for (ItemIndex candidate : cart.subspan(1)) {
    const float lift = LogLift(candidate, item);
    if (lift > most) most = lift, best = candidate;
  }
  return best;
}

std::vector<ScoredItem> Complements::Best(std::span<const ItemIndex> cart, size_t k,
                                          std::span<const uint64_t> mask) const {
  if (empty() || cart.empty() || k == 0) return {};
  // What each value of each attribute adds, and each word; an unknown one, on either side, nothing.
  std::array<std::vector<float>, kPairedAttributes> adds;
  std::vector<float> word_adds(word_lifts_.begin.size() - 1);
  const float each = 1 / static_cast<float>(cart.size());
  for (size_t f = 0; f < kPairedAttributes; ++f) {
    adds[f].resize(attributes_[f].begin.size() - 1);
    for (ItemIndex item : cart) {
      const uint16_t value = ValuesAt(position_[item])[f];
      if (value != 0) attributes_[f].AddTo(value, kLiftWeight * each, kStrangersLogLift, adds[f]);
    }
    adds[f][0] = 0;
  }
  for (ItemIndex item : cart) {
    for (uint16_t word : words_[position_[item]]) {
      word_lifts_.AddTo(word, kWordWeight * each, kStrangeWordsLogLift, word_adds);
    }
  }
  // The most that the words of one product can add.
  float first = 0, second = 0;
  for (float add : word_adds) {
    second = std::max(second, std::min(first, add));
    first = std::max(first, add);
  }
  const float most_by_words = first + second;
  std::vector<float> by_attributes(cells_.size());
  const auto score = [&](uint32_t cell, float by_words, uint32_t position) {
    return by_attributes[cell] + by_words + kPopularityWeight * PopularityAt(position);
  };
  TopK best(k);
  const auto visit = [&](uint32_t cell) {
    for (uint32_t at = cells_[cell].begin; at < cells_[cell].end; ++at) {
      // The others of the cell are bought less.
      if (score(cell, most_by_words, at) < best.Bar()) break;
      const float reached = score(cell, word_adds[words_[at][0]] + word_adds[words_[at][1]], at);
      if (reached < best.Bar()) continue;
      const ItemIndex item = items_[at];
      if ((mask[item / 64] >> item % 64 & 1) != 0) best.Add(item, reached);
    }
  };
  // Cells by the most that one of their products can reach: first those that promise most, which
  // raise the bar, then in a row whichever may still pass it.
  std::vector<float> promise(cells_.size());
  std::vector<bool> visited(cells_.size());
  TopK most_promising(kFirstCells);
  for (uint32_t c = 0; c < cells_.size(); ++c) {
    for (size_t f = 0; f < kPairedAttributes; ++f) by_attributes[c] += adds[f][cells_[c].values[f]];
    promise[c] = score(c, most_by_words, cells_[c].begin);
    most_promising.Add(c, promise[c]);
  }
  for (const ScoredItem& cell : most_promising.Take()) {
    visit(cell.item);
    visited[cell.item] = true;
  }
  for (uint32_t c = 0; c < cells_.size(); ++c) {
    if (!visited[c] && promise[c] >= best.Bar()) visit(c);
  }
  return best.Take();
}

}  // namespace vitrine
