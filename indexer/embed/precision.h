// How good are vectors at finding products of a kind? Precision at k: of the k nearest others of a
// product, how many have its label.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "indexer/shop.h"
#include "indexer/support/matrix.h"

namespace vitrine {

// Labels as numbers: products of one number have one label; kNoLabel = the field is empty.
constexpr uint32_t kNoLabel = 0xFFFFFFFF;
std::vector<uint32_t> LabelsOf(std::span<const Product> products, const std::string& field);

// The products that are asked about: all, or `most` of them spread evenly over the catalogue.
std::vector<size_t> SpreadQueries(size_t products, size_t most);

// The mean over those `queries` that have a label of the share of their k nearest others (by dot
// product; ties: the first) with the same label; one value per list of labels. `similarity` is
// queries x products. NaN where no query has a label.
std::vector<double> PrecisionAtK(MatrixView similarity, std::span<const size_t> queries,
                                 std::span<const std::vector<uint32_t>> labels, size_t k,
                                 unsigned threads);

// Row q: the dot products of row queries[q] with all rows.
Matrix Similarity(MatrixView rows, std::span<const size_t> queries, unsigned threads);

}  // namespace vitrine
