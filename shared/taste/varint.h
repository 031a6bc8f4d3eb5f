// Unsigned integers in 7-bit groups, lowest first, the high bit set on all but the last byte
// (LEB128, as in the WebAssembly binary format).
#pragma once

#include <cstdint>

#include "shared/bytes.h"

namespace vitrine {

inline void WriteVarint(ByteWriter& out, uint32_t value) {
  for (; value >= 0x80; value >>= 7) out.Write(static_cast<uint8_t>(value | 0x80));
  out.Write(static_cast<uint8_t>(value));
}

// Fails the reader on more than 32 bits.
inline uint32_t ReadVarint(ByteReader& in) {
  uint64_t value = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    const uint8_t byte = in.Read<uint8_t>();
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) {
      if (value <= 0xFFFFFFFFu) return static_cast<uint32_t>(value);
      break;
    }
  }
  in.ReadBytes(SIZE_MAX);
  return 0;
}

// The integer at `at`, which moves behind it. REQUIRES: ReadVarint took these bytes before, so that
// nothing is to be checked again (lists are walked at every answer).
inline uint32_t NextVarint(const uint8_t*& at) {
  uint32_t value = *at & 0x7F;
  for (int shift = 7; (*at++ & 0x80) != 0; shift += 7) {
    value |= static_cast<uint32_t>(*at & 0x7F) << shift;
  }
  return value;
}

}  // namespace vitrine
