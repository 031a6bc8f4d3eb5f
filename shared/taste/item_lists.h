// For each product, the products that shoppers turn to before and after it: one short list of
// (product, weight), pruned and quantized to about three bytes an entry.
#pragma once

#include <cstdint>
#include <vector>

#include "shared/bytes.h"
#include "shared/item.h"
#include "shared/result.h"
#include "shared/taste/level.h"
#include "shared/taste/varint.h"

namespace vitrine {

// The list of product i is entries begin[i] .. begin[i+1]-1, ascending and distinct by item.
struct ItemListsData {
  struct Entry {
    ItemIndex item = kNoItem;
    float weight = 0;       // 0 < weight <= 1, roughly P(item comes next | i)
    uint32_t shoppers = 0;  // distinct ones behind the entry; not written
  };
  std::vector<uint64_t> begin = {0};
  std::vector<Entry> entries;
};

// REQUIRES: as documented above.
Bytes EncodeItemLists(const ItemListsData& data);

class ItemLists {
 public:
  // Validates every list: `list_count` of them, of products below `item_count`. `part` must outlive
  // the object: lists are decoded when they are asked for.
  static Result<ItemLists> Open(ByteView part, uint32_t list_count, uint32_t item_count);

  // Calls visit(ItemIndex other, float weight) for each entry of list number `item`, ascending by
  // item. REQUIRES: item < list_count, or no lists at all.
  template <typename Visit>
  void ForEach(ItemIndex item, Visit&& visit) const {
    if (begin_.empty()) return;
    const uint8_t* at = bytes_.data() + begin_[item];
    const uint8_t* const end = bytes_.data() + begin_[item + 1];
    for (ItemIndex other = 0; at < end;) {
      other += NextVarint(at);
      visit(other, kLevels[*at++]);
    }
  }

 private:
  ByteView bytes_;
  std::vector<uint32_t> begin_;  // of each list in bytes_; empty when the part is absent
};

}  // namespace vitrine
