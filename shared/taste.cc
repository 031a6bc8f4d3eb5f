#include "shared/taste.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "shared/section.h"
#include "shared/taste/signals.h"

namespace vitrine {
namespace {

constexpr uint32_t kPopularityPart = FourCc("POPU");
constexpr uint32_t kListsPart = FourCc("LIST");
constexpr uint32_t kEncoderPart = FourCc("ENCD");
constexpr uint32_t kSecondEncoderPart = FourCc("ENC2");
constexpr uint32_t kSegmentsPart = FourCc("SEGM");
constexpr uint32_t kCohortsPart = FourCc("COHO");
constexpr uint32_t kTowersPart = FourCc("TWOT");
constexpr uint32_t kNeighboursPart = FourCc("SESS");
constexpr uint32_t kBlendPart = FourCc("BLND");
constexpr uint32_t kVarietyPart = FourCc("VARY");
constexpr uint32_t kMaxParts = 64;

template <typename Part>
Status Take(Result<Part> opened, Part& place) {
  if (!opened.ok()) return opened.error();
  place = std::move(opened.value());
  return Ok();
}

}  // namespace

Bytes EncodeTaste(const TasteData& data) {
  std::vector<std::pair<uint32_t, Bytes>> parts;
  if (data.popularity) {
    assert(data.popularity->score.size() == data.item_count);
    parts.emplace_back(kPopularityPart, EncodePopularity(*data.popularity));
  }
  if (data.lists) {
    assert(data.lists->begin.size() == data.item_count + size_t{1});
    parts.emplace_back(kListsPart, EncodeItemLists(*data.lists));
  }
  if (data.encoder) {
    assert(data.encoder->items.size() == size_t{data.item_count} * kEncoderDimensions);
    parts.emplace_back(kEncoderPart, EncodeSessionEncoder(*data.encoder));
  }
  if (data.second_encoder) {
    assert(data.second_encoder->items.size() == size_t{data.item_count} * kEncoderDimensions);
    parts.emplace_back(kSecondEncoderPart, EncodeSessionEncoder(*data.second_encoder));
  }
  if (data.segments) parts.emplace_back(kSegmentsPart, EncodeSegments(*data.segments));
  if (data.cohorts) parts.emplace_back(kCohortsPart, EncodeCohorts(*data.cohorts));
  if (data.towers) {
    assert(data.towers->items.size() == size_t{data.item_count} * kTableDimensions);
    parts.emplace_back(kTowersPart, EncodeTwoTower(*data.towers));
  }
  if (data.neighbours) {
    parts.emplace_back(kNeighboursPart, EncodeNeighbours(*data.neighbours, data.item_count));
  }
  if (data.blend) parts.emplace_back(kBlendPart, EncodeBlend(*data.blend));
  if (data.variety) parts.emplace_back(kVarietyPart, EncodeVariety(*data.variety));
  ByteWriter out;
  out.Write(data.item_count);
  out.Write(data.min_users);
  out.Write(data.smallest_group);
  out.Write(static_cast<uint32_t>(parts.size()));
  for (const auto& [tag, bytes] : parts) {
    out.Write(tag);
    out.Write(static_cast<uint32_t>(bytes.size()));
  }
  for (const auto& [tag, bytes] : parts) out.WriteBytes(bytes);
  return out.Take();
}

Status Taste::OpenPart(uint32_t tag, ByteView part) {
  const uint32_t n = item_count_;
  switch (tag) {
    case kPopularityPart:
      return Take(Popularity::Open(part, n), popularity_);
    case kListsPart:
      return Take(ItemLists::Open(part, n, n), lists_);
    case kEncoderPart:
      return Take(SessionEncoder::Open(part, n), encoder_);
    case kSecondEncoderPart:
      return Take(SessionEncoder::Open(part, n), second_encoder_);
    case kSegmentsPart:
      return Take(Segments::Open(part, n), segments_);
    case kCohortsPart:
      return Take(Cohorts::Open(part, n), cohorts_);
    case kTowersPart:
      return Take(TwoTower::Open(part, n), towers_);
    case kNeighboursPart:
      return Take(Neighbours::Open(part, n), neighbours_);
    case kBlendPart:
      return Take(OpenBlend(part), blend_);
    case kVarietyPart:
      return Take(OpenVariety(part), variety_);
  }
  return Error{"taste section: unknown part; the engine is older than the bundle"};
}

Result<Taste> Taste::Open(ByteView payload) {
  Taste taste;
  ByteReader in(payload);
  taste.item_count_ = in.Read<uint32_t>();
  taste.min_users_ = in.Read<uint32_t>();
  taste.smallest_group_ = in.Read<uint32_t>();
  const uint32_t part_count = in.Read<uint32_t>();
  if (!in.ok() || part_count > kMaxParts) return Error{"taste section: truncated or corrupt head"};
  std::vector<std::pair<uint32_t, uint32_t>> table(part_count);
  for (auto& [tag, size] : table) {
    tag = in.Read<uint32_t>();
    size = in.Read<uint32_t>();
  }
  if (!in.ok()) return Error{"taste section: truncated or corrupt head"};
  // Some parts have at least a bit a product. Without one of them item_count is only a claim, and
  // nothing may be allocated by it.
  std::vector<uint32_t> seen;
  bool covers_items = false;
  for (const auto& [tag, size] : table) {
    const ByteView part = in.ReadBytes(size);
    if (!in.ok()) return Error{"taste section: truncated"};
    if (std::find(seen.begin(), seen.end(), tag) != seen.end()) {
      return Error{"taste section: a part is given twice"};
    }
    seen.push_back(tag);
    covers_items |= tag == kPopularityPart || tag == kListsPart || tag == kEncoderPart ||
                    tag == kSecondEncoderPart || tag == kTowersPart;
    if (tag == kNeighboursPart && !covers_items) {
      return Error{"taste section: sessions without a part that has every product"};
    }
    VITRINE_RETURN_IF_ERROR(taste.OpenPart(tag, part));
  }
  if (in.remaining() != 0) return Error{"taste section: bytes left over after its parts"};
  if (covers_items) taste.parts_ = part_count;
  if (!taste.encoder_.empty()) taste.cohorts_.PlaceInto(taste.encoder_.table());
  for (ItemIndex i = 0; i < taste.popularity_.ranked().size(); ++i) {
    taste.popularity_evidence_.push_back(Evidence(taste.popularity_.Score(i)));
  }
  return taste;
}

}  // namespace vitrine
