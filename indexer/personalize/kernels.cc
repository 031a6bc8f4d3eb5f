#include "indexer/personalize/kernels.h"

#include <algorithm>

#include "shared/taste/math.h"

// Clones for wider registers. Sanitizers start before clones can be resolved.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define VITRINE_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#define VITRINE_NARROW __attribute__((target_clones("avx2", "default")))
#define VITRINE_WIDE __attribute__((target("avx512f")))
#else
#define VITRINE_CLONES
#define VITRINE_NARROW
#endif

namespace vitrine::kernels {
namespace {

// Sixteen lanes, whatever the machine has.
typedef float Lanes __attribute__((vector_size(64)));
typedef int32_t IntLanes __attribute__((vector_size(64)));
constexpr size_t kLanes = 16;
constexpr size_t kParts = kColumns / kLanes;

#define VITRINE_INLINE inline __attribute__((always_inline))

VITRINE_INLINE const Lanes& At(const float* p) { return *reinterpret_cast<const Lanes*>(p); }
VITRINE_INLINE Lanes& At(float* p) { return *reinterpret_cast<Lanes*>(p); }

VITRINE_INLINE float Sum(const Lanes& x) {
  float eight[8], four[4];
  for (int i = 0; i < 8; ++i) eight[i] = x[i] + x[i + 8];
  for (int i = 0; i < 4; ++i) four[i] = eight[i] + eight[i + 4];
  return (four[0] + four[2]) + (four[1] + four[3]);
}

VITRINE_INLINE float DotInline(const float* a, const float* b) {
  Lanes sum = At(a) * At(b);
  for (size_t j = kLanes; j < kColumns; j += kLanes) sum += At(a + j) * At(b + j);
  return Sum(sum);
}

// e^x for x <= 0, by shared/taste/math.h's polynomial.
VITRINE_INLINE Lanes ExpInline(Lanes x) {
  x = x < -87.0f ? Lanes{} - 87.0f : x;
  const Lanes n = (x * 1.44269504f + 12582912.0f) - 12582912.0f;
  const Lanes r = (x - n * 0.693145752f) - n * 1.42860677e-6f;
  Lanes p = r * (1.0f / 720) + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const IntLanes exponent = __builtin_convertvector(n, IntLanes) + 127;
  return p * (Lanes)(exponent << 23);  // NOLINT: between vectors a cast keeps the bits
}

}  // namespace

VITRINE_CLONES float Dot(const float* a, const float* b) { return DotInline(a, b); }

VITRINE_CLONES void AddScaled(const float* x, float scale, float* out) {
  for (size_t j = 0; j < kColumns; j += kLanes) At(out + j) += At(x + j) * scale;
}

VITRINE_CLONES void Gather(const float* rows, const uint32_t* index, const float* weight,
                           size_t count, float* out) {
  Lanes sum[kParts];
  for (size_t j = 0; j < kParts; ++j) sum[j] = At(out + j * kLanes);
  for (size_t i = 0; i < count; ++i) {
    const float* row = rows + size_t{index[i]} * kColumns;
    for (size_t j = 0; j < kParts; ++j) sum[j] += At(row + j * kLanes) * weight[i];
  }
  for (size_t j = 0; j < kParts; ++j) At(out + j * kLanes) = sum[j];
}

VITRINE_CLONES void Scatter(const float* x, const uint32_t* index, const float* weight,
                            size_t count, float* rows) {
  Lanes add[kParts];
  for (size_t j = 0; j < kParts; ++j) add[j] = At(x + j * kLanes);
  for (size_t i = 0; i < count; ++i) {
    float* row = rows + size_t{index[i]} * kColumns;
    for (size_t j = 0; j < kParts; ++j) At(row + j * kLanes) += add[j] * weight[i];
  }
}

VITRINE_CLONES void Pack(const float* rows, size_t count, float* packed) {
  for (size_t r = 0; r < count; ++r) {
    float* at = packed + r / kLanes * kColumns * kLanes + r % kLanes;
    for (size_t k = 0; k < kColumns; ++k) at[k * kLanes] = rows[r * kColumns + k];
  }
}

namespace {

// Tiles of 4 rows by kWide x 16 columns, whose sums stay in registers: 32 of 64 bytes with AVX-512
// hold two and four times as many as 16 of 32 bytes. Every sum is added up in the same order.
template <size_t kWide>
VITRINE_INLINE void ProductsInline(const float* a, size_t rows, const float* packed, size_t count,
                                   float scale, float* out) {
  for (size_t c = 0; c < count; c += kWide * kLanes) {
    const float* block = packed + c * kColumns;
    for (size_t r = 0; r < rows; r += 4) {
      Lanes sum[4][kWide] = {};
      for (size_t k = 0; k < kColumns; ++k) {
        Lanes x[kWide];
        for (size_t j = 0; j < kWide; ++j) x[j] = At(block + (j * kColumns + k) * kLanes);
        for (size_t i = 0; i < 4; ++i) {
          const float s = a[(r + i) * kColumns + k];
          for (size_t j = 0; j < kWide; ++j) sum[i][j] += x[j] * s;
        }
      }
      for (size_t i = 0; i < 4; ++i) {
        for (size_t j = 0; j < kWide; ++j) {
          At(out + (r + i) * count + c + j * kLanes) = sum[i][j] * scale;
        }
      }
    }
  }
}

template <size_t kWide>
VITRINE_INLINE void WeightedSumsInline(const float* w, size_t row_step, size_t inner_step,
                                       size_t rows, size_t inner, const float* v, float scale,
                                       float* out) {
  for (size_t r = 0; r < rows; r += 4) {
    for (size_t column = 0; column < kColumns; column += kWide * kLanes) {
      Lanes sum[4][kWide] = {};
      for (size_t c = 0; c < inner; ++c) {
        const float* row = v + c * kColumns + column;
        Lanes x[kWide];
        for (size_t j = 0; j < kWide; ++j) x[j] = At(row + j * kLanes);
        for (size_t i = 0; i < 4; ++i) {
          const float s = w[(r + i) * row_step + c * inner_step];
          for (size_t j = 0; j < kWide; ++j) sum[i][j] += x[j] * s;
        }
      }
      for (size_t i = 0; i < 4; ++i) {
        for (size_t j = 0; j < kWide; ++j) {
          At(out + (r + i) * kColumns + column + j * kLanes) += sum[i][j] * scale;
        }
      }
    }
  }
}

VITRINE_NARROW void ProductsNarrow(const float* a, size_t rows, const float* packed, size_t count,
                                   float scale, float* out) {
  ProductsInline<1>(a, rows, packed, count, scale, out);
}

VITRINE_NARROW void WeightedSumsNarrow(const float* w, size_t row_step, size_t inner_step,
                                       size_t rows, size_t inner, const float* v, float scale,
                                       float* out) {
  WeightedSumsInline<1>(w, row_step, inner_step, rows, inner, v, scale, out);
}

#ifdef VITRINE_WIDE
VITRINE_WIDE void ProductsWide(const float* a, size_t rows, const float* packed, size_t count,
                               float scale, float* out) {
  ProductsInline<2>(a, rows, packed, count, scale, out);
}

VITRINE_WIDE void WeightedSumsWide(const float* w, size_t row_step, size_t inner_step, size_t rows,
                                   size_t inner, const float* v, float scale, float* out) {
  WeightedSumsInline<kParts>(w, row_step, inner_step, rows, inner, v, scale, out);
}

const bool kHasWide = __builtin_cpu_supports("avx512f") != 0;
#endif

}  // namespace

void Products(const float* a, size_t rows, const float* packed, size_t count, float scale,
              float* out) {
#ifdef VITRINE_WIDE
  if (kHasWide) return ProductsWide(a, rows, packed, count, scale, out);
#endif
  ProductsNarrow(a, rows, packed, count, scale, out);
}

void WeightedSums(const float* w, size_t row_step, size_t inner_step, size_t rows, size_t inner,
                  const float* v, float scale, float* out) {
#ifdef VITRINE_WIDE
  if (kHasWide) return WeightedSumsWide(w, row_step, inner_step, rows, inner, v, scale, out);
#endif
  WeightedSumsNarrow(w, row_step, inner_step, rows, inner, v, scale, out);
}

VITRINE_CLONES float Softmax(float* z, size_t count, const float* correction, size_t target) {
  const float target_logit = z[target];
  Lanes most = Lanes{} - 1e30f;
  for (size_t c = 0; c < count; c += kLanes) {
    const Lanes x = At(z + c) - At(correction + c);
    At(z + c) = x;
    most = x > most ? x : most;
  }
  z[target] = target_logit;
  float top = target_logit;
  for (size_t i = 0; i < kLanes; ++i) top = std::max(top, most[i]);
  Lanes sum = {};
  for (size_t c = 0; c < count; c += kLanes) {
    const Lanes e = ExpInline(At(z + c) - top);
    At(z + c) = e;
    sum += e;
  }
  const float inverse = 1 / Sum(sum);
  for (size_t c = 0; c < count; c += kLanes) At(z + c) *= inverse;
  return z[target];
}

VITRINE_CLONES void Scale(float* z, size_t count, float scale) {
  for (size_t c = 0; c < count; c += kLanes) At(z + c) *= scale;
}

VITRINE_CLONES void Drop(const uint8_t* __restrict chance, uint8_t limit, float scale,
                         float* __restrict x) {
  for (size_t j = 0; j < kColumns; ++j) x[j] *= chance[j] < limit ? 0 : scale;
}

VITRINE_CLONES void Adam(const float* __restrict gradient, AdamStep step, float* __restrict weight,
                         float* __restrict first, float* __restrict second) {
  for (size_t j = 0; j < kColumns; ++j) {
    const float g = gradient[j];
    first[j] = step.first_decay * first[j] + (1 - step.first_decay) * g;
    second[j] = step.second_decay * second[j] + (1 - step.second_decay) * g * g;
    weight[j] -=
        step.rate * first[j] / (__builtin_sqrtf(second[j] * step.second_correction) + 1e-8f);
  }
}

}  // namespace vitrine::kernels
