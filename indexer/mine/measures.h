// Measures of a rule X => Y, all from four counts. P(.) is a share of the baskets.
// Definitions: Tan, Kumar & Srivastava, "Selecting the right objective measure for association
// analysis" (2004); Zhang, "Association rules" (2000); Wu, Chen & Han, "Re-examination of
// interestingness measures in pattern mining" (2010, Kulczynski and imbalance ratio).
#pragma once

#include <array>
#include <string_view>

#include "indexer/mine/association.h"

namespace vitrine {

// The order is that of the columns of rules.tsv: the first five always, the others on request.
enum class Measure {
  kSupport,           // P(XY)
  kConfidence,        // P(Y|X)
  kLift,              // P(XY) / (P(X) P(Y))
  kLeverage,          // P(XY) - P(X) P(Y)
  kConviction,        // (1 - P(Y)) / (1 - P(Y|X)); infinite at confidence 1
  kZhang,             // leverage / max(P(XY)(1 - P(X)), P(X)(P(Y) - P(XY))): -1..1
  kJaccard,           // P(XY) / (P(X) + P(Y) - P(XY))
  kCertainty,         // (P(Y|X) - P(Y)) / (1 - P(Y)); 0 where every basket holds Y
  kKulczynski,        // (P(Y|X) + P(X|Y)) / 2
  kRepresentativity,  // share of the baskets whose items are known: 1
  kCosine,            // P(XY) / sqrt(P(X) P(Y))
  kImbalanceRatio,    // |P(X) - P(Y)| / (P(X) + P(Y) - P(XY))
  kChiSquare,         // of the 2x2 table; one degree of freedom, no continuity correction
  kPValue,            // probability of such a chi-square or a larger one by chance
};
inline constexpr size_t kMeasures = 14;
inline constexpr std::array<std::string_view, kMeasures> kMeasureNames = {
    "support", "confidence",      "lift",       "leverage",   "conviction",
    "zhang",   "jaccard",         "certainty",  "kulczynski", "representativity",
    "cosine",  "imbalance_ratio", "chi_square", "p_value"};

// Entry m is Measure m. REQUIRES: 0 < both <= left, right <= total.
std::array<double, kMeasures> MeasuresOf(const RuleCounts& counts);

}  // namespace vitrine
