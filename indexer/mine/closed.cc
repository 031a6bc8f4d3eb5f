#include "indexer/mine/closed.h"

#include <algorithm>
#include <numeric>

namespace vitrine {
namespace {
constexpr uint32_t kHead = RankedBaskets::kHead;
constexpr uint32_t kDropped = 0xFFFFFFFFu;
}  // namespace

void ClosedGrower::Level::IndexHeads() {
  begin.assign(rank.size() + 2, 0);
  for (uint32_t word : words) {
    if (!(word & kHead)) ++begin[word + 2];
  }
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  heads.resize(begin.back());
  uint32_t head = 0;
  for (uint32_t w = 0; w < words.size(); ++w) {
    if (words[w] & kHead) {
      head = w;
    } else {
      heads[begin[words[w] + 1]++] = head;
    }
  }
}

ClosedGrower::ClosedGrower(std::span<const uint32_t> whole, std::span<const uint64_t> count,
                           ItemsetKind kind, Emitter& emitter)
    : kind_(kind),
      emitter_(emitter),
      counts_(count.size()),
      codes_(count.size(), kDropped),
      bitmap_kernel_(kind) {
  root_.words = whole;
  root_.count.assign(count.begin(), count.end());
  root_.rank.resize(count.size());
  std::iota(root_.rank.begin(), root_.rank.end(), 0u);
  root_.candidates = static_cast<uint32_t>(count.size());
  root_.IndexHeads();
}

void ClosedGrower::Grow(uint32_t from, uint32_t to) { Grow(root_, from, to, 0); }

void ClosedGrower::Grow(const Level& level, uint32_t from, uint32_t to, size_t depth) {
  if (levels_.size() <= depth) levels_.push_back(std::make_unique<Level>());
  Level& next = *levels_[depth];
  for (uint32_t c = to; c-- > from;) {
    if (emitter_.stopped()) return;
    emitter_.Tick();
    emitter_.Push(level.rank[c]);
    uint32_t closure = 0;
    if (CountWith(level, c, next, closure)) {
      const bool wanted = kind_ == ItemsetKind::kClosed || next.rank.empty();
      if (wanted) emitter_.GiveIfShort(level.count[c]);
      if (next.candidates > 0 && emitter_.HasRoom()) {
        Project(level, c, next);
        const uint64_t baskets = level.begin[c + 1] - level.begin[c];
        if (baskets / 8 * next.rank.size() <= kMaxBitmapBytes) {
          const Bitmaps bitmaps = MakeBitmaps(next.words, static_cast<uint32_t>(next.rank.size()));
          bitmap_kernel_.Mine(bitmaps, next.rank, next.count, 0, next.candidates, emitter_);
        } else {
          next.IndexHeads();
          Grow(next, 0, next.candidates, depth + 1);
        }
      }
    }
    for (uint32_t k = 0; k <= closure; ++k) emitter_.Pop();
  }
}

bool ClosedGrower::CountWith(const Level& level, uint32_t c, Level& next, uint32_t& closure) {
  touched_.clear();
  for (uint32_t k = level.begin[c]; k < level.begin[c + 1]; ++k) {
    const uint32_t* run = level.words.data() + level.heads[k];
    const uint32_t weight = *run & ~kHead;
    while (!(*++run & kHead)) {
      if (counts_[*run] == 0) touched_.push_back(*run);
      counts_[*run] += weight;
    }
  }
  std::sort(touched_.begin(), touched_.end());
  next.rank.clear();
  next.count.clear();
  next.candidates = 0;
  kept_.clear();
  bool closed = true;
  for (uint32_t other : touched_) {
    const uint64_t count = counts_[other];
    counts_[other] = 0;
    if (other == c || count < emitter_.min_count() || !closed) continue;
    if (count == level.count[c]) {
      if (other > c) {
        closed = false;  // found before, with that item
      } else {
        emitter_.Push(level.rank[other]);
        ++closure;
      }
      continue;
    }
    next.candidates += other < c;
    next.rank.push_back(level.rank[other]);
    next.count.push_back(count);
    kept_.push_back(other);
  }
  return closed;
}

void ClosedGrower::Project(const Level& level, uint32_t c, Level& next) {
  for (uint32_t k = 0; k < kept_.size(); ++k) codes_[kept_[k]] = k;
  std::vector<uint32_t>& out = next.own_words;
  out.clear();
  for (uint32_t k = level.begin[c]; k < level.begin[c + 1]; ++k) {
    const uint32_t* run = level.words.data() + level.heads[k];
    const size_t head = out.size();
    out.push_back(*run);
    while (!(*++run & kHead)) {
      if (codes_[*run] != kDropped) out.push_back(codes_[*run]);
    }
    if (out.size() < head + 3) out.resize(head);
  }
  for (uint32_t code : kept_) codes_[code] = kDropped;
  out.push_back(kHead);
  next.words = std::span(out).first(out.size() - 1);
}

}  // namespace vitrine
