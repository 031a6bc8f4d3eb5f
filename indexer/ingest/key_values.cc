// ParseKeyValues(): attributes in any of the encodings of exports.
#include <algorithm>
#include <cstdint>

#include "indexer/ingest/literal.h"
#include "indexer/ingest/text.h"

namespace vitrine {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

Literal TextLiteral(std::string text) {
  Literal literal;
  literal.kind = Literal::Kind::kText;
  literal.text = std::move(text);
  return literal;
}

// "key" of a segment "key: value" or "key=value"; npos when it does not begin with one.
size_t KeyLength(std::string_view segment, char separator) {
  const size_t at = segment.find(separator);
  if (at == std::string_view::npos || at == 0 || at > 64) return std::string_view::npos;
  const std::string_view key = TrimSpace(segment.substr(0, at));
  if (key.empty() || !(IsLetter(key[0]) || static_cast<uint8_t>(key[0]) >= 0x80))
    return std::string_view::npos;
  // A key is a few words; "http" before "://" is none.
  if (separator == ':' && segment.substr(at, 3) == "://") return std::string_view::npos;
  if (key.find_first_of("{}[]\"<>;|,.") != std::string_view::npos) return std::string_view::npos;
  return std::count(key.begin(), key.end(), ' ') > 5 ? std::string_view::npos : at;
}

// Splits at `between`, but not inside brackets, and joins what has no key to the value before it.
std::vector<std::pair<std::string, std::string>> SplitPairs(std::string_view text, char between,
                                                            char separator) {
  std::vector<std::pair<std::string, std::string>> pairs;
  int depth = 0;
  size_t begin = 0;
  for (size_t at = 0; at <= text.size(); ++at) {
    const char c = at < text.size() ? text[at] : between;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && depth > 0) --depth;
    if (c != between || (depth > 0 && at < text.size() && between != '\n')) continue;
    const std::string_view segment = text.substr(begin, at - begin);
    const size_t key = KeyLength(segment, separator);
    if (key != std::string_view::npos) {
      pairs.emplace_back(TrimSpace(segment.substr(0, key)), TrimSpace(segment.substr(key + 1)));
    } else if (!pairs.empty() && !TrimSpace(segment).empty()) {
      pairs.back().second += between;
      pairs.back().second += segment;
    }
    begin = at + 1;
  }
  return pairs;
}

// "<ul><li>a: 1</li><li>b: 2</li></ul>": every tag ends a line.
std::string LinesOfHtml(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const size_t open = text.find('<');
    lines += text.substr(0, open);
    const size_t close = open == std::string_view::npos ? open : text.find('>', open);
    if (close == std::string_view::npos) break;
    lines += '\n';
    text.remove_prefix(close + 1);
  }
  return lines;
}

}  // namespace

std::vector<std::pair<std::string, Literal>> ParseKeyValues(std::string_view text) {
  text = TrimSpace(text);
  if (IsMissing(text)) return {};
  if (text.size() > 1 && text[1] == '\\') {  // {\"sku\": …}: escaped once too often
    std::string plain(text);
    std::erase(plain, '\\');
    return ParseKeyValues(plain);
  }
  if (text.front() == '<') return ParseKeyValues(LinesOfHtml(text));
  const char first = text.front();
  const bool call =
      IsLetter(first) && text.find('(') != std::string_view::npos && text.back() == ')';
  if (first == '{' || first == '[' || first == '(' || call) {
    ParsedLiteral parsed = ParseLiteral(text);
    if (parsed.value.kind == Literal::Kind::kDict) return std::move(parsed.value.entries);
    if (parsed.value.kind == Literal::Kind::kList) {
      auto pairs = PairsOf(std::move(parsed.value.items));
      if (!pairs.empty()) return pairs;
    }
    // JSON that was put into a JSON text: "{\"sku\": …}"
  } else if (first == '"' || first == '\'') {
    const ParsedLiteral parsed = ParseLiteral(text);
    if (parsed.complete && parsed.value.kind == Literal::Kind::kText &&
        parsed.value.text.size() < text.size()) {
      return ParseKeyValues(parsed.value.text);
    }
  }
  // The encoding that finds most keys; on a tie the earlier one.
  std::vector<std::pair<std::string, std::string>> best;
  for (char separator : {':', '='}) {
    for (char between : {'\n', ';', '|', '&', ','}) {
      if (text.find(between) == std::string_view::npos && between != ';') continue;
      if (between == ',' && best.size() > 1) continue;
      auto pairs = SplitPairs(text, between, separator);
      if (pairs.size() > best.size()) best = std::move(pairs);
    }
  }
  std::vector<std::pair<std::string, Literal>> entries;
  for (auto& [key, value] : best) {
    if (value.size() > 1 && value[0] == '>') value = TrimSpace(value).substr(1);  // "k => v"
    value = TrimSpace(value);
    while (!value.empty() && (value.back() == ';' || value.back() == ',')) value.pop_back();
    Literal literal;
    if (!value.empty() && (value.front() == '{' || value.front() == '[')) {
      ParsedLiteral parsed = ParseLiteral(value);
      literal = parsed.complete ? std::move(parsed.value) : TextLiteral(value);
    } else if (!IsMissing(value)) {
      literal = TextLiteral(value);
    }
    entries.emplace_back(std::move(key), std::move(literal));
  }
  return entries;
}

}  // namespace vitrine
