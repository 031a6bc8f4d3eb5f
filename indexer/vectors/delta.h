// What changed since a section of vectors was published, so that a shopper who has the section
// downloads only that.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "indexer/support/matrix.h"
#include "shared/bytes.h"
#include "shared/item.h"
#include "shared/result.h"

namespace vitrine {

// Where the items of a later day come from.
struct DayOrder {
  std::vector<uint32_t> row;  // of each item, in its new order
  std::vector<ItemIndex>
      origin;       // its number in the section; kNoItem = fresh: new, or a new vector
  size_t gone = 0;  // items of the section that are not there any more
};

// Items of the section keep their order; fresh ones follow in the order of their rows. An item is
// fresh when its id is new, or when its vector lies much further from what the section has for it
// than is usual. REQUIRES: `section` is a payload from BuildVectorSection, base_ids.size() its
// items, ids.size() == rows.rows; ids are distinct. Fails when the dimensions differ.
Result<DayOrder> OrderForDelta(ByteView section, std::span<const std::string> base_ids,
                               MatrixView rows, std::span<const std::string> ids);

// The payload for VectorIndex::Apply(): fresh items coded with the section's own model.
Result<Bytes> BuildVectorDelta(ByteView section, MatrixView rows, const DayOrder& day,
                               size_t threads = 0);

}  // namespace vitrine
