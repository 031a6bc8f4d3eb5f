// What a shop's files are: `vitrine init` looks at their columns and first rows.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "shared/result.h"

namespace vitrine {

struct FileGuess {
  std::string path;
  std::string role;    // catalogue, events, orders or users
  std::string format;  // csv, google, …
  std::vector<std::string> columns;
  std::vector<std::pair<std::string, std::vector<std::string>>> mapping;  // field → columns

  // From the first rows:
  uint64_t rows_sampled = 0;
  std::map<std::string, uint64_t> filled;  // catalogue: field → rows that have it
  std::string currency;                    // catalogue: the most frequent one
  bool has_photos = false;                 // catalogue
  std::map<std::pair<std::string, std::string>, uint64_t> names;  // events: (event, button) → rows
  bool month_first = false;  // a date such as 12/31/2020, and none such as 31/12/2020
};

// Errors: a file that cannot be read, or that fits none of the roles.
Result<FileGuess> GuessFile(const std::string& path);

}  // namespace vitrine
