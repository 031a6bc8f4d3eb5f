#include "indexer/search/queries.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "indexer/search/documents.h"
#include "indexer/support/files.h"
#include "shared/search/words.h"
#include "shared/text/unicode.h"

namespace vitrine {
namespace {

using Counts = std::map<std::string, uint32_t>;

// Attributes whose values are words that people use.
constexpr size_t kMostValues = 64;
constexpr size_t kLongestValue = 24;
// Combinations that fewer products have are no likely queries; single words are.
constexpr uint32_t kFewestProducts = 2;

std::string Plain(std::string_view text) {
  std::string plain;
  for (char32_t c : ToLower(DecodeUtf8(text))) {
    if (IsSpace(c)) {
      if (!plain.empty() && plain.back() != ' ') plain += ' ';
    } else if (c >= U' ') {
      AppendUtf8(c, plain);
    }
  }
  if (!plain.empty() && plain.back() == ' ') plain.pop_back();
  return plain;
}

void Count(const std::string& text, uint32_t times, Counts& counts) {
  if (text.size() <= kMaxQueryText && !SearchWords(text, 1).empty()) counts[text] += times;
}

// Names of attributes with few, short values without numbers.
std::set<std::string> WordAttributes(std::span<const Product> products) {
  std::map<std::string, std::set<std::string>> values;
  std::set<std::string> other;
  for (const Product& product : products) {
    for (const auto& [name, value] : product.attributes) {
      if (value.empty() || other.contains(name)) continue;
      values[name].insert(value);
      if (value.size() > kLongestValue || values[name].size() > kMostValues ||
          value.find_first_of("0123456789|{[") != std::string::npos) {
        other.insert(name);
      }
    }
  }
  std::set<std::string> names;
  for (const auto& [name, distinct] : values) {
    if (!other.contains(name) && distinct.size() > 1) names.insert(name);
  }
  return names;
}

// Joins what is known of the parts; nothing when one of them is unknown.
void CountTogether(std::initializer_list<std::string_view> parts, Counts& counts) {
  std::string text;
  for (std::string_view part : parts) {
    if (part.empty()) return;
    if (!text.empty()) text += ' ';
    text += part;
  }
  Count(text, 1, counts);
}

void CountProduct(const Product& product, const std::set<std::string>& attributes, Counts& counts) {
  const std::string colour = Plain(product.colour), brand = Plain(product.brand);
  const std::string kind = Plain(CategoryLeaf(product.category));
  const std::string_view audience = kAudienceNames[static_cast<size_t>(product.audience)];
  std::string department = Plain(product.department);
  if (department == kind) department.clear();
  std::vector<std::string> details;
  for (const std::string& name : attributes) {
    const auto at = product.attributes.find(name);
    if (at != product.attributes.end()) details.push_back(Plain(at->second));
  }
  CountTogether({kind}, counts);
  CountTogether({brand}, counts);
  CountTogether({department}, counts);
  CountTogether({colour}, counts);
  CountTogether({audience}, counts);
  for (std::string_view what : {std::string_view(kind), std::string_view(department)}) {
    CountTogether({audience, what}, counts);
    CountTogether({colour, what}, counts);
    CountTogether({audience, colour, what}, counts);
    CountTogether({brand, what}, counts);
    for (const std::string& detail : details) {
      CountTogether({detail, what}, counts);
      CountTogether({colour, detail, what}, counts);
      CountTogether({audience, detail, what}, counts);
    }
  }
}

// "red dress<TAB>12", "red dress,12" or "red dress".
std::pair<std::string, uint32_t> ParseLine(std::string_view line) {
  const size_t at = line.find_last_of("\t,");
  if (at != std::string_view::npos) {
    uint32_t count = 0;
    const char* end = line.data() + line.size();
    const auto parsed = std::from_chars(line.data() + at + 1, end, count);
    if (parsed.ec == std::errc() && parsed.ptr == end) return {Plain(line.substr(0, at)), count};
  }
  return {Plain(line), 1};
}

Status ReadLog(const std::string& path, Counts& counts) {
  VITRINE_ASSIGN(const Bytes bytes, ReadFile(path));
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto [query, count] = ParseLine(line);
    Count(query, count, counts);
  }
  return Ok();
}

std::vector<std::pair<std::string, uint32_t>> MostFirst(const Counts& counts) {
  std::vector<std::pair<std::string, uint32_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

}  // namespace

Result<std::vector<SearchIndex::Query>> LikelyQueries(std::span<const Product> products,
                                                      const QueryOptions& options) {
  Counts logged, made, titles;
  for (const std::string& file : options.log_files) VITRINE_RETURN_IF_ERROR(ReadLog(file, logged));
  std::erase_if(logged, [&](const auto& entry) { return entry.second < options.min_users; });

  const std::set<std::string> attributes = WordAttributes(products);
  for (const Product& product : products) {
    if (product.availability == Availability::kOutOfStock) continue;
    CountProduct(product, attributes, made);
    Count(Plain(product.title), 1, titles);
  }
  std::erase_if(made, [](const auto& entry) {
    return entry.second < kFewestProducts && SearchWords(entry.first, 2).size() > 1;
  });
  const auto likely = MostFirst(made);
  const uint32_t most = likely.empty() ? 0 : likely.front().second;

  std::map<std::string, uint32_t> weights;
  for (const auto& [text, count] : MostFirst(logged)) {
    if (weights.size() < options.max_queries) weights.try_emplace(text, most + count);
  }
  for (const auto& [text, count] : likely) {
    if (weights.size() < options.max_queries) weights.try_emplace(text, count);
  }
  for (const auto& [text, count] : MostFirst(titles)) {
    if (weights.size() < options.max_queries) weights.try_emplace(text, 1);
  }
  std::vector<SearchIndex::Query> queries;
  for (const auto& [text, weight] : weights) queries.push_back({text, weight});
  return queries;
}

}  // namespace vitrine
