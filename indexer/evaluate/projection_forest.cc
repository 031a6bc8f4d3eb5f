#include "indexer/evaluate/projection_forest.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <queue>

namespace vitrine {
namespace {

constexpr int kCentreSteps = 100;  // samples that move the two centres
constexpr int kMaxDepth = 60;      // duplicates cannot be told apart by planes

float Dot(std::span<const float> a, std::span<const float> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0f);
}

void MoveTowards(std::span<const float> row, float weight, std::vector<float>& centre) {
  for (size_t j = 0; j < centre.size(); ++j) {
    centre[j] = (centre[j] * weight + row[j]) / (weight + 1);
  }
}

}  // namespace

ProjectionForest::ProjectionForest(MatrixView rows, size_t trees, size_t leaf_size, uint64_t seed)
    : rows_(rows) {
  std::mt19937_64 random(seed);
  std::vector<uint32_t> items(rows.rows);
  for (size_t t = 0; t < trees && rows.rows > 0; ++t) {
    std::iota(items.begin(), items.end(), 0u);
    roots_.push_back(Build(items, std::max<size_t>(leaf_size, 1), 0, random));
  }
}

// The difference of two centres: each sample pulls the one that it is nearer to (two-means).
std::vector<float> ProjectionForest::SplittingNormal(std::span<const uint32_t> items,
                                                     std::mt19937_64& random) const {
  const auto pick = [&] { return rows_.row(items[random() % items.size()]); };
  const auto first = pick(), second = pick();
  std::vector<float> a(first.begin(), first.end()), b(second.begin(), second.end());
  float weight_a = 1, weight_b = 1;
  for (int step = 0; step < kCentreSteps; ++step) {
    const auto row = pick();
    // The same measure for both: how near, were the centres of length 1.
    const float near_a = Dot(row, a) / std::sqrt(std::max(1e-12f, Dot(a, a)));
    const float near_b = Dot(row, b) / std::sqrt(std::max(1e-12f, Dot(b, b)));
    if (near_a > near_b) {
      MoveTowards(row, weight_a++, a);
    } else if (near_b > near_a) {
      MoveTowards(row, weight_b++, b);
    }
  }
  const float length_a = std::sqrt(std::max(1e-12f, Dot(a, a)));
  const float length_b = std::sqrt(std::max(1e-12f, Dot(b, b)));
  for (size_t j = 0; j < a.size(); ++j) a[j] = a[j] / length_a - b[j] / length_b;
  const float length = std::sqrt(Dot(a, a));
  if (length > 0) {
    for (float& value : a) value /= length;
  }
  return a;
}

uint32_t ProjectionForest::Build(std::span<uint32_t> items, size_t leaf_size, int depth,
                                 std::mt19937_64& random) {
  const auto number = static_cast<uint32_t>(nodes_.size());
  nodes_.emplace_back();
  if (items.size() > leaf_size && depth < kMaxDepth) {
    const std::vector<float> normal = SplittingNormal(items, random);
    auto middle = std::stable_partition(items.begin(), items.end(), [&](uint32_t item) {
      return Dot(rows_.row(item), normal) > 0;
    });
    auto left = static_cast<size_t>(middle - items.begin());
    if (left == 0 || left == items.size()) left = items.size() / 2;
    nodes_[number].normal = static_cast<uint32_t>(normals_.size() / rows_.cols);
    normals_.insert(normals_.end(), normal.begin(), normal.end());
    const uint32_t positive = Build(items.first(left), leaf_size, depth + 1, random);
    const uint32_t negative = Build(items.subspan(left), leaf_size, depth + 1, random);
    nodes_[number].child[0] = positive;
    nodes_[number].child[1] = negative;
    return number;
  }
  nodes_[number].begin = static_cast<uint32_t>(items_.size());
  items_.insert(items_.end(), items.begin(), items.end());
  nodes_[number].end = static_cast<uint32_t>(items_.size());
  return number;
}

std::vector<ScoredItem> ProjectionForest::Search(std::span<const float> query, size_t k,
                                                 size_t candidates) const {
  // The nodes still to be walked, the least distant plane first.
  std::priority_queue<std::pair<float, uint32_t>> open;
  for (uint32_t root : roots_) open.emplace(std::numeric_limits<float>::infinity(), root);
  std::vector<uint32_t> found;
  while (!open.empty() && found.size() < candidates) {
    const auto [margin, number] = open.top();
    open.pop();
    const Node& node = nodes_[number];
    if (node.child[0] == kLeaf) {
      found.insert(found.end(), items_.begin() + node.begin, items_.begin() + node.end);
      continue;
    }
    const float side =
        Dot(query, std::span(normals_).subspan(size_t{node.normal} * rows_.cols, rows_.cols));
    open.emplace(std::min(margin, side), node.child[0]);
    open.emplace(std::min(margin, -side), node.child[1]);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  TopK best(k);
  for (uint32_t item : found) best.Add(item, Dot(rows_.row(item), query));
  return best.Take();
}

size_t ProjectionForest::size_bytes() const {
  return nodes_.size() * sizeof(Node) + items_.size() * sizeof(uint32_t) +
         normals_.size() * sizeof(float);
}

}  // namespace vitrine
