// Builds what the shopper's page searches in: words, likely queries with their answers, and the
// space in which photos and words are compared (docs/search.md).
#pragma once

#include <functional>
#include <span>
#include <string>

#include "indexer/search/documents.h"
#include "indexer/search/queries.h"
#include "indexer/search_parts.h"
#include "indexer/shop.h"
#include "indexer/support/console.h"
#include "indexer/support/matrix.h"
#include "shared/bytes.h"
#include "shared/result.h"

namespace vitrine {

struct SearchOptions {
  bool enabled = true;  // [search] enabled
  QueryOptions queries;
  WordOptions words;
  // Which of embed.encoders photos and words are searched by; "auto" = the first with a text tower,
  // else the first with an image tower; "none" = by words alone. [search] encoder
  std::string encoder = "auto";
  double bytes_per_item = 128;  // of the space's vectors; [search] bytes_per_item
  size_t answers = 24;          // kept of each likely query; [search] answers
  bool towers = true;           // put the encoder's models into the bundle; [search] towers
};

// The chosen encoder's view of the shop.
struct SearchSpace {
  Bytes section;  // its VECT payload (see space.h); empty = there is no such encoder
  // Texts to vectors of the same space; empty = the encoder reads photos only.
  std::function<Result<Matrix>(std::span<const std::string>)> encode;
};

// The answers of the likely queries come from the very Searcher that the device runs. Same input,
// same bytes. O(queries x products).
Result<SearchParts> BuildSearch(std::span<const Product> products, const SearchSpace& space,
                                const SearchOptions& options, Console& console);

}  // namespace vitrine
