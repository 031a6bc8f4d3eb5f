// A threshold as the user wrote it, so that it can be compared with counts without rounding: a rule
// at a lift of exactly 2 is not lost.
#pragma once

#include <cstdint>
#include <string_view>

#include "shared/result.h"

namespace vitrine {

// numerator / denominator; the denominator is a power of ten.
struct Decimal {
  uint64_t numerator = 0;
  uint64_t denominator = 1;
};

// Reads "0.05", "2", "1e-3". At most 9 digits after the point and 9 before it.
Result<Decimal> ParseDecimal(std::string_view text);

// ceil(share * total): the smallest count that is at least this share.
uint64_t CountAtLeast(Decimal share, uint64_t total);

}  // namespace vitrine
