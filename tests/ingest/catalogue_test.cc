// Every catalogue format, from text of its own kind to products.
#include "indexer/ingest/catalogue.h"

#include <doctest/doctest.h>
#include <zlib.h>
#include <zstd.h>

#include "indexer/ingest/csv_reader.h"
#include "tests/ingest/ingest_fixture.h"

using namespace vitrine;

namespace {

struct Read {
  std::vector<Product> products;
  IngestReport report;
};

Read ReadText(std::string_view text, const std::string& name, CatalogueOptions catalogue = {},
              const std::string& as_of = "") {
  TestFolder folder;
  IngestOptions options;
  options.catalogue = std::move(catalogue);
  options.catalogue.files = {folder.Write(name, text)};
  options.as_of = as_of;
  Console console = QuietConsole();
  auto result = Ingest(options, console);
  if (!result.ok()) FAIL(result.error().message);
  CHECK(RowsAddUp(result.value().report));
  return {std::move(result.value().shop.products), std::move(result.value().report)};
}

constexpr const char* kRss = R"(<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title><link>https://s.test</link>
<item><g:id>A1</g:id><g:title>Dress &amp; belt</g:title><g:description><![CDATA[<p>Silk</p>]]></g:description>
<g:link>https://s.test/a1</g:link><g:image_link>https://s.test/a1.jpg</g:image_link>
<g:additional_image_link>https://s.test/a1b.jpg</g:additional_image_link><g:additional_image_link>https://s.test/a1c.jpg</g:additional_image_link>
<g:price>129.50 EUR</g:price><g:sale_price>99,00 EUR</g:sale_price>
<g:sale_price_effective_date>2020-01-01T00:00Z/2020-02-01T00:00Z</g:sale_price_effective_date>
<g:availability>out_of_stock</g:availability><g:brand>Nara</g:brand><g:gender>female</g:gender><g:age_group>adult</g:age_group>
<g:color>Navy</g:color><g:item_group_id>G1</g:item_group_id><g:product_type>Women &gt; Dresses</g:product_type>
<g:shipping><g:country>DE</g:country><g:price>4.90 EUR</g:price></g:shipping></item>
<item><g:id>A2</g:id><g:title>Kids hat</g:title><g:gender>female</g:gender><g:age_group>kids</g:age_group><g:price>5 EUR</g:price></item>
</channel></rss>)";

constexpr const char* kShopifyOld =
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 "
    "Name,Option2 Value,Variant SKU,Variant Inventory Tracker,"
    "Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,Image "
    "Src,Image Position,Variant Image,Status\n"
    "tee,Tee,<p>Soft</"
    "p>,Nara,Shirts,summer,TRUE,Color,Red,Size,S,'T-R-S,shopify,0,deny,19.90,29.90,https://s.test/"
    "1.jpg,1,,active\n"
    "tee,,,,,,,,Red,,M,T-R-M,shopify,4,deny,19.90,29.90,https://s.test/2.jpg,2,,\n"
    "tee,,,,,,,,,,,,,,,,,https://s.test/3.jpg,3,,\n"
    "tee,,,,,,,,Blue,,S,,shopify,0,continue,21,,,,https://s.test/b.jpg,\n"
    "cap,Cap,,Nara,Hats,,TRUE,Title,Default Title,,,,,,deny,9,,https://s.test/c.jpg,1,,active\n"
    "old,Old,,Nara,Hats,,TRUE,Title,Default Title,,,OLD,,,deny,9,,,,,draft\n";

constexpr const char* kShopifyNew =
    "Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online "
    "store,Status,SKU,Barcode,Option1 name,Option1 value,"
    "Price,Compare-at price,Inventory tracker,Inventory quantity,Continue selling when out of "
    "stock,Product image URL,Image position,Variant image URL,"
    "Google Shopping / Gender,Google Shopping / Age Group\n"
    "Tee,tee,Soft,Nara,Apparel & Accessories > Clothing > "
    "Shirts,Shirts,summer,TRUE,active,T-1,,Size,S,19.90,29.90,shopify,3,DENY,https://s.test/"
    "1.jpg,1,,Female,Adult\n"
    ",tee,,,,,,,,T-2,,,M,19.90,,shopify,0,DENY,,,,,\n";

}  // namespace

TEST_CASE("a Google Merchant feed is read as RSS, as Atom and as TSV") {
  const Read rss = ReadText(kRss, "feed.xml", {}, "2020-01-15");
  REQUIRE(rss.products.size() == 2);
  const Product& dress = rss.products[0];
  CHECK(dress.title == "Dress & belt");
  CHECK(dress.description == "Silk");
  CHECK(dress.price == "99.00");
  CHECK(dress.original_price == "129.50");
  CHECK(dress.currency == "EUR");
  CHECK(dress.availability == Availability::kOutOfStock);
  CHECK(dress.audience == Audience::kWomen);
  CHECK(dress.colour == "navy");
  CHECK(dress.group_id == "G1");
  CHECK(dress.category == "Women > Dresses");
  CHECK(dress.images == std::vector<std::string>{"https://s.test/a1.jpg", "https://s.test/a1b.jpg",
                                                 "https://s.test/a1c.jpg"});
  CHECK(dress.url == "https://s.test/a1");
  CHECK(rss.products[1].audience == Audience::kGirls);
  CHECK(rss.report.inputs[0].format == "google");
  CHECK(ReadText(kRss, "feed.xml", {}, "2020-03-01").products[0].price == "129.50");

  const Read atom = ReadText(
      "<feed xmlns='http://www.w3.org/2005/Atom' "
      "xmlns:g='http://base.google.com/ns/1.0'><entry><g:id>7</g:id><title>Hat</title>"
      "<link rel='alternate' href='https://s.test/7'/><summary>&lt;b>Warm&lt;/b></summary>"
      "<g:price>5.00 GBP</g:price></entry></feed>",
      "atom.xml");
  REQUIRE(atom.products.size() == 1);
  CHECK(atom.products[0].url == "https://s.test/7");
  CHECK(atom.products[0].currency == "GBP");
  CHECK(atom.products[0].description == "Warm");

  const Read tsv = ReadText(
      "id\ttitle\tlink\timage link\tadditional image link\tprice\tsale price\tavailability\titem "
      "group id\tgender\tage group\tcolor\n"
      "A1\tDress\thttps://s.test/a\thttps://s.test/a.jpg\thttps://s.test/b.jpg,https://s.test/"
      "c,d.jpg\t129.50 EUR\t\tin stock\tG\tmale\tadult\tred\n",
      "feed.txt");
  REQUIRE(tsv.products.size() == 1);
  CHECK(tsv.products[0].price == "129.50");
  CHECK(tsv.products[0].images == std::vector<std::string>{"https://s.test/a.jpg",
                                                           "https://s.test/b.jpg",
                                                           "https://s.test/c,d.jpg"});
  CHECK(tsv.products[0].audience == Audience::kMen);
}

TEST_CASE("a Meta catalogue is read") {
  const Read meta = ReadText(
      "id,title,description,availability,condition,price,link,image_link,brand,sale_price,item_"
      "group_id,gender,color,age_group,quantity_to_sell_on_facebook\n"
      "M1,Shirt,Nice,in stock,new,\"1,299.00 USD\",https://s.test/m,https://s.test/m.jpg,Nara,999 "
      "USD,MG,unisex,Off White,adult,7\n",
      "meta.csv", [] {
        CatalogueOptions options;
        options.format = "meta";
        return options;
      }());
  REQUIRE(meta.products.size() == 1);
  CHECK(meta.products[0].price == "999.00");
  CHECK(meta.products[0].original_price == "1299.00");
  CHECK(meta.products[0].currency == "USD");
  CHECK(meta.products[0].colour == "cream");
  CHECK(meta.products[0].audience == Audience::kUnisex);
  CHECK(meta.products[0].attributes.at("condition") == "new");
}

TEST_CASE("Shopify exports give one product a variant, with old and new headers") {
  const Read old = ReadText(kShopifyOld, "products_export.csv");
  CHECK(old.report.inputs[0].format == "shopify");
  REQUIRE(old.products.size() == 4);
  CHECK(old.products[0].id == "T-R-S");
  CHECK(old.products[0].group_id == "tee");
  CHECK(old.products[0].colour == "red");
  CHECK(old.products[0].availability == Availability::kOutOfStock);
  CHECK(old.products[0].images.size() == 3);
  CHECK(old.products[0].attributes.at("Size") == "S");
  CHECK(old.products[0].attributes.at("size") == "S");
  CHECK(old.products[1].title == "Tee");
  CHECK(old.products[1].description == "Soft");
  CHECK(old.products[1].availability == Availability::kInStock);
  CHECK(old.products[1].price == "19.90");
  CHECK(old.products[1].original_price == "29.90");
  CHECK(old.products[2].id == "tee");
  CHECK(old.products[2].colour == "blue");
  CHECK(old.products[2].availability == Availability::kBackorder);
  CHECK(old.products[2].images.front() == "https://s.test/b.jpg");
  CHECK(old.products[3].id == "cap");
  CHECK(old.products[3].availability == Availability::kInStock);
  CHECK(old.report.inputs[0].rows_read == 6);
  CHECK(old.report.inputs[0].rejected_by_reason.at("not_published") == 1);

  const Read fresh = ReadText(kShopifyNew, "products.csv");
  REQUIRE(fresh.products.size() == 2);
  CHECK(fresh.products[1].id == "T-2");
  CHECK(fresh.products[1].group_id == "tee");
  CHECK(fresh.products[1].category == "Apparel & Accessories > Clothing > Shirts");
  CHECK(fresh.products[1].audience == Audience::kWomen);
  CHECK(fresh.products[1].availability == Availability::kOutOfStock);
}

TEST_CASE("JSON lines and JSON arrays are read, damaged lines cost only themselves") {
  const char* lines =
      "{\"id\": 7, \"title\": \"Hat\", \"price\": {\"amount\": 12.5, \"currency\": \"EUR\"}, "
      "\"images\": [\"a.jpg\", \"b.jpg\"], \"tags\": [\"x\", \"y\"]}\n"
      "{\"id\": \"8\", \"title\": \"Bag\"\n"
      "\n"
      "[1, 2]\n"
      "{\"id\": \"9\", \"colour\": \"Rot\", \"title\": \"Schal\"}";
  CatalogueOptions options;
  options.format = "jsonl";
  options.columns = {{"id", {"id"}},
                     {"title", {"title"}},
                     {"price", {"price.amount"}},
                     {"currency", {"price.currency"}},
                     {"images", {"images"}},
                     {"colour", {"colour"}}};
  const Read read = ReadText(lines, "c.jsonl", options);
  REQUIRE(read.products.size() == 2);
  CHECK(read.products[0].id == "7");
  CHECK(read.products[0].price == "12.50");
  CHECK(read.products[0].currency == "EUR");
  CHECK(read.products[0].images == std::vector<std::string>{"a.jpg", "b.jpg"});
  CHECK(read.products[0].attributes.at("tags") == "x|y");
  CHECK(read.products[1].colour == "red");
  REQUIRE(read.report.rejected.size() == 2);
  CHECK(read.report.rejected[0].line == 2);
  CHECK(read.report.rejected[1].line == 4);
  CHECK(read.report.rejected[0].reason == "bad_json");
  const Read array =
      ReadText("\n[ {\"id\": \"a]\", \"name\": \"x\\\"}\"},\n {\"id\": \"b\"} ]\n", "c.json");
  REQUIRE(array.products.size() == 2);
  CHECK(array.products[0].id == "a]");
  CHECK(array.products[0].title == "x\"}");
}

TEST_CASE(
    "gzip, zstd, Latin-1 and several files by a pattern give the same products as plain text") {
  TestFolder folder;
  const std::string plain =
      "id,title,colour\n1,Stra\xC3\x9F"
      "e,Gr\xC3\xBCn\n2,Caf\xC3\xA9,Rot\n";
  const std::string latin =
      "id,title,colour\n1,Stra\xDF"
      "e,Gr\xFCn\n2,Caf\xE9,Rot\n";
  std::string zst(ZSTD_compressBound(plain.size()), '\0');
  zst.resize(ZSTD_compress(zst.data(), zst.size(), plain.data(), plain.size(), 3));
  const std::string gz_path = (folder.path() / "c.csv.gz").string();
  gzFile gz = gzopen(gz_path.c_str(), "wb");  // two members, as concatenated gzip files have
  gzwrite(gz, plain.data(), 20);
  gzclose(gz);
  gz = gzopen(gz_path.c_str(), "ab");
  gzwrite(gz, plain.data() + 20, static_cast<unsigned>(plain.size() - 20));
  gzclose(gz);
  for (const std::string& path : {folder.Write("c.csv", plain), folder.Write("l.csv", latin),
                                  folder.Write("c.csv.zst", zst), gz_path}) {
    CAPTURE(path);
    IngestOptions options;
    options.catalogue.files = {path};
    Console console = QuietConsole();
    auto result = Ingest(options, console);
    REQUIRE(result.ok());
    REQUIRE(result.value().shop.products.size() == 2);
    CHECK(result.value().shop.products[0].title ==
          "Stra\xC3\x9F"
          "e");
    CHECK(result.value().shop.products[0].colour == "green");
    CHECK(result.value().shop.products[1].title == "Caf\xC3\xA9");
  }
  folder.Write("part-1.csv", "id,title\na,A\n");
  folder.Write("part-2.csv", "title,id\nB,b\nA again,a\n");
  IngestOptions options;
  options.catalogue.files = {(folder.path() / "part-*.csv").string()};
  Console console = QuietConsole();
  auto result = Ingest(options, console);
  REQUIRE(result.ok());
  CHECK(result.value().shop.products.size() == 2);
  CHECK(result.value().report.rejected.size() == 1);
}

TEST_CASE("prices and ids of JSON are kept as they are written") {
  const Read read = ReadText(
      "{\"id\": 12345678901234567890123, \"price\": 123456789012345.67, \"original_price\": 1e3,"
      " \"rating\": -0, \"title\": \"size 5.50 \\\" 7\"}\n{\"id\": 01}\n{\"id\": \"caf\xE9\"}\n",
      "c.jsonl");
  REQUIRE(read.products.size() == 2);
  CHECK(read.products[0].id == "12345678901234567890123");
  CHECK(read.products[0].price == "123456789012345.67");
  CHECK(read.products[0].original_price == "1000.00");
  CHECK(read.products[0].title == "size 5.50 \" 7");
  CHECK(read.products[1].id == "caf\xC3\xA9");
  CHECK(read.report.inputs[0].rejected_by_reason.at("bad_json") == 1);
}

TEST_CASE("lists and objects of JSON fill the fields without a mapping") {
  const Read read = ReadText(
      "{\"id\": 7, \"price\": {\"amount\": \"12.5\", \"currency\": \"EUR\"},"
      " \"categories\": [\"Women\", \"Dresses\"], \"images\": [{\"url\": \"https://a/1.jpg\", "
      "\"width\": 600}, {\"src\": \"b.jpg\"}]}\n"
      "{\"id\": 8, \"images\": [\"c.jpg\", \"d.jpg\"]}\n",
      "c.jsonl");
  REQUIRE(read.products.size() == 2);
  CHECK(read.products[0].price == "12.50");
  CHECK(read.products[0].currency == "EUR");
  CHECK(read.products[0].category == "Women > Dresses");
  CHECK(read.products[0].images == std::vector<std::string>{"https://a/1.jpg", "b.jpg"});
  CHECK(read.products[1].images == std::vector<std::string>{"c.jpg", "d.jpg"});
}

TEST_CASE("XML is read in the encodings that its declaration may name") {
  const auto title = [](const std::string& declared, const std::string& bytes) {
    const Read read =
        ReadText("<?xml version='1.0'" + declared + "?><rss><channel><item><id>1</id><title>" +
                     bytes + "</title></item></channel></rss>",
                 "feed.xml");
    return read.products.at(0).title;
  };
  CHECK(title("", "Caf\xC3\xA9 \xE2\x82\xAC") == "Caf\xC3\xA9 \xE2\x82\xAC");
  CHECK(title(" encoding='ISO-8859-1'", "Caf\xE9") == "Caf\xC3\xA9");
  CHECK(title(" encoding='ISO-8859-15'", "5 \xA4") == "5 \xE2\x82\xAC");
  CHECK(title(" encoding=\"windows-1252\"", "5 \x80") == "5 \xE2\x82\xAC");
  CHECK(title(" encoding='UTF-8'", "Caf\xE9\x0B!") == "Caf\xC3\xA9 !");  // it is not, and a control
  std::string utf16 = "\xFF\xFE";
  for (char c : std::string(
           "<?xml version='1.0' encoding='UTF-16'?><feed><entry><id>1</id><title>Hat</title>"
           "</entry></feed>"))
    utf16 += {c, '\0'};
  CHECK(ReadText(utf16, "feed.xml").products.at(0).title == "Hat");
  // Characters cut by the reader's blocks stay whole.
  std::string many;
  for (int i = 0; i < 50000; ++i) many += "\xE2\x82\xAC";
  CHECK(title("", many) == many);
}

TEST_CASE("sizes, measurements, care and the time of a price have fields of their own") {
  const Read google = ReadText(kRss, "feed.xml", {}, "2020-01-15");
  CHECK(google.products[0].attributes.at("price_valid_from") == "2020-01-01T00:00:00Z");
  CHECK(google.products[0].attributes.at("price_valid_to") == "2020-02-01T00:00:00Z");
  CHECK(google.products[1].attributes.count("price_valid_from") == 0);
  const Read source = ReadText(
      "_id,product_id,name,price,other_attributes,colour\n"
      "568f9a59f0f254331b469374,7,Shirt,\"[{'price': 5, 'original': True, 'valid_from': "
      "datetime.datetime(2016, 1, 8, 11, 15)}]\",\"{'measurements': {'Size': ['S', 'M']}, "
      "'care_instructions': 'Cold wash', 'colour': 'Ink', 'neck': 'Round'}\",Navy\n",
      "raw.csv");
  const auto& attributes = source.products.at(0).attributes;
  CHECK(attributes.at("measurements") == "Size: S, M");
  CHECK(attributes.at("care") == "Cold wash");
  CHECK(attributes.at("price_valid_from") == "2016-01-08T11:15:00Z");
  CHECK(attributes.at("neck") == "Round");
  CHECK(attributes.at("colour") == "Ink");  // the column says navy; nothing is lost
  CHECK(source.products[0].colour == "navy");
  CHECK(source.report.filled.at("care") == 1);
}

TEST_CASE("the source system's raw rows give at least 99.5 % of the true cells") {
  const std::string raw = DataFile("fashion-messy/raw.csv"),
                    truth = DataFile("fashion-messy/truth.csv");
  if (raw.empty() || truth.empty()) {
    MESSAGE("skipped: no fashion-messy in the test data");
    return;
  }
  IngestOptions options;
  options.catalogue.files = {raw};
  Console console = QuietConsole();
  auto result = Ingest(options, console);
  REQUIRE(result.ok());
  CHECK(RowsAddUp(result.value().report));
  std::map<std::string, const Product*> by_id;
  for (const Product& product : result.value().shop.products) by_id[product.id] = &product;
  CHECK(by_id.size() == 2000);
  auto source = OpenByteSource(truth);
  REQUIRE(source.ok());
  auto reader = CsvReader::Open(std::move(source.value()), truth);
  REQUIRE(reader.ok());
  std::map<std::string, size_t> column;
  for (size_t i = 0; i < reader.value()->columns().size(); ++i)
    column[reader.value()->columns()[i]] = i;
  size_t cells = 0, right = 0;
  Record record;
  for (;;) {
    auto more = reader.value()->Next(record);
    REQUIRE(more.ok());
    if (!more.value()) break;
    const auto product = by_id.find(std::string(record.fields[column["product_id"]]));
    REQUIRE(product != by_id.end());
    const Product& p = *product->second;
    const auto check = [&](const char* name, const std::string& value) {
      ++cells;
      right += value == record.fields[column[name]] ? 1 : 0;
    };
    check("current_price", p.price);
    check("original_price", p.original_price);
    check("currency", p.currency);
    check("rating", p.rating);
    check("review_count", p.review_count);
    check("sku", p.sku);
    check("url", p.url);
    check("in_stock", p.availability == Availability::kInStock ? "1" : "0");
    check("n_images", std::to_string(p.images.size()));
  }
  CHECK(cells == 18000);
  MESSAGE("cells right: " << right << " of " << cells);
  CHECK(static_cast<double>(right) >= 0.995 * static_cast<double>(cells));
}
