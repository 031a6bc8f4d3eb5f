#include "indexer/ingest/starter_config.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "indexer/ingest/byte_source.h"
#include "indexer/ingest/guess.h"
#include "indexer/ingest/ingest.h"
#include "indexer/ingest/text.h"

namespace vitrine {
namespace {

using Guesses = std::vector<const FileGuess*>;

// A TOML basic string.
std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : RepairUtf8(text)) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<uint8_t>(c) >= ' ') {
      out += c;
    } else {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04X", static_cast<unsigned>(c));
      out += escaped;
    }
  }
  return out + "\"";
}

std::string List(const std::vector<std::string>& values) {
  if (values.size() == 1) return Quoted(values[0]);
  std::string out = "[";
  for (const std::string& value : values) out += (out.size() > 1 ? ", " : "") + Quoted(value);
  return out + "]";
}

// Text that goes behind a # : one line.
std::string Comment(std::string text) {
  text = RepairUtf8(text);
  for (char& c : text) {
    if (static_cast<uint8_t>(c) < ' ' || c == 0x7F) c = ' ';
  }
  return text;
}

std::string Percent(uint64_t part, uint64_t whole) {
  return std::to_string((200 * part + whole) / (2 * whole)) + " %";
}

const char* Explain(const std::string& role) {
  if (role == "catalogue")
    return "# What the shop sells. Fields without a line stay unknown; availability: in stock.\n";
  if (role == "events") return "# What shoppers did: views, clicks, wishlists, carts.\n";
  if (role == "orders")
    return "# What was bought. Without `order`, a basket is what one user bought on one day.\n";
  return "# Who the shoppers are, for popularity by segment. Nothing about a single person is "
         "published.\n";
}

std::string PathFrom(const std::filesystem::path& folder, const std::string& path) {
  if (path == "-") return path;
  const auto relative =
      std::filesystem::absolute(path).lexically_normal().lexically_relative(folder);
  return relative.empty() ? path : relative.generic_string();
}

// What the first rows of a catalogue hold.
std::string FilledComment(const Guesses& files) {
  std::string out;
  for (const FileGuess* file : files) {
    if (file->rows_sampled == 0) continue;
    std::string list;
    for (const auto& [field, count] : file->filled) {
      if (count > 0)
        list += (list.empty() ? "" : ", ") + field + " " + Percent(count, file->rows_sampled);
    }
    out += "# Found in the first " + std::to_string(file->rows_sampled) + " rows: " + list + "\n";
  }
  return out;
}

// [[events.rules]] for the names that the files hold.
std::string Rules(const Guesses& files) {
  std::map<std::pair<std::string, std::string>, uint64_t> names;
  uint64_t rows = 0;
  bool source = false;
  for (const FileGuess* file : files) {
    for (const auto& [name, count] : file->names) names[name] += count;
    rows += file->rows_sampled;
    source = source || file->format == "source";
  }
  if (names.empty()) return {};
  const std::vector<EventRule> preset = EventRulePreset(source ? "source" : "csv");
  std::string out =
      "\n# What an event means: the first rule that fits counts, rows that fit none are left "
      "out.\n";
  std::string unknown;
  std::vector<bool> written(preset.size());
  size_t listed = 0;
  for (const auto& [name, count] : names) {
    const std::string &event = name.first, &button = name.second;
    const auto rule = std::find_if(preset.begin(), preset.end(), [&](const EventRule& known) {
      return Fits(known, event, button);
    });
    if (rule == preset.end()) {
      if (++listed > 40) continue;
      unknown += "#   " + Comment(event) + (button.empty() ? "" : " / " + Comment(button)) + " (" +
                 Percent(count, rows) + " of the rows)\n";
      continue;
    }
    const auto index = static_cast<size_t>(rule - preset.begin());
    if (written[index]) continue;
    written[index] = true;
    out += "[[events.rules]]\n";
    if (!rule->event.empty()) out += "event = " + Quoted(event) + "\n";
    if (!rule->button.empty()) out += "button = " + Quoted(button) + "\n";
    char weight[24];
    std::snprintf(weight, sizeof weight, "%g", static_cast<double>(rule->weight));
    out += "kind = " + Quoted(std::string(kInteractionKindNames[static_cast<size_t>(rule->kind)])) +
           "\nweight = " + weight + "\n";
  }
  if (!unknown.empty())
    out += "# Left out as of no interest; add a rule for those that are:\n" + unknown;
  return std::find(written.begin(), written.end(), true) == written.end()
             ? "\n# No event name is known. Write a rule for each that is of interest:\n"
               "# [[events.rules]]\n# event = \"name\"\n# kind = \"view\"    # view, click, "
               "wishlist, cart, order\n# weight = 1\n" +
                   unknown
             : out;
}

// One section for all files of a role.
std::string Section(const std::string& role, const Guesses& files,
                    const std::filesystem::path& folder) {
  std::vector<std::string> paths;
  for (const FileGuess* file : files) paths.push_back(PathFrom(folder, file->path));
  const FileGuess& first = *files.front();
  std::string out = std::string("\n") + Explain(role) + "[" + role + "]\n";
  out += "# Paths or patterns; .gz and .zst are decompressed.\nfiles = " + List(paths) + "\n";
  // Files of several kinds are told apart file by file, and mapped by the names of their columns.
  const bool alike = std::all_of(files.begin(), files.end(), [&](const FileGuess* file) {
    return file->format == first.format && file->columns == first.columns;
  });
  if (role == "catalogue" || role == "events")
    out += "format = " + Quoted(alike ? first.format : "auto") + "\n";
  if (role == "catalogue") out += FilledComment(files);
  if (first.format == "source" && role == "events")
    out +=
        "# Item ids are what this pattern finds in the item columns.\nid_pattern = "
        "\"[a-fA-F0-9]{32,}\"\n";
  if (role == "users")
    out +=
        "# Lower bounds of the age groups.\nage_cuts = [18, 25, 35, 45, 55, 65]\n# Missing ages: "
        "linear regression on the other columns, marked as estimated.\nestimate_age = true\n";
  if (!first.mapping.empty() && alike) {
    out += "\n# field = the column that fills it\n[" + role + ".columns]\n";
    for (const auto& [field, columns] : first.mapping) out += field + " = " + List(columns) + "\n";
    std::vector<std::string> unused;
    for (const std::string& column : first.columns) {
      const bool used =
          std::any_of(first.mapping.begin(), first.mapping.end(), [&](const auto& entry) {
            return std::find(entry.second.begin(), entry.second.end(), column) !=
                   entry.second.end();
          });
      if (!used && !column.empty()) unused.push_back(column);
    }
    if (!unused.empty())
      out += "# columns without a field: " + Comment(JoinText(unused, ", ")) + "\n";
  }
  if (role == "events") out += Rules(files);
  return out;
}

// The sections behind the files.
std::string Rest(std::map<std::string, Guesses>& by_role) {
  bool month_first = false, photos = false;
  for (const auto& [role, files] : by_role) {
    for (const FileGuess* file : files) {
      month_first = month_first || file->month_first;
      photos = photos || file->has_photos;
    }
  }
  std::string out =
      "\n[baskets]\n# What is \"together\": orders, carts (of one session), sessions (seen "
      "together), or auto = the first\n# of these that the data holds.\nfrom = \"auto\"\n"
      "# Larger baskets are resellers and tests: counted and left out.\nmax_items = 200\n"
      "\n[ingest]\n# The day that ages and prices refer to; by default the newest event, so that a "
      "build never depends\n# on the clock.\n"
      "# as_of = \"2024-01-31\"\n# Of times that name no zone: UTC, +02:00, "
      "Europe/Paris.\ntime_zone = \"UTC\"\n";
  out += month_first ? "# 01/02/2020 is 2 January: the files have dates such as 12/31/2020.\n"
                       "day_first = false\n"
                     : "# 01/02/2020 is 1 February.\nday_first = true\n";
  out +=
      "# Silence that ends a session where the log has no session id.\nsession_gap_minutes = 30\n"
      "# Longer sessions are bots: counted and left out.\nmax_session_events = 2000\n"
      "# Extra words for colours, audiences and availability (docs/data_formats.md).\n"
      "# vocabulary = \"words.tsv\"\n";
  out += photos ? "\n[embed]\n# Texts, and photos by a small network; docs/encoders.md lists more."
                  "\nencoders = [\"sparse-projection\", \"mobilenet-v2\"]\n"
                : "\n[embed]\n# No photos were found: products resemble each other by their texts. "
                  "With photos: docs/encoders.md.\nencoders = [\"sparse-projection\"]\n";
  return out +
         "\n[privacy]\n# Shoppers that must stand behind every published number.\nmin_users = 5\n"
         "\n[publish]\n# Templates with {id}; by default the addresses of the catalogue.\n"
         "# product_url = \"https://shop.example/p/{id}\"\n"
         "# image_url = \"https://shop.example/images/{id}.jpg\"\n";
}

}  // namespace

Result<std::string> StarterConfiguration(const std::vector<std::string>& files,
                                         const std::filesystem::path& folder) {
  std::map<std::string, Guesses> by_role;
  std::vector<FileGuess> guesses;
  for (const std::string& pattern : files) {
    VITRINE_ASSIGN(const std::vector<std::string> paths, ExpandGlob(pattern));
    for (const std::string& path : paths) {
      VITRINE_ASSIGN(FileGuess guess, GuessFile(path));
      guesses.push_back(std::move(guess));
    }
  }
  std::string currency;
  for (const FileGuess& guess : guesses) {
    by_role[guess.role].push_back(&guess);
    if (currency.empty()) currency = guess.currency;
  }
  std::string toml =
      "# Configuration of a Vitrine shop. All keys: docs/config.md; formats of files: "
      "docs/data_formats.md.\n"
      "# Paths are relative to this file. Try it with: vitrine ingest -c THIS_FILE -o clean\n"
      "\n[shop]\nname = \"My shop\"\n# ISO 4217, such as EUR; empty = as the catalogue says.\n"
      "currency = " +
      Quoted(currency) + "\n# BCP 47, for the forms of numbers and for texts.\nlocale = \"en\"\n";
  for (const char* role : {"catalogue", "events", "orders", "users"}) {
    if (by_role.count(role) != 0) toml += Section(role, by_role[role], folder);
  }
  if (by_role.count("catalogue") == 0) {
    toml +=
        "\n# What the shop sells: none of the files shown was a catalogue.\n[catalogue]\nfiles = "
        "\"catalogue.csv\"\n";
  }
  return toml + Rest(by_role);
}

}  // namespace vitrine
