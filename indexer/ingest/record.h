// The one form in which every feed's rows reach the code that understands them: named columns and
// text values. CSV has its header; JSON lines and XML grow the list of columns as they meet names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/result.h"

namespace vitrine {

struct Record {
  uint64_t line = 0;                     // where the row starts, from 1
  std::vector<std::string_view> fields;  // parallel to columns(); valid until the next Next()
  // Attributes beside the columns: feeds whose names differ from row to row.
  std::vector<std::pair<std::string_view, std::string_view>> extras;
  // Further rows of the feed that went into this one (the photo rows of a Shopify product).
  uint64_t merged_rows = 0;
  // When the row itself cannot be read: a reason code ("unclosed_quote", "field_count", …) and what
  // to do about it. The fields are then not to be used.
  std::string_view problem;
  std::string problem_detail;
};

class RecordReader {
 public:
  virtual ~RecordReader() = default;
  virtual const std::vector<std::string>& columns() const = 0;
  // Reads the next row; false at the end. An Error means that nothing more can be read.
  virtual Result<bool> Next(Record& record) = 0;
  // For progress, in bytes of the file.
  virtual uint64_t position_bytes() const = 0;
  virtual uint64_t size_bytes() const = 0;
};

}  // namespace vitrine
