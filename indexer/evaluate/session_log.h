// Session files: `session_id<TAB>time_seconds<TAB>item item item…`, one session a line, and their
// cases: `session_id<TAB>t<TAB>target` (predict event t+1 from the first t).
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "indexer/shop.h"
#include "shared/item.h"
#include "shared/result.h"

namespace vitrine {

// Item names <-> dense numbers, in order of first appearance.
class ItemNames {
 public:
  ItemIndex Add(std::string_view name);
  ItemIndex Find(std::string_view name) const;  // kNoItem when unknown
  const std::string& name(ItemIndex item) const { return names_[item]; }
  uint32_t size() const { return static_cast<uint32_t>(names_.size()); }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, ItemIndex, Hash, std::equal_to<>> index_;
  std::vector<std::string> names_;
};

// Session s is items[offset[s]] .. items[offset[s+1]-1], oldest first.
struct SessionLog {
  std::vector<std::string> id;
  std::vector<int64_t> time_seconds;
  std::vector<ItemIndex> items;
  std::vector<uint64_t> offset = {0};

  size_t size() const { return id.size(); }
  std::span<const ItemIndex> session(size_t s) const {
    return {items.data() + offset[s], static_cast<size_t>(offset[s + 1] - offset[s])};
  }
};

struct Case {
  size_t session = 0;          // in the test log
  uint32_t prefix_size = 0;    // t; 0 = a new shopper without events
  ItemIndex target = kNoItem;  // kNoItem when the training sessions do not have it
};

// Reads training sessions; every item becomes known.
Result<SessionLog> ReadTrainingSessions(const std::filesystem::path& path, ItemNames& names);

// Reads test sessions; items that are not known become kNoItem.
Result<SessionLog> ReadTestSessions(const std::filesystem::path& path, const ItemNames& names);

Result<std::vector<Case>> ReadCases(const std::filesystem::path& path, const SessionLog& test,
                                    const ItemNames& names);

// The sessions as interactions of a shop: every session a shopper of its own (with its id), events
// one second apart, sessions in order of time.
Shop ShopOfSessions(const SessionLog& log, uint32_t item_count);

}  // namespace vitrine
