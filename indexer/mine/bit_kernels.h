// Intersections of bit vectors with their population counts: the inner loop of dense mining.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vitrine {

// out = a & b, each of `words` 64-bit words; returns the number of set bits of `out`. `out` may be
// `a` or `b`. Every version gives the same result; the best one for this processor runs.
uint64_t AndCount(const uint64_t* a, const uint64_t* b, uint64_t* out, size_t words);

// out = the bits of `a` at the positions where `mask` is set, moved together; returns the words
// written, (bits of mask + 63) / 64. `out` may be `a`.
size_t Compress(const uint64_t* a, const uint64_t* mask, uint64_t* out, size_t words);

namespace bit_kernels {  // for tests: the portable versions that the fast ones must equal
uint64_t AndCountPortable(const uint64_t* a, const uint64_t* b, uint64_t* out, size_t words);
size_t CompressPortable(const uint64_t* a, const uint64_t* mask, uint64_t* out, size_t words);
}  // namespace bit_kernels

}  // namespace vitrine
