// A graph for approximate nearest neighbours: hierarchical navigable small worlds (hnswlib; Malkov
// and Yashunin 2018), by Euclidean distance, which for vectors of length 1 ranks as the cosine
// does.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "shared/top_k.h"

namespace vitrine {

class SmallWorldGraph {
 public:
  // Each item gets `degree` links (twice that on the ground level), chosen among the `breadth`
  // nearest that a search finds.
  SmallWorldGraph(size_t capacity, size_t cols, size_t degree, size_t breadth);
  ~SmallWorldGraph();

  // Not thread-safe, so that the graph depends on the order of the calls alone.
  void Add(ItemIndex item, std::span<const float> row);
  // How many candidates a search keeps: more = slower and truer. At least k.
  void SetBreadth(size_t breadth);
  // Nearest first; scores are squared distances, negated. Thread-safe.
  std::vector<ScoredItem> Search(std::span<const float> query, size_t k) const;

  // Of one item on the ground level: vector, links, label.
  size_t bytes_per_item() const;

 private:
  struct Graph;
  std::unique_ptr<Graph> graph_;
};

}  // namespace vitrine
