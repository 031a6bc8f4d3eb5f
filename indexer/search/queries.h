// What shoppers are likely to search for: what the shop's log says, and what its products suggest.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "indexer/shop.h"
#include "shared/result.h"
#include "shared/search/format.h"

namespace vitrine {

struct QueryOptions {
  std::vector<std::string> log_files;  // [search] queries
  size_t max_queries = 5000;           // [search] max_queries
  // Queries of the log that fewer shoppers made stay out of the bundle. [privacy] min_users
  uint32_t min_users = 5;
};

// A log has one query a line, or "query<TAB>shoppers" (also "query,shoppers"); lines that say the
// same count together. Generated queries are made of the products' audience, colour, kind,
// department, brand and attributes, as many of them as products have together, and of titles; they
// weigh less than any of the log. Ascending by text, distinct.
Result<std::vector<SearchIndex::Query>> LikelyQueries(std::span<const Product> products,
                                                      const QueryOptions& options);

}  // namespace vitrine
