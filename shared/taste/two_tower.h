// Two towers: one makes a vector of the shopper (what was touched, how, and who says to be), one of
// the product (its own row, its attributes, its content); their dot product is the score
// (Covington et al., RecSys 2016; Yi et al., RecSys 2019). The item tower runs in the indexer and
// ships as a table; the user tower runs here.
//
//   x   = [ last product | decayed mean | mean of what was carted, wished or ordered | segments ]
//   u   = U max(0, W x + b)                              score(j) = u . unit vector of j
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "shared/bytes.h"
#include "shared/item.h"
#include "shared/result.h"
#include "shared/taste/item_table.h"

namespace vitrine {

inline constexpr uint32_t kTowerInputs = 4 * kTableDimensions;
inline constexpr uint32_t kTowerHidden = 2 * kTableDimensions;
inline constexpr float kTowerDecay = 0.8f;  // weight of an event against the one after it
inline constexpr size_t kTowerEvents = 15;  // only so many last events are looked at

struct UserTower {
  std::vector<float> hidden;    // W: kTowerHidden x kTowerInputs, row-major
  std::vector<float> bias;      // b: kTowerHidden
  std::vector<float> output;    // U: kTableDimensions x kTowerHidden
  std::vector<float> segments;  // one row of kTableDimensions a segment of the bundle
};

struct TwoTowerData {
  UserTower user;
  std::vector<float> items;  // item_count x kTableDimensions; a row of zeros = not known
};

// Matrices as int8 with one scale a row.
Bytes EncodeTwoTower(const TwoTowerData& data);

class TwoTower {
 public:
  static Result<TwoTower> Open(ByteView part, uint32_t item_count);

  bool empty() const { return table_.item_count() == 0; }
  const ItemTable& table() const { return table_; }
  uint32_t segments() const {
    return static_cast<uint32_t>(user_.segments.size() / kTableDimensions);
  }

  // The shopper's vector (not of unit length). `newest_first`: events of products below
  // item_count; `profile`: segments, those that are out of range are skipped.
  std::vector<float> User(std::span<const SessionEvent> newest_first,
                          std::span<const uint32_t> profile) const;
  // scores[j] = user . unit vector of product j, 0 for one that is not known.
  void Score(std::span<const float> user, std::span<float> scores) const {
    table_.Score(user, 1, scores);
  }

 private:
  UserTower user_;
  ItemTable table_;
};

}  // namespace vitrine
