#include "indexer/evaluate/profiles_file.h"

#include <string_view>
#include <unordered_map>

#include "indexer/support/files.h"

namespace vitrine {
namespace {

// The fields of one line (RFC 4180 without line breaks inside of quotes).
std::vector<std::string> SplitCsv(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') {
      if (quoted && i + 1 < line.size() && line[i + 1] == '"') {
        fields.back() += line[++i];
      } else {
        quoted = !quoted;
      }
    } else if (line[i] == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += line[i];
    }
  }
  return fields;
}

}  // namespace

Result<Profiles> ReadProfiles(const std::filesystem::path& path,
                              const std::vector<std::string>& ids) {
  std::unordered_map<std::string_view, size_t> index;
  for (size_t i = 0; i < ids.size(); ++i) index.emplace(ids[i], i);
  VITRINE_ASSIGN(MappedFile file, MappedFile::Open(path));
  std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> values;
  for (size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const std::vector<std::string> fields = SplitCsv(line);
    if (names.empty()) {
      names = fields;
      if (names.size() < 2) {
        return Error{path.string() + ":1: needs a header: user_id, then at least one attribute"};
      }
      values.assign(names.size(), std::vector<std::string>(ids.size()));
      continue;
    }
    if (fields.size() != names.size()) {
      return Error{path.string() + ":" + std::to_string(number) + ": " +
                   std::to_string(fields.size()) + " fields, but the header has " +
                   std::to_string(names.size())};
    }
    const auto known = index.find(fields[0]);
    if (known == index.end()) continue;
    for (size_t a = 1; a < fields.size(); ++a) values[a][known->second] = fields[a];
  }
  if (names.empty()) return Error{path.string() + ": empty; needs a header and a line a shopper"};
  Profiles profiles(ids.size());
  for (size_t a = 1; a < names.size(); ++a) profiles.Add(names[a], values[a]);
  return profiles;
}

}  // namespace vitrine
