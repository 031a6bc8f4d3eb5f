#include "indexer/embed/fusion.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "indexer/embed/precision.h"
#include "indexer/embed/projection.h"

namespace vitrine {
namespace {

constexpr size_t kQueries = 2'000;
constexpr size_t kComparisons = 8'000'000;  // queries x products, so that a try takes seconds
constexpr size_t kNeighbours = 10;

bool IsZero(std::span<const float> row) {
  return std::all_of(row.begin(), row.end(), [](float value) { return value == 0; });
}

double Mean(const std::vector<double>& values) {
  double sum = 0, count = 0;
  for (double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    count += 1;
  }
  return count > 0 ? sum / count : 0;
}

double Precision(const Matrix& rows, std::span<const std::vector<uint32_t>> labels,
                 unsigned threads) {
  const size_t most =
      std::clamp<size_t>(kComparisons / std::max<size_t>(rows.rows, 1), 1, kQueries);
  const auto queries = SpreadQueries(rows.rows, most);
  const Matrix similarity = Similarity(rows.view(), queries, threads);
  return Mean(PrecisionAtK(similarity.view(), queries, labels, kNeighbours, threads));
}

}  // namespace

void NormaliseRows(Matrix& rows) {
  for (size_t i = 0; i < rows.rows; ++i) Normalise(rows.row(i));
}

Matrix MakeBlock(Matrix rows, uint32_t max_dimensions, unsigned threads) {
  NormaliseRows(rows);
  if (rows.cols <= max_dimensions) return rows;
  const LinearMap map = FitPca(rows.view(), max_dimensions);
  Matrix small(rows.rows, map.dimensions);
  Apply(map, rows.view(), small, threads);
  for (size_t i = 0; i < rows.rows; ++i) {
    if (IsZero(std::as_const(rows).row(i))) std::ranges::fill(small.row(i), 0.0f);
  }
  NormaliseRows(small);
  return small;
}

Matrix Fuse(std::span<const Matrix> blocks, std::span<const float> weights) {
  size_t cols = 0;
  for (const Matrix& block : blocks) cols += block.cols;
  Matrix fused(blocks.empty() ? 0 : blocks[0].rows, cols);
  for (size_t i = 0; i < fused.rows; ++i) {
    auto to = fused.row(i).begin();
    for (size_t b = 0; b < blocks.size(); ++b) {
      for (float value : blocks[b].row(i)) *to++ = weights[b] * value;
    }
  }
  NormaliseRows(fused);
  return fused;
}

Matrix JointMean(const Matrix& image, const Matrix& text, float text_weight) {
  Matrix mean(image.rows, image.cols);
  for (size_t i = 0; i < mean.rows; ++i) {
    const float own = IsZero(image.row(i)) ? 1 : IsZero(text.row(i)) ? 0 : text_weight;
    for (size_t j = 0; j < mean.cols; ++j) {
      mean.row(i)[j] = (1 - own) * image.row(i)[j] + own * text.row(i)[j];
    }
  }
  return mean;
}

std::vector<float> TuneWeights(std::span<const Matrix> blocks, std::vector<float> weights,
                               std::span<const std::vector<uint32_t>> labels, unsigned threads) {
  constexpr float kTried[] = {0, 0.25f, 0.5f, 0.7f, 1, 1.4f, 2, 4};
  double best = Precision(Fuse(blocks, weights), labels, threads);
  for (bool better = blocks.size() > 1; better;) {
    better = false;
    for (size_t b = 0; b < blocks.size(); ++b) {
      for (float tried : kTried) {
        std::vector<float> other = weights;
        other[b] = tried;
        const bool none = std::all_of(other.begin(), other.end(), [](float w) { return w == 0; });
        if (none || tried == weights[b]) continue;
        const double precision = Precision(Fuse(blocks, other), labels, threads);
        if (precision <= best) continue;
        best = precision;
        weights = other;
        better = true;
      }
    }
  }
  return weights;
}

float TuneJointWeight(const Matrix& image, const Matrix& text, float text_weight,
                      std::span<const std::vector<uint32_t>> labels, unsigned threads) {
  const auto precision = [&](float weight) {
    Matrix mean = JointMean(image, text, weight);
    NormaliseRows(mean);
    return Precision(mean, labels, threads);
  };
  double best = precision(text_weight);
  for (float tried : {0.0f, 0.25f, 0.5f, 0.75f, 1.0f}) {
    const double here = precision(tried);
    if (here > best) best = here, text_weight = tried;
  }
  return text_weight;
}

}  // namespace vitrine
