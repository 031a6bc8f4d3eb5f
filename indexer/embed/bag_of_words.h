// Text features without a model: TF-IDF with the semantics of scikit-learn's TfidfVectorizer
// (https://scikit-learn.org/stable/modules/feature_extraction.html#tfidf-term-weighting), and
// one-hot columns of categories.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/embed/profile.h"
#include "indexer/shop.h"
#include "indexer/support/matrix.h"

namespace vitrine {

// Compressed rows: the entries of row i are column[k], value[k] for k in offset[i]..offset[i+1]-1,
// columns ascending.
struct SparseMatrix {
  size_t cols = 0;
  std::vector<uint64_t> offset = {0};
  std::vector<uint32_t> column;
  std::vector<float> value;
  size_t rows() const { return offset.size() - 1; }
};

// The text of a product's field: title, description, audience, colour, department, category, brand,
// or the name of an attribute; empty when it has none.
std::string_view FieldOf(const Product& product, std::string_view field);
// Several fields joined by one space, empty ones left out.
std::string TextOf(const Product& product, std::span<const std::string> fields);

class TfidfVectorizer {
 public:
  // Learns the vocabulary: the max_features words with most occurrences (ties: the word first in
  // byte order), columns in byte order, and idf = ln(n / df) + 1, or ln((1 + n) / (1 + df)) + 1
  // when smooth.
  static TfidfVectorizer Fit(std::span<const std::string> texts, const BagOfWords& options);

  const std::vector<std::string>& vocabulary() const { return vocabulary_; }
  const std::vector<double>& idf() const { return idf_; }
  // Appends the row of `text`, of L2 norm 1 (or all zero), shifted right by no columns.
  void AppendRow(std::string_view text, SparseMatrix& out) const;

 private:
  std::vector<std::string> vocabulary_;
  std::vector<double> idf_;
  bool sublinear_ = false;
};

// TF-IDF columns, then one block of columns for each one-hot field (values in byte order).
struct BagOfWordsResult {
  SparseMatrix rows;
  std::vector<std::string> columns;  // names: a word, or "colour=Red"
};
BagOfWordsResult MakeBagOfWords(std::span<const Product> products, const BagOfWords& options);

}  // namespace vitrine
