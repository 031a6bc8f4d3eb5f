#include "indexer/vectors/small_world.h"

#include <hnswlib/hnswlib.h>

#include <algorithm>

namespace vitrine {

struct SmallWorldGraph::Graph {
  Graph(size_t capacity, size_t cols, size_t degree, size_t breadth)
      : space(cols), index(&space, capacity, degree, breadth) {}
  hnswlib::L2Space space;  // the index points into it
  hnswlib::HierarchicalNSW<float> index;
};

SmallWorldGraph::SmallWorldGraph(size_t capacity, size_t cols, size_t degree, size_t breadth)
    : graph_(std::make_unique<Graph>(capacity, cols, degree, breadth)) {}

SmallWorldGraph::~SmallWorldGraph() = default;

void SmallWorldGraph::Add(ItemIndex item, std::span<const float> row) {
  graph_->index.addPoint(row.data(), item);
}

void SmallWorldGraph::SetBreadth(size_t breadth) { graph_->index.setEf(breadth); }

std::vector<ScoredItem> SmallWorldGraph::Search(std::span<const float> query, size_t k) const {
  auto found = graph_->index.searchKnn(query.data(), k);
  std::vector<ScoredItem> list;
  for (; !found.empty(); found.pop()) {
    list.push_back({static_cast<ItemIndex>(found.top().second), -found.top().first});
  }
  std::reverse(list.begin(), list.end());
  return list;
}

size_t SmallWorldGraph::bytes_per_item() const { return graph_->index.size_data_per_element_; }

}  // namespace vitrine
