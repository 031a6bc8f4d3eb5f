// A configuration file (TOML 1.0) read strictly: each known key is asked for with its type and
// default, and every key that nobody asked for is an error with file, line and the nearest known
// name, so that a typing mistake never passes silently.
//
//   VITRINE_ASSIGN(TomlReader toml, TomlReader::Open("vitrine.toml", overrides));
//   toml.Read("publish.list_length", options.list_length);
//   VITRINE_RETURN_IF_ERROR(toml.Finish());
//
// Precedence: overrides (--set section.key=value) > environment (VITRINE_SECTION_KEY) > file.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/result.h"

namespace vitrine {

class TomlReader {
 public:
  // `overrides`: "section.key=value" each; the value in TOML syntax, or else taken as text.
  static Result<TomlReader> Open(const std::filesystem::path& path,
                                 const std::vector<std::string>& overrides);
  TomlReader(TomlReader&&) noexcept;
  ~TomlReader();

  // Each leaves `value` as it is when the key is absent. Wrong types are remembered for Finish().
  void Read(const std::string& key, std::string& value);
  void Read(const std::string& key, bool& value);
  void Read(const std::string& key, double& value, double min, double max);
  void Read(const std::string& key,
            std::vector<std::string>& value);  // a text counts as a list of one
  void Read(const std::string& key, std::vector<float>& value);
  void Read(const std::string& key, std::map<std::string, std::string>& value);  // a table of texts

  // A list of tables ([[key]]): each one's entries as text. Entries not in `known` are wrong.
  void Read(const std::string& key, const std::vector<std::string>& known,
            std::vector<std::map<std::string, std::string>>& value);

  template <typename Integer>
  void ReadInteger(const std::string& key, Integer& value, int64_t min, int64_t max) {
    if (auto number = Integer64(key, min, max)) value = static_cast<Integer>(*number);
  }

  bool Has(const std::string& key) const;

  // Remembers for Finish() that the value of a key cannot be used: "KEY WHAT".
  void Fail(const std::string& key, const std::string& what);

  // The first wrong type or range, or the first key that no Read asked for.
  Status Finish();

 private:
  struct State;
  explicit TomlReader(std::unique_ptr<State> state);
  std::optional<int64_t> Integer64(const std::string& key, int64_t min, int64_t max);
  std::unique_ptr<State> state_;
};

}  // namespace vitrine
