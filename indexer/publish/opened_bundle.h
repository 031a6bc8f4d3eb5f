// A bundle folder opened natively: what the browser sees, with the same recommender.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "indexer/publish/manifest.h"
#include "indexer/publish/shards.h"
#include "shared/recommender.h"

namespace vitrine {

struct OpenedBundle {
  Manifest manifest;
  Recommender recommender;
  std::vector<std::string> ids;     // by item
  std::vector<std::string> titles;  // by item
};

// Reads the manifest, the sections (each checked against its SHA-256) and the cards.
Result<OpenedBundle> OpenBundle(const std::filesystem::path& folder);

// A file of the bundle, checked against its size and SHA-256.
Result<Bytes> ReadBundleFile(const std::filesystem::path& folder, const Manifest::File& file);

// A line of a list as a page paints it.
struct PaintedLine {
  Card card;
  double score = 0;
  uint32_t reason = 0, count = 0;
  double strength = 0;
};

struct PaintedPage {
  ItemIndex index = kNoItem;
  std::vector<PaintedLine> together, similar;
};

// The shards of a bundle with their changes laid over them, as web/src/bundle.ts does it.
class ShardReader {
 public:
  ShardReader(std::filesystem::path folder, const Manifest& manifest)
      : folder_(std::move(folder)), manifest_(manifest) {}

  // Every product of a page shard, as painted.
  Result<std::map<std::string, PaintedPage>> Pages(uint64_t number);
  // The cards from `number * cards_per_file` on.
  Result<std::vector<Card>> Cards(uint64_t number);
  Result<std::vector<PaintedLine>> Popular();

 private:
  // The change shard that concerns shard `number`; nullptr when there is none.
  Result<const PageShard*> Changes(uint64_t number);
  Result<Json> ReadJson(const std::string& file) const;

  std::filesystem::path folder_;
  const Manifest& manifest_;
  uint64_t changes_number_ = UINT64_MAX;  // of the change shard that is in memory
  PageShard changes_;
  std::map<std::string, size_t> change_of_id_;  // position of a card in changes_
};

struct VerifyReport {
  uint64_t files = 0;
  uint64_t size_bytes = 0;
  uint64_t list_entries = 0;          // lines of all lists of all pages
  std::vector<std::string> problems;  // each names the file and what is wrong
  // The fewest shoppers behind any number of the taste section and of the complements, 0 when
  // nothing was learned; and whether sessions are published as they are, to which no floor applies.
  uint32_t smallest_group = 0;
  bool publishes_sessions = false;
  // Fashion invariants broken, counted over every list of every page. All must be 0.
  uint64_t cross_audience = 0, out_of_stock = 0, same_group = 0, in_cart = 0;
  uint64_t below_floor = 0;  // numbers that fewer shoppers stand behind than the manifest promises
};

// Checks every hash, bound, reference and invariant of a bundle. An Error only when there is no
// readable manifest; everything else is a problem in the report.
Result<VerifyReport> VerifyBundle(const std::filesystem::path& folder);

}  // namespace vitrine
