#include "indexer/vectors/order.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "indexer/vectors/parallel.h"
#include "indexer/vectors/pca.h"

namespace vitrine {
namespace {

constexpr size_t kAxes = 64;  // components that decide the order
constexpr size_t kPcaSample = 20000;
constexpr size_t kLeaf = 4;  // sets this small are sorted and left
constexpr size_t kDirectionSample = 1024;
constexpr int kPowerIterations = 6;

using Vector = std::vector<float>;

// The principal direction of a sample of the rows, by power iteration from `start` (the parent
// set's direction), turned so that it points the way of `start`: the halves then follow on.
Vector PrincipalDirection(const Matrix& points, std::span<const uint32_t> rows,
                          const Vector& start) {
  const size_t k = points.cols;
  const size_t count = std::min(kDirectionSample, rows.size());
  std::vector<std::span<const float>> sample;
  for (size_t i = 0; i < count; ++i) sample.push_back(points.row(rows[i * rows.size() / count]));
  Vector mean(k, 0.0f);
  for (auto row : sample) {
    for (size_t j = 0; j < k; ++j) mean[j] += row[j] / static_cast<float>(count);
  }
  // Starts at the row furthest from the mean, mixed with the parent's direction.
  Vector direction = start;
  for (int iteration = 0; iteration < kPowerIterations; ++iteration) {
    Vector next(k, 0.0f);
    for (auto row : sample) {
      float along = 0;
      for (size_t j = 0; j < k; ++j) along += (row[j] - mean[j]) * direction[j];
      for (size_t j = 0; j < k; ++j) next[j] += along * (row[j] - mean[j]);
    }
    float length = 0;
    for (float x : next) length += x * x;
    if (!(length > 0)) break;  // no spread along it: any direction will do
    length = std::sqrt(length);
    for (size_t j = 0; j < k; ++j) direction[j] = next[j] / length;
  }
  float same_way = 0;
  for (size_t j = 0; j < k; ++j) same_way += direction[j] * start[j];
  if (same_way < 0) {
    for (float& x : direction) x = -x;
  }
  return direction;
}

struct Task {
  size_t begin, end;
  Vector direction;
};

// Sorts [begin, end) by its principal direction and returns that direction.
Vector SortAlong(const Matrix& points, std::span<uint32_t> rows, const Vector& parent) {
  const Vector direction = PrincipalDirection(points, rows, parent);
  std::vector<std::pair<float, uint32_t>> keyed;
  keyed.reserve(rows.size());
  for (uint32_t row : rows) {
    float along = 0;
    const auto point = points.row(row);
    for (size_t j = 0; j < points.cols; ++j) along += point[j] * direction[j];
    keyed.emplace_back(along, row);
  }
  const size_t half = keyed.size() / 2;
  if (rows.size() <= kLeaf) {
    std::sort(keyed.begin(), keyed.end());
  } else {
    std::nth_element(keyed.begin(), keyed.begin() + half, keyed.end());
  }
  // Within each half the order must not depend on nth_element's implementation.
  auto by_row = [](const auto& a, const auto& b) { return a.second < b.second; };
  if (rows.size() > kLeaf) {
    std::sort(keyed.begin(), keyed.begin() + half, by_row);
    std::sort(keyed.begin() + half, keyed.end(), by_row);
  }
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = keyed[i].second;
  return direction;
}

}  // namespace

std::vector<uint32_t> NeighbourOrder(MatrixView rows, size_t threads) {
  std::vector<uint32_t> order, blank;
  for (size_t i = 0; i < rows.rows; ++i) {
    (IsBlank(rows.row(i)) ? blank : order).push_back(static_cast<uint32_t>(i));
  }
  if (order.size() > 1) {
    const Pca pca = ComputePca(rows, kAxes, kPcaSample, threads);
    const Matrix points = Project(rows, pca, threads);
    Vector first(points.cols, 0.0f);
    // Not an axis exactly: power iteration cannot leave a direction it is orthogonal to.
    for (size_t j = 0; j < first.size(); ++j) first[j] = 1.0f / static_cast<float>(1 + j);
    std::vector<Task> level = {{0, order.size(), first}};
    while (!level.empty()) {
      std::vector<std::vector<Task>> children(level.size());
      ParallelChunks(level.size(), 1, threads, [&](size_t t, size_t) {
        const Task& task = level[t];
        const size_t size = task.end - task.begin;
        Vector direction =
            SortAlong(points, std::span(order).subspan(task.begin, size), task.direction);
        if (size <= kLeaf) return;
        const size_t middle = task.begin + size / 2;
        children[t] = {{task.begin, middle, direction}, {middle, task.end, direction}};
      });
      level.clear();
      for (auto& pair : children) {
        for (Task& task : pair) level.push_back(std::move(task));
      }
    }
  }
  order.insert(order.end(), blank.begin(), blank.end());
  return order;
}

}  // namespace vitrine
