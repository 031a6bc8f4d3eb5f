// A forest of random-projection trees for the angle between vectors, in the manner of Annoy
// (Bernhardsson): the index of the system that Vitrine replaces. It is here to be compared with and
// never ships.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "indexer/support/matrix.h"
#include "shared/top_k.h"

namespace vitrine {

class ProjectionForest {
 public:
  // Each tree halves the rows, again and again, by the plane between two centres found among them,
  // down to `leaf_size` rows. `rows` are of length 1 and must outlive the forest. Deterministic.
  // O(trees n log(n) d).
  ProjectionForest(MatrixView rows, size_t trees, size_t leaf_size = 64, uint64_t seed = 1);

  // The k rows of highest cosine among at least `candidates` rows (all trees are walked at once,
  // nearest side first), best first.
  std::vector<ScoredItem> Search(std::span<const float> query, size_t k, size_t candidates) const;

  size_t size_bytes() const;  // without the vectors themselves

 private:
  struct Node {
    // Inner nodes: children and where their plane's normal is. Leaves: child[0] = kLeaf.
    uint32_t child[2] = {kLeaf, 0};
    uint32_t begin = 0, end = 0;  // of a leaf, in items_
    uint32_t normal = 0;          // row of normals_
  };
  static constexpr uint32_t kLeaf = 0xFFFFFFFFu;

  uint32_t Build(std::span<uint32_t> items, size_t leaf_size, int depth, std::mt19937_64& random);
  std::vector<float> SplittingNormal(std::span<const uint32_t> items,
                                     std::mt19937_64& random) const;

  MatrixView rows_;
  std::vector<Node> nodes_;
  std::vector<uint32_t> roots_, items_;
  std::vector<float> normals_;  // of cols values each
};

}  // namespace vitrine
