// Fits how the signals of a shopper are joined (shared/taste/blend.h) on sessions that came later
// than those the signals were learned from.
#pragma once

#include <span>
#include <vector>

#include "indexer/personalize/profiles.h"
#include "indexer/personalize/sequences.h"
#include "indexer/shop.h"
#include "shared/taste.h"

namespace vitrine {

// Multinomial logistic regression over Taste::Candidates: the weights under which the product that
// came next in a later session is most likely, for all sessions and then, where there are enough,
// for each length; the same again for sessions whose shopper was here earlier, with those visits
// before them. A length of which one signal alone ranks the later sessions better than the fitted
// weights gets that signal alone, so that the blend is never below its best component there.
//
// `taste` must have been learned from log.earlier. Keeps kDefaultBlend when there is too little to
// fit on, or fewer than taste.min_users() shoppers; shoppers who were here before then get the
// weights of first visits. Deterministic, whatever `threads`.
BlendWeights FitBlend(const Taste& taste, const LogSplit& log, int threads);

// Fits the weight of each attribute of `segments` (0 for one that does not help) and returns how
// they and popularity are joined for a shopper without events. `popularity` and `segments` must
// have been learned without `later`.
BlendTerms FitSegments(const PopularityData& popularity, std::span<const Interaction> later,
                       const std::vector<std::vector<uint32_t>>& segments_of, uint32_t min_users,
                       SegmentsData& segments);

}  // namespace vitrine
