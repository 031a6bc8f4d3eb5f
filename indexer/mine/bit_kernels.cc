#include "indexer/mine/bit_kernels.h"

#include <array>
#include <bit>
#include <numeric>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vitrine {
namespace bit_kernels {

uint64_t AndCountPortable(const uint64_t* a, const uint64_t* b, uint64_t* out, size_t words) {
  uint64_t count = 0;
  for (size_t w = 0; w < words; ++w) {
    out[w] = a[w] & b[w];
    count += static_cast<uint64_t>(std::popcount(out[w]));
  }
  return count;
}

namespace {

uint64_t ExtractPortable(uint64_t bits, uint64_t mask) {
  uint64_t out = 0;
  for (int at = 0; mask != 0; mask &= mask - 1, ++at) {
    out |= (bits >> std::countr_zero(mask) & 1) << at;
  }
  return out;
}

}  // namespace

size_t CompressPortable(const uint64_t* a, const uint64_t* mask, uint64_t* out, size_t words) {
  uint64_t pending = 0;
  int used = 0;
  size_t written = 0;
  for (size_t w = 0; w < words; ++w) {
    if (mask[w] == 0) continue;
    const uint64_t bits = ExtractPortable(a[w], mask[w]);
    const int size = std::popcount(mask[w]);
    pending |= bits << used;
    if (used + size >= 64) {
      out[written++] = pending;
      pending = used == 0 ? 0 : bits >> (64 - used);
      used += size - 64;
    } else {
      used += size;
    }
  }
  if (used > 0) out[written++] = pending;
  return written;
}

#if defined(__x86_64__)
namespace {

__attribute__((target("popcnt"))) uint64_t AndCountPopcnt(const uint64_t* a, const uint64_t* b,
                                                          uint64_t* out, size_t words) {
  uint64_t count = 0;
  for (size_t w = 0; w < words; ++w) {
    out[w] = a[w] & b[w];
    count += static_cast<uint64_t>(_mm_popcnt_u64(out[w]));
  }
  return count;
}

__attribute__((target("avx512f,avx512vpopcntdq"))) uint64_t AndCountAvx512(const uint64_t* a,
                                                                           const uint64_t* b,
                                                                           uint64_t* out,
                                                                           size_t words) {
  __m512i count = _mm512_setzero_si512();
  size_t w = 0;
  for (; w + 8 <= words; w += 8) {
    const __m512i both = _mm512_and_si512(_mm512_loadu_si512(a + w), _mm512_loadu_si512(b + w));
    _mm512_storeu_si512(out + w, both);
    count = _mm512_add_epi64(count, _mm512_popcnt_epi64(both));
  }
  if (w < words) {
    const auto tail = static_cast<__mmask8>((1u << (words - w)) - 1);
    const __m512i both = _mm512_and_si512(_mm512_maskz_loadu_epi64(tail, a + w),
                                          _mm512_maskz_loadu_epi64(tail, b + w));
    _mm512_mask_storeu_epi64(out + w, tail, both);
    count = _mm512_add_epi64(count, _mm512_popcnt_epi64(both));
  }
  std::array<uint64_t, 8> lanes;
  _mm512_storeu_si512(lanes.data(), count);
  return std::accumulate(lanes.begin(), lanes.end(), uint64_t{0});
}

__attribute__((target("bmi2,popcnt"))) size_t CompressBmi2(const uint64_t* a, const uint64_t* mask,
                                                           uint64_t* out, size_t words) {
  uint64_t pending = 0;
  int used = 0;
  size_t written = 0;
  for (size_t w = 0; w < words; ++w) {
    if (mask[w] == 0) continue;
    const uint64_t bits = _pext_u64(a[w], mask[w]);
    const int size = static_cast<int>(_mm_popcnt_u64(mask[w]));
    pending |= bits << used;
    if (used + size >= 64) {
      out[written++] = pending;
      pending = used == 0 ? 0 : bits >> (64 - used);
      used += size - 64;
    } else {
      used += size;
    }
  }
  if (used > 0) out[written++] = pending;
  return written;
}

}  // namespace
#endif

}  // namespace bit_kernels

namespace {
using AndCountFunction = uint64_t (*)(const uint64_t*, const uint64_t*, uint64_t*, size_t);
using CompressFunction = size_t (*)(const uint64_t*, const uint64_t*, uint64_t*, size_t);

AndCountFunction BestAndCount() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512vpopcntdq")) return bit_kernels::AndCountAvx512;
  if (__builtin_cpu_supports("popcnt")) return bit_kernels::AndCountPopcnt;
#endif
  return bit_kernels::AndCountPortable;
}

CompressFunction BestCompress() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("bmi2")) return bit_kernels::CompressBmi2;
#endif
  return bit_kernels::CompressPortable;
}

const AndCountFunction kAndCount = BestAndCount();
const CompressFunction kCompress = BestCompress();
}  // namespace

uint64_t AndCount(const uint64_t* a, const uint64_t* b, uint64_t* out, size_t words) {
  return kAndCount(a, b, out, words);
}

size_t Compress(const uint64_t* a, const uint64_t* mask, uint64_t* out, size_t words) {
  return kCompress(a, mask, out, words);
}

}  // namespace vitrine
