#include "indexer/ingest/catalogue.h"

#include <algorithm>
#include <array>
#include <map>

#include "indexer/ingest/ahead.h"
#include "indexer/ingest/byte_source.h"
#include "indexer/ingest/catalogue_feed.h"
#include "indexer/ingest/product_normaliser.h"
#include "indexer/ingest/text.h"

namespace vitrine {
namespace {

Status CheckOptions(const CatalogueOptions& options) {
  std::vector<std::string> names;
  for (const FieldSpec& spec : CatalogueFields()) names.emplace_back(spec.name);
  for (const auto& [field, value] : options.defaults) {
    if (std::find(names.begin(), names.end(), field) == names.end()) {
      return UsageError("[catalogue.defaults] has no field \"" + field +
                        "\"; fields are: " + JoinText(names, ", "));
    }
  }
  return Ok();
}

// One file of a catalogue after the other.
class CatalogueReading {
 public:
  CatalogueReading(const CatalogueOptions& options, const Vocabulary& vocabulary,
                   int64_t as_of_seconds, const Console& console, IngestReport& report,
                   const RowLog::Listener& listener, StringTable& ids, AliasTable& aliases,
                   const std::function<Status(Product&&)>& take)
      : options_(options),
        as_of_seconds_(as_of_seconds),
        console_(console),
        report_(report),
        listener_(listener),
        ids_(ids),
        aliases_(aliases),
        take_(take),
        normaliser_(options, vocabulary, ids) {}

  Status ReadFile(const std::string& path) {
    VITRINE_ASSIGN(CatalogueFeed feed, OpenCatalogueFeed(path, options_, as_of_seconds_));
    VITRINE_ASSIGN(FieldMapping mapping,
                   FieldMapping::Make("catalogue", CatalogueFields(), options_.columns));
    RecordReader& reader = *feed.reader;
    size_t known_columns = reader.columns().size();
    VITRINE_RETURN_IF_ERROR(mapping.Resolve(reader.columns(), path, feed.complete));
    if (feed.complete && !mapping.Has(0)) {
      return UsageError(
          path +
          ":1: no column is known to hold the product id; name it: [catalogue.columns] id = "
          "\"…\". Columns are: " +
          JoinText(reader.columns(), ", "));
    }
    RowLog log(report_, listener_, path, "catalogue", feed.format);
    Progress progress(console_, "catalogue", reader.size_bytes(), "bytes");
    bool ended = false;
    Ahead<Products> blocks([&](Products& products) -> Result<bool> {
      return Fill(reader, mapping, path, known_columns, log, progress, ended, products);
    });
    Products products;
    for (;;) {
      VITRINE_ASSIGN(const bool more, blocks.Next(products));
      if (!more) break;
      for (size_t i = 0; i < products.count; ++i)
        VITRINE_RETURN_IF_ERROR(take_(std::move(products.products[i])));
    }
    if (report_.products > 0) report_.filled = filled_.Counts();
    // Feeds without a header show only now that a mapped column is nowhere.
    return mapping.Resolve(reader.columns(), path, true);
  }

 private:
  struct Products {
    std::vector<Product> products;  // the first `count` are in use
    size_t count = 0;
  };

  // False when the feed had no product left.
  Result<bool> Fill(RecordReader& reader, FieldMapping& mapping, const std::string& path,
                    size_t& known_columns, RowLog& log, Progress& progress, bool& ended,
                    Products& products) {
    constexpr size_t kProducts = 256;
    products.products.resize(kProducts);
    products.count = 0;
    while (!ended && products.count < kProducts) {
      VITRINE_ASSIGN(const bool more, reader.Next(record_));
      ended = !more;
      if (ended) break;
      log.Read();
      for (; record_.merged_rows > 0; --record_.merged_rows) {
        log.Read();
        log.Keep();
      }
      if (reader.columns().size() != known_columns) {
        known_columns = reader.columns().size();
        VITRINE_RETURN_IF_ERROR(mapping.Resolve(reader.columns(), path, false));
      }
      if (log.input().rows_read % 1024 == 0)
        progress.Update(reader.position_bytes(), log.input().rows_read);
      Product& product = products.products[products.count];
      product = Product();
      if (!normaliser_.Convert(record_, reader.columns(), mapping, log, product)) continue;
      log.Keep();
      Keep(product);
      ++products.count;
    }
    return products.count > 0;
  }

  void Keep(const Product& product) {
    ++report_.products;
    filled_.Count(product);
    if (const auto object = product.attributes.find("object_id");
        object != product.attributes.end()) {
      aliases_.Add(object->second, ids_.size() - 1);
    }
  }

  const CatalogueOptions& options_;
  int64_t as_of_seconds_;
  const Console& console_;
  IngestReport& report_;
  const RowLog::Listener& listener_;
  StringTable& ids_;
  AliasTable& aliases_;
  const std::function<Status(Product&&)>& take_;
  ProductNormaliser normaliser_;
  Record record_;
  FillCounter filled_;
};

}  // namespace

FillCounter::FillCounter()
    : details_(DetailFields().begin(), DetailFields().end()), counts_(kFields + details_.size()) {}

void FillCounter::Count(const Product& product) {
  size_t field = 0;
  const auto count = [&](bool is) { counts_[field++] += is ? 1 : 0; };
  count(!product.title.empty());
  count(!product.description.empty());
  count(product.audience != Audience::kUnknown);
  count(!product.colour.empty());
  count(!product.department.empty());
  count(!product.category.empty());
  count(!product.brand.empty());
  count(!product.price.empty());
  count(!product.original_price.empty());
  count(!product.currency.empty());
  count(!product.rating.empty());
  count(!product.review_count.empty());
  count(!product.images.empty());
  count(!product.url.empty());
  count(!product.sku.empty());
  count(!product.group_id.empty());
  for (const std::string& name : details_) count(product.attributes.count(name) != 0);
}

std::map<std::string, uint64_t> FillCounter::Counts() const {
  constexpr std::array<const char*, kFields> kNames = {
      "title", "description",    "audience", "colour", "department",   "category", "brand",
      "price", "original_price", "currency", "rating", "review_count", "images",   "url",
      "sku",   "group_id"};
  std::map<std::string, uint64_t> counts;
  for (size_t i = 0; i < counts_.size(); ++i)
    counts[i < kFields ? kNames[i] : details_[i - kFields]] = counts_[i];
  return counts;
}

Status ReadCatalogue(const CatalogueOptions& options, const Vocabulary& vocabulary,
                     int64_t as_of_seconds, const Console& console, IngestReport& report,
                     const RowLog::Listener& listener, StringTable& ids, AliasTable& aliases,
                     const std::function<Status(Product&&)>& take) {
  VITRINE_RETURN_IF_ERROR(CheckOptions(options));
  CatalogueReading reading(options, vocabulary, as_of_seconds, console, report, listener, ids,
                           aliases, take);
  for (const std::string& pattern : options.files) {
    VITRINE_ASSIGN(const std::vector<std::string> paths, ExpandGlob(pattern));
    for (const std::string& path : paths) VITRINE_RETURN_IF_ERROR(reading.ReadFile(path));
  }
  if (!options.files.empty() && report.products == 0) {
    const std::string first = report.rejected.empty()
                                  ? "the file has a header and no rows"
                                  : "the first rejected row: " + report.rejected[0].file + ":" +
                                        std::to_string(report.rejected[0].line) + ": " +
                                        report.rejected[0].field + ": " + report.rejected[0].detail;
    return Error{options.files[0] + ": the catalogue is empty, no product could be kept; " + first};
  }
  return Ok();
}

}  // namespace vitrine
