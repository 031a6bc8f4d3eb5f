#include "indexer/ingest/catalogue_feed.h"

#include <algorithm>
#include <array>
#include <limits>

#include "indexer/ingest/csv_reader.h"
#include "indexer/ingest/json_reader.h"
#include "indexer/ingest/shopify_reader.h"
#include "indexer/ingest/source_reader.h"
#include "indexer/ingest/text.h"
#include "indexer/ingest/time_text.h"
#include "indexer/ingest/xml_reader.h"

namespace vitrine {
namespace {

constexpr std::array<std::string_view, 7> kFormats = {"auto", "csv",     "source", "google",
                                                      "meta", "shopify", "jsonl"};

// "sale_price_effective_date" of Google and Meta: a sale price outside of it does not count.
class SaleDates : public RecordReader {
 public:
  SaleDates(std::unique_ptr<RecordReader> below, int64_t as_of)
      : below_(std::move(below)), as_of_(as_of) {}
  const std::vector<std::string>& columns() const override { return below_->columns(); }
  uint64_t position_bytes() const override { return below_->position_bytes(); }
  uint64_t size_bytes() const override { return below_->size_bytes(); }
  Result<bool> Next(Record& record) override {
    VITRINE_ASSIGN(const bool more, below_->Next(record));
    if (!more || !record.problem.empty()) return more;
    if (columns().size() != known_columns_) FindColumns();
    if (dates_ >= record.fields.size() || sale_ >= record.fields.size()) return true;
    const std::string_view text = record.fields[dates_];
    const size_t slash = text.find('/');
    const auto from = ParseTime(text.substr(0, slash));
    const auto to =
        slash == std::string_view::npos ? std::nullopt : ParseTime(text.substr(slash + 1));
    const bool dated = as_of_ != std::numeric_limits<int64_t>::max();
    if (dated && ((from && *from > as_of_) || (to && *to <= as_of_))) {
      record.fields[sale_] = {};
    } else if (!record.fields[sale_].empty()) {
      if (from) record.extras.emplace_back("price_valid_from", text.substr(0, slash));
      if (to) record.extras.emplace_back("price_valid_to", text.substr(slash + 1));
    }
    return true;
  }

 private:
  void FindColumns() {
    known_columns_ = columns().size();
    for (size_t column = 0; column < known_columns_; ++column) {
      const std::string name = FoldText(columns()[column]);
      if (name == "sale price effective date") dates_ = column;
      if (name == "sale price") sale_ = column;
    }
  }

  std::unique_ptr<RecordReader> below_;
  int64_t as_of_;
  size_t known_columns_ = 0, dates_ = SIZE_MAX, sale_ = SIZE_MAX;
};

Result<std::string> DetectFormat(const std::string& path, std::string_view head) {
  const size_t begin = head.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return Error{path + ": is empty; expected a catalogue feed"};
  if (head[begin] == '<') return std::string("google");
  if (head[begin] == '{' || head[begin] == '[') return std::string("jsonl");
  return std::string("csv");
}

}  // namespace

Result<CatalogueFeed> OpenCatalogueFeed(const std::string& path, const CatalogueOptions& options,
                                        int64_t as_of_seconds) {
  if (std::find(kFormats.begin(), kFormats.end(), options.format) == kFormats.end()) {
    return UsageError(
        "catalogue format \"" + options.format +
        "\" is not known; formats are: auto, csv, source, google, meta, shopify, jsonl");
  }
  CatalogueFeed feed;
  VITRINE_ASSIGN(auto source, OpenByteSource(path));
  VITRINE_ASSIGN(const std::string head, source->Head(4096));
  VITRINE_ASSIGN(const std::string found, DetectFormat(path, head));
  feed.format = options.format == "auto" ? found : options.format;
  if (feed.format == "jsonl" || (found == "jsonl" && feed.format != "csv")) {
    feed.reader = MakeJsonRecordReader(std::move(source), path);
    feed.complete = false;
    return feed;
  }
  if (found == "google" && feed.format != "csv") {
    VITRINE_ASSIGN(auto xml, MakeXmlReader(std::move(source), path));
    feed.reader = std::make_unique<SaleDates>(std::move(xml), as_of_seconds);
    feed.complete = false;
    return feed;
  }
  CsvOptions csv;
  csv.delimiter = options.delimiter.empty()    ? '\0'
                  : options.delimiter == "tab" ? '\t'
                                               : options.delimiter[0];
  VITRINE_ASSIGN(std::unique_ptr<RecordReader> reader,
                 CsvReader::Open(std::move(source), path, csv));
  if (options.format == "auto" && options.columns.empty()) {
    if (IsSourceHeader(reader->columns())) feed.format = "source";
    if (IsShopifyHeader(reader->columns())) feed.format = "shopify";
  }
  if (feed.format == "source") {
    feed.reader = MakeSourceReader(std::move(reader), as_of_seconds);
  } else if (feed.format == "shopify") {
    if (!IsShopifyHeader(reader->columns())) {
      return UsageError(path +
                        ":1: this is no Shopify product export: it has no Handle (or URL handle) "
                        "and variant columns. Columns are: " +
                        JoinText(reader->columns(), ", "));
    }
    feed.reader = MakeShopifyReader(std::move(reader));
  } else {
    feed.reader = std::make_unique<SaleDates>(std::move(reader), as_of_seconds);
  }
  return feed;
}
}  // namespace vitrine
