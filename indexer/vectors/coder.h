// Chooses an item's codes: the error that disturbs rankings least, at the fewest bits.
//
// Let e be the difference between an item's vector and what its codes stand for. A query q ranks by
// q . x, so what matters is (q . e)^2 over the queries that could find the item: those near it.
// What they have in common is m, the mean of all items plus the middle of the neighbourhood; how
// they vary about it, the item's nearest neighbours show. The codes minimise
//
//   sum over axes a of weight[a] e[a]^2  +  sum over directions v of (v . e)^2  +  lambda bits
//
// where the directions are m and the neighbours' (small) deviations from the middle. The second
// term is most of the loss and costs little to remove: it asks for a few dozen linear relations
// between some hundred rounding errors, so the errors go where no query near the item looks. (Guo
// et al., "Accelerating large-scale inference with anisotropic vector quantization", 2020, weigh
// the error along the item itself; weighing rounding errors by the second moments of what they meet
// is from Frantar et al., "GPTQ", 2022; rate-distortion optimised quantization is from video
// coding.)
#pragma once

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

// Directions along which an item's error is seen, beside the axes' weights.
struct ErrorDirections {
  size_t count = 0;              // a multiple of kLanes, filled up with zeros
  std::span<const float> along;  // k x count: their coordinates along each coded axis
  std::span<const float> rest;   // count: v . e over the axes that are not coded
  float weight_share = 1;        // of the axes' weights: what the directions do not explain
};

struct CodeSettings {
  std::vector<float> step;            // k
  std::vector<float> weight;          // k
  std::vector<const BitCosts*> cost;  // k
  float lambda = 0;
};

// codes[a] for the residual[a] along each axis. Coordinate descent, a few passes of O(k count).
void ChooseCodes(const CodeSettings& settings, std::span<const float> residual,
                 const ErrorDirections& directions, std::span<int8_t> codes);

}  // namespace vitrine
