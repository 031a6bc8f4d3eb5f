#include "shared/taste/popularity.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "shared/taste/varint.h"

namespace vitrine {

Bytes EncodePopularity(const PopularityData& data) {
  assert(data.score.size() == data.shoppers.size());
  ByteWriter out;
  for (float score : data.score) {
    assert(score >= 0);
    const uint32_t bits = BitCast<uint32_t>(score);
    out.Write(static_cast<uint16_t>((bits + 0x8000u) >> 16));
  }
  for (uint32_t shoppers : data.shoppers) WriteVarint(out, shoppers);
  return out.Take();
}

Result<Popularity> Popularity::Open(ByteView part, uint32_t item_count) {
  Popularity popularity;
  ByteReader in(part);
  const std::vector<uint16_t> scores = in.ReadArray<uint16_t>(item_count);
  if (!in.ok() || in.remaining() < item_count) return Error{"taste section: popularity truncated"};
  std::vector<float>& score = popularity.data_.score;
  score.reserve(item_count);
  for (uint16_t half : scores) {
    if (half >= 0x7F80) return Error{"taste section: a popularity is negative or not finite"};
    score.push_back(BitCast<float>(static_cast<uint32_t>(half) << 16));
  }
  popularity.data_.shoppers.resize(item_count);
  for (uint32_t& shoppers : popularity.data_.shoppers) shoppers = ReadVarint(in);
  if (!in.ok()) return Error{"taste section: popularity truncated"};
  if (in.remaining() != 0) return Error{"taste section: bytes left over after popularity"};

  popularity.ranked_.resize(item_count);
  std::iota(popularity.ranked_.begin(), popularity.ranked_.end(), 0u);
  std::sort(popularity.ranked_.begin(), popularity.ranked_.end(), [&](ItemIndex a, ItemIndex b) {
    return score[a] != score[b] ? score[a] > score[b] : a < b;
  });
  const float most = item_count == 0 ? 0 : score[popularity.ranked_[0]];
  if (most > 0) {
    for (float& value : score) value /= most;
  }
  return popularity;
}

}  // namespace vitrine
