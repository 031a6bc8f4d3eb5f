#include "indexer/ingest/catalogue.h"

#include <algorithm>

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
                   const std::function<Status(Product)>& take)
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
    Record record;
    for (;;) {
      VITRINE_ASSIGN(const bool more, reader.Next(record));
      if (!more) break;
      log.Read();
      for (; record.merged_rows > 0; --record.merged_rows) {
        log.Read();
        log.Keep();
      }
      if (reader.columns().size() != known_columns) {
        known_columns = reader.columns().size();
        VITRINE_RETURN_IF_ERROR(mapping.Resolve(reader.columns(), path, false));
      }
      if (log.input().rows_read % 1024 == 0)
        progress.Update(reader.position_bytes(), log.input().rows_read);
      Product product;
      if (!normaliser_.Convert(record, reader.columns(), mapping, log, product)) continue;
      log.Keep();
      VITRINE_RETURN_IF_ERROR(Take(std::move(product)));
    }
    // Feeds without a header show only now that a mapped column is nowhere.
    return mapping.Resolve(reader.columns(), path, true);
  }

 private:
  Status Take(Product product) {
    ++report_.products;
    CountFilled(product, report_.filled);
    if (const auto object = product.attributes.find("object_id");
        object != product.attributes.end()) {
      aliases_.Add(object->second, ids_.size() - 1);
    }
    return take_(std::move(product));
  }

  const CatalogueOptions& options_;
  int64_t as_of_seconds_;
  const Console& console_;
  IngestReport& report_;
  const RowLog::Listener& listener_;
  StringTable& ids_;
  AliasTable& aliases_;
  const std::function<Status(Product)>& take_;
  ProductNormaliser normaliser_;
};

}  // namespace

void CountFilled(const Product& product, std::map<std::string, uint64_t>& filled) {
  const auto count = [&](const char* field, bool is) { filled[field] += is ? 1 : 0; };
  count("title", !product.title.empty());
  count("description", !product.description.empty());
  count("audience", product.audience != Audience::kUnknown);
  count("colour", !product.colour.empty());
  count("department", !product.department.empty());
  count("category", !product.category.empty());
  count("brand", !product.brand.empty());
  count("price", !product.price.empty());
  count("original_price", !product.original_price.empty());
  count("currency", !product.currency.empty());
  count("rating", !product.rating.empty());
  count("review_count", !product.review_count.empty());
  count("images", !product.images.empty());
  count("url", !product.url.empty());
  count("sku", !product.sku.empty());
  count("group_id", !product.group_id.empty());
  for (std::string_view name : DetailFields())
    count(name.data(), product.attributes.count(std::string(name)) != 0);
}

Status ReadCatalogue(const CatalogueOptions& options, const Vocabulary& vocabulary,
                     int64_t as_of_seconds, const Console& console, IngestReport& report,
                     const RowLog::Listener& listener, StringTable& ids, AliasTable& aliases,
                     const std::function<Status(Product)>& take) {
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
