// A database too large for memory, cut by rank into projected databases on disk, as Han, Pei & Yin
// (2000, section 3.3) propose: the itemsets whose highest rank is in a part's range are found in
// the baskets with such a rank, restricted to what stands before it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "indexer/mine/word_array.h"
#include "indexer/support/temp_file.h"
#include "shared/result.h"

namespace vitrine {

class Partitions {
 public:
  struct Part {
    uint32_t from = 0, to = 0;  // ranks
    TempFile file;
  };

  // Ranges of ranks whose baskets fit in `max_words` words each, from the words that each rank's
  // projected database takes. At least one rank each. `whole_runs`: closed and maximal itemsets
  // need what stands behind a rank too.
  static Result<std::unique_ptr<Partitions>> Create(std::span<const uint64_t> words_of_rank,
                                                    uint64_t max_words, bool whole_runs);

  size_t size() const { return parts_.size(); }
  const Part& part(size_t k) const { return parts_[k]; }

  // Adds a basket: `run` is its ranks, ascending, at least two; `weight` is above 0.
  Status Add(std::span<const uint32_t> run, uint32_t weight);
  // REQUIRES: after the last Add().
  Status Finish();
  // The runs of part k, as RankedBaskets::words, sealed.
  Result<WordArray> Load(size_t k) const;

 private:
  explicit Partitions(bool whole_runs) : whole_runs_(whole_runs) {}

  const bool whole_runs_;
  std::vector<Part> parts_;
  std::vector<uint32_t> part_of_rank_;
};

}  // namespace vitrine
