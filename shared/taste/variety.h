// How much a personal list trades relevance for variety, as the shop configured it.
#pragma once

#include <functional>
#include <vector>

#include "shared/bytes.h"
#include "shared/result.h"
#include "shared/top_k.h"

namespace vitrine {

struct Variety {
  float diversity = 0;    // 0 = by score alone .. 1 = as unlike one another as can be
  float exploration = 0;  // share of the places that go to products from further down; 0..0.5
};

Bytes EncodeVariety(const Variety& variety);
Result<Variety> OpenVariety(ByteView part);

// How many candidates Choose() wants for a list of `limit`.
inline size_t CandidatesFor(const Variety& variety, size_t limit) {
  return variety.diversity > 0 || variety.exploration > 0 ? 4 * limit + 20 : limit;
}

// Chooses `limit` of the ranked candidates: maximal marginal relevance (Carbonell and Goldstein,
// SIGIR 1998) with `likeness` in -1..1, then every so many places one from those left over, drawn
// with `seed` (the same seed gives the same list). Keeps each candidate's score.
// O(limit x candidates) calls of `likeness`.
std::vector<ScoredItem> Choose(const Variety& variety, std::vector<ScoredItem> ranked, size_t limit,
                               uint64_t seed,
                               const std::function<float(ItemIndex, ItemIndex)>& likeness);

}  // namespace vitrine
