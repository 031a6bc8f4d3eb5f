#include "indexer/embed/precision.h"

#include <Eigen/Core>
#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "indexer/embed/bag_of_words.h"
#include "indexer/embed/parallel.h"

namespace vitrine {
namespace {

using Dense = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
constexpr size_t kQueriesPerPiece = 64;

// The k products nearest to a query, itself left out.
std::vector<size_t> Nearest(std::span<const float> similarity, size_t self, size_t k) {
  std::vector<size_t> order(similarity.size());
  std::iota(order.begin(), order.end(), size_t{0});
  order.erase(order.begin() + static_cast<ptrdiff_t>(self));
  k = std::min(k, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(k), order.end(),
                    [&](size_t a, size_t b) {
                      return similarity[a] != similarity[b] ? similarity[a] > similarity[b] : a < b;
                    });
  order.resize(k);
  return order;
}

}  // namespace

std::vector<uint32_t> LabelsOf(std::span<const Product> products, const std::string& field) {
  std::map<std::string_view, uint32_t> numbers;
  std::vector<uint32_t> labels;
  for (const Product& product : products) {
    const std::string_view value = FieldOf(product, field);
    labels.push_back(value.empty() ? kNoLabel
                                   : numbers.emplace(value, numbers.size()).first->second);
  }
  return labels;
}

std::vector<size_t> SpreadQueries(size_t products, size_t most) {
  std::vector<size_t> queries(std::min(products, most));
  for (size_t i = 0; i < queries.size(); ++i) queries[i] = i * products / queries.size();
  return queries;
}

Matrix Similarity(MatrixView rows, std::span<const size_t> queries, unsigned threads) {
  const auto n = static_cast<Eigen::Index>(rows.rows), d = static_cast<Eigen::Index>(rows.cols);
  const Eigen::Map<const Dense> all(rows.data, n, d);
  Matrix similarity(queries.size(), rows.rows);
  ForEachPiece((queries.size() + kQueriesPerPiece - 1) / kQueriesPerPiece, threads, [&](size_t p) {
    const size_t begin = p * kQueriesPerPiece;
    const size_t count = std::min(queries.size() - begin, kQueriesPerPiece);
    Dense asked(static_cast<Eigen::Index>(count), d);
    for (size_t i = 0; i < count; ++i) {
      asked.row(static_cast<Eigen::Index>(i)) =
          all.row(static_cast<Eigen::Index>(queries[begin + i]));
    }
    Eigen::Map<Dense>(similarity.row(begin).data(), asked.rows(), n).noalias() =
        asked * all.transpose();
  });
  return similarity;
}

std::vector<double> PrecisionAtK(MatrixView similarity, std::span<const size_t> queries,
                                 std::span<const std::vector<uint32_t>> labels, size_t k,
                                 unsigned threads) {
  std::vector<std::vector<double>> shares(queries.size());
  ForEachPiece(queries.size(), threads, [&](size_t q) {
    const std::vector<size_t> nearest = Nearest(similarity.row(q), queries[q], k);
    for (const std::vector<uint32_t>& label : labels) {
      const uint32_t own = label[queries[q]];
      const auto same = std::count_if(nearest.begin(), nearest.end(),
                                      [&](size_t other) { return label[other] == own; });
      shares[q].push_back(own == kNoLabel || nearest.empty()
                              ? -1
                              : static_cast<double>(same) / static_cast<double>(nearest.size()));
    }
  });
  std::vector<double> means;
  for (size_t f = 0; f < labels.size(); ++f) {
    double sum = 0, count = 0;
    for (const auto& share : shares) {
      if (share[f] < 0) continue;
      sum += share[f];
      count += 1;
    }
    means.push_back(count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN());
  }
  return means;
}

}  // namespace vitrine
