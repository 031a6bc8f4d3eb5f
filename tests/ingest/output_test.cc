// The files that `vitrine ingest` writes, and the configuration that `vitrine init` guesses.
#include "indexer/ingest/output.h"

#include <doctest/doctest.h>

#include <sstream>

#include "indexer/ingest/csv_reader.h"
#include "indexer/ingest/starter_config.h"
#include "tests/ingest/ingest_fixture.h"

using namespace vitrine;

namespace {

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

IngestReport MustWrite(const IngestOptions& options, const std::filesystem::path& folder) {
  Console console = QuietConsole();
  auto report = IngestToFolder(options, folder, console);
  if (!report.ok()) FAIL(report.error().message);
  CHECK(RowsAddUp(report.value()));
  return std::move(report.value());
}

}  // namespace

TEST_CASE("the written files hold what the contract says") {
  TestFolder folder;
  IngestOptions options;
  options.catalogue.files = {folder.Write(
      "c.csv",
      "id,title,description,gender,colour,price,currency,availability,images,material\n"
      "A 1,\"Shirt, \"\"fine\"\"\",\"two\nlines\",women,Navy,5,EUR,in stock,a.jpg|b.jpg,silk\n"
      "B%,Hat,,,,,,out of stock,,\nB%,Hat,,,,,,,,\n")};
  options.orders.files = {folder.Write(
      "o.csv", "user,time,item\nu,2020-01-01 10:00:00,A 1\nu,2020-01-01 11:00:00,B%\nu,soon,B%\n")};
  const IngestReport report = MustWrite(options, folder.path() / "out");
  CHECK(folder.Read("out/products.csv") ==
        "id,group_id,sku,title,description,audience,colour,department,category,brand,price,"
        "original_price,currency,"
        "availability,rating,review_count,images,url,size,measurements,care,price_valid_from,"
        "price_valid_to,audience_raw,colour_raw,attributes\n"
        "A 1,,,\"Shirt, \"\"fine\"\"\",two "
        "lines,women,navy,,,,5.00,5.00,EUR,in_stock,,,a.jpg|b.jpg,,,,,,,women,Navy,\"{"
        "\"\"material\"\":"
        "\"\"silk\"\"}\"\n"
        "B%,,,Hat,,,,,,,,,,out_of_stock,,,,,,,,,,,,\n");
  CHECK(folder.Read("out/events.csv") ==
        "user_id,session_id,item_id,time,kind,weight\n"
        "u,u@2020-01-01T10:00:00Z,A 1,2020-01-01T10:00:00Z,order,5\n"
        "u,u@2020-01-01T11:00:00Z,B%,2020-01-01T11:00:00Z,order,5\n");
  CHECK(folder.Read("out/baskets.txt") == "A%201 B%25\n");
  CHECK(folder.Read("out/users.csv") ==
        "user_id,age,age_estimated,age_group,city,region\nu,,,,,\n");
  CHECK(folder.Read("out/cleaned_product_ids.csv") == "product_id\nA 1\nB%\n");
  const std::string rejected = folder.Read("out/rejected.csv");
  CHECK(rejected.rfind("file,line,field,reason,action,detail\n", 0) == 0);
  CHECK(Contains(rejected, "c.csv,5,id,duplicate_id,row_rejected,"));
  CHECK(Contains(rejected, "o.csv,4,time,bad_time,row_rejected,"));
  const std::string json = ReportToJson(report);
  CHECK(Contains(json, "\"rows_rejected\": 1"));
}

TEST_CASE("what was written reads again as the same products and events") {
  const std::string catalogue = DataFile("fashion-small/catalogue.csv");
  if (catalogue.empty()) {
    MESSAGE("skipped: no fashion-small in the test data");
    return;
  }
  TestFolder folder;
  IngestOptions options;
  options.catalogue.files = {catalogue};
  MustWrite(options, folder.path() / "one");
  options.catalogue.files = {(folder.path() / "one/products.csv").string()};
  const IngestReport report = MustWrite(options, folder.path() / "two");
  CHECK(report.products == 4000);
  // Everything but the last columns (raw values and attributes) is the same, row by row.
  const auto rows = [&](const std::string& name) {
    auto source = OpenByteSource((folder.path() / name).string());
    auto reader = CsvReader::Open(std::move(source.value()), name);
    std::vector<std::string> out;
    Record record;
    while (reader.value()->Next(record).value()) {
      std::string row;
      for (size_t i = 0; i < 18; ++i) row += std::string(record.fields[i]) + "\x1F";
      out.push_back(std::move(row));
    }
    return out;
  };
  CHECK(rows("one/products.csv") == rows("two/products.csv"));
}

TEST_CASE("a failed ingest leaves no file behind") {
  TestFolder folder;
  IngestOptions options;
  options.catalogue.files = {folder.Write("c.csv", "id,title\n1,a\n")};
  options.orders.files = {(folder.path() / "missing.csv").string()};
  Console console = QuietConsole();
  CHECK_FALSE(IngestToFolder(options, folder.path() / "out", console).ok());
  CHECK(std::filesystem::is_empty(folder.path() / "out"));
}

TEST_CASE("init tells catalogue, events, orders and users apart and writes their mapping down") {
  TestFolder folder;
  const std::vector<std::string> files = {
      folder.Write("articles.csv",
                   "article_id,product_code,prod_name,colour_group_name,index_name,section_name,"
                   "detail_desc\n1,1,a,b,c,d,e\n"),
      folder.Write("transactions.csv",
                   "date,customer,article_id,price,channel\n2020-01-01,c,1,5,2\n"),
      folder.Write("clicks.csv", "user_id,item_id,timestamp,event_type\nu,1,2020-01-01,view\n"),
      folder.Write("log.jsonl", "{\"event_timestamp\":\"1\",\"event_name\":\"view_item\"}\n"),
      folder.Write("people.csv", "User ID,Answer,City\nu,1990-01-01,Rome\n")};
  auto toml = StarterConfiguration(files, folder.path());
  REQUIRE(toml.ok());
  const std::string& text = toml.value();
  CHECK(Contains(text, "files = \"articles.csv\"\nformat = \"csv\"\n"));
  CHECK(Contains(text, "id = \"article_id\"\n"));
  CHECK(Contains(text, "audience = [\"index_name\", \"section_name\"]\n"));
  CHECK(Contains(text, "files = \"transactions.csv\"\n"));
  CHECK(Contains(text,
                 "[orders.columns]\nuser = \"customer\"\nitem = \"article_id\"\ntime = "
                 "\"date\"\n"));
  CHECK(Contains(text, "files = [\"clicks.csv\", \"log.jsonl\"]\nformat = \"auto\"\n"));
  CHECK(Contains(text, "[[events.rules]]\nevent = \"view\"\nkind = \"view\"\nweight = 1\n"));
  CHECK(Contains(text, "files = \"people.csv\"\n"));
  CHECK(Contains(text, "answer = \"Answer\"\n"));
  auto strange = StarterConfiguration({folder.Write("x.csv", "a,b\n1,2\n")}, folder.path());
  REQUIRE_FALSE(strange.ok());
  CHECK(Contains(strange.error().message, "neither a catalogue"));
}

TEST_CASE("init says which events are of no interest, how dates are written and which currency") {
  TestFolder folder;
  auto toml = StarterConfiguration(
      {folder.Write("c.csv", "id,title,price\n1,a,5 EUR\n2,b,\n"),
       folder.Write("e.csv",
                    "user,event_name,button_name,product_id,time\n"
                    "u,product_details_page_view,,1,12/31/2020\nu,app_open,,1,01/02/2020\n"
                    "u,tap,heart_button,1,01/02/2020\n")},
      folder.path());
  REQUIRE(toml.ok());
  const std::string& text = toml.value();
  CHECK(Contains(text, "currency = \"EUR\"\n"));
  CHECK(Contains(text, "# Found in the first 2 rows: "));
  CHECK(Contains(text, " price 50 %"));
  CHECK(Contains(text, "day_first = false\n"));
  CHECK(Contains(text, "event = \"product_details_page_view\"\nkind = \"view\"\nweight = 1\n"));
  CHECK(Contains(text, "[[events.rules]]\nbutton = \"heart_button\"\nkind = \"wishlist\"\n"));
  CHECK(Contains(text, "#   app_open (33 % of the rows)\n"));
}

TEST_CASE("what is known of a user is repeated in the events where that is asked for") {
  TestFolder folder;
  IngestOptions options;
  options.catalogue.files = {folder.Write("c.csv", "id,title\nA,a\n")};
  options.events.files = {
      folder.Write("e.csv", "user,item,time\nu,A,2020-01-01\nv,A,2020-01-02\n")};
  options.users.files = {folder.Write("u.csv", "user,age,city\nu,30,Rome\n")};
  options.users.merge_into_events = true;
  MustWrite(options, folder.path() / "out");
  CHECK(folder.Read("out/events.csv") ==
        "user_id,session_id,item_id,time,kind,weight,age,age_estimated,age_group,city,region\n"
        "u,u@2020-01-01T00:00:00Z,A,2020-01-01T00:00:00Z,view,1,30,0,25-34,Rome,Rome\n"
        "v,v@2020-01-02T00:00:00Z,A,2020-01-02T00:00:00Z,view,1,,,,,\n");
}
