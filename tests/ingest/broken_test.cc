// Fifty broken files. What is said about each (file, line, field, what, fix) is written down in
// broken_golden.txt, which people read; VITRINE_UPDATE_GOLDEN=1 rewrites it for review.
#include <doctest/doctest.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdlib>
#include <functional>

#include "tests/ingest/ingest_fixture.h"

using namespace vitrine;

namespace {

struct Broken {
  std::string name;  // of the file
  std::string role;  // catalogue, events, orders, users
  std::string bytes;
  std::function<void(IngestOptions&)> set = [](IngestOptions&) {};
};

std::string Gzip(const std::string& text) {
  std::string out(compressBound(text.size()) + 32, '\0');
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string Damaged(std::string bytes, size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 0x55);
  return bytes;
}

std::string Column(const char* map, const char* field, const char* column, IngestOptions& options) {
  ColumnMapping& mapping = std::string(map) == "catalogue" ? options.catalogue.columns
                           : std::string(map) == "events"  ? options.events.columns
                                                           : options.users.columns;
  mapping[field] = {column};
  return {};
}

std::vector<Broken> Cases() {
  const std::string good = "id,title,price\nA,Shirt,5\n";
  std::string long_text;
  for (int i = 0; i < 5000; ++i)
    long_text += std::to_string(i * 7919 % 10007) + ",Title " + std::to_string(i) + ",5\n";
  const auto format = [](const char* name) {
    return [name](IngestOptions& o) { o.catalogue.format = name; };
  };
  const auto events_format = [](const char* name) {
    return [name](IngestOptions& o) { o.events.format = name; };
  };
  return {
      {"01-empty.csv", "catalogue", ""},
      {"02-only-newlines.csv", "catalogue", "\n\r\n\n"},
      {"03-header-only.csv", "catalogue", "id,title\n"},
      {"04-binary.csv", "catalogue",
       std::string("\x7F"
                   "ELF\x02\x01\0\0\0\0\0,\n",
                   13)},
      {"05-zip.csv", "catalogue", "PK\x03\x04 spreadsheet"},
      {"06-parquet.csv", "catalogue", "PAR1....PAR1"},
      {"07-truncated.csv.gz", "catalogue", Gzip("id,title,price\n" + long_text).substr(0, 9000)},
      {"08-damaged.csv.gz", "catalogue", Damaged(Gzip("id,title,price\n" + long_text), 2000)},
      {"09-truncated.csv.zst", "catalogue", Zstd("id,title,price\n" + long_text).substr(0, 9000)},
      {"10-damaged.csv.zst", "catalogue", Damaged(Zstd("id,title,price\n" + long_text), 4)},
      {"11-column-twice.csv", "catalogue", "id,title,id\n1,a,2\n"},
      {"12-header-quote.csv", "catalogue", "id,\"title\n1,a\n"},
      {"13-no-id-column.csv", "catalogue", "name,cost\nShirt,5\n"},
      {"14-mapped-column-missing.csv", "catalogue", good,
       [](IngestOptions& o) { Column("catalogue", "id", "ID", o); }},
      {"15-unknown-field.csv", "catalogue", good,
       [](IngestOptions& o) { Column("catalogue", "color", "title", o); }},
      {"16-unknown-format.csv", "catalogue", good, format("excel")},
      {"17-default-of-unknown-field.csv", "catalogue", good,
       [](IngestOptions& o) { o.catalogue.defaults["colr"] = "red"; }},
      {"18-unclosed-quote.csv", "catalogue", good + "B,\"Hat, big,7\nC,Bag,8\n"},
      {"19-too-few-fields.csv", "catalogue", good + "B\n"},
      {"20-too-many-fields.csv", "catalogue", good + "B,Hat, big,7\n"},
      {"21-duplicate-id.csv", "catalogue", good + "A,Other,6\n"},
      {"22-missing-id.csv", "catalogue", good + ",Other,6\n"},
      {"23-control-in-id.csv", "catalogue", good + "\"B\nC\",Other,6\n"},
      {"24-bad-price.csv", "catalogue", good + "B,Hat,twelve\n"},
      {"25-two-prices.csv", "catalogue", good + "B,Hat,10 - 20\n"},
      {"26-negative-price.csv", "catalogue", good + "B,Hat,-5\n"},
      {"27-unknown-availability.csv", "catalogue", "id,title,availability\nA,Shirt,perhaps\n"},
      {"28-bad-rating.csv", "catalogue", "id,title,rating,review_count\nA,Shirt,good,many\n"},
      {"29-all-rejected.csv", "catalogue", "id,title,price\nA,Shirt,x\nB,Hat,y\n"},
      {"30-open-tag.xml", "catalogue",
       "<rss><channel><item><id>1</id><title>a</title>\n</channel></rss>"},
      {"31-ampersand.xml", "catalogue",
       "<rss><channel>\n<item><id>1</id><title>Shirt & tie</title></item></channel></rss>"},
      {"32-no-products.xml", "catalogue", "<html><body>Sorry, maintenance</body></html>"},
      {"33-cut-off.xml", "catalogue", "<rss><channel><item><id>1</id></item>\n<item><id>2</id>"},
      {"34-bad-line.jsonl", "catalogue",
       "{\"id\": 1, \"title\": \"a\"}\n{\"id\": 2,\n{\"id\": 3, \"title\": \"c\"}\n"},
      {"35-no-objects.jsonl", "catalogue", "{\"id\": 1, \"title\": \"a\"}\n17\n", format("jsonl")},
      {"36-open-array.json", "catalogue", "[{\"id\": 1, \"title\": \"a\"},\n{\"id\": 2}"},
      {"37-open-object.json", "catalogue", "[{\"id\": 1, \"title\": \"a\"},\n{\"id\": 2, "},
      {"38-unseen-column.jsonl", "catalogue", "{\"id\": 1, \"title\": \"a\"}\n",
       [](IngestOptions& o) {
         o.catalogue.columns = {{"id", {"id"}}, {"title", {"titel"}}};
       }},
      {"39-no-shopify.csv", "catalogue", good, format("shopify")},
      {"40-truncated-prices.csv", "catalogue",
       "product_id,name,price,other_attributes\n1,Shirt,\"[{'price': '630.0', 'currency': 'INR', "
       "'valid_from': '2016-\",{}\n"},
      {"41-draft.csv", "catalogue",
       "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant "
       "Price,Status\na,A,Size,S,1,5,active\nb,B,Size,S,2,5,draft\n"},
      {"42-no-user-column.csv", "events", "item,time\nA,2020-01-01\n"},
      {"43-bad-time.csv", "events", "user,item,time\nu,A,2020-01-01\nu,A,yesterday\nu,A,\n"},
      {"44-unknown-items.csv", "events", "user,item,time\nu,A,2020-01-01\nu,Z,2020-01-01\n"},
      {"45-missing-user-and-item.csv", "events",
       "user,item,time\n,A,2020-01-01\nu,,2020-01-01\nu,A,2020-01-01\n"},
      {"46-bad-pattern.csv", "events", "user,item,time\nu,A,2020-01-01\n",
       [](IngestOptions& o) { o.events.id_pattern = "[a-f"; }},
      {"47-ga4-that-is-csv.csv", "events", "user,item,time\nu,A,2020-01-01\n",
       events_format("ga4")},
      {"48-bad-line.jsonl", "events",
       "{\"event_name\":\"view_item\",\"event_timestamp\":1604188800000000,\"user_pseudo_id\":"
       "\"p\",\"items\":[{\"item_id\":\"A\"}]}\n{\"event_name\":\"view_item\",\"event_times\n"},
      {"49-no-item-column.csv", "orders", "customer,date\nu,2020-01-01\n"},
      {"50-birth-dates-without-day.csv", "users", "user,birth_date\nu,1990-01-01\n"},
      {"51-bad-ages.csv", "users", "user,age\nu,300\nv,old\nv,30\nv,30\n,5\n"},
      {"52-cuts.csv", "users", "user,age\nu,30\n",
       [](IngestOptions& o) {
         o.users.age_cuts = {30, 20};
       }},
      {"53-day.csv", "catalogue", good, [](IngestOptions& o) { o.as_of = "soon"; }},
      {"54-zone.csv", "catalogue", good, [](IngestOptions& o) { o.time_zone = "Berlin"; }},
      {"55-baskets.csv", "catalogue", good, [](IngestOptions& o) { o.baskets_from = "wishes"; }},
      {"56-vocabulary.csv", "catalogue", good,
       [](IngestOptions& o) { o.vocabulary_files = {o.catalogue.files[0]}; }},
  };
}

std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

std::string Say(const Broken& broken) {
  TestFolder folder;
  const std::string path = folder.Write(broken.name, broken.bytes);
  IngestOptions options;
  if (broken.role != "catalogue" && broken.role != "users")
    options.catalogue.files = {folder.Write("c.csv", "id,title\nA,Shirt\n")};
  (broken.role == "catalogue" ? options.catalogue.files
   : broken.role == "events"  ? options.events.files
   : broken.role == "orders"  ? options.orders.files
                              : options.users.files) = {path};
  broken.set(options);
  Console console = QuietConsole();
  const auto result = Ingest(options, console);
  std::string said = "== " + broken.name + "\n";
  if (!result.ok()) {
    said += "error " + std::to_string(static_cast<int>(result.error().kind)) + ": " +
            result.error().message + "\n";
  } else {
    CHECK(RowsAddUp(result.value().report));
    CHECK_MESSAGE(!result.value().report.rejected.empty(), broken.name);
    for (const RejectedRow& row : result.value().report.rejected) {
      CHECK(row.file == path);
      said += row.file + ":" + std::to_string(row.line) + ": " + row.field + ": " + row.reason +
              (row.row_kept ? " (value dropped)" : "") + ": " + row.detail + "\n";
    }
    const InputReport& input = result.value().report.inputs.back();
    said += "read " + std::to_string(input.rows_read) + " = kept " +
            std::to_string(input.rows_kept) + " + rejected " + std::to_string(input.rows_rejected) +
            "\n";
  }
  return Replaced(said, folder.path().string() + "/", "");
}

}  // namespace

TEST_CASE("fifty broken files are answered with file, line, field and the fix") {
  const std::string golden_path = VITRINE_SOURCE_DIR "/tests/ingest/broken_golden.txt";
  std::string said;
  for (const Broken& broken : Cases()) {
    const std::string one = Say(broken);
    // Every message names the file, or the setting that is wrong.
    const std::string message = one.substr(one.find('\n') + 1);
    CHECK_MESSAGE(
        (message.find(broken.name) != std::string::npos || message.find("[") != std::string::npos ||
         message.find("format") != std::string::npos),
        one);
    said += one;
  }
  if (std::getenv("VITRINE_UPDATE_GOLDEN") != nullptr) std::ofstream(golden_path) << said;
  std::ifstream in(golden_path);
  const std::string golden{std::istreambuf_iterator<char>(in), {}};
  CHECK(Cases().size() >= 50);
  CHECK(said == golden);
}
