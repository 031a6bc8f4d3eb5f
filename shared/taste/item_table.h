// One unit vector of at most 64 components a product, at four bits a component: the table that the
// session encoder and the two towers look products up in and score them with. Fewer components are
// fewer bytes as sent; opened, the others are zero.
//
// Only products that are known have a row (below the privacy floor there is none): a bitmap says
// which. A row's length is computed when it is opened.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "shared/bytes.h"
#include "shared/item.h"
#include "shared/result.h"

namespace vitrine {

inline constexpr uint32_t kTableDimensions = 64;

// Whether a table may have so many components: 8, 16, .. 64.
constexpr bool IsTableDimensions(uint32_t components) {
  return components % 8 == 0 && components >= 8 && components <= kTableDimensions;
}

// `rows`: item_count x 64, any lengths; a row of zeros = not known. REQUIRES: what is beyond
// `components` is zero.
void WriteItemTable(std::span<const float> rows, uint32_t components, ByteWriter& out);

class ItemTable {
 public:
  // REQUIRES: IsTableDimensions(components).
  static Result<ItemTable> Read(ByteReader& in, uint32_t item_count, uint32_t components);

  uint32_t item_count() const { return static_cast<uint32_t>(row_of_.size()); }
  bool Knows(ItemIndex item) const { return row_of_[item] != kNoItem; }

  // The unit vector of a product; zeros when it is not known. REQUIRES: item < item_count().
  void Decode(ItemIndex item, std::span<float> unit) const;

  // scores[j] = scale x (query . unit vector of product j), 0 for one that is not known. The
  // product is of integers (7-bit query), so that it is exact in any order. O(known products).
  // REQUIRES: scores.size() == item_count().
  void Score(std::span<const float> query, float scale, std::span<float> scores) const;

 private:
  std::vector<uint32_t> row_of_;    // kNoItem = not known
  std::vector<ItemIndex> item_of_;  // ascending
  // Blocks of eight rows, component by component: the code of component k of row r is
  // codes_[(r / 8 * 64 + k) * 8 + r % 8].
  std::vector<int8_t> codes_;
  std::vector<float> inverse_norm_;  // by row
};

}  // namespace vitrine
