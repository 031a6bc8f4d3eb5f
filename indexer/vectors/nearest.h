// The k nearest neighbours of every item, by cosine.
#pragma once

#include <cstddef>
#include <vector>

#include "indexer/support/matrix.h"
#include "shared/top_k.h"

namespace vitrine {

// Result i: the at most k rows with the highest cosine to row i (i itself left out), best first;
// scores are exact cosines. Blank rows (NaN, infinite, zero) have no neighbours and are nobody's.
//
// Exact for small matrices; beyond, a hierarchical navigable small world graph (hnswlib; Malkov and
// Yashunin 2018) over the leading principal components proposes candidates, which are ranked by
// their full vectors. The graph is filled by one thread, so the result is the same for any number
// of threads (0 = all of the machine's). 100,000 x 512: about 40 s on two cores.
std::vector<std::vector<ScoredItem>> NearestNeighbours(MatrixView rows, size_t k,
                                                       size_t threads = 0);

// The same by comparing with every row: O(n d) for each of the rows in `queries`.
std::vector<std::vector<ScoredItem>> ExactNeighbours(MatrixView rows,
                                                     std::span<const ItemIndex> queries, size_t k,
                                                     size_t threads = 0);

// The k rows with the highest cosine to a query from outside, best first; none for a blank query.
std::vector<ScoredItem> NearestToQuery(MatrixView rows, std::span<const float> query, size_t k);

// Cosine of two vectors of one length; NaN when one of them is blank.
double Cosine(std::span<const float> a, std::span<const float> b);

// The share of the exact k nearest that `lists` hold, over `sample` evenly spaced rows; 1 for an
// empty matrix. O(sample n d).
double MeasureRecall(MatrixView rows, const std::vector<std::vector<ScoredItem>>& lists, size_t k,
                     size_t sample, size_t threads = 0);

}  // namespace vitrine
