// The JSON files of a bundle: page shards, card shards, the popular list. Encoder and decoder side
// by side; the layout is in docs/bundle_format.md.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "indexer/publish/cards.h"
#include "indexer/publish/merchandising.h"

namespace vitrine {

// How a shop's size decides the layout. Two builds of a million products stay below 20,000 files,
// and a page shard stays below about 20 KB as it is sent.
struct ShardLayout {
  uint64_t page_shards;     // a power of two, about 12 products a shard, at most 8,192
  uint64_t cards_per_file;  // at least 32; at most 1,024 files
  size_t
      list_length;  // of each list of a page: as asked for, fewer where shards hold many products
};
ShardLayout LayoutFor(size_t products, size_t list_length);

// The page shard of a product.
uint64_t PageShardOf(std::string_view id, uint64_t page_shards);

// One line of a list in a file.
struct ListEntry {
  uint32_t card = 0;  // position in the file's table
  double score = 0;
  uint32_t reason = 0;  // ReasonKind
  uint32_t count = 0;
  double strength = 0;
};

struct PageLists {
  ItemIndex index = kNoItem;
  std::vector<ListEntry> together, similar;
};

struct PageShard {
  std::map<std::string, PageLists> pages;  // by product id
  std::vector<std::string> gone;           // of a change shard: products that are no longer sold
  std::vector<Card> cards;
  std::vector<ItemIndex> index;  // of a change shard: of each card
};

std::string EncodePageShard(const PageShard& shard, const CardTemplates& templates);
// nullopt when the text is no such file; every position is within the table.
std::optional<PageShard> DecodePageShard(const Json& json, const CardTemplates& templates);

// Makes the files of a shop. All methods may be called from several threads.
class ShardMaker {
 public:
  // `recommender` has the sections of `parts`. All arguments must outlive the object.
  ShardMaker(const BundleParts& parts, const PublishOptions& options,
             const Recommender& recommender, const Merchandising& rules);

  const ShardLayout& layout() const { return layout_; }
  const CardTemplates& templates() const { return templates_; }
  uint64_t card_shards() const;
  // Does the shop have a hand in the lists?
  bool has_rules() const { return !rules_.empty(); }

  // Counts the lists of its products in `summary`.
  std::string Page(uint64_t number, PublishSummary& summary) const;
  std::string Cards(uint64_t number) const;
  std::string Popular() const;

 private:
  std::vector<Recommendation> Together(ItemIndex item) const;
  std::vector<Recommendation> Similar(ItemIndex item) const;
  std::vector<ListEntry> Entries(const std::vector<Recommendation>& list, std::vector<Card>& cards,
                                 std::map<ItemIndex, uint32_t>& position) const;

  const BundleParts& parts_;
  const PublishOptions& options_;
  const Recommender& recommender_;
  const Merchandising& rules_;
  ShardLayout layout_;
  CardTemplates templates_;
  std::vector<ItemIndex> by_shard_;  // products ordered by page shard, then by index
  std::vector<uint32_t>
      shard_begin_;  // shard s is by_shard_[shard_begin_[s] .. shard_begin_[s + 1])
};

}  // namespace vitrine
