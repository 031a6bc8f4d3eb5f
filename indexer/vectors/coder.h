// Chooses an item's codes: the error that disturbs rankings least, at the fewest bits.
//
// Let e be the difference between an item's vector and what its codes stand for. A query q ranks by
// q . x, so what matters is (q . e)^2 over the queries that could find the item: those near it.
// These are nearly one vector m (the mean of all items plus the centre of the item's cell) plus
// something different for each, so the codes minimise
//
//   sum over axes a of weight[a] e[a]^2  +  sum over directions m of (m . e)^2  +  lambda bits.
//
// The second term is most of the loss and costs next to nothing to remove: it asks for one linear
// relation between some hundred rounding errors. (Guo et al., "Accelerating large-scale inference
// with anisotropic vector quantization", 2020, weigh the error along the item itself;
// rate-distortion optimised quantization is from video coding.)
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "shared/vectors/rans.h"

namespace vitrine {

// Bits that a value costs under a table.
class BitCosts {
 public:
  // For a Gaussian of this deviation in units of the step: before any table is known.
  static BitCosts Gaussian(double deviation);
  explicit BitCosts(const FrequencyTable& table);

  int low() const { return low_; }
  int high() const { return high_; }
  float operator()(int value) const { return bits_[static_cast<size_t>(value - low_)]; }

 private:
  BitCosts() = default;
  int low_ = -127, high_ = 127;
  std::vector<float> bits_;
};

// A direction m: its coordinate along each coded axis, and m . e over the axes that are not coded.
struct ErrorDirection {
  std::span<const float> along;
  float rest = 0;
};

struct CodeSettings {
  std::vector<float> step;            // k
  std::vector<float> weight;          // k
  std::vector<const BitCosts*> cost;  // k
  float lambda = 0;
};

// codes[a] for the residual[a] along each axis. Coordinate descent, a few passes. O(k).
void ChooseCodes(const CodeSettings& settings, std::span<const float> residual,
                 std::array<ErrorDirection, 2> directions, std::span<int8_t> codes);

}  // namespace vitrine
