// Section THMB: the thumbs of the products' photos (shared/image/thumb.h), by which a photo that is
// the shop's own is known again. The byte layout is in docs/bundle_format.md.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "shared/bytes.h"
#include "shared/image/thumb.h"
#include "shared/item.h"
#include "shared/result.h"

namespace vitrine {

class Thumbs {
 public:
  // `thumbs`: n x kThumbBytes; those that `shown` leaves out (n values) are found by nobody.
  static Bytes Encode(std::span<const uint8_t> thumbs, const std::vector<bool>& shown);
  static Result<Thumbs> Open(ByteView payload);

  uint32_t size() const { return static_cast<uint32_t>(place_.size()); }

  // How far, at most, two thumbs of one photo are apart: mean difference in levels of 256.
  static constexpr float kSame = 4;

  struct Match {
    ItemIndex item = kNoItem;
    float distance = 0;  // 0..kSame, of the nearest view
  };
  // The items whose thumb is one of `views` (m x kThumbBytes) within kSame, ascending by item.
  // O(n m): 100,000 products with the 17 views of ThumbViews() are at most 330 MB of bytes read,
  // in practice a third.
  std::vector<Match> Matches(std::span<const uint8_t> views) const;

 private:
  std::vector<uint32_t> place_;  // of each item's thumb among bytes_; kNone = it has none
  std::vector<uint8_t> bytes_;
};

}  // namespace vitrine
