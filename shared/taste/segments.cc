#include "shared/taste/segments.h"

#include <algorithm>
#include <cassert>

#include "shared/taste/varint.h"

namespace vitrine {
namespace {

constexpr uint32_t kMaxAttributes = 256;
constexpr uint32_t kMaxNameBytes = 1000;

void WriteText(ByteWriter& out, std::string_view text) {
  text = text.substr(0, kMaxNameBytes);
  WriteVarint(out, static_cast<uint32_t>(text.size()));
  out.WriteBytes(AsBytes(text));
}

std::string ReadText(ByteReader& in) {
  const uint32_t size = ReadVarint(in);
  const ByteView bytes = in.ReadBytes(size);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

Bytes EncodeSegments(const SegmentsData& data) {
  assert(data.attributes.size() <= kMaxAttributes && data.weight.size() == data.attributes.size());
  assert(data.begin.size() == data.segments.size() + 1);
  ByteWriter out;
  WriteVarint(out, static_cast<uint32_t>(data.attributes.size()));
  for (size_t a = 0; a < data.attributes.size(); ++a) {
    WriteText(out, data.attributes[a]);
    out.Write(data.weight[a]);
  }
  WriteVarint(out, static_cast<uint32_t>(data.segments.size()));
  for (size_t s = 0; s < data.segments.size(); ++s) {
    WriteVarint(out, data.segments[s].attribute);
    WriteText(out, data.segments[s].value);
    WriteVarint(out, data.segments[s].shoppers);
    WriteVarint(out, static_cast<uint32_t>(data.begin[s + 1] - data.begin[s]));
    ItemIndex previous = 0;
    for (uint64_t e = data.begin[s]; e < data.begin[s + 1]; ++e) {
      const SegmentsData::Entry& entry = data.entries[e];
      assert(e == data.begin[s] || entry.item > previous);
      WriteVarint(out, entry.item - previous);
      const float steps = std::clamp(entry.lift * Segments::kLiftSteps, -127.0f, 127.0f);
      out.Write(static_cast<int8_t>(steps < 0 ? steps - 0.5f : steps + 0.5f));
      previous = entry.item;
    }
  }
  return out.Take();
}

Result<Segments> Segments::Open(ByteView part, uint32_t item_count) {
  Segments segments;
  ByteReader in(part);
  const uint32_t attributes = ReadVarint(in);
  if (attributes > kMaxAttributes) return Error{"taste section: too many attributes of shoppers"};
  for (uint32_t a = 0; a < attributes && in.ok(); ++a) {
    segments.attributes_.push_back(ReadText(in));
    segments.weight_.push_back(in.Read<float>());
    if (!(segments.weight_.back() >= 0 && segments.weight_.back() <= 4)) {
      return Error{"taste section: the weight of an attribute of shoppers is not from 0 to 4"};
    }
  }
  const uint32_t count = ReadVarint(in);
  for (uint32_t s = 0; s < count && in.ok(); ++s) {
    SegmentsData::Segment segment;
    segment.attribute = ReadVarint(in);
    segment.value = ReadText(in);
    segment.shoppers = ReadVarint(in);
    segments.begin_.push_back(static_cast<uint32_t>(segments.items_.size()));
    const uint32_t entries = ReadVarint(in);
    uint64_t item = 0;
    for (uint32_t e = 0; e < entries && in.ok(); ++e) {
      const uint32_t step = ReadVarint(in);
      item += step;
      if (item >= item_count || (e > 0 && step == 0)) {
        return Error{"taste section: a segment's list is out of order or out of range"};
      }
      segments.items_.push_back(static_cast<ItemIndex>(item));
      segments.lifts_.push_back(in.Read<int8_t>());
    }
    if (segment.attribute >= attributes) return Error{"taste section: segment of no attribute"};
    segments.segments_.push_back(std::move(segment));
  }
  if (!in.ok()) return Error{"taste section: segments truncated"};
  if (in.remaining() != 0) return Error{"taste section: bytes left over after the segments"};
  segments.begin_.push_back(static_cast<uint32_t>(segments.items_.size()));
  return segments;
}

uint32_t Segments::Find(std::string_view attribute, std::string_view value) const {
  for (uint32_t s = 0; s < size(); ++s) {
    if (segments_[s].value == value && Attribute(s) == attribute) return s;
  }
  return kNone;
}

}  // namespace vitrine
