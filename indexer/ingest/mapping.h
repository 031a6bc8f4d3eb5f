// Which column of a feed fills which normalised field.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/ingest/record.h"
#include "shared/result.h"

namespace vitrine {

// A normalised field and the column names that mean it without being told (folded by FoldText, the
// likeliest first). "a+b" = all columns of these names that the feed has, in this order.
struct FieldSpec {
  std::string_view name;
  std::vector<std::string_view> well_known;
};

class FieldMapping {
 public:
  // `section` is how error messages call the mapping: "catalogue" for [catalogue.columns].
  // `mapping` empty = guess. Errors: an entry for a field that does not exist.
  static Result<FieldMapping> Make(std::string section, std::vector<FieldSpec> specs,
                                   std::map<std::string, std::vector<std::string>> mapping);

  // Finds the columns in a feed. Errors (only when `complete`: all columns are known, as in CSV): a
  // mapped column that the feed does not have. Called again when the feed has met new columns.
  Status Resolve(const std::vector<std::string>& columns, const std::string& file, bool complete);

  // Columns of a field, by number; empty when the feed has none.
  const std::vector<size_t>& ColumnsOf(size_t field) const { return columns_of_[field]; }
  bool Has(size_t field) const { return !columns_of_[field].empty(); }
  // Is the column used by some field?
  bool IsUsed(size_t column) const { return column < used_.size() && used_[column]; }

  // The first column of the field that says something; "" if none does.
  std::string_view First(const Record& record, size_t field) const;

 private:
  std::string section_;
  std::vector<FieldSpec> specs_;
  std::map<std::string, std::vector<std::string>> mapping_;
  std::vector<std::vector<size_t>> columns_of_;
  std::vector<bool> used_;
};

}  // namespace vitrine
