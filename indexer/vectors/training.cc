#include "indexer/vectors/training.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "indexer/vectors/cells.h"
#include "indexer/vectors/parallel.h"

namespace vitrine {
namespace {

constexpr size_t kSample = 40000;
constexpr size_t kMostAxes = 1024;  // principal axes that are looked at
constexpr size_t kItemsPerCell = 40;
constexpr size_t kTrainedCells = 2048;
constexpr size_t kCellAxes = 256;  // leading axes that the cells are trained on
constexpr int kCellRounds = 10;
constexpr size_t kTuningItems = 4000;
constexpr float kOtherShare = 0.15f;  // of the other queries' spread in the weights
constexpr float kWhiteShare = 0.5f;   // of directions that no training query shows

std::vector<size_t> UsableRows(MatrixView rows, std::span<const uint32_t> order, size_t limit) {
  const size_t wanted = std::min(limit, rows.rows);
  std::vector<size_t> pick;
  for (size_t i = 0; i < wanted; ++i) {
    const size_t position = i * rows.rows / wanted;
    const size_t row = order.empty() ? position : order[position];
    if (!IsBlank(rows.row(row))) pick.push_back(row);
  }
  return pick;
}

Matrix Gather(MatrixView rows, std::span<const size_t> pick) {
  Matrix out(pick.size(), rows.cols);
  for (size_t i = 0; i < pick.size(); ++i) Normalise(rows.row(pick[i]), out.row(i));
  return out;
}

// Rounds the mean to 16 bits, as the section stores it.
void RoundMean(Training& training) {
  float largest = 0;
  for (float x : training.pca.mean) largest = std::max(largest, std::fabs(x));
  training.mean_step = largest / 32767;
  for (float& x : training.pca.mean) {
    const float code = largest > 0 ? std::round(x / training.mean_step) : 0;
    training.mean.push_back(static_cast<int16_t>(code));
    x = training.mean.back() * training.mean_step;
  }
}

std::vector<float> Along(const Pca& pca, std::span<const float> vector) {
  std::vector<float> along(pca.axes.rows);
  for (size_t a = 0; a < along.size(); ++a) {
    double sum = 0;
    for (size_t j = 0; j < vector.size(); ++j) {
      sum += static_cast<double>(pca.axes.row(a)[j]) * vector[j];
    }
    along[a] = static_cast<float>(sum);
  }
  return along;
}

// Vectors from their coordinates along axes.
Matrix Combine(const Matrix& coordinates, const Matrix& axes) {
  Matrix out(coordinates.rows, axes.cols);
  for (size_t i = 0; i < out.rows; ++i) {
    for (size_t a = 0; a < axes.rows; ++a) {
      const float weight = coordinates.row(i)[a];
      for (size_t j = 0; j < out.cols; ++j) out.row(i)[j] += weight * axes.row(a)[j];
    }
  }
  return out;
}

// The mean of the other queries and their spread about it along each axis.
std::vector<float> LearnOtherQueries(MatrixView queries, Training& training) {
  const size_t d = training.pca.mean.size(), axes = training.pca.axes.rows;
  training.other_mean.assign(d, 0);
  std::vector<float> spread(axes, 0);
  const Matrix sample = Gather(queries, UsableRows(queries, {}, kSample));
  if (sample.rows == 0) return spread;
  std::vector<double> mean(d, 0.0);
  for (size_t i = 0; i < sample.rows; ++i) {
    for (size_t j = 0; j < d; ++j) mean[j] += sample.row(i)[j];
  }
  for (size_t j = 0; j < d; ++j) {
    training.other_mean[j] = static_cast<float>(mean[j] / static_cast<double>(sample.rows));
  }
  const std::vector<float> middle = Along(training.pca, training.other_mean);
  for (size_t i = 0; i < std::min<size_t>(sample.rows, 1000); ++i) {
    const std::vector<float> along = Along(training.pca, sample.row(i));
    for (size_t a = 0; a < axes; ++a) {
      const float from_mean = along[a] - middle[a];
      spread[a] += from_mean * from_mean / static_cast<float>(std::min<size_t>(sample.rows, 1000));
    }
  }
  return spread;
}

// Evenly spaced items of the sample, and who is near whom among them.
void ChooseTuningItems(const Matrix& sample, size_t most_neighbours, size_t threads,
                       Training& training) {
  const size_t s = sample.rows, count = std::min(kTuningItems, s), d = sample.cols;
  const size_t axes = std::min(kNeighbourAxes, training.sample.cols);
  training.tuning_vectors = Matrix(count, d);
  Matrix along(count, axes);
  for (size_t i = 0; i < count; ++i) {
    const size_t row = i * s / count;
    for (size_t j = 0; j < d; ++j) {
      training.tuning_vectors.row(i)[j] = sample.row(row)[j] - training.pca.mean[j];
    }
    training.tuning_cell.push_back(training.cell[row]);
    std::copy_n(training.sample.row(row).begin(), axes, along.row(i).begin());
  }
  training.tuning_neighbours =
      FindNeighbourhood(along.view(), training.mean_along, most_neighbours, threads);
}

}  // namespace

Training Train(MatrixView rows, const QuantizerOptions& options) {
  Training training;
  training.items = rows.rows;
  const Matrix sample = Gather(rows, UsableRows(rows, options.order, kSample));
  training.pca = ComputePca(sample.view(), kMostAxes, kSample, options.threads);
  RoundMean(training);
  training.mean_along = Along(training.pca, training.pca.mean);
  training.sample = Project(sample.view(), training.pca, options.threads);
  const size_t s = training.sample.rows, axes = training.sample.cols;
  const size_t cells = std::clamp<size_t>(s / kItemsPerCell, 1, kTrainedCells);
  const size_t cell_axes = std::min(kCellAxes, axes);
  training.cell.assign(s, 0);
  training.centroids = Matrix(1, axes);
  if (cells > 1 && axes > 0) {
    training.centroids =
        TrainCells(training.sample.view(), cells, cell_axes, kCellRounds, options.threads);
    training.cell =
        NearestCells(training.sample.view(), training.centroids.view(), cell_axes, options.threads);
  }
  training.centres = Combine(training.centroids, training.pca.axes);
  std::vector<double> residual(axes, 0.0), spread(axes, 0.0);
  for (size_t i = 0; i < s; ++i) {
    const auto x = training.sample.row(i);
    const auto c = training.centroids.row(training.cell[i]);
    for (size_t a = 0; a < axes; ++a) {
      residual[a] += (x[a] - c[a]) * (x[a] - c[a]) / static_cast<double>(s);
      spread[a] += static_cast<double>(x[a]) * x[a] / static_cast<double>(s);
    }
  }
  const std::vector<float> other = LearnOtherQueries(options.other_queries, training);
  const double total = std::accumulate(residual.begin(), residual.end(), 0.0);
  for (size_t a = 0; a < axes; ++a) {
    training.residual_variance.push_back(static_cast<float>(residual[a]));
    const double white = total / static_cast<double>(rows.cols);
    training.weight.push_back(static_cast<float>(residual[a] + 0.05 * spread[a]) +
                              kWhiteShare * static_cast<float>(white) + kOtherShare * other[a]);
  }
  ChooseTuningItems(sample, MostNeighbours(rows), options.threads, training);
  return training;
}

}  // namespace vitrine
