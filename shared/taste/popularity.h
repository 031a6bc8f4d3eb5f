// How popular each product is now, and how many shoppers stand behind that.
#pragma once

#include <cstdint>
#include <vector>

#include "shared/bytes.h"
#include "shared/item.h"
#include "shared/result.h"

namespace vitrine {

// One entry per product. A product below the privacy floor has score 0 and 0 shoppers.
struct PopularityData {
  std::vector<float> score;        // time-decayed, kind-weighted; >= 0
  std::vector<uint32_t> shoppers;  // distinct
};

// Scores are kept as bfloat16 (the upper half of a float): 0.4 % precision.
Bytes EncodePopularity(const PopularityData& data);

class Popularity {
 public:
  static Result<Popularity> Open(ByteView part, uint32_t item_count);

  // 1 for the most popular product, 0 for one that is not known to be popular.
  float Score(ItemIndex item) const { return data_.score.empty() ? 0 : data_.score[item]; }
  uint32_t Shoppers(ItemIndex item) const {
    return data_.shoppers.empty() ? 0 : data_.shoppers[item];
  }
  // All products, most popular first; empty when the part is absent.
  const std::vector<ItemIndex>& ranked() const { return ranked_; }

 private:
  PopularityData data_;
  std::vector<ItemIndex> ranked_;
};

}  // namespace vitrine
