#include "shared/taste/cohorts.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "shared/taste/varint.h"
#include "shared/top_k.h"

namespace vitrine {
namespace {

constexpr size_t d = kTableDimensions;

// The unit vector of the weighted sum of the products' unit vectors; zeros when none is known.
std::array<float, d> MeanVector(std::span<const std::pair<ItemIndex, float>> weights,
                                const ItemTable& table) {
  std::array<float, d> sum{}, unit;
  for (const auto& [item, weight] : weights) {
    table.Decode(item, unit);
    for (size_t k = 0; k < d; ++k) sum[k] += weight * unit[k];
  }
  float square = 0;
  for (float x : sum) square += x * x;
  for (float& x : sum) x = square > 0 ? x / std::sqrt(square) : 0;
  return sum;
}

std::vector<Cohorts::Match> Matches(TopK& best) {
  std::vector<Cohorts::Match> matches;
  for (const ScoredItem& cohort : best.Take()) matches.push_back({cohort.item, cohort.score});
  return matches;
}

}  // namespace

Bytes EncodeCohorts(const CohortsData& data) {
  assert(data.lists.begin.size() == data.shoppers.size() + 1);
  ByteWriter out;
  out.Write(static_cast<uint8_t>(data.similarity));
  out.Write(static_cast<uint32_t>(data.shoppers.size()));
  for (uint32_t shoppers : data.shoppers) WriteVarint(out, shoppers);
  out.WriteBytes(EncodeItemLists(data.lists));
  return out.Take();
}

Result<Cohorts> Cohorts::Open(ByteView part, uint32_t item_count) {
  Cohorts cohorts;
  cohorts.item_count_ = item_count;
  ByteReader in(part);
  const auto similarity = in.Read<uint8_t>();
  if (similarity > static_cast<uint8_t>(TasteSimilarity::kEmbedding)) {
    return Error{"taste section: cohorts of an unknown similarity"};
  }
  cohorts.similarity_ = static_cast<TasteSimilarity>(similarity);
  const uint32_t count = in.Read<uint32_t>();
  if (count > in.remaining()) return Error{"taste section: cohorts truncated"};
  cohorts.shoppers_.resize(count);
  for (uint32_t& shoppers : cohorts.shoppers_) shoppers = ReadVarint(in);
  if (!in.ok()) return Error{"taste section: cohorts truncated"};
  VITRINE_ASSIGN(cohorts.lists_, ItemLists::Open(part.last(in.remaining()), count, item_count));
  for (uint32_t c = 0; c < count; ++c) {
    float sum = 0, square = 0;
    cohorts.ForEach(c, [&](ItemIndex, float share) { sum += share, square += share * share; });
    cohorts.sum_.push_back(sum);
    cohorts.square_.push_back(square);
  }
  return cohorts;
}

void Cohorts::PlaceInto(const ItemTable& table) {
  centres_.clear();
  if (similarity_ != TasteSimilarity::kEmbedding) return;
  std::vector<std::pair<ItemIndex, float>> shares;
  for (uint32_t c = 0; c < size(); ++c) {
    shares.clear();
    ForEach(c, [&](ItemIndex item, float share) { shares.emplace_back(item, share); });
    const auto centre = MeanVector(shares, table);
    centres_.insert(centres_.end(), centre.begin(), centre.end());
  }
}

std::vector<Cohorts::Match> Cohorts::Similar(std::span<const std::pair<ItemIndex, float>> weights,
                                             const ItemTable* table, size_t limit) const {
  if (!centres_.empty() && table != nullptr) {
    const auto mine = MeanVector(weights, *table);
    TopK best(limit);
    for (uint32_t c = 0; c < size(); ++c) {
      float cosine = 0;
      for (size_t k = 0; k < d; ++k) cosine += mine[k] * centres_[c * d + k];
      if (cosine > 0) best.Add(c, cosine);
    }
    return Matches(best);
  }
  std::vector<std::pair<ItemIndex, float>> mine(weights.begin(), weights.end());
  std::sort(mine.begin(), mine.end());
  float sum = 0, square = 0;
  for (const auto& [item, weight] : mine) sum += weight, square += weight * weight;
  TopK best(limit);
  for (uint32_t c = 0; c < size(); ++c) {
    float dot = 0;
    auto at = mine.begin();  // both are ascending by item
    ForEach(c, [&](ItemIndex item, float share) {
      while (at != mine.end() && at->first < item) ++at;
      if (at != mine.end() && at->first == item) dot += at->second * share;
    });
    if (dot == 0) continue;
    float a = square, b = square_[c];
    if (similarity_ == TasteSimilarity::kPearson) {  // means over all products are taken off
      const float n = static_cast<float>(item_count_);
      dot -= sum * sum_[c] / n;
      a -= sum * sum / n;
      b -= sum_[c] * sum_[c] / n;
    }
    if (dot > 0 && a > 0 && b > 0) best.Add(c, dot / std::sqrt(a * b));
  }
  return Matches(best);
}

}  // namespace vitrine
