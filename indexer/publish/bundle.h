// Writing a bundle: cards, page shards, binary sections and the manifest that names them all.
// The format is described byte by byte in docs/bundle_format.md.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "indexer/search_parts.h"
#include "indexer/shop.h"
#include "indexer/support/console.h"
#include "shared/recommender.h"

namespace vitrine {

struct PublishOptions {
  std::string shop_name;      // [shop] name
  std::string currency;       // [shop] currency, ISO 4217
  std::string locale = "en";  // [shop] locale, BCP 47
  // Templates with {id}; empty = the catalogue's own column. [publish] product_url, image_url
  std::string product_url;
  std::string image_url;
  // Vectors of more bytes are published as a coarse section, which answers first, and refinements
  // of kItemsPerRefinement products each. [publish] refine_above_bytes
  uint64_t refine_above_bytes = 2u << 20;
  // Attributes of products that go into the cards. [publish] card_attributes
  std::vector<std::string> card_attributes;
  size_t list_length = 8;      // products in each list of a page; [publish] list_length
  std::filesystem::path wasm;  // the engine to ship with the bundle; empty = none. [publish] engine
  std::filesystem::path package;  // the web package's dist/; empty = none. [publish] package
  std::filesystem::path rules;    // rules.toml; empty = none. [publish] rules
  // Compressed copies of every file. kAuto: of the shards too unless two builds would be more than
  // kMostFiles, which is what free hosts take (those compress by themselves). [publish] precompress
  enum class Precompress { kAuto, kAll, kNone } precompress = Precompress::kAuto;
  // Bit b of byte a: a product for audience b may stand beside one for audience a. [publish.beside]
  std::array<uint8_t, kAudiences> audience_gate = kDefaultAudienceGate;
  uint32_t min_users = 1;  // the floor that the sections were made with; [privacy] min_users
  size_t threads = 0;      // 0 = all of the machine's; never changes a byte
  // Search's engine; empty = vitrine_search.wasm beside `wasm`, if there. [publish] search_engine
  std::filesystem::path search_wasm;
};

// Limits of the hosts that a bundle must fit (docs/deploy.md).
inline constexpr size_t kMostFiles = 20'000;
inline constexpr uint64_t kMostFileBytes = 25u << 20;

inline constexpr uint32_t kItemsPerRefinement = 32 * 1024;  // web/src/host.ts knows it too

// Everything that was computed for a shop whose products are in bundle order.
struct BundleParts {
  std::vector<Product> products;
  Bytes rules, vectors, taste;  // payloads; empty = no such section
  Bytes catalogue;  // what evaluation ranks with; the published one also knows the merchandising
                    // rules
  // Exact-enough nearest neighbours of each product, best first (any length; may be empty).
  std::vector<std::vector<ScoredItem>> neighbours;
  SearchParts search;
};

struct PublishSummary {
  size_t files = 0;
  uint64_t size_bytes = 0;
  std::map<std::string, uint64_t> size_bytes_by_part;  // pages, cards, catalogue, rules, …
  size_t with_bought_together = 0;                     // products with at least one partner
  size_t with_goes_with = 0;                           // products with only content fallback
  size_t with_similar = 0;
  size_t change_shards = 0;  // > 0: published beside the shards of an earlier build
  bool kept_shards = false;  // the shards of an earlier build serve this one
};

// The catalogue section's data for products in bundle order.
CatalogueData MakeCatalogueData(std::span<const Product> products);

// A price as an integer number of hundredths; kNoPrice for empty or unreadable text. Exact for two
// decimals; more are cut.
uint32_t PriceMinor(std::string_view decimal);

// The Fnv1a64 of the product ids of the bundle in `folder`, by item; empty when there is none. An
// order of the products that keeps to it (StableOrder) makes small differences between builds.
std::vector<uint64_t> PublishedOrder(const std::filesystem::path& folder);

// Writes the bundle into `folder`: new files first, manifest.json last, so that a page always sees
// a whole bundle. Files of the bundle that was there stay (open pages still use them); files that
// neither needs are removed. The earlier bundle is an input: where few products changed its shards
// are kept and amended. Memory: the parts, and a few hundred shards at a time.
Result<PublishSummary> WriteBundle(const BundleParts& parts, const PublishOptions& options,
                                   const std::filesystem::path& folder, Console& console);

}  // namespace vitrine
