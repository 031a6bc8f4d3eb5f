// Which products the target of an example is told from when a softmax cannot go over all of them:
// the targets of the batch and `negatives` drawn ones, more popular ones more often (by the square
// root of how often they are targets). Each stands for as many as the inverse of its chance to be
// among them (Jean et al., ACL 2015).
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "indexer/personalize/item_rows.h"

namespace vitrine {

class CandidateSampler {
 public:
  // `times_target[i]`: examples of the log whose target is product i. Products that `rows` does not
  // have are never drawn. `all`: every batch is told from all products, and no chance is needed.
  CandidateSampler(const ItemRows& rows, std::span<const uint32_t> times_target, uint32_t batch,
                   uint32_t negatives, bool all);

  bool all() const { return all_; }
  // The candidates of a batch with these targets, each once.
  void Choose(std::span<const ItemIndex> targets, std::mt19937_64& random);
  std::span<const ItemIndex> candidates() const { return candidates_; }
  // Where a target of the batch stands among the candidates.
  size_t PositionOf(ItemIndex target) const { return position_of_[target]; }
  // Logarithm of the chance that a batch has this product: to be taken off its score where it is
  // not the target.
  float LogChance(ItemIndex item) const { return log_chance_[item]; }

 private:
  void Add(ItemIndex item);

  const uint32_t negatives_;
  const bool all_;
  std::vector<ItemIndex> known_;    // the products that can be drawn
  std::vector<double> cumulative_;  // of their weights
  std::vector<float> log_chance_;   // by product
  std::vector<uint32_t> position_of_;
  std::vector<ItemIndex> candidates_;
};

}  // namespace vitrine
