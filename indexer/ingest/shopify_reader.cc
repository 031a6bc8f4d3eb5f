#include "indexer/ingest/shopify_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>

#include "indexer/ingest/text.h"

namespace vitrine {
namespace {

enum Input : size_t {
  kHandle,
  kTitle,
  kBody,
  kVendor,
  kType,
  kCategory,
  kTags,
  kPublished,
  kStatus,
  kSku,
  kPrice,
  kCompare,
  kQuantity,
  kPolicy,
  kTracker,
  kImage,
  kVariantImage,
  kGender,
  kAgeGroup,
  kColour,
  kOption1,
  kOption1Name,
  kOption2,
  kOption2Name,
  kOption3,
  kOption3Name,
  kInputCount
};

const std::array<std::vector<std::string_view>, kInputCount>& InputNames() {
  static const std::array<std::vector<std::string_view>, kInputCount> kNames = {{
      {"handle", "url handle"},
      {"title"},
      {"body html", "description", "body"},
      {"vendor"},
      {"type", "custom product type"},
      {"product category", "standardized product type"},
      {"tags"},
      {"published", "published on online store"},
      {"status"},
      {"variant sku", "sku"},
      {"variant price", "price"},
      {"variant compare at price", "compare at price"},
      {"variant inventory qty", "inventory quantity"},
      {"variant inventory policy", "continue selling when out of stock"},
      {"variant inventory tracker", "inventory tracker"},
      {"image src", "product image url"},
      {"variant image", "variant image url"},
      {"google shopping gender"},
      {"google shopping age group"},
      {"google shopping color", "color", "colour"},
      {"option1 value"},
      {"option1 name"},
      {"option2 value"},
      {"option2 name"},
      {"option3 value"},
      {"option3 name"},
  }};
  return kNames;
}

const std::vector<std::string>& OutputColumns() {
  static const std::vector<std::string> kColumns = {
      "id",     "group_id", "sku",   "title", "description",    "gender",       "age_group",
      "colour", "category", "brand", "price", "original_price", "availability", "images"};
  return kColumns;
}

// Shopify's metafield columns end in "(product.metafields.…)".
std::string ColumnKey(const std::string& column) {
  return FoldText(column.substr(0, column.find(" (product.")));
}

bool IsColour(std::string_view option) {
  const std::string name = FoldText(option);
  return name == "color" || name == "colour" || name == "farbe" || name == "couleur" ||
         name == "colore" || name == "kleur" || name == "cor";
}

class ShopifyReader : public RecordReader {
 public:
  explicit ShopifyReader(std::unique_ptr<RecordReader> csv) : csv_(std::move(csv)) {
    std::vector<std::string> keys;
    for (const std::string& column : csv_->columns()) keys.push_back(ColumnKey(column));
    used_.resize(keys.size());
    for (size_t input = 0; input < kInputCount; ++input) {
      for (std::string_view name : InputNames()[input]) {
        const auto found = std::find(keys.begin(), keys.end(), name);
        if (found == keys.end() || from_[input]) continue;
        from_[input] = static_cast<size_t>(found - keys.begin());
        used_[*from_[input]] = true;
      }
    }
  }

  const std::vector<std::string>& columns() const override { return OutputColumns(); }
  uint64_t position_bytes() const override { return csv_->position_bytes(); }
  uint64_t size_bytes() const override { return csv_->size_bytes(); }

  Result<bool> Next(Record& record) override {
    while (next_ == variants_.size()) {
      VITRINE_ASSIGN(const bool more, ReadProduct());
      if (!more) return false;
    }
    Variant& variant = variants_[next_];
    record.line = variant.line;
    record.merged_rows = next_ == 0 ? photo_rows_ : 0;
    record.problem = variant.problem;
    record.problem_detail = variant.detail;
    record.fields.clear();
    record.extras.clear();
    for (const std::string& value : variant.values) record.fields.emplace_back(value);
    for (const auto& [name, value] : variant.extras) record.extras.emplace_back(name, value);
    ++next_;
    return true;
  }

 private:
  struct Row {
    uint64_t line = 0;
    std::array<std::string, kInputCount> values;
    std::vector<std::pair<std::string, std::string>> extras;
    std::string problem, detail;
  };
  struct Variant {
    uint64_t line = 0;
    std::vector<std::string> values;
    std::vector<std::pair<std::string, std::string>> extras;
    std::string problem, detail;
  };

  // The next row of the file into pending_; false at the end.
  Result<bool> ReadRow() {
    Record raw;
    VITRINE_ASSIGN(const bool more, csv_->Next(raw));
    if (!more) return false;
    Row row;
    row.line = raw.line;
    row.problem = raw.problem;
    row.detail = raw.problem_detail;
    for (size_t input = 0; input < kInputCount && row.problem.empty(); ++input) {
      if (from_[input]) row.values[input] = TrimSpace(raw.fields[*from_[input]]);
    }
    for (size_t column = 0; column < used_.size() && row.problem.empty(); ++column) {
      const std::string_view text = TrimSpace(raw.fields[column]);
      if (!used_[column] && !IsMissing(text))
        row.extras.emplace_back(csv_->columns()[column], text);
    }
    pending_ = std::move(row);
    return true;
  }

  // All rows of one handle into variants_.
  Result<bool> ReadProduct() {
    variants_.clear();
    next_ = 0;
    photo_rows_ = 0;
    if (!pending_) {
      VITRINE_ASSIGN(const bool more, ReadRow());
      if (!more) return false;
    }
    std::vector<Row> rows;
    rows.push_back(std::move(*pending_));
    pending_.reset();
    while (rows[0].problem.empty() && rows.size() < 100000) {
      VITRINE_ASSIGN(const bool more, ReadRow());
      if (!more) break;
      if (!pending_->problem.empty() || pending_->values[kHandle] != rows[0].values[kHandle] ||
          rows[0].values[kHandle].empty())
        break;
      rows.push_back(std::move(*pending_));
      pending_.reset();
    }
    Convert(rows);
    return true;
  }

  void Convert(const std::vector<Row>& rows) {
    const Row& first = rows[0];
    std::string images;
    for (const Row& row : rows) {
      if (row.values[kImage].empty()) continue;
      images += (images.empty() ? "" : "|") + row.values[kImage];
    }
    for (const Row& row : rows) {
      const bool variant = &row == &first || !row.values[kSku].empty() ||
                           !row.values[kPrice].empty() || !row.values[kOption1].empty();
      if (variant) {
        variants_.push_back(Make(first, row, images));
      } else {
        ++photo_rows_;
      }
    }
  }

  Variant Make(const Row& product, const Row& row, const std::string& images) {
    Variant variant;
    variant.line = row.line;
    variant.problem = row.problem;
    variant.detail = row.detail;
    if (!row.problem.empty()) return variant;
    const std::string status = FoldText(product.values[kStatus]),
                      published = FoldText(product.values[kPublished]);
    if (status == "draft" || status == "archived" || published == "false") {
      variant.problem = "not_published";
      variant.detail = "the product is not published (Status " + product.values[kStatus] + ")";
    }
    const auto& shared = product.values;
    const auto& own = row.values;
    std::string id = own[kSku];
    if (!id.empty() && id[0] == '\'') id.erase(0, 1);  // Shopify guards SKUs from spreadsheets
    const std::string sku = id;
    if (id.empty() || seen_.count(id) != 0) {
      id = own[kHandle];
      for (size_t n = 2; seen_.count(id) != 0; ++n) id = own[kHandle] + "-" + std::to_string(n);
    }
    if (!id.empty()) seen_.insert(id);
    std::string colour = shared[kColour];
    for (const auto& [value, name] :
         {std::pair(kOption1, kOption1Name), std::pair(kOption2, kOption2Name),
          std::pair(kOption3, kOption3Name)}) {
      const std::string& option = shared[name];
      if (option.empty() || own[value].empty() || own[value] == "Default Title") continue;
      if (IsColour(option)) {
        colour = own[value];
      } else {
        variant.extras.emplace_back(option, own[value]);
      }
    }
    const std::string photos =
        own[kVariantImage].empty() ? images : own[kVariantImage] + "|" + images;
    variant.values = {id,
                      own[kHandle],
                      sku,
                      shared[kTitle],
                      shared[kBody],
                      shared[kGender],
                      shared[kAgeGroup],
                      colour,
                      shared[kCategory].empty() ? shared[kType] : shared[kCategory],
                      shared[kVendor],
                      own[kPrice],
                      own[kCompare],
                      Availability(own),
                      photos};
    if (!shared[kTags].empty()) variant.extras.emplace_back("tags", shared[kTags]);
    if (!shared[kType].empty()) variant.extras.emplace_back("type", shared[kType]);
    for (const auto& extra : product.extras) variant.extras.push_back(extra);
    return variant;
  }

  // Shopify says "out of stock" only where stock is tracked and overselling is denied.
  std::string Availability(const std::array<std::string, kInputCount>& own) const {
    const std::string policy = FoldText(own[kPolicy]);
    if (own[kQuantity].empty() || (from_[kTracker] && own[kTracker].empty())) return "in stock";
    const bool none = own[kQuantity][0] == '-' || own[kQuantity] == "0";
    if (!none) return "in stock";
    return policy == "continue" || policy == "true" ? "backorder" : "out of stock";
  }

  std::unique_ptr<RecordReader> csv_;
  std::array<std::optional<size_t>, kInputCount> from_;
  std::vector<bool> used_;
  std::optional<Row> pending_;
  std::vector<Variant> variants_;
  size_t next_ = 0;
  uint64_t photo_rows_ = 0;
  std::unordered_set<std::string> seen_;
};

}  // namespace

bool IsShopifyHeader(const std::vector<std::string>& columns) {
  bool handle = false, old_style = false, new_style = false;
  for (const std::string& column : columns) {
    const std::string key = ColumnKey(column);
    handle = handle || key == "handle" || key == "url handle";
    old_style = old_style || key == "variant price" || key == "variant sku";
    new_style = new_style || key == "option1 value" || key == "option1 name";
  }
  return handle && (old_style || new_style);
}

std::unique_ptr<RecordReader> MakeShopifyReader(std::unique_ptr<RecordReader> csv) {
  return std::make_unique<ShopifyReader>(std::move(csv));
}

}  // namespace vitrine
