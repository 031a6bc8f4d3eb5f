// Which products a group of shoppers (an age group, a city, a region, an audience, …) prefers more
// or less than all shoppers do.
//
// The shopper's profile is a list of segments that the device was told of with consent. A product's
// score is the sum over the profile of attribute weight x lift; a segment that is not in the bundle
// (too few shoppers) adds nothing, so a city falls back on its region, and a region on all.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/bytes.h"
#include "shared/item.h"
#include "shared/result.h"

namespace vitrine {

struct SegmentsData {
  struct Segment {
    uint32_t attribute = 0;  // index into `attributes`
    std::string value;
    uint32_t shoppers = 0;
  };
  struct Entry {
    ItemIndex item = kNoItem;
    float lift = 0;         // ln(P(item | segment) / P(item)), shrunk; -7.9 to 7.9
    uint32_t shoppers = 0;  // of the segment, with the product; not written
  };
  std::vector<std::string> attributes;
  std::vector<float> weight;  // of each attribute, fitted on validation; 0 to 4
  std::vector<Segment> segments;
  // The entries of segment s are begin[s] .. begin[s+1]-1, ascending and distinct by item.
  std::vector<uint64_t> begin = {0};
  std::vector<Entry> entries;
};

// REQUIRES: as documented above.
Bytes EncodeSegments(const SegmentsData& data);

class Segments {
 public:
  static constexpr uint32_t kNone = 0xFFFFFFFFu;

  // Validates everything. `part` must outlive the object.
  static Result<Segments> Open(ByteView part, uint32_t item_count);

  uint32_t size() const { return static_cast<uint32_t>(segments_.size()); }
  // The number of a segment, or kNone.
  uint32_t Find(std::string_view attribute, std::string_view value) const;
  const std::string& Attribute(uint32_t segment) const {
    return attributes_[segments_[segment].attribute];
  }
  const std::string& Value(uint32_t segment) const { return segments_[segment].value; }
  uint32_t Shoppers(uint32_t segment) const { return segments_[segment].shoppers; }

  // Calls visit(ItemIndex, float weighted_lift) for each entry, ascending by item.
  // REQUIRES: segment < size().
  template <typename Visit>
  void ForEach(uint32_t segment, Visit&& visit) const {
    const float scale = weight_[segments_[segment].attribute] / kLiftSteps;
    for (uint32_t e = begin_[segment]; e < begin_[segment + 1]; ++e) {
      visit(items_[e], scale * static_cast<float>(lifts_[e]));
    }
  }

 private:
  friend Bytes EncodeSegments(const SegmentsData& data);
  static constexpr float kLiftSteps = 16;  // a lift of 1 is 16 steps

  std::vector<std::string> attributes_;
  std::vector<float> weight_;
  std::vector<SegmentsData::Segment> segments_;
  std::vector<uint32_t> begin_;
  std::vector<ItemIndex> items_;
  std::vector<int8_t> lifts_;
};

}  // namespace vitrine
