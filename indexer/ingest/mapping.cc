#include "indexer/ingest/mapping.h"

#include <algorithm>

#include "indexer/ingest/text.h"

namespace vitrine {
namespace {

std::string ListOf(const std::vector<std::string>& names) {
  std::string list = JoinText(
      {names.begin(), names.begin() + static_cast<ptrdiff_t>(std::min<size_t>(names.size(), 40))},
      ", ");
  return names.size() > 40 ? list + ", …" : list;
}

}  // namespace

Result<FieldMapping> FieldMapping::Make(std::string section, std::vector<FieldSpec> specs,
                                        std::map<std::string, std::vector<std::string>> mapping) {
  std::vector<std::string> names;
  for (const FieldSpec& spec : specs) names.emplace_back(spec.name);
  for (const auto& [field, columns] : mapping) {
    if (std::find(names.begin(), names.end(), field) != names.end()) continue;
    const std::string near = NearestWord(field, names);
    return UsageError("[" + section + ".columns] has no field \"" + field + "\"" +
                      (near.empty() ? "" : "; did you mean \"" + near + "\"?") +
                      " Fields are: " + ListOf(names));
  }
  FieldMapping result;
  result.section_ = std::move(section);
  result.specs_ = std::move(specs);
  result.mapping_ = std::move(mapping);
  result.columns_of_.resize(result.specs_.size());
  return result;
}

Status FieldMapping::Resolve(const std::vector<std::string>& columns, const std::string& file,
                             bool complete) {
  used_.assign(columns.size(), false);
  std::vector<std::string> folded;
  for (const std::string& column : columns) folded.push_back(FoldText(column));
  for (size_t field = 0; field < specs_.size(); ++field) {
    std::vector<size_t>& found = columns_of_[field];
    found.clear();
    if (mapping_.empty()) {
      for (std::string_view alternative : specs_[field].well_known) {
        if (!found.empty()) break;
        for (std::string_view known : SplitText(alternative, "+")) {
          const auto column = std::find(folded.begin(), folded.end(), known);
          if (column != folded.end()) found.push_back(static_cast<size_t>(column - folded.begin()));
        }
      }
    } else if (const auto entry = mapping_.find(std::string(specs_[field].name));
               entry != mapping_.end()) {
      for (const std::string& name : entry->second) {
        if (name.empty()) continue;
        const auto column = std::find(columns.begin(), columns.end(), name);
        if (column != columns.end()) {
          found.push_back(static_cast<size_t>(column - columns.begin()));
        } else if (complete) {
          const std::string near = NearestWord(name, columns);
          return UsageError(file + ":1: there is no column \"" + name + "\", which [" + section_ +
                            ".columns] " + std::string(specs_[field].name) + " names" +
                            (near.empty() ? "." : "; did you mean \"" + near + "\"?") +
                            " Columns are: " + ListOf(columns));
        }
      }
    }
    for (size_t column : found) used_[column] = true;
  }
  return Ok();
}

std::string_view FieldMapping::First(const Record& record, size_t field) const {
  for (size_t column : columns_of_[field]) {
    if (column >= record.fields.size()) continue;
    const std::string_view text = TrimSpace(record.fields[column]);
    if (!IsMissing(text)) return text;
  }
  return {};
}

}  // namespace vitrine
