// The difference between two builds of one file, so that a returning shopper downloads what
// changed. Byte layout: docs/bundle_format.md, "Deltas"; web/src/delta.ts is the other reader.
#pragma once

#include "shared/bytes.h"
#include "shared/result.h"

namespace vitrine {

// How to make `after` from `before`. Finds copies of 16 bytes and more wherever they moved, and
// shorter ones where nothing moved. O(before + after) time, memory about `before`.
Bytes EncodeDelta(ByteView before, ByteView after);

// Fails on bytes that are no delta or belong to another `before`; never makes more than `most`
// bytes.
Result<Bytes> DecodeDelta(ByteView before, ByteView delta, size_t most);

}  // namespace vitrine
