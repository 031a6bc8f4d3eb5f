#include "indexer/ingest/product_normaliser.h"

#include <algorithm>
#include <array>

#include "indexer/ingest/decimal.h"
#include "indexer/ingest/literal.h"
#include "indexer/ingest/text.h"
#include "indexer/ingest/time_text.h"

namespace vitrine {
namespace {

constexpr size_t kMaxIdBytes = 256;
constexpr std::array<std::string_view, 5> kDetails = {"size", "measurements", "care",
                                                      "price_valid_from", "price_valid_to"};

bool IsUrl(std::string_view text) {
  return text.substr(0, 7) == "http://" || text.substr(0, 8) == "https://" ||
         text.substr(0, 2) == "//";
}

// Several images in one text: by the separator, else "|", else before every URL in a list of them.
void SplitImages(std::string_view text, const std::string& separator,
                 std::vector<std::string>& images) {
  const auto add = [&](std::string_view part) {
    while (!part.empty() && (part.back() == ',' || part.back() == ';')) part.remove_suffix(1);
    part = TrimSpace(part);
    if (!IsMissing(part) && std::find(images.begin(), images.end(), part) == images.end())
      images.emplace_back(part);
  };
  if (separator.empty() && text.find('|') == std::string_view::npos && IsUrl(text)) {
    size_t begin = 0;
    for (size_t at = 1; at < text.size(); ++at) {
      const char before = text[at - 1];
      if (before != ',' && before != ';' && before != ' ' && before != '\n') continue;
      if (!IsUrl(text.substr(at))) continue;
      add(text.substr(begin, at - begin));
      begin = at;
    }
    add(text.substr(begin));
    return;
  }
  for (std::string_view part : SplitText(text, separator.empty() ? "|" : separator)) add(part);
}

// [{"url": "https://…", "width": 600}, …]: the addresses of a list of images; else the text itself.
std::string AddressesOf(std::string text) {
  if (text.front() != '[' && text.front() != '{') return text;
  const ParsedLiteral parsed = ParseLiteral(text);
  if (!parsed.complete) return text;
  std::string addresses;
  const auto add = [&](const Literal& image) {
    const Literal* address = image.kind == Literal::Kind::kText ? &image : nullptr;
    for (const char* key : {"url", "src", "link", "href"})
      if (address == nullptr) address = image.Find(key);
    if (address != nullptr) addresses += (addresses.empty() ? "" : "|") + address->ToText();
  };
  if (parsed.value.kind != Literal::Kind::kList) add(parsed.value);
  for (const Literal& image : parsed.value.items) add(image);
  return addresses.empty() ? text : addresses;
}
}  // namespace

// In the order of CatalogueFields().
enum ProductNormaliser::Field : size_t {
  kId,
  kGroupId,
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
  kFirstDetail,
};

ProductNormaliser::ProductNormaliser(const CatalogueOptions& options, const Vocabulary& vocabulary,
                                     StringTable& ids)
    : options_(options), vocabulary_(vocabulary), ids_(ids) {}

bool ProductNormaliser::Convert(const Record& record, const std::vector<std::string>& columns,
                                const FieldMapping& mapping, RowLog& log, Product& product) {
  record_ = &record;
  columns_ = &columns;
  mapping_ = &mapping;
  log_ = &log;
  if (!record.problem.empty()) {
    log.Reject(record.line, "", record.problem, record.problem_detail);
    return false;
  }
  if (!Id(product)) return false;
  product.group_id = Text(kGroupId);
  product.sku = Text(kSku);
  product.title = PlainText(Text(kTitle));
  product.description = PlainText(Text(kDescription));
  product.brand = PlainText(Text(kBrand));
  product.department = PlainText(Text(kDepartment));
  product.url = Text(kUrl);
  ReadAudience(product);
  product.colour_raw = Text(kColour);
  product.colour = vocabulary_.Colour(product.colour_raw);
  ReadCategory(product);
  if (!ReadPrices(product)) return false;
  ReadAvailability(product);
  ReadNumbers(product);
  ReadImages(product);
  ReadDetails(product);
  if (options_.keep_other_columns) ReadAttributes(product);
  ids_.Add(product.id);
  first_line_.push_back({static_cast<uint32_t>(log.index()), record.line});
  return true;
}

std::string ProductNormaliser::Repaired(std::string_view text) {
  if (IsValidUtf8(text)) return std::string(text);
  log_->Repaired();
  return RepairUtf8(text);
}

std::string ProductNormaliser::Text(Field field) {
  const std::string_view text = mapping_->First(*record_, field);
  if (!text.empty()) return Repaired(text);
  if (options_.defaults.empty()) return {};
  const auto fallback = options_.defaults.find(std::string(CatalogueFields()[field].name));
  return fallback == options_.defaults.end() ? std::string() : fallback->second;
}

bool ProductNormaliser::Id(Product& product) {
  product.id = Text(kId);
  if (product.id.empty()) {
    log_->Reject(record_->line, "id", "missing_id",
                 "the product has no id; give it one or check [catalogue.columns] id");
    return false;
  }
  const bool control = std::any_of(product.id.begin(), product.id.end(),
                                   [](char c) { return static_cast<uint8_t>(c) < ' '; });
  if (control || product.id.size() > kMaxIdBytes) {
    log_->Reject(record_->line, "id", "bad_id",
                 "the id has control characters or more than 256 bytes; is the right column "
                 "mapped to id?");
    return false;
  }
  const uint32_t earlier = ids_.Find(product.id);
  if (earlier != StringTable::kNone) {
    log_->Reject(record_->line, "id", "duplicate_id",
                 "id \"" + product.id + "\" was used before, in line " +
                     std::to_string(first_line_[earlier].line) +
                     "; the first product is kept. Give each product its own id");
    return false;
  }
  return true;
}

void ProductNormaliser::ReadAudience(Product& product) {
  std::vector<std::string_view> raws;
  std::string joined;
  for (size_t column : mapping_->ColumnsOf(kAudience)) {
    const std::string_view raw = TrimSpace(record_->fields[column]);
    if (IsMissing(raw)) continue;
    raws.push_back(raw);
    joined += (joined.empty() ? "" : ", ") + Repaired(raw);
  }
  if (raws.empty()) joined = Text(kAudience);
  if (raws.empty() && !joined.empty()) raws.push_back(joined);
  product.audience = vocabulary_.AudienceOf(raws);
  product.audience_raw = joined;
}

void ProductNormaliser::ReadCategory(Product& product) {
  std::string last;
  for (size_t column : mapping_->ColumnsOf(kCategory)) {
    const std::string_view raw = TrimSpace(record_->fields[column]);
    if (IsMissing(raw)) continue;
    std::string level = PlainText(Repaired(raw));
    if (level.find('>') == std::string::npos && level.find('|') != std::string::npos)
      level = PathOf(level);
    if (level == last) continue;
    product.category += (product.category.empty() ? "" : " > ") + level;
    last = std::move(level);
  }
  if (product.category.empty()) product.category = PlainText(Text(kCategory));
}

// "Women|Dresses", as lists of JSON come: "Women > Dresses".
std::string ProductNormaliser::PathOf(std::string_view list) {
  std::string path;
  for (std::string_view level : SplitText(list, "|")) {
    level = TrimSpace(level);
    if (!level.empty()) (path += path.empty() ? "" : " > ") += level;
  }
  return path;
}

bool ProductNormaliser::ReadPrice(Field field, std::string& price, std::string& currency) {
  const std::string text = Text(field);
  if (text.empty()) return true;
  std::optional<Money> money = ParseMoney(text, currency);
  if (!money) {
    log_->Reject(record_->line, CatalogueFields()[field].name, "bad_price",
                 "\"" + text.substr(0, 60) +
                     "\" is no price; write a plain number such as 1299.00, or nothing when it "
                     "is unknown");
    return false;
  }
  price = std::move(money->amount);
  if (currency.empty()) currency = std::move(money->currency);
  return true;
}

bool ProductNormaliser::ReadPrices(Product& product) {
  product.currency = Text(kCurrency);
  for (char& c : product.currency) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  if (!ReadPrice(kPrice, product.price, product.currency)) return false;
  if (!ReadPrice(kOriginalPrice, product.original_price, product.currency)) return false;
  if (product.price.empty()) product.price = product.original_price;
  for (const auto& [name, value] : record_->extras) {
    if (name != "price_as_given") continue;
    log_->DropValue(record_->line, "price", "bad_price",
                    "\"" + Repaired(value.substr(0, 60)) +
                        "\" is no complete list of prices; the price is left empty");
  }
  return true;
}

void ProductNormaliser::ReadAvailability(Product& product) {
  const std::string text = Text(kAvailability);
  if (text.empty() || vocabulary_.ParseAvailability(text, product.availability)) return;
  log_->DropValue(record_->line, "availability", "unknown_availability",
                  "\"" + text.substr(0, 60) +
                      "\" is not known; taken for in stock. Add it to a vocabulary file");
}

void ProductNormaliser::ReadNumbers(Product& product) {
  const std::string rating = Text(kRating), count = Text(kReviewCount);
  if (std::optional<std::string> value = ParseDecimal(rating)) {
    product.rating = std::move(*value);
  } else if (!rating.empty()) {
    log_->DropValue(record_->line, "rating", "bad_number",
                    "\"" + rating.substr(0, 60) + "\" is no number");
  }
  if (std::optional<std::string> value = ParseCount(count)) {
    product.review_count = std::move(*value);
  } else if (!count.empty()) {
    log_->DropValue(record_->line, "review_count", "bad_number",
                    "\"" + count.substr(0, 60) + "\" is no whole number");
  }
}

void ProductNormaliser::ReadImages(Product& product) {
  for (size_t column : mapping_->ColumnsOf(kImages)) {
    const std::string_view raw = TrimSpace(record_->fields[column]);
    if (IsMissing(raw)) continue;
    SplitImages(AddressesOf(Repaired(raw)), options_.image_separator, product.images);
  }
  for (std::string& image : product.images) {
    if (!options_.image_prefix.empty() && !IsUrl(image) && image.front() != '/')
      image.insert(0, options_.image_prefix);
  }
  if (product.images.empty() && !options_.image_template.empty()) {
    std::string image = Fill(options_.image_template, product);
    if (!image.empty()) product.images.push_back(std::move(image));
  }
}

std::string ProductNormaliser::Fill(std::string_view pattern, const Product& product) {
  std::string out;
  while (!pattern.empty()) {
    const size_t open = pattern.find('{');
    out += pattern.substr(0, open);
    const size_t close = open == std::string_view::npos ? open : pattern.find('}', open);
    if (close == std::string_view::npos) break;
    const std::string_view name = pattern.substr(open + 1, close - open - 1);
    const auto column = std::find(columns_->begin(), columns_->end(), name);
    if (name == "id") {
      out += product.id;
    } else if (column != columns_->end()) {
      const std::string_view value =
          TrimSpace(record_->fields[static_cast<size_t>(column - columns_->begin())]);
      if (IsMissing(value)) return {};
      out += Repaired(value);
    }
    pattern.remove_prefix(close + 1);
  }
  return out;
}

void ProductNormaliser::PutDetail(size_t detail, std::string value, Product& product) {
  if (kDetails[detail].substr(0, 5) == "price") {
    const std::optional<int64_t> time = ParseTime(value);
    if (!time) {
      return log_->DropValue(record_->line, kDetails[detail], "bad_time",
                             "\"" + value.substr(0, 60) + "\" is no time");
    }
    value = FormatTime(*time);
  }
  product.attributes.emplace(kDetails[detail], std::move(value));
}

void ProductNormaliser::ReadDetails(Product& product) {
  for (size_t detail = 0; detail < kDetails.size(); ++detail) {
    std::string value = Text(static_cast<Field>(kFirstDetail + detail));
    if (!value.empty()) PutDetail(detail, PlainText(value), product);
  }
  // Attributes beside the columns that mean one of them: a Shopify option "Size".
  for (const auto& [name, value] : record_->extras) {
    const size_t detail = DetailOf(name);
    if (detail < kDetails.size() && !IsMissing(value))
      PutDetail(detail, PlainText(Repaired(value)), product);
  }
}

// The detail that an attribute's name means, kDetails.size() = none. Names repeat from row to row.
size_t ProductNormaliser::DetailOf(std::string_view name) {
  key_.assign(name);
  const auto found = detail_of_.find(key_);
  if (found != detail_of_.end()) return found->second;
  const std::string folded = FoldText(name);
  size_t detail = 0;
  for (; detail < kDetails.size(); ++detail) {
    const auto& known = CatalogueFields()[kFirstDetail + detail].well_known;
    if (std::find(known.begin(), known.end(), folded) != known.end()) break;
  }
  if (detail_of_.size() < 10000) detail_of_.emplace(key_, detail);
  return detail;
}

void ProductNormaliser::ReadAttributes(Product& product) {
  for (size_t column = 0; column < record_->fields.size(); ++column) {
    if (mapping_->IsUsed(column) || (*columns_)[column].empty()) continue;
    const std::string_view value = TrimSpace(record_->fields[column]);
    if (!IsMissing(value)) product.attributes.emplace((*columns_)[column], Repaired(value));
  }
  for (const auto& [name, value] : record_->extras) {
    if (!IsMissing(value)) product.attributes.emplace(Repaired(name), Repaired(value));
  }
}

std::span<const std::string_view> DetailFields() { return kDetails; }

const std::vector<FieldSpec>& CatalogueFields() {
  static const std::vector<FieldSpec> kFields = {
      {"id",
       {"id", "product id", "productid", "item id", "article id", "article number", "p id",
        "variant id", "sku", "retailer id", "handle", "code", "product code", "asin"}},
      {"group_id",
       {"group id", "item group id", "parent id", "parent sku", "style id", "product code",
        "model"}},
      {"sku", {"sku", "mpn", "gtin", "variant sku"}},
      {"title",
       {"title", "name", "product name", "prod name", "product title", "item name",
        "product display name", "productdisplayname"}},
      {"description",
       {"description+original description", "detail desc", "product description", "body html",
        "body", "long description", "rich text description", "details", "summary", "content"}},
      {"audience",
       {"audience", "target audience", "gender+age group", "index name+section name", "sex",
        "target gender", "age group"}},
      {"colour",
       {"colour", "color", "base colour", "basecolour", "base color", "colour group name",
        "colour name", "color name", "primary colour", "primary color"}},
      {"department",
       {"department", "master category", "mastercategory", "product group name",
        "department name"}},
      {"category",
       {"category", "master category+sub category+article type",
        "mastercategory+subcategory+articletype", "article type", "articletype",
        "product group name+product type name", "product type", "categories",
        "google product category", "fb product category", "sub category", "subcategory", "type"}},
      {"brand", {"brand", "brand name", "vendor", "manufacturer", "label"}},
      {"price",
       {"current price+sale price+discounted price+final price+selling price+price+amount+"
        "price amount+price value"}},
      {"original_price",
       {"original price", "list price", "regular price", "compare at price", "rrp", "mrp", "price",
        "price amount", "price value"}},
      {"currency", {"currency", "currency code", "price currency"}},
      {"availability",
       {"availability", "in stock", "instock", "stock status", "stock", "inventory",
        "quantity to sell on facebook", "quantity"}},
      {"rating", {"rating", "review rating", "average rating", "avg rating", "stars"}},
      {"review_count",
       {"review count", "reviews count", "ratingcount", "rating count", "number of reviews",
        "num reviews"}},
      {"images",
       {"images", "image link+additional image link+additional image links", "image urls",
        "image url+image+image src", "img", "photo", "photos", "picture"}},
      {"url", {"url", "link", "product url", "landing url", "product link"}},
      {"size", {"size", "sizes", "available sizes", "size name", "taille", "grosse", "talla"}},
      {"measurements", {"measurements", "dimensions", "product dimensions", "size and fit"}},
      {"care",
       {"care", "care instructions", "wash care", "washing instructions", "care label",
        "material and care"}},
      {"price_valid_from", {"price valid from", "price from date", "sale start date"}},
      {"price_valid_to", {"price valid to", "price valid until", "price to date", "sale end date"}},
  };
  return kFields;
}

}  // namespace vitrine
