// VectorIndex::Open on any bytes: what it accepts decodes and searches within its bounds. The input
// is one payload, or `size u32 | payload | refinement`.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "shared/vectors/index.h"

namespace {

void Use(const vitrine::VectorIndex& index) {
  using namespace vitrine;
  std::vector<float> vector(index.dimensions());
  for (ItemIndex item = 0; item < std::min(index.size(), 3u); ++item) {
    index.Decode(item, vector);
    for (const ScoredItem& hit : index.Search(vector, 5)) {
      if (hit.item >= index.size() || !(std::fabs(hit.score) <= 1)) std::abort();
    }
    for (const ScoredItem& hit : index.SearchNear({&item, 1}, {}, 5)) {
      if (hit.item >= index.size() || !index.HasVector(hit.item)) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitrine;
  const ByteView bytes(data, size);
  if (const auto index = VectorIndex::Open(bytes); index.ok()) Use(index.value());
  ByteReader in(bytes);
  auto index = VectorIndex::Open(in.ReadBytes(in.Read<uint32_t>()));
  if (!index.ok()) return 0;
  if (index.value().Refine(bytes.last(in.remaining())).ok()) Use(index.value());
  return 0;
}
