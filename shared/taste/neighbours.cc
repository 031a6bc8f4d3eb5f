#include "shared/taste/neighbours.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "shared/taste/math.h"
#include "shared/taste/varint.h"

namespace vitrine {
namespace {

constexpr size_t kMaxEvents = 10;         // of the shopper's session
constexpr size_t kMaxOccurrences = 1500;  // sessions that are looked at for one product, the newest
constexpr size_t kNeighbours = 300;
constexpr float kEventDecay = 0.75f;  // an event of the shopper against the one after it
constexpr float kStepDecay = 0.7f;    // a product of a past session, a step further from the match

uint32_t BitsFor(uint32_t item_count) {
  uint32_t bits = 1;
  while (bits < 32 && (uint64_t{1} << bits) < item_count) ++bits;
  return bits;
}

}  // namespace

Bytes EncodeNeighbours(const NeighboursData& data, uint32_t item_count) {
  ByteWriter out;
  const size_t sessions = data.offset.size() - 1;
  out.Write(static_cast<uint32_t>(sessions));
  for (size_t s = 0; s < sessions; ++s) {
    WriteVarint(out, static_cast<uint32_t>(data.offset[s + 1] - data.offset[s]));
  }
  const uint32_t width = BitsFor(item_count);
  uint64_t waiting = 0;
  uint32_t bits = 0;
  for (ItemIndex item : data.items) {
    assert(item < item_count);
    waiting |= uint64_t{item} << bits;
    for (bits += width; bits >= 8; bits -= 8, waiting >>= 8)
      out.Write(static_cast<uint8_t>(waiting));
  }
  if (bits > 0) out.Write(static_cast<uint8_t>(waiting));
  return out.Take();
}

Result<Neighbours> Neighbours::Open(ByteView part, uint32_t item_count) {
  Neighbours neighbours;
  ByteReader in(part);
  const uint32_t count = in.Read<uint32_t>();
  if (!in.ok() || count > in.remaining()) return Error{"taste section: sessions truncated"};
  uint64_t total = 0;
  for (uint32_t s = 0; s < count; ++s) {
    total += ReadVarint(in);
    if (total > UINT32_MAX) return Error{"taste section: too many events of sessions"};
    neighbours.offset_.push_back(static_cast<uint32_t>(total));
  }
  const uint32_t width = BitsFor(item_count);
  if (!in.ok() || in.remaining() != (total * width + 7) / 8) {
    return Error{"taste section: sessions of a wrong size"};
  }
  neighbours.items_.reserve(total);
  neighbours.begin_.assign(size_t{item_count} + 1, 0);
  uint64_t waiting = 0;
  uint32_t bits = 0;
  for (uint64_t e = 0; e < total; ++e) {
    for (; bits < width; bits += 8) waiting |= uint64_t{in.Read<uint8_t>()} << bits;
    const auto item = static_cast<ItemIndex>(waiting & ((uint64_t{1} << width) - 1));
    waiting >>= width;
    bits -= width;
    if (item >= item_count) return Error{"taste section: a session's product is out of range"};
    neighbours.items_.push_back(item);
    ++neighbours.begin_[item + 1];
  }
  for (uint32_t i = 0; i < item_count; ++i) neighbours.begin_[i + 1] += neighbours.begin_[i];
  std::vector<uint32_t> next(neighbours.begin_.begin(), neighbours.begin_.end() - 1);
  neighbours.sessions_.resize(total);
  for (uint32_t s = 0; s < count; ++s) {
    for (uint32_t e = neighbours.offset_[s]; e < neighbours.offset_[s + 1]; ++e) {
      neighbours.sessions_[next[neighbours.items_[e]]++] = s;
    }
  }
  return neighbours;
}

std::vector<ScoredItem> Neighbours::Score(std::span<const ItemIndex> newest_first) const {
  if (empty()) return {};
  struct Visit {
    float similarity = 0;
    uint32_t newest = 0;  // the newest event of the shopper that the session shares
  };
  std::vector<Visit> visits(size());
  std::vector<uint32_t> touched;
  float decay = 1;
  const size_t events = std::min(newest_first.size(), kMaxEvents);
  for (size_t p = 0; p < events; ++p, decay *= kEventDecay) {
    const ItemIndex item = newest_first[p];
    if (std::find(newest_first.begin(), newest_first.begin() + static_cast<std::ptrdiff_t>(p),
                  item) != newest_first.begin() + static_cast<std::ptrdiff_t>(p)) {
      continue;
    }
    const uint32_t begin = begin_[item], end = begin_[item + 1];
    if (begin == end) continue;
    const float rarity = Log(static_cast<float>(size()) / static_cast<float>(end - begin)) + 1;
    uint32_t previous = UINT32_MAX;
    const uint32_t first = end - begin > kMaxOccurrences ? end - kMaxOccurrences : begin;
    for (uint32_t o = first; o < end; ++o) {
      const uint32_t session = sessions_[o];
      if (session == previous) continue;
      previous = session;
      Visit& visit = visits[session];
      if (visit.similarity == 0) {
        touched.push_back(session);
        visit.newest = static_cast<uint32_t>(p);
      }
      visit.similarity += decay * rarity;
    }
  }
  TopK best(kNeighbours);
  for (uint32_t session : touched) {
    const auto length = static_cast<float>(offset_[session + 1] - offset_[session]);
    best.Add(session, visits[session].similarity / std::sqrt(length + 1));
  }
  std::vector<ScoredItem> scores;
  float total = 0;
  for (const ScoredItem& neighbour : best.Take()) {
    total += neighbour.score;
    const uint32_t begin = offset_[neighbour.item], end = offset_[neighbour.item + 1];
    const ItemIndex shared = newest_first[visits[neighbour.item].newest];
    uint32_t at = end;  // the last visit of the shared product
    while (items_[--at] != shared) {
    }
    float weight = neighbour.score;
    for (uint32_t e = at + 1; e < end; ++e, weight *= kStepDecay)
      scores.push_back({items_[e], weight});
    weight = neighbour.score * kStepDecay;
    for (uint32_t e = at; e-- > begin; weight *= kStepDecay) scores.push_back({items_[e], weight});
  }
  std::stable_sort(scores.begin(), scores.end(),
                   [](const ScoredItem& a, const ScoredItem& b) { return a.item < b.item; });
  size_t kept = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (kept > 0 && scores[kept - 1].item == scores[i].item) {
      scores[kept - 1].score += scores[i].score / total;
    } else {
      scores[kept++] = {scores[i].item, scores[i].score / total};
    }
  }
  scores.resize(kept);
  return scores;
}

}  // namespace vitrine
