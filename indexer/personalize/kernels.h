// The inner loops of training: products of thin matrices with 64 columns. Compiled for several
// instruction sets and chosen at run time; every operation is the same multiplication or addition
// in the same order in each of them (16 lanes, never fused), so the result is the same on every
// machine.
//
// All pointers are 64-byte aligned and all row counts padded as stated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

namespace vitrine::kernels {

inline constexpr size_t kColumns = 64;

template <typename T>
struct AlignedAllocator {
  using value_type = T;
  AlignedAllocator() = default;
  template <typename U>
  AlignedAllocator(const AlignedAllocator<U>&) {}  // NOLINT: an allocator converts
  T* allocate(size_t n) {
    return static_cast<T*>(::operator new(n * sizeof(T), std::align_val_t(64)));
  }
  void deallocate(T* p, size_t) { ::operator delete(p, std::align_val_t(64)); }
  friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) { return true; }
};
using Floats = std::vector<float, AlignedAllocator<float>>;

// a . b, 64 components.
float Dot(const float* a, const float* b);

// out += scale * x, 64 components.
void AddScaled(const float* x, float scale, float* out);

// out += weight[i] * rows row index[i] for every i < count, in that order.
void Gather(const float* rows, const uint32_t* index, const float* weight, size_t count,
            float* out);

// rows row index[i] += weight[i] * x, for every i < count.
void Scatter(const float* x, const uint32_t* index, const float* weight, size_t count, float* rows);

// Rows as blocks of 16 side by side: packed[(r / 16 * 64 + k) * 16 + r % 16] = rows[r * 64 + k].
// REQUIRES: count is a multiple of 16.
void Pack(const float* rows, size_t count, float* packed);

// out[r * count + c] = scale * (a row r . packed row c). REQUIRES: rows a multiple of 4, count
// of 32.
void Products(const float* a, size_t rows, const float* packed, size_t count, float scale,
              float* out);

// out row r += scale * sum over c < inner of w[r * row_step + c * inner_step] * v row c.
// REQUIRES: rows a multiple of 4.
void WeightedSums(const float* w, size_t row_step, size_t inner_step, size_t rows, size_t inner,
                  const float* v, float scale, float* out);

// z[c] <- softmax over c of z[c] - correction[c], where the target's is left uncorrected. Returns
// the target's probability. REQUIRES: count a multiple of 16.
float Softmax(float* z, size_t count, const float* correction, size_t target);

// z[c] *= scale. REQUIRES: count a multiple of 16.
void Scale(float* z, size_t count, float scale);

// x[j] *= chance[j] < limit ? 0 : scale, 64 components.
void Drop(const uint8_t* chance, uint8_t limit, float scale, float* x);

// One step of Adam (Kingma and Ba, 2015) on 64 weights; `rate` holds the bias correction.
struct AdamStep {
  float rate, first_decay, second_decay, second_correction;
};
void Adam(const float* gradient, AdamStep step, float* weight, float* first, float* second);

}  // namespace vitrine::kernels
