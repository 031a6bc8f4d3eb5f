// Trains the two towers (shared/taste/two_tower.h) on shoppers' whole histories: from what a
// shopper did before and told of, the next product.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "indexer/personalize/item_rows.h"
#include "indexer/personalize/profiles.h"
#include "indexer/shop.h"
#include "shared/taste/segments.h"
#include "shared/taste/two_tower.h"

namespace vitrine {

enum class TowerLoss {
  kSoftmax,  // over the batch's targets and drawn products, corrected for how likely each is there
  kMse,      // 1 for the next product, 0 for drawn ones
};

struct TowerOptions {
  TowerLoss loss = TowerLoss::kSoftmax;
  float learning_rate = 0.003f;
  uint32_t batch = 256;
  uint32_t negatives = 768;
  uint32_t max_epochs = 12;
  uint32_t patience = 2;              // epochs without a better validation before it stops
  uint64_t max_examples = 1'000'000;  // the newest, an epoch
  uint64_t seed = 1;
};

// For each shopper the numbers of the segments that the profile names.
std::vector<std::vector<uint32_t>> SegmentsOf(const SegmentsData& segments,
                                              const Profiles& profiles);

// `own[i]`: product i may have a row of its own. `segments_of[u]`: segments of user u, numbers
// below `segment_count`. The last 5 % of the examples validate; the weights of the best epoch are
// returned. Deterministic, one thread. Time: about examples x epochs x 0.6 MFLOP. REQUIRES:
// interactions ordered by session, then time.
TwoTowerData TrainTwoTower(std::span<const Interaction> interactions, const std::vector<bool>& own,
                           const ItemFeatures& features,
                           const std::vector<std::vector<uint32_t>>& segments_of,
                           uint32_t segment_count, const TowerOptions& options);

}  // namespace vitrine
