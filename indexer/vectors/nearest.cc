#include "indexer/vectors/nearest.h"

#include <Eigen/Dense>
#include <algorithm>
#include <numeric>

#include "indexer/vectors/parallel.h"
#include "indexer/vectors/pca.h"
#include "indexer/vectors/small_world.h"

namespace vitrine {
namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Lists = std::vector<std::vector<ScoredItem>>;

constexpr size_t kExactLimit = 5000;  // rows; below, comparing all is as fast as a graph
constexpr size_t kGraphAxes = 128;
constexpr size_t kGraphDegree = 16;
constexpr size_t kBuildBreadth = 100;
constexpr size_t kQueryChunk = 64;

// 1 / length of each row, 0 for blank rows.
std::vector<float> InverseLengths(MatrixView rows) {
  std::vector<float> inverse(rows.rows, 0.0f);
  for (size_t i = 0; i < rows.rows; ++i) {
    if (IsBlank(rows.row(i))) continue;
    double sum = 0;
    for (float x : rows.row(i)) sum += static_cast<double>(x) * x;
    inverse[i] = static_cast<float>(1.0 / std::sqrt(sum));
  }
  return inverse;
}

// Eight partial sums: fast, and the same whatever the rows' addresses are.
float Dot(std::span<const float> a, std::span<const float> b) {
  float sums[8] = {};
  size_t j = 0;
  for (; j + 8 <= a.size(); j += 8) {
    for (size_t lane = 0; lane < 8; ++lane) sums[lane] += a[j + lane] * b[j + lane];
  }
  for (; j < a.size(); ++j) sums[0] += a[j] * b[j];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

// Candidates from a graph over the leading components, ranked by their exact cosines.
Lists GraphNeighbours(MatrixView rows, size_t k, size_t threads) {
  const Pca pca = ComputePca(rows, kGraphAxes, 20000, threads);
  const Matrix points = Project(rows, pca, threads);
  const std::vector<float> inverse = InverseLengths(rows);
  SmallWorldGraph graph(rows.rows, points.cols, kGraphDegree, kBuildBreadth);
  for (size_t i = 0; i < rows.rows; ++i) {
    if (inverse[i] > 0) graph.Add(static_cast<ItemIndex>(i), points.row(i));
  }
  const size_t candidates = 2 * k + 20;
  graph.SetBreadth(candidates + 40);
  Lists lists(rows.rows);
  ParallelChunks(rows.rows, kQueryChunk, threads, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      if (!(inverse[i] > 0)) continue;
      TopK best(k);
      for (const ScoredItem& found : graph.Search(points.row(i), candidates + 1)) {
        const ItemIndex j = found.item;
        if (j == i) continue;
        best.Add(j, Dot(rows.row(i), rows.row(j)) * inverse[i] * inverse[j]);
      }
      lists[i] = best.Take();
    }
  });
  return lists;
}

}  // namespace

Lists ExactNeighbours(MatrixView rows, std::span<const ItemIndex> queries, size_t k,
                      size_t threads) {
  const std::vector<float> inverse = InverseLengths(rows);
  const Eigen::Map<const RowMajor> all(rows.data, rows.rows, rows.cols);
  Lists lists(queries.size());
  constexpr size_t kBlock = 4096;  // rows compared at once: bounds the memory
  ParallelChunks(queries.size(), kQueryChunk, threads, [&](size_t begin, size_t end) {
    RowMajor block(end - begin, rows.cols);
    for (size_t q = begin; q < end; ++q) block.row(q - begin) = all.row(queries[q]);
    std::vector<TopK> best(end - begin, TopK(k));
    for (size_t from = 0; from < rows.rows; from += kBlock) {
      const size_t count = std::min(kBlock, rows.rows - from);
      const RowMajor scores = block * all.middleRows(from, count).transpose();
      for (size_t q = begin; q < end; ++q) {
        const ItemIndex self = queries[q];
        if (!(inverse[self] > 0)) continue;
        for (size_t c = 0; c < count; ++c) {
          const auto item = static_cast<ItemIndex>(from + c);
          if (item == self || !(inverse[item] > 0)) continue;
          best[q - begin].Add(item, scores(q - begin, c) * inverse[self] * inverse[item]);
        }
      }
    }
    for (size_t q = begin; q < end; ++q) lists[q] = best[q - begin].Take();
  });
  return lists;
}

std::vector<ScoredItem> NearestToQuery(MatrixView rows, std::span<const float> query, size_t k) {
  if (IsBlank(query)) return {};
  TopK best(std::min(k, rows.rows));
  for (size_t i = 0; i < rows.rows; ++i) {
    if (IsBlank(rows.row(i))) continue;
    const double square = Dot(rows.row(i), rows.row(i));
    best.Add(static_cast<ItemIndex>(i),
             static_cast<float>(Dot(rows.row(i), query) / std::sqrt(square)));
  }
  std::vector<ScoredItem> list = best.Take();
  const float scale = 1 / std::sqrt(Dot(query, query));
  for (ScoredItem& hit : list) hit.score *= scale;
  return list;
}

double Cosine(std::span<const float> a, std::span<const float> b) {
  double ab = 0, aa = 0, bb = 0;
  for (size_t j = 0; j < a.size(); ++j) {
    ab += static_cast<double>(a[j]) * b[j];
    aa += static_cast<double>(a[j]) * a[j];
    bb += static_cast<double>(b[j]) * b[j];
  }
  return ab / std::sqrt(aa * bb);
}

Lists NearestNeighbours(MatrixView rows, size_t k, size_t threads) {
  if (rows.rows > kExactLimit) return GraphNeighbours(rows, k, threads);
  std::vector<ItemIndex> queries(rows.rows);
  std::iota(queries.begin(), queries.end(), 0u);
  return ExactNeighbours(rows, queries, k, threads);
}

double MeasureRecall(MatrixView rows, const Lists& lists, size_t k, size_t sample, size_t threads) {
  std::vector<ItemIndex> queries;
  const size_t count = std::min(sample, rows.rows);
  for (size_t i = 0; i < count; ++i) {
    queries.push_back(static_cast<ItemIndex>(i * rows.rows / count));
  }
  const Lists truth = ExactNeighbours(rows, queries, k, threads);
  size_t wanted = 0, found = 0;
  for (size_t q = 0; q < queries.size(); ++q) {
    wanted += truth[q].size();
    for (const ScoredItem& hit : truth[q]) {
      const auto& list = lists[queries[q]];
      const size_t depth = std::min(k, list.size());
      found += std::any_of(list.begin(), list.begin() + depth,
                           [&](const ScoredItem& entry) { return entry.item == hit.item; });
    }
  }
  return wanted == 0 ? 1.0 : static_cast<double>(found) / static_cast<double>(wanted);
}

}  // namespace vitrine
