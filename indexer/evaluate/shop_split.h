// The shop's own log in two by time: what strategies learn from, and what later sessions ask of
// them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "indexer/shop.h"

namespace vitrine {

// What a shop knows of a shopper when it is asked.
enum class ShopperSlice {
  kExisting,       // was there before the cut: history, and what the session has so far
  kNewWithEvents,  // was not, and did something in this session
  kNewWithout,     // nothing is known
};
inline constexpr size_t kShopperSlices = 3;
inline constexpr std::array<std::string_view, kShopperSlices> kShopperSliceNames = {
    "existing", "new with events", "new without events"};

// One question: from `events`, which product comes next in the session?
struct ShopCase {
  ShopperSlice slice = ShopperSlice::kNewWithout;
  uint32_t user = 0;                 // of the shop
  uint32_t session = 0;              // of the shop; cases of one session are not independent
  std::vector<SessionEvent> events;  // history, then the session so far; oldest first
  uint32_t session_events = 0;       // how many at the end of `events` are of this session
  double now_seconds = 0;            // when the target was turned to
  // Distinct products that the session goes on to and has not seen so far, in order; never empty.
  // The first one is the target.
  std::vector<ItemIndex> later;

  ItemIndex target() const { return later.front(); }
};

struct ShopSplitOptions {
  double test_share = 0.1;      // of the sessions, those that began last
  size_t max_cases = 1000;      // of each slice; an even sample of all
  size_t max_history = 50;      // events before the session, the newest
  size_t max_interactions = 0;  // learned from at most, the newest sessions; 0 = all
};

struct ShopSplit {
  Shop earlier;           // everything before the cut; products without texts and images
  Baskets later_baskets;  // from the cut on
  std::vector<ShopCase> cases;
  int64_t first_seconds = 0, cut_seconds = 0, last_seconds = 0;
  size_t earlier_sessions = 0, later_sessions = 0;
  std::array<size_t, kShopperSlices> cases_found{};  // before sampling
};

// Splits at the begin of a session. Sessions that began before the cut are learned from up to the
// cut, those that began later are asked about: nothing later than the cut is learned. Without times
// that differ, or without interactions, there are no cases.
ShopSplit SplitShop(const Shop& shop, const ShopSplitOptions& options);

}  // namespace vitrine
