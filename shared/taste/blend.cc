#include "shared/taste/blend.h"

namespace vitrine {
namespace {
using Flat = std::array<float, kBlendTerms>;
static_assert(sizeof(Flat) == sizeof(BlendTerms));
constexpr float kLargestWeight = 1000;
}  // namespace

Bytes EncodeBlend(const BlendWeights& weights) {
  ByteWriter out;
  for (const BlendTerms& terms : weights) {
    out.WriteArray(std::span<const float>(BitCast<Flat>(terms)));
  }
  return out.Take();
}

Result<BlendWeights> OpenBlend(ByteView part) {
  BlendWeights weights;
  ByteReader in(part);
  for (BlendTerms& terms : weights) {
    Flat flat;
    for (float& weight : flat) {
      weight = in.Read<float>();
      if (!(weight >= -kLargestWeight && weight <= kLargestWeight)) {
        return Error{"taste section: a weight of the blend is out of range"};
      }
    }
    terms = BitCast<BlendTerms>(flat);
  }
  if (!in.ok() || in.remaining() != 0) return Error{"taste section: blend of a wrong size"};
  return weights;
}

}  // namespace vitrine
