// The strategies that can be evaluated, by name. What ships in a bundle is evaluated through the
// bundle's own section and the device's own code.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/personalize/taste_builder.h"
#include "indexer/shop.h"
#include "indexer/support/console.h"
#include "shared/item.h"
#include "shared/result.h"
#include "shared/top_k.h"

namespace vitrine {

// Who asks, by what was done in order of time and by what was told (attribute, value).
struct Visitor {
  std::span<const SessionEvent> events = {};
  std::span<const std::pair<std::string, std::string>> profile = {};
  double now_seconds = 0;  // see Shopper
};

class Strategy {
 public:
  virtual ~Strategy() = default;
  // At most `limit` items for a shopper, best first, distinct. Items of the session may be among
  // them.
  virtual std::vector<ItemIndex> Rank(const Visitor& visitor, uint32_t limit) const = 0;
  std::vector<ItemIndex> Rank(std::span<const SessionEvent> events, uint32_t limit) const {
    return Rank(Visitor{.events = events}, limit);
  }
  // The same with log-probabilities as scores, up to a constant; empty where a strategy has none.
  virtual std::vector<ScoredItem> RankScored(const Visitor&, uint32_t) const { return {}; }
  // What the browser loads for it; 0 for a strategy that does not ship.
  virtual size_t size_bytes() const { return 0; }
  // The fewest shoppers behind any published number; 0 for a strategy that does not ship.
  virtual uint32_t smallest_group() const { return 0; }
};

// The names that MakeStrategy knows, in the order of the report.
std::span<const std::string_view> StrategyNames();

// Learns the strategy from the shop's interactions and what its shoppers told of themselves.
Result<std::unique_ptr<Strategy>> MakeStrategy(std::string_view name, const Shop& shop,
                                               const Profiles& profiles,
                                               const TasteOptions& options);
// With what the shop's own users told (ProfilesOf).
Result<std::unique_ptr<Strategy>> MakeStrategy(std::string_view name, const Shop& shop,
                                               const TasteOptions& options, Console& console);

}  // namespace vitrine
