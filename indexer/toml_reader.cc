#include "indexer/toml_reader.h"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "indexer/support/files.h"

namespace vitrine {
namespace {

std::string EnvironmentName(const std::string& key) {
  std::string name = "VITRINE_" + key;
  for (char& c : name)
    c = c == '.' || c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

// Levenshtein distance, for "did you mean".
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

// `value` as TOML, or else as text.
toml::table ParseOverride(const std::string& value) {
  if (auto parsed = toml::parse("value = " + value)) return std::move(parsed).table();
  toml::table table;
  table.insert("value", value);
  return table;
}

}  // namespace

struct TomlReader::State {
  std::filesystem::path path;
  toml::table table;
  std::map<std::string, std::string> origin;  // keys that did not come from the file
  std::set<std::string> asked;
  std::optional<Error> error;

  const toml::node* Find(const std::string& key) {
    asked.insert(key);
    if (!origin.contains(key)) {
      const std::string name = EnvironmentName(key);
      if (const char* value = std::getenv(name.c_str())) Set(key, value, "environment " + name);
    }
    return table.at_path(key).node();
  }

  void Set(const std::string& key, const std::string& value, const std::string& from) {
    toml::table* at = &table;
    std::string_view rest = key;
    for (size_t dot; (dot = rest.find('.')) != std::string_view::npos;
         rest.remove_prefix(dot + 1)) {
      auto* below = at->insert(rest.substr(0, dot), toml::table{}).first->second.as_table();
      if (below == nullptr) return Fail(key, nullptr, "is below a key that is no table");
      at = below;
    }
    at->insert_or_assign(rest, *ParseOverride(value).get("value"));
    origin[key] = from;
  }

  void Fail(const std::string& key, const toml::node* node, const std::string& what) {
    if (error) return;
    std::string where = path.string();
    if (auto from = origin.find(key); from != origin.end()) {
      where = from->second;
    } else if (node != nullptr) {
      where += ":" + std::to_string(node->source().begin.line);
    }
    error = UsageError(where + ": " + key + " " + what);
  }

  // Depth first; reports the first leaf or table that no Read asked for.
  void CheckAsked(const toml::table& below, const std::string& prefix) {
    for (const auto& [name, node] : below) {
      const std::string key = prefix + std::string(name.str());
      if (asked.contains(key)) continue;
      if (const toml::table* deeper = node.as_table()) {
        CheckAsked(*deeper, key + ".");
        continue;
      }
      auto nearest = std::min_element(
          asked.begin(), asked.end(),
          [&](const auto& a, const auto& b) { return Distance(a, key) < Distance(b, key); });
      std::string hint;
      if (nearest != asked.end()) hint = "; did you mean \"" + *nearest + "\"?";
      Fail(key, &node, "is not a known key" + hint + " (docs/config.md lists all)");
    }
  }
};

TomlReader::TomlReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
TomlReader::TomlReader(TomlReader&&) noexcept = default;
TomlReader::~TomlReader() = default;

Result<TomlReader> TomlReader::Open(const std::filesystem::path& path,
                                    const std::vector<std::string>& overrides) {
  auto file = ReadFile(path);
  if (!file.ok()) {
    return UsageError(file.error().message + " (write one with: vitrine init --from FILE)");
  }
  auto state = std::make_unique<State>();
  state->path = path;
  const std::string text(file.value().begin(), file.value().end());
  auto parsed = toml::parse(text, path.string());
  if (!parsed) {
    const auto& error = parsed.error();
    return UsageError(path.string() + ":" + std::to_string(error.source().begin.line) + ":" +
                      std::to_string(error.source().begin.column) + ": " +
                      std::string(error.description()));
  }
  state->table = std::move(parsed).table();
  for (const std::string& text_override : overrides) {
    const size_t equals = text_override.find('=');
    if (equals == std::string::npos || equals == 0) {
      return UsageError("--set " + text_override + ": must be section.key=value");
    }
    state->Set(text_override.substr(0, equals), text_override.substr(equals + 1),
               "--set " + text_override);
  }
  return TomlReader(std::move(state));
}

void TomlReader::Read(const std::string& key, std::string& value) {
  const toml::node* node = state_->Find(key);
  if (node == nullptr) return;
  if (const auto* text = node->as_string()) {
    value = text->get();
  } else {
    state_->Fail(key, node, "must be a text");
  }
}

void TomlReader::Read(const std::string& key, bool& value) {
  const toml::node* node = state_->Find(key);
  if (node == nullptr) return;
  if (const auto* flag = node->as_boolean()) {
    value = flag->get();
  } else {
    state_->Fail(key, node, "must be true or false");
  }
}

void TomlReader::Read(const std::string& key, double& value, double min, double max) {
  const toml::node* node = state_->Find(key);
  if (node == nullptr) return;
  const std::optional<double> number = node->is_number() ? node->value<double>() : std::nullopt;
  if (number && *number >= min && *number <= max) {
    value = *number;
  } else {
    state_->Fail(key, node,
                 "must be a number from " + std::to_string(min) + " to " + std::to_string(max));
  }
}

std::optional<int64_t> TomlReader::Integer64(const std::string& key, int64_t min, int64_t max) {
  const toml::node* node = state_->Find(key);
  if (node == nullptr) return std::nullopt;
  const auto* number = node->as_integer();
  if (number != nullptr && number->get() >= min && number->get() <= max) return number->get();
  state_->Fail(key, node,
               "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  return std::nullopt;
}

void TomlReader::Read(const std::string& key, std::vector<std::string>& value) {
  const toml::node* node = state_->Find(key);
  if (node == nullptr) return;
  if (const auto* text = node->as_string()) {
    value = {text->get()};
    return;
  }
  const toml::array* list = node->as_array();
  std::vector<std::string> texts;
  if (list != nullptr) {
    for (const toml::node& entry : *list) {
      if (const auto* text = entry.as_string()) texts.push_back(text->get());
    }
  }
  if (list == nullptr || texts.size() != list->size()) {
    return state_->Fail(key, node, "must be a text or a list of texts");
  }
  value = std::move(texts);
}

void TomlReader::Read(const std::string& key, std::vector<float>& value) {
  const toml::node* node = state_->Find(key);
  if (node == nullptr) return;
  const toml::array* list = node->as_array();
  std::vector<float> numbers;
  if (list != nullptr) {
    for (const toml::node& entry : *list) {
      if (entry.is_number()) numbers.push_back(static_cast<float>(*entry.value<double>()));
    }
  }
  if (list == nullptr || numbers.size() != list->size()) {
    return state_->Fail(key, node, "must be a list of numbers");
  }
  value = std::move(numbers);
}

void TomlReader::Read(const std::string& key, std::map<std::string, std::string>& value) {
  const toml::node* node = state_->Find(key);
  if (node == nullptr) return;
  const toml::table* table = node->as_table();
  if (table == nullptr) return state_->Fail(key, node, "must be a table");
  std::map<std::string, std::string> texts;
  for (const auto& [name, entry] : *table) {
    if (const auto* text = entry.as_string()) {
      texts[std::string(name.str())] = text->get();
    } else {
      return state_->Fail(key + "." + std::string(name.str()), &entry, "must be a text");
    }
  }
  value = std::move(texts);
}

void TomlReader::Read(const std::string& key, const std::vector<std::string>& known,
                      std::vector<std::map<std::string, std::string>>& value) {
  const toml::node* node = state_->Find(key);
  if (node == nullptr) return;
  const toml::array* list = node->as_array();
  if (list == nullptr) return state_->Fail(key, node, "must be a list of tables: [[" + key + "]]");
  for (const toml::node& entry : *list) {
    const toml::table* table = entry.as_table();
    if (table == nullptr) return state_->Fail(key, &entry, "must be a list of tables");
    auto& texts = value.emplace_back();
    for (const auto& [name, field] : *table) {
      if (std::find(known.begin(), known.end(), name.str()) == known.end()) {
        std::string all;
        for (const std::string& one : known) all += (all.empty() ? "" : ", ") + one;
        return state_->Fail(key, &field,
                            "has no \"" + std::string(name.str()) + "\"; it has " + all);
      }
      std::string& text = texts[std::string(name.str())];
      if (const auto* as_text = field.as_string()) {
        text = as_text->get();
      } else if (const auto number = field.value<double>(); number && field.is_number()) {
        text = std::to_string(*number);
      } else {
        return state_->Fail(key, &field, std::string(name.str()) + " must be a text or a number");
      }
    }
  }
}

void TomlReader::Fail(const std::string& key, const std::string& what) {
  state_->Fail(key, state_->Find(key), what);
}

bool TomlReader::Has(const std::string& key) const { return state_->Find(key) != nullptr; }

Status TomlReader::Finish() {
  state_->CheckAsked(state_->table, "");
  if (state_->error) return *state_->error;
  return Ok();
}

}  // namespace vitrine
