#include "indexer/mine/bitmap_kernel.h"

#include <array>
#include <bit>

#include "indexer/mine/bit_kernels.h"
#include "indexer/mine/ranked.h"

namespace vitrine {
namespace {

constexpr uint32_t kHead = RankedBaskets::kHead;
constexpr int kPlanes = 31;  // weights are below 2^31

// Vectors are rewritten without the baskets that lack the prefix once these are 7 of 8.
constexpr uint64_t kShrinkFactor = 8;
constexpr size_t kShrinkMinWords = 16;

}  // namespace

Bitmaps MakeBitmaps(std::span<const uint32_t> runs, uint32_t items) {
  std::array<uint64_t, kPlanes> baskets{};
  for (uint32_t word : runs) {
    if (!(word & kHead)) continue;
    for (uint32_t weight = word & ~kHead; weight != 0; weight &= weight - 1) {
      ++baskets[static_cast<size_t>(std::countr_zero(weight))];
    }
  }
  Bitmaps bitmaps;
  std::array<uint64_t, kPlanes> next{};  // the bit that the next basket of each plane takes
  for (size_t p = 0; p < kPlanes; ++p) {
    if (baskets[p] == 0) continue;
    next[p] = bitmaps.words * 64;
    const size_t words = (baskets[p] + 63) / 64;
    bitmaps.planes.push_back({static_cast<int>(p), words});
    bitmaps.words += words;
  }
  bitmaps.bits.assign(bitmaps.words * items, 0);
  for (size_t at = 0; at < runs.size();) {
    const size_t head = at++;
    while (at < runs.size() && !(runs[at] & kHead)) ++at;
    for (uint32_t weight = runs[head] & ~kHead; weight != 0; weight &= weight - 1) {
      const uint64_t bit = next[static_cast<size_t>(std::countr_zero(weight))]++;
      for (size_t k = head + 1; k < at; ++k) {
        bitmaps.bits[runs[k] * bitmaps.words + bit / 64] |= uint64_t{1} << bit % 64;
      }
    }
  }
  return bitmaps;
}

void BitmapKernel::Mine(const Bitmaps& bitmaps, std::span<const uint32_t> ranks,
                        std::span<const uint64_t> counts, uint32_t from, uint32_t to,
                        Emitter& emitter) {
  if (levels_.empty()) levels_.push_back(std::make_unique<Level>());
  Level& root = *levels_[0];
  root.planes = bitmaps.planes;
  root.words = bitmaps.words;
  root.candidates.clear();
  for (size_t c = 0; c < ranks.size(); ++c) {
    root.candidates.push_back({ranks[c], counts[c], bitmaps.row(c).data()});
  }
  Grow(0, from, to, emitter);
}

uint64_t BitmapKernel::Intersect(const Level& level, const uint64_t* a, const uint64_t* b,
                                 uint64_t* out) const {
  if (level.planes.size() == 1) {
    return AndCount(a, b, out, level.words) << level.planes[0].shift;
  }
  uint64_t count = 0;
  size_t begin = 0;
  for (const Bitmaps::Plane& plane : level.planes) {
    count += AndCount(a + begin, b + begin, out + begin, plane.words) << plane.shift;
    begin += plane.words;
  }
  return count;
}

bool BitmapKernel::Shrink(const Level& level, const Candidate& subset, size_t entries,
                          Level& next) const {
  if (level.words < kShrinkMinWords) return false;
  // The count is at least the number of bits, shifted by the lowest plane.
  const uint64_t bits = subset.count >> level.planes[0].shift;
  if (bits * kShrinkFactor > level.words * 64) return false;
  next.planes.clear();
  next.words = 0;
  size_t begin = 0;
  for (const Bitmaps::Plane& plane : level.planes) {
    uint64_t plane_bits = 0;
    for (size_t w = begin; w < begin + plane.words; ++w) {
      plane_bits += static_cast<uint64_t>(std::popcount(subset.bits[w]));
    }
    next.planes.push_back({plane.shift, (plane_bits + 63) / 64});
    next.words += next.planes.back().words;
    begin += plane.words;
  }
  if (next.bits.size() < entries * next.words) next.bits.resize(entries * next.words);
  for (size_t c = 0; c < entries; ++c) {
    uint64_t* out = next.bits.data() + c * next.words;
    begin = 0;
    for (const Bitmaps::Plane& plane : level.planes) {
      out += Compress(level.candidates[c].bits + begin, subset.bits + begin, out, plane.words);
      begin += plane.words;
    }
  }
  return true;
}

// Fills `next` with the candidates that stay frequent together with candidate c: for all itemsets
// those before c; for closed and maximal ones also those after it, the guards.
BitmapKernel::Extension BitmapKernel::Extend(const Level& level, size_t c, Level& next,
                                             Emitter& emitter) {
  const Candidate& added = level.candidates[c];
  const size_t entries = kind_ == ItemsetKind::kAll ? c : level.candidates.size();
  next.candidates.clear();
  const bool shrunk = Shrink(level, added, entries, next);
  if (!shrunk) {
    next.planes = level.planes;
    next.words = level.words;
    if (next.bits.size() < entries * next.words) next.bits.resize(entries * next.words);
  }
  Extension extension;
  uint32_t everywhere = 0;
  uint64_t* out = next.bits.data();
  for (size_t other = 0; other < entries; ++other) {
    if (other == c) continue;
    const Candidate& candidate = level.candidates[other];
    uint64_t count;
    if (shrunk) {
      out = next.bits.data() + other * next.words;
      count = Intersect(next, out, out, out);
    } else {
      count = Intersect(level, candidate.bits, added.bits, out);
    }
    if (count < emitter.min_count()) continue;
    if (count == added.count) {
      ++everywhere;
      if (kind_ != ItemsetKind::kAll) {
        if (other > c) extension.closed = false;  // found before, with that item
        if (!extension.closed) break;
        emitter.Push(candidate.rank);
        ++extension.closure;
        continue;
      }
    }
    extension.candidates += other < c;
    next.candidates.push_back({candidate.rank, count, out});
    if (!shrunk) out += next.words;
  }
  if (kind_ == ItemsetKind::kAll) emitter.ExpectChoicesOf(everywhere);
  return extension;
}

void BitmapKernel::Grow(size_t depth, size_t from, size_t to, Emitter& emitter) {
  if (levels_.size() <= depth + 1) levels_.push_back(std::make_unique<Level>());
  const Level& level = *levels_[depth];
  Level& next = *levels_[depth + 1];
  for (size_t c = to; c-- > from;) {
    if (emitter.stopped()) return;
    emitter.Push(level.candidates[c].rank);
    Extension extension;
    if (kind_ == ItemsetKind::kAll) {
      emitter.Give(level.candidates[c].count);
      if (c > 0 && emitter.room() > 0) extension = Extend(level, c, next, emitter);
    } else {
      extension = Extend(level, c, next, emitter);
      const bool wanted = kind_ == ItemsetKind::kClosed || next.candidates.empty();
      if (extension.closed && wanted) emitter.GiveIfShort(level.candidates[c].count);
    }
    emitter.Tick();
    if (extension.closed && extension.candidates > 0 && emitter.HasRoom()) {
      Grow(depth + 1, 0, extension.candidates, emitter);
    }
    for (uint32_t k = 0; k <= extension.closure; ++k) emitter.Pop();
  }
}

}  // namespace vitrine
