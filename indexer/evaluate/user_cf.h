// User-based collaborative filtering on everybody's own history (Resnick et al., CSCW 1994): exact,
// and therefore never shipped. It is here to be compared with.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "indexer/evaluate/strategy.h"

namespace vitrine {

enum class UserSimilarity { kCosine, kPearson };

// Finds the users most similar to the shopper of a session, over vectors of interaction weights
// with one component a product (0 where there was none; Pearson subtracts the means over all
// products), and sums their weights.
class UserCf : public Strategy {
 public:
  UserCf(std::span<const Interaction> interactions, uint32_t item_count, UserSimilarity similarity,
         const TasteOptions& options);

  std::vector<ItemIndex> Rank(const Visitor& visitor, uint32_t limit) const override;

 private:
  struct Cell {
    uint32_t other;  // product, or user
    float weight;
  };
  double Similarity(double dot, double sum_a, double square_a, uint32_t user_b) const;

  uint32_t item_count_;
  UserSimilarity similarity_;
  std::array<float, kInteractionKinds> kind_weight_;
  std::vector<uint64_t> user_begin_, item_begin_;
  std::vector<Cell> by_user_, by_item_;
  std::vector<double> sum_, square_;  // of each user's weights
};

}  // namespace vitrine
