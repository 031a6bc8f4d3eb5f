// The inner loops of the search: products of codes of 8 bits, or of 4, with 16-bit weights, summed
// in 32 bits. Integer sums do not depend on their order, so every variant gives the same answer.
#pragma once

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

#if defined(__wasm_simd128__)

inline int32_t SumOfLanes(v128_t sum) {
  return wasm_i32x4_extract_lane(sum, 0) + wasm_i32x4_extract_lane(sum, 1) +
         wasm_i32x4_extract_lane(sum, 2) + wasm_i32x4_extract_lane(sum, 3);
}

inline int32_t Dot(const int8_t* codes, const int16_t* weights, size_t size) {
  v128_t low_sum = wasm_i32x4_const(0, 0, 0, 0), high_sum = low_sum;
  for (size_t i = 0; i < size; i += kKernelWidth) {
    const v128_t row = wasm_v128_load(codes + i);
    const v128_t low =
        wasm_i32x4_dot_i16x8(wasm_i16x8_extend_low_i8x16(row), wasm_v128_load(weights + i));
    const v128_t high =
        wasm_i32x4_dot_i16x8(wasm_i16x8_extend_high_i8x16(row), wasm_v128_load(weights + i + 8));
    low_sum = wasm_i32x4_add(low_sum, low);
    high_sum = wasm_i32x4_add(high_sum, high);
  }
  return SumOfLanes(wasm_i32x4_add(low_sum, high_sum));
}

inline int32_t DotHalves(const int8_t* codes, const int16_t* weights, size_t size) {
  v128_t lower_sum = wasm_i32x4_const(0, 0, 0, 0), upper_sum = lower_sum;
  const auto add = [&](v128_t bytes, const int16_t* at) {
    const v128_t lower = wasm_i16x8_shr(wasm_i16x8_shl(bytes, 12), 12);
    const v128_t upper = wasm_i16x8_shr(bytes, 4);
    lower_sum = wasm_i32x4_add(lower_sum, wasm_i32x4_dot_i16x8(lower, wasm_v128_load(at)));
    upper_sum = wasm_i32x4_add(upper_sum, wasm_i32x4_dot_i16x8(upper, wasm_v128_load(at + 16)));
  };
  for (size_t i = 0; i < size; i += kKernelWidth) {
    const v128_t row = wasm_v128_load(codes + i);
    add(wasm_i16x8_extend_low_i8x16(row), weights + 2 * i);
    add(wasm_i16x8_extend_high_i8x16(row), weights + 2 * i + 8);
  }
  return SumOfLanes(wasm_i32x4_add(lower_sum, upper_sum));
}

#elif defined(__SSE2__)

inline int32_t SumOfLanes(__m128i sum) {
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, _MM_SHUFFLE(1, 0, 3, 2)));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, _MM_SHUFFLE(2, 3, 0, 1)));
  return _mm_cvtsi128_si32(sum);
}

inline int32_t Dot(const int8_t* codes, const int16_t* weights, size_t size) {
  __m128i low_sum = _mm_setzero_si128(), high_sum = low_sum;
  for (size_t i = 0; i < size; i += kKernelWidth) {
    const __m128i row = _mm_loadu_si128(reinterpret_cast<const __m128i*>(codes + i));
    // Sign extension: each byte into the upper half of a word, then shifted down.
    const __m128i low = _mm_srai_epi16(_mm_unpacklo_epi8(row, row), 8);
    const __m128i high = _mm_srai_epi16(_mm_unpackhi_epi8(row, row), 8);
    const auto* at = reinterpret_cast<const __m128i*>(weights + i);
    low_sum = _mm_add_epi32(low_sum, _mm_madd_epi16(low, _mm_loadu_si128(at)));
    high_sum = _mm_add_epi32(high_sum, _mm_madd_epi16(high, _mm_loadu_si128(at + 1)));
  }
  return SumOfLanes(_mm_add_epi32(low_sum, high_sum));
}

inline int32_t DotHalves(const int8_t* codes, const int16_t* weights, size_t size) {
  __m128i lower_sum = _mm_setzero_si128(), upper_sum = lower_sum;
  // Words that hold each byte twice: the upper half is what their top four bits are.
  const auto add = [&](__m128i twice, const int16_t* weight) {
    const auto* at = reinterpret_cast<const __m128i*>(weight);
    const __m128i lower = _mm_srai_epi16(_mm_slli_epi16(twice, 12), 12);
    const __m128i upper = _mm_srai_epi16(twice, 12);
    lower_sum = _mm_add_epi32(lower_sum, _mm_madd_epi16(lower, _mm_loadu_si128(at)));
    upper_sum = _mm_add_epi32(upper_sum, _mm_madd_epi16(upper, _mm_loadu_si128(at + 2)));
  };
  for (size_t i = 0; i < size; i += kKernelWidth) {
    const __m128i row = _mm_loadu_si128(reinterpret_cast<const __m128i*>(codes + i));
    add(_mm_unpacklo_epi8(row, row), weights + 2 * i);
    add(_mm_unpackhi_epi8(row, row), weights + 2 * i + 8);
  }
  return SumOfLanes(_mm_add_epi32(lower_sum, upper_sum));
}

#else

inline int32_t Dot(const int8_t* codes, const int16_t* weights, size_t size) {
  return DotScalar(codes, weights, size);
}

inline int32_t DotHalves(const int8_t* codes, const int16_t* weights, size_t size) {
  return DotHalvesScalar(codes, weights, size);
}

#endif

}  // namespace vitrine
