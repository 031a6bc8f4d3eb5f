#include "indexer/mine/basket_source.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "indexer/mine/decay.h"
#include "indexer/mine/fimi.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

// Numbers names in the order in which they come. Views point into the mapped file.
class NameTable {
 public:
  uint32_t Number(std::string_view name) {
    return numbers_.try_emplace(name, static_cast<uint32_t>(numbers_.size())).first->second;
  }
  size_t size() const { return numbers_.size(); }

  // The names in byte order; new_number[old number] is the position there.
  std::vector<std::string> Sorted(std::vector<uint32_t>& new_number) const {
    std::vector<std::pair<std::string_view, uint32_t>> all(numbers_.begin(), numbers_.end());
    std::sort(all.begin(), all.end());
    new_number.resize(all.size());
    std::vector<std::string> names;
    names.reserve(all.size());
    for (const auto& [name, number] : all) {
      new_number[number] = static_cast<uint32_t>(names.size());
      names.emplace_back(name);
    }
    return names;
  }

 private:
  std::unordered_map<std::string_view, uint32_t> numbers_;
};

std::string_view NextLine(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Baskets that are held in memory, because their rows may come in any order or have weights.
class TableSource : public BasketSource {
 public:
  using Row = std::pair<uint32_t, uint32_t>;  // basket, item

  TableSource(std::vector<Row> rows, size_t baskets, const NameTable& names)
      : offset_(baskets + 1) {
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row& a, const Row& b) { return a.first < b.first; });
    std::vector<uint32_t> new_number;
    names_ = names.Sorted(new_number);
    for (const auto& [basket, item] : rows) {
      ++offset_[basket + 1];
      items_of_rows_.push_back(new_number[item]);
    }
    for (size_t b = 1; b <= baskets; ++b) empty_baskets_ += offset_[b] == 0;
    std::partial_sum(offset_.begin(), offset_.end(), offset_.begin());
    baskets_ = total_weight_ = baskets;
    items_ = names_.size();
  }

  void SetWeights(std::vector<uint32_t> weights) {
    weights_ = std::move(weights);
    total_weight_ = std::accumulate(weights_.begin(), weights_.end(), uint64_t{0});
  }

  Result<RankedBaskets> Rank(uint64_t min_count) override {
    return RankBaskets({items_of_rows_, offset_, weights_, static_cast<uint32_t>(names_.size())},
                       min_count);
  }

 private:
  std::vector<uint32_t> items_of_rows_;
  std::vector<uint64_t> offset_;
  std::vector<uint32_t> weights_;
};

std::unique_ptr<TableSource> ParseFimi(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\v\f";
  NameTable names;
  std::vector<TableSource::Row> rows;
  uint32_t basket = 0;
  for (; !text.empty(); ++basket) {
    std::string_view line = NextLine(text);
    for (size_t at = 0; (at = line.find_first_not_of(kSpace, at)) != std::string_view::npos;) {
      const size_t end = std::min(line.find_first_of(kSpace, at), line.size());
      rows.emplace_back(basket, names.Number(line.substr(at, end - at)));
      at = end;
    }
  }
  return std::make_unique<TableSource>(std::move(rows), basket, names);
}

// One field; quotes as in RFC 4180, but a quoted field may not hold a quote or a line end (ids
// never do).
bool NextField(std::string_view& line, std::string_view& field) {
  if (line.starts_with('"')) {
    const size_t end = line.find('"', 1);
    if (end == std::string_view::npos) return false;
    field = line.substr(1, end - 1);
    line.remove_prefix(end + 1);
    if (!line.empty() && line[0] != ',') return false;
  } else {
    field = line.substr(0, line.find(','));
    line.remove_prefix(field.size());
  }
  if (!line.empty()) line.remove_prefix(1);
  return true;
}

Result<std::unique_ptr<TableSource>> ParseCsv(std::string_view text, const std::string& path) {
  NameTable baskets, names;
  std::vector<TableSource::Row> rows;
  for (uint64_t number = 1; !text.empty(); ++number) {
    std::string_view line = NextLine(text);
    if (line.empty()) continue;
    std::string_view basket, item;
    auto where = [&] { return path + ":" + std::to_string(number) + ": "; };
    if (!NextField(line, basket) || !NextField(line, item)) {
      return Error{where() + "not a row of basket_id,item_id (a quote is not closed)"};
    }
    if (number == 1 && (basket == "basket_id" || item == "item_id")) continue;
    if (basket.empty()) return Error{where() + "field basket_id is empty"};
    if (item.empty()) return Error{where() + "field item_id is empty"};
    if (item.find_first_of(" \t") != std::string_view::npos) {
      return Error{where() +
                   "field item_id holds white space, which separates items in the output"};
    }
    rows.emplace_back(baskets.Number(basket), names.Number(item));
  }
  // Baskets are in order of first appearance.
  return std::make_unique<TableSource>(std::move(rows), baskets.size(), names);
}

// One integer a line, one line per basket.
Result<std::vector<int64_t>> ReadColumn(const std::filesystem::path& path, size_t baskets) {
  VITRINE_ASSIGN(const MappedFile file, MappedFile::Open(path));
  std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  std::vector<int64_t> values;
  while (!text.empty()) {
    const std::string_view line = NextLine(text);
    int64_t value = 0;
    const auto parsed = std::from_chars(line.data(), line.data() + line.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != line.data() + line.size()) {
      return Error{path.string() + ":" + std::to_string(values.size() + 1) + ": '" +
                   std::string(line.substr(0, 40)) + "' is not an integer"};
    }
    values.push_back(value);
  }
  if (values.size() != baskets) {
    return Error{path.string() + ": has " + std::to_string(values.size()) + " lines for " +
                 std::to_string(baskets) + " baskets; it needs one for each"};
  }
  return values;
}

Result<std::vector<uint32_t>> ReadWeights(const BasketFileOptions& options, size_t baskets) {
  if (options.weights.empty()) {
    VITRINE_ASSIGN(const auto times, ReadColumn(options.times, baskets));
    return DecayWeights(times, options.half_life_seconds);
  }
  VITRINE_ASSIGN(const auto values, ReadColumn(options.weights, baskets));
  std::vector<uint32_t> weights;
  for (int64_t value : values) {
    if (value < 0 || value >= int64_t{RankedBaskets::kHead}) {
      return Error{options.weights.string() + ":" + std::to_string(weights.size() + 1) +
                   ": the weight " + std::to_string(value) + " is not in 0..2147483647"};
    }
    weights.push_back(static_cast<uint32_t>(value));
  }
  return weights;
}

}  // namespace

Result<std::unique_ptr<BasketSource>> BasketSource::Open(const std::filesystem::path& path,
                                                         const BasketFileOptions& options) {
  const bool weighted = !options.weights.empty() || !options.times.empty();
  if (!options.weights.empty() && !options.times.empty()) {
    return UsageError("weights and times exclude each other");
  }
  if (!options.times.empty() && !(options.half_life_seconds > 0)) {
    return UsageError("times need a half-life above 0");
  }
  if (options.format == BasketFormat::kFimi && !weighted) return FimiSource::Open(path, options);
  VITRINE_ASSIGN(const MappedFile file, MappedFile::Open(path));
  const std::string_view text(reinterpret_cast<const char*>(file.bytes().data()),
                              file.bytes().size());
  std::unique_ptr<TableSource> source;
  if (options.format == BasketFormat::kCsv) {
    VITRINE_ASSIGN(source, ParseCsv(text, path.string()));
  } else {
    source = ParseFimi(text);
  }
  if (weighted) {
    VITRINE_ASSIGN(auto weights, ReadWeights(options, source->baskets()));
    source->SetWeights(std::move(weights));
  }
  return std::unique_ptr<BasketSource>(std::move(source));
}

}  // namespace vitrine
