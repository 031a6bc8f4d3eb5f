// What differs between the shards of an earlier build and a new one. Small changes are published
// beside the earlier shards, which shoppers and CDN edges already have, instead of in place of
// them: a product stands in some sixteen lists, so writing every shard that shows its price anew
// would be most of the shop after a day.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "indexer/publish/shards.h"

namespace vitrine {

class ChangeCollector {
 public:
  // `base` is the manifest of the bundle in `folder`. Its shards may only be built upon when they
  // are laid out as the new ones: fits().
  ChangeCollector(std::filesystem::path folder, const Manifest& base, const ShardMaker& make,
                  const BundleParts& parts, const PublishOptions& options,
                  const Catalogue& catalogue);

  // False when it is better to publish all shards anew; nothing need be added any more then.
  bool fits() const { return fits_; }

  // Takes in a shard as it is now, in any order, each once.
  void AddPage(uint64_t number, const std::string& text);
  void AddCards(uint64_t number, const std::string& text);

  // The change shards: none when nothing changed; call when all was added. Ends fits() when they
  // would be more than a fair part of a bundle.
  std::vector<std::string> Encode();

 private:
  struct Line {
    ItemIndex item;
    ListEntry entry;  // its card is not looked at
  };
  struct Page {
    ItemIndex index;
    std::vector<Line> together, similar;
  };
  struct Change {
    std::map<std::string, Page> pages;
    std::vector<std::string> gone;
    std::map<std::string, Card> gone_cards;  // of products that lists of the earlier build name
    std::set<ItemIndex> cards;
  };
  std::optional<PageShard> ReadBase(uint64_t number, const std::string& text) const;
  bool Same(ItemIndex page, const std::vector<ListEntry>& before, const std::vector<Card>& cards,
            const std::vector<Line>& now) const;
  std::vector<Line> Lines(const std::vector<ListEntry>& list, const std::vector<Card>& cards) const;
  size_t Weight(const Change& change) const;
  std::string EncodeShard(const std::vector<const Change*>& changes) const;

  std::filesystem::path folder_;
  const Manifest& base_;
  const ShardMaker& make_;
  const BundleParts& parts_;
  const PublishOptions& options_;
  const Catalogue& catalogue_;
  bool fits_;
  size_t weight_ = 0;
  std::map<uint64_t, Change> page_changes_, card_changes_;  // by number of the shard
};

}  // namespace vitrine
