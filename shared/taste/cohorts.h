// Shoppers of similar taste, as groups: what the shoppers of each cohort turned to, never who they
// are. User-based collaborative filtering (Resnick et al., CSCW 1994) with cohorts in the place of
// users, so that nobody's history leaves the shop.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "shared/bytes.h"
#include "shared/item.h"
#include "shared/result.h"
#include "shared/taste/item_lists.h"
#include "shared/taste/item_table.h"

namespace vitrine {

// How a shopper is compared with a cohort, over vectors with one component a product.
// Or over mean item vectors of the session encoder's table.
enum class TasteSimilarity : uint8_t { kCosine = 0, kPearson = 1, kEmbedding = 2 };

struct CohortsData {
  TasteSimilarity similarity = TasteSimilarity::kCosine;
  std::vector<uint32_t> shoppers;  // of each cohort
  // The list of cohort c: what share of its shoppers turned to the product, > 0 to 1.
  ItemListsData lists;
};

// REQUIRES: one list a cohort.
Bytes EncodeCohorts(const CohortsData& data);

class Cohorts {
 public:
  // Validates everything. `part` must outlive the object.
  static Result<Cohorts> Open(ByteView part, uint32_t item_count);

  uint32_t size() const { return static_cast<uint32_t>(shoppers_.size()); }
  uint32_t Shoppers(uint32_t cohort) const { return shoppers_[cohort]; }

  struct Match {
    uint32_t cohort;
    float similarity;  // > 0
  };
  // The cohorts most similar to a shopper with these weights (distinct items), at most `limit`,
  // best first. `table` is looked at for kEmbedding alone (without one that is as kCosine).
  // O(entries of all cohorts).
  std::vector<Match> Similar(std::span<const std::pair<ItemIndex, float>> weights,
                             const ItemTable* table, size_t limit) const;

  // For kEmbedding: computes each cohort's mean vector. O(entries of all cohorts).
  void PlaceInto(const ItemTable& table);

  // Calls visit(ItemIndex, float share) for each entry of the cohort, ascending by item.
  template <typename Visit>
  void ForEach(uint32_t cohort, Visit&& visit) const {
    lists_.ForEach(cohort, visit);
  }

 private:
  uint32_t item_count_ = 0;
  TasteSimilarity similarity_ = TasteSimilarity::kCosine;
  std::vector<uint32_t> shoppers_;
  ItemLists lists_;
  std::vector<float> sum_, square_;  // of each cohort's shares
  std::vector<float> centres_;       // unit vectors, one a cohort, after PlaceInto()
};

}  // namespace vitrine
