#include "indexer/ingest/source_reader.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <unordered_map>

#include "indexer/ingest/decimal.h"
#include "indexer/ingest/text.h"
#include "indexer/ingest/time_text.h"

namespace vitrine {
namespace {

// Columns of the records, in this order.
enum Column : size_t {
  kId,
  kObjectId,
  kSku,
  kTitle,
  kDescription,
  kAudience,
  kColour,
  kDepartment,
  kCategory,
  kBrand,
  kPrice,
  kOriginalPrice,
  kCurrency,
  kAvailability,
  kRating,
  kReviewCount,
  kImages,
  kUrl,
  kGroupId,
  kSize,
  kMeasurements,
  kCare,
  kColumnCount
};

// Where each column comes from: names of the CSV's columns, then keys of other_attributes (folded).
struct Origin {
  const char* name;
  std::vector<std::string_view> columns, keys;
};

const std::array<Origin, kColumnCount>& Origins() {
  static const std::array<Origin, kColumnCount> kOrigins = {{
      {"id", {"product id", "productid", "id product"}, {"product id", "productid", "id"}},
      {"object_id", {"id", "object id", "objectid", "oid"}, {"object id"}},
      {"sku", {"sku"}, {"sku", "product sku", "sku id", "skuid"}},
      {"title", {"name", "title", "product name"}, {"title", "name", "product name"}},
      {"description",
       {"description", "original description"},
       {"original description", "description"}},
      {"audience",
       {"target audience", "audience", "gender"},
       {"target audience", "gender", "audience"}},
      {"colour", {"colour", "color"}, {"colour", "color", "base colour"}},
      {"department", {"department"}, {"department"}},
      {"category", {"category"}, {"category"}},
      {"brand", {"brand", "brand name"}, {"brand", "brand name"}},
      {"price", {}, {}},
      {"original_price", {}, {}},
      {"currency", {"currency"}, {"currency"}},
      {"availability",
       {"availability", "in stock"},
       {"availability", "in stock", "stock status", "stock"}},
      {"rating",
       {"review rating", "rating"},
       {"review rating", "rating", "average rating", "review ratings", "avg rating"}},
      {"review_count",
       {"review count", "reviews count"},
       {"review count", "reviews count", "number of reviews", "rating count", "reviews"}},
      {"images",
       {"image urls", "images", "image url"},
       {"images", "image urls", "image url", "image"}},
      {"url", {"url", "product url", "link"}, {"url", "product url", "link"}},
      {"group_id", {"group id", "parent id"}, {"group id", "parent id"}},
      {"size", {"size", "sizes"}, {"size", "sizes"}},
      {"measurements", {"measurements"}, {"measurements", "dimensions"}},
      {"care", {"care", "care instructions"}, {"care instructions", "care", "wash care"}},
  }};
  return kOrigins;
}

bool LooksLiteral(std::string_view text) {
  return !text.empty() && (text.front() == '[' || text.front() == '{' || text.front() == '(');
}

// "4.6/5", "4.6 out of 5", "17 reviews" → the leading number.
std::string LeadingNumber(const std::string& text) {
  const size_t end = text.find_first_not_of("0123456789.,");
  if (end == std::string::npos || end == 0) return text;
  std::string number = text.substr(0, end);
  while (!number.empty() && (number.back() == '.' || number.back() == ',')) number.pop_back();
  return number;
}

struct Price {
  std::string amount, currency, from, to;
  bool original = false;
  int64_t begins = std::numeric_limits<int64_t>::min();
  bool valid = true;
};

const Literal* FindAny(const Literal& dict, std::initializer_list<std::string_view> keys) {
  for (std::string_view key : keys) {
    const Literal* found = dict.Find(key);
    if (found != nullptr && !found->is_none()) return found;
  }
  return nullptr;
}

std::optional<Price> ReadPrice(const Literal& entry, int64_t as_of) {
  Price price;
  const Literal* amount = &entry;
  if (entry.kind == Literal::Kind::kDict) {
    amount = FindAny(entry, {"price", "value", "amount", "current price"});
    if (amount == nullptr) return {};
    if (amount->kind == Literal::Kind::kDict) {  // {'price': {'value': 5, 'currency': 'EUR'}}
      if (const Literal* currency = FindAny(*amount, {"currency", "currency code"}))
        price.currency = currency->ToText();
      amount = FindAny(*amount, {"value", "amount", "price"});
      if (amount == nullptr) return {};
    }
    if (const Literal* currency = FindAny(entry, {"currency", "currency code", "price currency"}))
      price.currency = currency->ToText();
    const Literal* original =
        FindAny(entry, {"original", "is original", "original flag", "isoriginal"});
    price.original = original != nullptr && original->is_true();
    if (const Literal* from = FindAny(
            entry, {"valid from", "validfrom", "from", "start", "start date", "valid since"}))
      price.from = from->ToText();
    if (const Literal* to = FindAny(
            entry, {"valid to", "validto", "valid until", "to", "until", "end", "end date"}))
      price.to = to->ToText();
  }
  const std::string text = amount->ToText();
  if (IsMissing(text)) return {};
  std::optional<Money> money = ParseMoney(text, price.currency);
  if (!money) return {};
  price.amount = std::move(money->amount);
  if (price.currency.empty()) price.currency = std::move(money->currency);
  if (const auto from = ParseTime(price.from)) price.begins = *from;
  const auto to = ParseTime(price.to);
  price.valid =
      price.begins <= as_of && (!to || *to > as_of || as_of == std::numeric_limits<int64_t>::max());
  return price;
}

class SourceReader : public RecordReader {
 public:
  SourceReader(std::unique_ptr<RecordReader> csv, int64_t as_of)
      : csv_(std::move(csv)), as_of_(as_of) {
    for (const Origin& origin : Origins()) columns_.emplace_back(origin.name);
    used_.resize(csv_->columns().size());
    for (size_t column = 0; column < csv_->columns().size(); ++column) {
      const std::string folded = FoldText(csv_->columns()[column]);
      if (folded == "price" || folded == "prices") price_ = column;
      if (folded == "other attributes" || folded == "attributes") attributes_ = column;
      for (size_t i = 0; i < kColumnCount; ++i) {
        const auto& names = Origins()[i].columns;
        if (std::find(names.begin(), names.end(), folded) != names.end() && !from_[i]) {
          from_[i] = column;
          used_[column] = true;
        }
      }
    }
    for (const auto& special : {price_, attributes_}) {
      if (special) used_[*special] = true;
    }
  }

  const std::vector<std::string>& columns() const override { return columns_; }
  uint64_t position_bytes() const override { return csv_->position_bytes(); }
  uint64_t size_bytes() const override { return csv_->size_bytes(); }

  Result<bool> Next(Record& record) override {
    VITRINE_ASSIGN(const bool more, csv_->Next(raw_));
    if (!more) return false;
    record.line = raw_.line;
    record.problem = raw_.problem;
    record.problem_detail = raw_.problem_detail;
    record.fields.clear();
    record.extras.clear();
    if (!record.problem.empty()) return true;
    for (std::string& value : values_) value.clear();
    extras_.clear();
    ReadColumns();
    ReadAttributes();
    ReadPrices();
    Tidy();
    for (const std::string& value : values_) record.fields.emplace_back(value);
    for (const auto& [name, value] : extras_) record.extras.emplace_back(name, value);
    return true;
  }

 private:
  struct Target {
    size_t column = kColumnCount;  // that an attribute fills, kColumnCount = none
    std::string name;              // the attribute's own, where it is kept beside the columns
  };

  void ReadColumns() {
    for (size_t i = 0; i < kColumnCount; ++i) {
      if (!from_[i]) continue;
      const std::string_view text = TrimSpace(raw_.fields[*from_[i]]);
      if (IsMissing(text)) continue;
      if (LooksLiteral(text) && i != kObjectId && i != kDescription && i != kTitle) {
        const ParsedLiteral parsed = ParseLiteral(text);
        values_[i] = parsed.complete || i == kImages
                         ? parsed.value.ToText(i == kImages ? "|" : ", ")
                         : std::string(text);
      } else {
        values_[i] = text;
      }
    }
    for (size_t column = 0; column < used_.size(); ++column) {
      if (used_[column]) continue;
      const std::string_view text = TrimSpace(raw_.fields[column]);
      if (!IsMissing(text)) extras_.emplace_back(csv_->columns()[column], text);
    }
  }

  // Keys repeat from row to row.
  const Target& TargetOf(const std::string& key) {
    if (target_of_.size() >= 10000) target_of_.clear();
    const auto [known, is_new] = target_of_.try_emplace(key);
    Target& target = known->second;
    if (!is_new) return target;
    target.name = FoldText(key);
    for (target.column = 0; target.column < kColumnCount; ++target.column) {
      const auto& keys = Origins()[target.column].keys;
      if (std::find(keys.begin(), keys.end(), target.name) != keys.end()) break;
    }
    std::replace(target.name.begin(), target.name.end(), ' ', '_');
    return target;
  }

  void ReadAttributes() {
    if (!attributes_) return;
    for (auto& [key, value] : ParseKeyValues(raw_.fields[*attributes_])) {
      const auto& [target, name] = TargetOf(key);
      std::string text = std::move(value).TakeText(target == kImages ? "|" : ", ");
      if (IsMissing(text)) continue;
      if (target < kColumnCount && values_[target].empty()) {
        if (target == kImages) text = SplitImageTexts(text);
        values_[target] = std::move(text);
      } else if (target == kColumnCount || text != values_[target]) {
        extras_.emplace_back(name, std::move(text));
      }
    }
  }

  // "http://a, http://b" → "http://a|http://b".
  static std::string SplitImageTexts(const std::string& text) {
    if (text.find('|') != std::string::npos) return text;
    std::string out;
    for (std::string_view part : SplitText(text, ",")) {
      part = TrimSpace(part);
      const bool url = part.substr(0, 4) == "http" || part.find('.') != std::string_view::npos;
      if (!out.empty()) out += url ? "|" : ",";
      out += part;
    }
    return out;
  }

  void ReadPrices() {
    if (!price_) return;
    PriceCell price = ReadPriceCell(raw_.fields[*price_], as_of_);
    if (price.damaged)
      extras_.emplace_back("price_as_given", std::string(raw_.fields[*price_].substr(0, 1000)));
    values_[kPrice] = std::move(price.current);
    values_[kOriginalPrice] = std::move(price.original);
    if (!price.currency.empty()) values_[kCurrency] = std::move(price.currency);
    if (!price.valid_from.empty())
      extras_.emplace_back("price_valid_from", std::move(price.valid_from));
    if (!price.valid_to.empty()) extras_.emplace_back("price_valid_to", std::move(price.valid_to));
  }

  void Tidy() {
    values_[kObjectId] = values_[kObjectId].empty() ? "" : ExtractObjectId(values_[kObjectId]);
    if (values_[kId].empty()) values_[kId] = values_[kObjectId];
    if (values_[kId].find_first_of("('$") != std::string::npos)
      values_[kId] = ExtractObjectId(values_[kId]);
    values_[kRating] = LeadingNumber(values_[kRating]);
    values_[kReviewCount] = LeadingNumber(values_[kReviewCount]);
  }

  std::unique_ptr<RecordReader> csv_;
  int64_t as_of_;
  std::vector<std::string> columns_;
  std::array<std::optional<size_t>, kColumnCount> from_;
  std::optional<size_t> price_, attributes_;
  std::vector<bool> used_;
  Record raw_;
  std::array<std::string, kColumnCount> values_;
  std::vector<std::pair<std::string, std::string>> extras_;
  std::unordered_map<std::string, Target> target_of_;
};

}  // namespace

bool IsSourceHeader(const std::vector<std::string>& columns) {
  bool price = false, attributes = false;
  for (const std::string& column : columns) {
    const std::string folded = FoldText(column);
    price = price || folded == "price";
    attributes = attributes || folded == "other attributes";
  }
  return price && attributes;
}

std::unique_ptr<RecordReader> MakeSourceReader(std::unique_ptr<RecordReader> csv,
                                               int64_t as_of_seconds) {
  return std::make_unique<SourceReader>(std::move(csv), as_of_seconds);
}

PriceCell ReadPriceCell(std::string_view cell, int64_t as_of_seconds) {
  PriceCell result;
  cell = TrimSpace(cell);
  if (IsMissing(cell)) return result;
  if (!LooksLiteral(cell)) {
    std::optional<Money> money = ParseMoney(cell);
    const ParsedLiteral parsed = money ? ParsedLiteral{} : ParseLiteral(cell);  // Decimal('5'), '5'
    if (LooksLiteral(TrimSpace(parsed.value.text))) {  // a list that was quoted once more
      return ReadPriceCell(parsed.value.text, as_of_seconds);
    }
    if (!money && parsed.complete) money = ParseMoney(parsed.value.ToText());
    result.damaged = !money.has_value();
    if (money) {
      result.current = std::move(money->amount);
      result.currency = std::move(money->currency);
    }
    return result;
  }
  const ParsedLiteral parsed = ParseLiteral(cell);
  if (!parsed.complete) {
    result.damaged = true;
    return result;
  }
  std::vector<Price> prices;
  bool any_text = false;
  const auto add = [&](const Literal& entry) {
    any_text = any_text || !entry.is_none();
    if (std::optional<Price> price = ReadPrice(entry, as_of_seconds))
      prices.push_back(std::move(*price));
  };
  if (parsed.value.kind == Literal::Kind::kList) {
    for (const Literal& entry : parsed.value.items) add(entry);
  } else {
    add(parsed.value);
  }
  result.damaged = any_text && prices.empty();
  const Price* current = nullptr;
  const Price* original = nullptr;
  const bool any_valid =
      std::any_of(prices.begin(), prices.end(), [](const Price& price) { return price.valid; });
  for (const Price& price : prices) {
    if (any_valid && !price.valid) {
      if (price.original && original == nullptr) original = &price;
      continue;
    }
    const bool better = current == nullptr || price.begins > current->begins ||
                        (price.begins == current->begins && current->original && !price.original);
    if (better) current = &price;
    if (price.original &&
        (original == nullptr || !original->valid || price.begins >= original->begins))
      original = &price;
  }
  if (current == nullptr) return result;
  result.current = current->amount;
  result.currency = current->currency;
  result.valid_from = current->from;
  result.valid_to = current->to;
  if (original != nullptr) {
    result.original = original->amount;
    if (result.currency.empty()) result.currency = original->currency;
  }
  return result;
}

}  // namespace vitrine
