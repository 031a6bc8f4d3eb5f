#include "indexer/publish/cards.h"

#include <algorithm>
#include <set>

#include "indexer/support/ascii.h"

namespace vitrine {
namespace {

struct Field {
  const char* name;
  std::string Card::*text;
};
constexpr Field kFields[] = {{"id", &Card::id},
                             {"title", &Card::title},
                             {"price", &Card::price},
                             {"original_price", &Card::original_price},
                             {"currency", &Card::currency},
                             {"image", &Card::image},
                             {"url", &Card::url},
                             {"availability", &Card::availability},
                             {"brand", &Card::brand},
                             {"audience", &Card::audience},
                             {"colour", &Card::colour},
                             {"department", &Card::department}};
constexpr const char* kAvailability[] = {"in_stock", kOutOfStock, "preorder", "backorder"};

const std::string* TemplateOf(const Field& field, const CardTemplates& templates) {
  if (field.text == &Card::image && !templates.image.empty()) return &templates.image;
  if (field.text == &Card::url && !templates.url.empty()) return &templates.url;
  return nullptr;
}

// One text for all rows; a dictionary where texts repeat; else a text a row. Null = no column.
Json EncodeColumn(const std::vector<Json>& values) {
  const bool one = std::all_of(values.begin(), values.end(),
                               [&](const Json& value) { return value == values[0]; });
  if (one && values[0].is_string())
    return values[0].get_ref<const std::string&>().empty() ? Json() : values[0];
  std::map<Json, size_t> codes;
  Json dictionary = Json::array(), rows = Json::array();
  for (const Json& value : values) {
    auto [at, inserted] = codes.try_emplace(value, codes.size());
    if (inserted) dictionary.push_back(value);
    rows.push_back(at->second);
  }
  if (2 * codes.size() > values.size()) return values;
  return {{"v", std::move(dictionary)}, {"i", std::move(rows)}};
}

// Reads what EncodeColumn wrote.
class ColumnReader {
 public:
  // `column` nullptr = there is none: every row is "".
  explicit ColumnReader(const Json* column) : column_(column) {
    if (column == nullptr || !column->is_object()) return;
    const auto rows = column->find("i"), dictionary = column->find("v");
    if (rows == column->end() || dictionary == column->end()) return;
    if (rows->is_array() && dictionary->is_array()) rows_ = &*rows, dictionary_ = &*dictionary;
  }

  // nullptr = damaged.
  const Json* Value(size_t row) const {
    static const Json kEmpty = "";
    if (column_ == nullptr) return &kEmpty;
    if (column_->is_string()) return column_;
    if (column_->is_array()) return row < column_->size() ? &(*column_)[row] : nullptr;
    if (rows_ == nullptr || row >= rows_->size()) return nullptr;
    const Json& code = (*rows_)[row];
    const bool known = code.is_number_unsigned() && code.get<uint64_t>() < dictionary_->size();
    return known ? &(*dictionary_)[code.get<size_t>()] : nullptr;
  }

 private:
  const Json* column_;
  const Json* rows_ = nullptr;
  const Json* dictionary_ = nullptr;
};

// False = damaged.
bool DecodeAttributes(const Json& table, std::vector<Card>& cards) {
  const auto attributes = table.find("attributes");
  if (attributes == table.end()) return true;
  if (!attributes->is_object()) return false;
  for (const auto& [name, column] : attributes->items()) {
    const ColumnReader reader(&column);
    for (size_t row = 0; row < cards.size(); ++row) {
      const Json* value = reader.Value(row);
      if (value == nullptr || !value->is_string()) return false;
      if (value->get_ref<const std::string&>().empty()) continue;
      cards[row].attributes.emplace(name, value->get<std::string>());
    }
  }
  return true;
}

}  // namespace

bool IsSafeUrl(std::string_view url) {
  const size_t colon = url.find(':');
  if (colon == std::string_view::npos || url.find_first_of("/?#") < colon) return true;
  const std::string scheme = AsciiLower(url.substr(0, colon));
  return scheme == "http" || scheme == "https";
}

std::string FillTemplate(const std::string& pattern, const std::string& id) {
  std::string text = pattern;
  for (size_t at = text.find("{id}"); at != std::string::npos;
       at = text.find("{id}", at + id.size())) {
    text.replace(at, 4, id);
  }
  return text;
}

std::string CommonTemplate(std::span<const Product> products,
                           const std::string& (*address)(const Product&)) {
  constexpr size_t kTried = 8;
  std::string best;
  size_t most = products.size() * 9 / 10;  // below that, spelling the addresses out costs less
  for (size_t i = 0; i < std::min(kTried, products.size()); ++i) {
    const Product& sample = products[i * products.size() / std::min(kTried, products.size())];
    std::string pattern = address(sample);
    if (sample.id.empty() || pattern.find(sample.id) == std::string::npos || pattern == best)
      continue;
    for (size_t at = pattern.find(sample.id); at != std::string::npos;
         at = pattern.find(sample.id, at + 4)) {
      pattern.replace(at, sample.id.size(), "{id}");
    }
    size_t fits = 0;
    for (const Product& product : products)
      fits += FillTemplate(pattern, product.id) == address(product);
    if (fits > most) {
      most = fits;
      best = pattern;
    }
  }
  return best;
}

Card CardOf(const Product& product, const PublishOptions& options) {
  auto address = [&product](const std::string& pattern, const std::string& own) {
    const std::string url = pattern.empty() ? own : FillTemplate(pattern, product.id);
    return IsSafeUrl(url) ? url : std::string();
  };
  Card card;
  card.id = product.id;
  card.title = product.title;
  card.price = product.price;
  if (product.original_price != product.price) card.original_price = product.original_price;
  if (product.currency != options.currency) card.currency = product.currency;
  card.image = address(options.image_url, product.images.empty() ? "" : product.images.front());
  card.url = address(options.product_url, product.url);
  card.availability = kAvailability[static_cast<int>(product.availability)];
  card.brand = product.brand;
  card.audience = kAudienceNames[static_cast<size_t>(product.audience)];
  card.colour = product.colour;
  card.department = product.department;
  for (const std::string& name : options.card_attributes) {
    const auto value = product.attributes.find(name);
    if (value != product.attributes.end() && !value->second.empty()) card.attributes.insert(*value);
  }
  return card;
}

Json EncodeCards(const std::vector<Card>& cards, const CardTemplates& templates) {
  Json table = {{"id", Json::array()}};
  for (const Card& card : cards) table["id"].push_back(card.id);
  if (cards.empty()) return table;
  for (const Field& field : kFields) {
    if (field.text == &Card::id) continue;
    const std::string* pattern = TemplateOf(field, templates);
    std::vector<Json> values;
    for (const Card& card : cards) {
      const std::string& text = card.*field.text;
      if (pattern == nullptr) {
        values.emplace_back(text);
      } else if (text.empty()) {
        values.emplace_back(nullptr);
      } else {
        values.emplace_back(text == FillTemplate(*pattern, card.id) ? "" : text);
      }
    }
    Json column = EncodeColumn(values);
    if (!column.is_null()) table[field.name] = std::move(column);
  }
  std::set<std::string> names;
  for (const Card& card : cards) {
    for (const auto& [name, value] : card.attributes) names.insert(name);
  }
  for (const std::string& name : names) {
    std::vector<Json> values;
    for (const Card& card : cards) {
      const auto value = card.attributes.find(name);
      values.emplace_back(value == card.attributes.end() ? "" : value->second);
    }
    table["attributes"][name] = EncodeColumn(values);
  }
  return table;
}

std::optional<std::vector<Card>> DecodeCards(const Json& table, const CardTemplates& templates) {
  if (!table.is_object() || !table.contains("id") || !table["id"].is_array()) return std::nullopt;
  std::vector<Card> cards(table["id"].size());
  for (const Field& field : kFields) {
    const auto column = table.find(field.name);
    const ColumnReader reader(column == table.end() ? nullptr : &*column);
    const std::string* pattern = TemplateOf(field, templates);
    for (size_t row = 0; row < cards.size(); ++row) {
      const Json* value = reader.Value(row);
      if (value == nullptr || !(value->is_string() || (value->is_null() && pattern != nullptr))) {
        return std::nullopt;
      }
      if (value->is_null()) continue;
      std::string& text = cards[row].*field.text;
      text = value->get<std::string>();
      if (pattern != nullptr && text.empty()) text = FillTemplate(*pattern, cards[row].id);
    }
  }
  if (!DecodeAttributes(table, cards)) return std::nullopt;
  return cards;
}

std::string JsonText(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace vitrine
