// exp and log from + - x / alone, so that native code and WebAssembly agree to the last bit (the
// platforms' own differ in the last place). Error: a few units in the last place.
#pragma once

#include <cstdint>

#include "shared/bytes.h"

namespace vitrine {

// e^x. Below -87 it is 0, above 88 it is e^88.
inline float Exp(float x) {
  if (!(x > -87.0f)) return 0;
  if (x > 88.0f) x = 88.0f;
  // x = n ln 2 + r, |r| <= ln 2 / 2; ln 2 in two pieces (Cody and Waite), then Taylor to r^6.
  const float n = (x * 1.44269504f + 12582912.0f) - 12582912.0f;
  const float r = (x - n * 0.693145752f) - n * 1.42860677e-6f;
  float p = 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const int32_t exponent = static_cast<int32_t>(n) + 127;
  return p * BitCast<float>(static_cast<uint32_t>(exponent) << 23);
}

// ln x. REQUIRES: x is positive, finite and not subnormal.
inline float Log(float x) {
  uint32_t bits = BitCast<uint32_t>(x);
  // x = 2^n m, sqrt(1/2) <= m < sqrt(2); ln m = 2 artanh((m - 1) / (m + 1)).
  const int32_t n = static_cast<int32_t>((bits - 0x3F3504F3u) >> 23 << 23) >> 23;
  bits -= static_cast<uint32_t>(n) << 23;
  const float m = BitCast<float>(bits);
  const float t = (m - 1) / (m + 1), t2 = t * t;
  float p = 2.0f / 9;
  p = p * t2 + 2.0f / 7;
  p = p * t2 + 2.0f / 5;
  p = p * t2 + 2.0f / 3;
  p = p * t2 + 2.0f;
  return p * t + static_cast<float>(n) * 0.693147181f;
}

}  // namespace vitrine
