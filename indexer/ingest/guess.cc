#include "indexer/ingest/guess.h"

#include <re2/re2.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "indexer/ingest/catalogue.h"
#include "indexer/ingest/catalogue_feed.h"
#include "indexer/ingest/csv_reader.h"
#include "indexer/ingest/json_log.h"
#include "indexer/ingest/json_reader.h"
#include "indexer/ingest/log_feed.h"
#include "indexer/ingest/product_normaliser.h"
#include "indexer/ingest/shopify_reader.h"
#include "indexer/ingest/source_reader.h"
#include "indexer/ingest/text.h"
#include "indexer/ingest/users.h"

namespace vitrine {
namespace {

constexpr uint64_t kSampleRows = 5000;
constexpr int kRowsForColumns = 200;

// Fields that the columns fill by well-known names.
std::vector<std::pair<std::string, std::vector<std::string>>> Fields(
    const std::vector<FieldSpec>& specs, const std::vector<std::string>& columns) {
  std::vector<std::pair<std::string, std::vector<std::string>>> found;
  auto mapping = FieldMapping::Make("", specs, {});
  if (!mapping.ok() || !mapping.value().Resolve(columns, "", true).ok()) return found;
  for (size_t field = 0; field < specs.size(); ++field) {
    std::vector<std::string> names;
    for (size_t column : mapping.value().ColumnsOf(field)) names.push_back(columns[column]);
    if (!names.empty()) found.emplace_back(std::string(specs[field].name), std::move(names));
  }
  return found;
}

bool Has(const FileGuess& guess, std::string_view field) {
  return std::any_of(guess.mapping.begin(), guess.mapping.end(),
                     [&](const auto& entry) { return entry.first == field; });
}

bool NameSays(const std::string& path, std::initializer_list<std::string_view> words) {
  const std::string name = FoldText(std::filesystem::path(path).filename().string());
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

// Of a table with these columns.
Status GuessRole(FileGuess& guess) {
  FileGuess catalogue = guess, log = guess, users = guess;
  catalogue.mapping = Fields(CatalogueFields(), guess.columns);
  log.mapping = Fields(LogFields(), guess.columns);
  users.mapping = Fields(UserFields(), guess.columns);
  const bool person = Has(log, "user") || Has(log, "session");
  if (person && Has(log, "item") && Has(log, "time")) {
    guess.mapping = log.mapping;
    const bool order = Has(log, "order") || NameSays(guess.path, {"order", "transaction",
                                                                  "purchase", "sales", "invoice"});
    guess.role = order && !Has(log, "event") && !Has(log, "button") ? "orders" : "events";
  } else if (Has(users, "user") &&
             (Has(users, "age") || Has(users, "birth_date") || Has(users, "answer") ||
              Has(users, "city")) &&
             !Has(catalogue, "title")) {
    guess.mapping = users.mapping;
    guess.role = "users";
  } else if (Has(catalogue, "id") &&
             (Has(catalogue, "title") || Has(catalogue, "price") || Has(catalogue, "images"))) {
    guess.mapping = catalogue.mapping;
    guess.role = "catalogue";
  } else if (person && Has(log, "time")) {
    guess.mapping = log.mapping;
    guess.role = "events";
  } else {
    return UsageError(guess.path +
                      ":1: neither a catalogue (id, title, …), events or orders (user, item, time) "
                      "nor users (user, age, …) by its columns: " +
                      JoinText(guess.columns, ", ") + ". Name them in vitrine.toml by hand");
  }
  return Ok();
}

Result<FileGuess> Inspect(const std::string& path) {
  FileGuess guess;
  guess.path = path;
  VITRINE_ASSIGN(auto source, OpenByteSource(path));
  VITRINE_ASSIGN(const std::string head, source->Head(1 << 16));
  const size_t begin = head.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return Error{path + ": is empty"};
  if (head[begin] == '<') {
    guess.role = "catalogue";
    guess.format = "google";
    return guess;
  }
  if (head[begin] == '{' || head[begin] == '[') {
    guess.format = DetectJsonLog(head);
    if (guess.format != "jsonl") {
      guess.role = "events";
      return guess;
    }
    auto reader = MakeJsonRecordReader(std::move(source), path);
    Record record;
    for (int i = 0; i < kRowsForColumns; ++i) {
      VITRINE_ASSIGN(const bool more, reader->Next(record));
      if (!more) break;
    }
    guess.columns = reader->columns();
    VITRINE_RETURN_IF_ERROR(GuessRole(guess));
    return guess;
  }
  VITRINE_ASSIGN(auto reader, CsvReader::Open(std::move(source), path));
  guess.columns = reader->columns();
  guess.format = "csv";
  const bool shopify = IsShopifyHeader(guess.columns);
  if (shopify || IsSourceHeader(guess.columns)) {
    guess.role = "catalogue";
    guess.format = shopify ? "shopify" : "source";
    return guess;
  }
  const bool button =
      std::any_of(guess.columns.begin(), guess.columns.end(),
                  [](const std::string& name) { return FoldText(name) == "button name"; });
  if (button) {
    guess.role = "events";
    guess.format = "source";
    return guess;
  }
  VITRINE_RETURN_IF_ERROR(GuessRole(guess));
  return guess;
}

// How a date such as 31/12/2020 is written: 'd' day first, 'm' month first, 0 = it does not show.
char OrderOfDate(std::string_view text) {
  static const RE2 kDate(R"(\s*(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}\b.*)");
  int a = 0, b = 0;
  if (!RE2::FullMatch(re2::StringPiece(text.data(), text.size()), kDate, &a, &b)) return 0;
  if (a > 12 && b <= 12) return 'd';
  return b > 12 && a <= 12 ? 'm' : '\0';
}

Status SampleLog(FileGuess& guess) {
  LogFeedOptions options;
  options.section = guess.role;
  VITRINE_ASSIGN(OpenedLog log, OpenLogFeed(guess.path, options));
  LogRow row;
  bool day_first = false;
  for (; guess.rows_sampled < kSampleRows; ++guess.rows_sampled) {
    VITRINE_ASSIGN(const bool more, log.feed->Next(row));
    if (!more) break;
    if (!row.problem.empty()) continue;
    if (!row.event.empty() || !row.button.empty())
      ++guess.names[{RepairUtf8(row.event), RepairUtf8(row.button)}];
    const char order = OrderOfDate(row.time);
    guess.month_first = guess.month_first || order == 'm';
    day_first = day_first || order == 'd';
  }
  guess.month_first = guess.month_first && !day_first;
  return Ok();
}

Status SampleCatalogue(FileGuess& guess) {
  CatalogueOptions options;
  VITRINE_ASSIGN(CatalogueFeed feed,
                 OpenCatalogueFeed(guess.path, options, std::numeric_limits<int64_t>::max()));
  VITRINE_ASSIGN(FieldMapping mapping, FieldMapping::Make("catalogue", CatalogueFields(), {}));
  VITRINE_ASSIGN(const Vocabulary vocabulary, Vocabulary::Load({}));
  StringTable ids;
  ProductNormaliser normaliser(options, vocabulary, ids);
  IngestReport report;
  RowLog log(report, nullptr, guess.path, guess.role, feed.format);
  std::map<std::string, uint64_t> currencies;
  FillCounter filled;
  Record record;
  for (; guess.rows_sampled < kSampleRows; ++guess.rows_sampled) {
    VITRINE_ASSIGN(const bool more, feed.reader->Next(record));
    if (!more) break;
    VITRINE_RETURN_IF_ERROR(mapping.Resolve(feed.reader->columns(), guess.path, false));
    Product product;
    if (!normaliser.Convert(record, feed.reader->columns(), mapping, log, product)) continue;
    filled.Count(product);
    guess.has_photos = guess.has_photos || !product.images.empty();
    if (!product.currency.empty()) ++currencies[product.currency];
  }
  guess.filled = filled.Counts();
  for (const auto& [currency, count] : currencies) {
    if (guess.currency.empty() || count > currencies[guess.currency]) guess.currency = currency;
  }
  return Ok();
}

}  // namespace

Result<FileGuess> GuessFile(const std::string& path) {
  VITRINE_ASSIGN(FileGuess guess, Inspect(path));
  if (path == "-") return guess;  // standard input is gone once it was looked at
  if (guess.role == "catalogue") VITRINE_RETURN_IF_ERROR(SampleCatalogue(guess));
  if (guess.role == "events" || guess.role == "orders") VITRINE_RETURN_IF_ERROR(SampleLog(guess));
  return guess;
}

}  // namespace vitrine
