// The inner loops of the search: products of codes of 8 bits, or of 4, with 16-bit weights, summed
// in 32 bits. Integer sums do not depend on their order, so every variant gives the same answer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace vitrine {

// Rows and weights are padded with zeros to a multiple of this many values.
inline constexpr size_t kKernelWidth = 16;
inline uint32_t RoundUp(uint32_t size, uint32_t unit) { return (size + unit - 1) / unit * unit; }

// Plain loop: the reference, and the fallback where there is no SIMD.
// REQUIRES (all variants): size is a multiple of kKernelWidth, and 128 * sum |weights| < 2^31.
inline int32_t DotScalar(const int8_t* codes, const int16_t* weights, size_t size) {
  int32_t sum = 0;
  for (size_t i = 0; i < size; ++i) sum += codes[i] * weights[i];
  return sum;
}

// Two codes of 4 bits in one byte.
inline constexpr int kLowestHalf = -8, kHighestHalf = 7;
inline int8_t LowerHalf(int8_t both) {
  return static_cast<int8_t>(static_cast<int8_t>(both << 4) >> 4);
}
inline int8_t UpperHalf(int8_t both) { return static_cast<int8_t>(both >> 4); }
inline int8_t JoinHalves(int8_t lower, int8_t upper) {
  return static_cast<int8_t>((lower & 0xF) | upper << 4);
}

// Of 16 bytes the lower halves are the first 16 codes, the upper halves the next 16.
// REQUIRES (all variants): size, in bytes, is a multiple of kKernelWidth; 2 x size weights, with
// 8 * sum |weights| < 2^31.
inline int32_t DotHalvesScalar(const int8_t* codes, const int16_t* weights, size_t size) {
  int32_t sum = 0;
  for (size_t i = 0; i < size; i += kKernelWidth, weights += 2 * kKernelWidth) {
    for (size_t j = 0; j < kKernelWidth; ++j) {
      sum += LowerHalf(codes[i + j]) * weights[j];
      sum += UpperHalf(codes[i + j]) * weights[kKernelWidth + j];
    }
  }
  return sum;
}

// What each machine has of its own. Lanes are partial sums: AddCodes adds the products of 16 codes
// of 8 bits, AddHalves of 32 codes of 4; Sum is what they come to, SumsOfFour the same of four.
#if defined(__wasm_simd128__)

using Lanes = v128_t;
inline Lanes NoLanes() { return wasm_i32x4_const(0, 0, 0, 0); }

inline Lanes AddCodes(Lanes sum, const int8_t* codes, const int16_t* weights) {
  const v128_t row = wasm_v128_load(codes);
  const v128_t low =
      wasm_i32x4_dot_i16x8(wasm_i16x8_extend_low_i8x16(row), wasm_v128_load(weights));
  const v128_t high =
      wasm_i32x4_dot_i16x8(wasm_i16x8_extend_high_i8x16(row), wasm_v128_load(weights + 8));
  return wasm_i32x4_add(sum, wasm_i32x4_add(low, high));
}

inline Lanes AddHalves(Lanes sum, const int8_t* codes, const int16_t* weights) {
  const v128_t row = wasm_v128_load(codes);
  const auto add = [&](v128_t bytes, const int16_t* at) {
    const v128_t lower = wasm_i16x8_shr(wasm_i16x8_shl(bytes, 12), 12);
    const v128_t upper = wasm_i16x8_shr(bytes, 4);
    sum = wasm_i32x4_add(
        sum, wasm_i32x4_add(wasm_i32x4_dot_i16x8(lower, wasm_v128_load(at)),
                            wasm_i32x4_dot_i16x8(upper, wasm_v128_load(at + kKernelWidth))));
  };
  add(wasm_i16x8_extend_low_i8x16(row), weights);
  add(wasm_i16x8_extend_high_i8x16(row), weights + 8);
  return sum;
}

inline void SumsOfFour(const Lanes (&of)[4], int32_t (&sums)[4]) {
  const v128_t ab = wasm_i32x4_add(wasm_i32x4_shuffle(of[0], of[1], 0, 4, 1, 5),
                                   wasm_i32x4_shuffle(of[0], of[1], 2, 6, 3, 7));
  const v128_t cd = wasm_i32x4_add(wasm_i32x4_shuffle(of[2], of[3], 0, 4, 1, 5),
                                   wasm_i32x4_shuffle(of[2], of[3], 2, 6, 3, 7));
  wasm_v128_store(
      sums, wasm_i32x4_add(wasm_i64x2_shuffle(ab, cd, 0, 2), wasm_i64x2_shuffle(ab, cd, 1, 3)));
}

inline int32_t Sum(Lanes sum) {
  sum = wasm_i32x4_add(sum, wasm_i32x4_shuffle(sum, sum, 2, 3, 0, 1));
  sum = wasm_i32x4_add(sum, wasm_i32x4_shuffle(sum, sum, 1, 0, 3, 2));
  return wasm_i32x4_extract_lane(sum, 0);
}

#elif defined(__SSE2__)

using Lanes = __m128i;
inline Lanes NoLanes() { return _mm_setzero_si128(); }

inline Lanes AddCodes(Lanes sum, const int8_t* codes, const int16_t* weights) {
  const __m128i row = _mm_loadu_si128(reinterpret_cast<const __m128i*>(codes));
  // Sign extension: each byte into the upper half of a word, then shifted down.
  const __m128i low = _mm_srai_epi16(_mm_unpacklo_epi8(row, row), 8);
  const __m128i high = _mm_srai_epi16(_mm_unpackhi_epi8(row, row), 8);
  const auto* at = reinterpret_cast<const __m128i*>(weights);
  return _mm_add_epi32(sum, _mm_add_epi32(_mm_madd_epi16(low, _mm_loadu_si128(at)),
                                          _mm_madd_epi16(high, _mm_loadu_si128(at + 1))));
}

inline Lanes AddHalves(Lanes sum, const int8_t* codes, const int16_t* weights) {
  const __m128i row = _mm_loadu_si128(reinterpret_cast<const __m128i*>(codes));
  // Words that hold each byte twice: the upper half is what their top four bits are.
  const auto add = [&](__m128i twice, const int16_t* weight) {
    const auto* at = reinterpret_cast<const __m128i*>(weight);
    const __m128i lower = _mm_srai_epi16(_mm_slli_epi16(twice, 12), 12);
    const __m128i upper = _mm_srai_epi16(twice, 12);
    sum = _mm_add_epi32(sum, _mm_add_epi32(_mm_madd_epi16(lower, _mm_loadu_si128(at)),
                                           _mm_madd_epi16(upper, _mm_loadu_si128(at + 2))));
  };
  add(_mm_unpacklo_epi8(row, row), weights);
  add(_mm_unpackhi_epi8(row, row), weights + 8);
  return sum;
}

inline void SumsOfFour(const Lanes (&of)[4], int32_t (&sums)[4]) {
  const __m128i ab =
      _mm_add_epi32(_mm_unpacklo_epi32(of[0], of[1]), _mm_unpackhi_epi32(of[0], of[1]));
  const __m128i cd =
      _mm_add_epi32(_mm_unpacklo_epi32(of[2], of[3]), _mm_unpackhi_epi32(of[2], of[3]));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(sums),
                   _mm_add_epi32(_mm_unpacklo_epi64(ab, cd), _mm_unpackhi_epi64(ab, cd)));
}

inline int32_t Sum(Lanes sum) {
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, _MM_SHUFFLE(1, 0, 3, 2)));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, _MM_SHUFFLE(2, 3, 0, 1)));
  return _mm_cvtsi128_si32(sum);
}

#else

using Lanes = int32_t;
inline Lanes NoLanes() { return 0; }
inline Lanes AddCodes(Lanes sum, const int8_t* codes, const int16_t* weights) {
  return sum + DotScalar(codes, weights, kKernelWidth);
}
inline Lanes AddHalves(Lanes sum, const int8_t* codes, const int16_t* weights) {
  return sum + DotHalvesScalar(codes, weights, kKernelWidth);
}
inline void SumsOfFour(const Lanes (&of)[4], int32_t (&sums)[4]) { std::copy_n(of, 4, sums); }
inline int32_t Sum(Lanes sum) { return sum; }

#endif

inline int32_t Dot(const int8_t* codes, const int16_t* weights, size_t size) {
  Lanes sum = NoLanes();
  for (size_t i = 0; i < size; i += kKernelWidth) sum = AddCodes(sum, codes + i, weights + i);
  return Sum(sum);
}

}  // namespace vitrine
