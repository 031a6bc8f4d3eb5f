// How the signals of a shopper are joined into one score: a weighted sum, with weights that the
// indexer fits on later sessions (multinomial logistic regression over the candidates), one set for
// each range of session lengths, with and without earlier visits.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "shared/bytes.h"
#include "shared/result.h"

namespace vitrine {

inline constexpr size_t kRepeatPositions = 5;

// The signals of one candidate, and their weights. Evidence(w) is ln(1 + 100 w).
struct BlendTerms {
  float encoder = 0;     // SessionEncoder's score
  float focus = 0;       // Evidence() of the list of the session's strongest (usually last) event
  float others = 0;      // Evidence() of the lists of its other events, summed with decay
  float popularity = 0;  // Evidence() of popularity
  float near = 0;        // nearness to the session in content, 0..1
  float cohorts = 0;     // Evidence() of what shoppers of similar taste turned to
  float neighbours = 0;  // Evidence() of what came in published sessions like this one
  float segments = 0;    // sum of the profile's weighted lifts
  float towers = 0;      // TwoTower's score
  // 1 where the candidate is the p-th last product; the last one: any product before those.
  std::array<float, kRepeatPositions> repeat{};
  // 1 where it is one of them that the encoder does not know, and so has the others' mean score.
  float unlearned = 0;
};
inline constexpr size_t kBlendTerms = 10 + kRepeatPositions;

// First visits with no, 1, 2, 3-4, 5 and more known products; then shoppers who were here before,
// with no, 1-2, 3 and more known products in this visit: what is long ago says less.
inline constexpr size_t kBlendBuckets = 8;
inline constexpr size_t kReturningBuckets = 5;  // the first one of those who were here before
inline constexpr size_t BlendBucket(size_t of_this_visit, size_t before) {
  if (before > 0) return kReturningBuckets + (of_this_visit == 0 ? 0 : of_this_visit <= 2 ? 1 : 2);
  return of_this_visit <= 2 ? of_this_visit : of_this_visit <= 4 ? 3 : 4;
}

using BlendWeights = std::array<BlendTerms, kBlendBuckets>;

// What a shop has whose log was too small to fit on.
inline constexpr BlendTerms kColdTerms = {.popularity = 1, .segments = 1, .towers = 0.5f};
inline constexpr BlendTerms kDefaultTerms = {.encoder = 0.8f,
                                             .focus = 0.5f,
                                             .others = 0.3f,
                                             .popularity = 0.05f,
                                             .near = 4.0f,
                                             .cohorts = 0.1f,
                                             .neighbours = 0.4f,
                                             .segments = 0.3f};
inline constexpr BlendWeights kDefaultBlend = {kColdTerms,    kDefaultTerms, kDefaultTerms,
                                               kDefaultTerms, kDefaultTerms, kDefaultTerms,
                                               kDefaultTerms, kDefaultTerms};

Bytes EncodeBlend(const BlendWeights& weights);
Result<BlendWeights> OpenBlend(ByteView part);

}  // namespace vitrine
