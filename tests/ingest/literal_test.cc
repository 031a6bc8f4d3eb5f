#include "indexer/ingest/literal.h"

#include <doctest/doctest.h>

#include <limits>

#include "indexer/ingest/source_reader.h"
#include "indexer/ingest/time_text.h"

using namespace vitrine;

namespace {
constexpr int64_t kAnyTime = std::numeric_limits<int64_t>::max();

std::string TextOf(std::string_view literal) {
  const ParsedLiteral parsed = ParseLiteral(literal);
  return parsed.complete ? parsed.value.ToText() : "<incomplete>";
}

std::string ValueOf(std::string_view cell, std::string_view key) {
  for (const auto& [name, value] : ParseKeyValues(cell)) {
    if (name == key) return value.ToText();
  }
  return "<none>";
}
}  // namespace

TEST_CASE("Python literals and JSON are read by one parser") {
  struct Row {
    const char *literal, *text;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"'a'", "a"},
           {"\"it's\"", "it's"},
           {R"('it\'s \u00e9\x41\n\\')",
            "it's \xC3\xA9"
            "A\n\\"},
           {R"("\ud83d\udc57")", "\xF0\x9F\x91\x97"},
           {"u'x' 'y'", "xy"},
           {"r'\\d'", "\\d"},
           {"'''long 'text' '''", "long 'text' "},
           {"[1, 2.50, -3]", "1|2.50|-3"},
           {"('a', 'b',)", "a|b"},
           {"{'a', 'b'}", "a|b"},
           {"[]", ""},
           {"None", ""},
           {"nan", ""},
           {"[None, 'x', null]", "x"},
           {"True", "true"},
           {"{'k': 1, \"j\": [True, None]}", "k: 1; j: true"},
           {"datetime.datetime(2016, 1, 8, 11, 15, 37, 12)", "2016-01-08T11:15:37"},
           {"datetime.date(2016, 1, 8)", "2016-01-08T00:00:00"},
           {"Timestamp('2016-01-08 11:15:37', tz='UTC')", "2016-01-08 11:15:37"},
           {"Decimal('1299.00')", "1299.00"},
           {"ObjectId('568f9a59f0f254331b469374')", "568f9a59f0f254331b469374"},
           {"{\"$oid\": \"568f9a59f0f254331b469374\"}", "568f9a59f0f254331b469374"},
           {"{\"$date\": {\"$numberLong\": \"1452251737000\"}}", "1452251737000"},
           {"OrderedDict([('a', 1), ('b', 'x')])", "a: 1; b: x"},
           {"dict(a=1)", "a: 1"},
           {"np.float64(3.5)", "3.5"},
           {"1_000", "1000"}}) {
    CAPTURE(row.literal);
    CHECK(TextOf(row.literal) == row.text);
  }
  for (const char* broken : {"", "[1, 2", "{'a': ", "'open", "[1] 2", "{'a' 1",
                             "datetime.datetime(2016,", "[[[", "}", "a b"}) {
    CAPTURE(broken);
    CHECK(TextOf(broken) == "<incomplete>");
  }
}

TEST_CASE("deep nesting and endless lists end in an answer, not in a crash") {
  CHECK_FALSE(ParseLiteral(std::string(100000, '[')).complete);
  CHECK_FALSE(ParseLiteral(std::string(100000, '{')).complete);
  std::string calls;
  for (int i = 0; i < 100000; ++i) calls += "f(";
  CHECK_FALSE(ParseLiteral(calls).complete);
  std::string list = "[";
  for (int i = 0; i < 2000000; ++i) list += "1,";
  CHECK_FALSE(ParseLiteral(list + "]").complete);
}

TEST_CASE("key-value text is read in every encoding") {
  for (const char* cell :
       {"{'sku': '25732', 'url': 'https://x.test/a;b', 'n': None}",
        "{\"sku\": \"25732\", \"url\": \"https://x.test/a;b\"}",
        "[{'key': 'sku', 'value': '25732'}, {'key': 'url', 'value': 'https://x.test/a;b'}]",
        "[('sku', '25732'), ('url', 'https://x.test/a;b')]",
        "[['sku', '25732'], ['url', 'https://x.test/a;b']]",
        "[{\"name\": \"sku\", \"value\": 25732}, {\"name\": \"url\", \"value\": "
        "\"https://x.test/a;b\"}]",
        "[{'sku': '25732'}, {'url': 'https://x.test/a;b'}]",
        "sku: 25732; url: https://x.test/a;b; care: wash: cold; empty: None",
        "sku: 25732\nurl: https://x.test/a;b", "sku=25732|url=https://x.test/a;b",
        "OrderedDict([('sku', '25732'), ('url', 'https://x.test/a;b')])",
        "\"{\\\"sku\\\": \\\"25732\\\", \\\"url\\\": \\\"https://x.test/a;b\\\"}\"",
        "{'sku': '25732', 'url': 'https://x.test/a;b', 'cut': 'of"}) {
    CAPTURE(cell);
    CHECK(ValueOf(cell, "sku") == "25732");
    CHECK(ValueOf(cell, "url") == "https://x.test/a;b");
  }
  CHECK(ValueOf("Size: {'Size': ['S', 'M']}; fit: slim", "Size") == "Size: S, M");
  CHECK(ParseKeyValues("nan").empty());
  CHECK(ParseKeyValues("").empty());
  CHECK(ParseKeyValues("no key here").empty());
}

TEST_CASE("object ids come out of every wrapping") {
  for (const char* text :
       {"568f9a59f0f254331b469374", " ObjectId('568f9a59f0f254331b469374') ",
        "ObjectId(\"568f9a59f0f254331b469374\")", "{\"$oid\": \"568f9a59f0f254331b469374\"}",
        "{'$oid': '568f9a59f0f254331b469374'}"}) {
    CHECK(ExtractObjectId(text) == "568f9a59f0f254331b469374");
  }
  CHECK(ExtractObjectId("A-17") == "A-17");
}

TEST_CASE(
    "the current price is the one that began last and is valid, the original the one marked so") {
  const auto read = [](std::string_view cell, int64_t as_of = kAnyTime) {
    const PriceCell price = ReadPriceCell(cell, as_of);
    return price.current + " " + price.original + " " + price.currency +
           (price.damaged ? " damaged" : "");
  };
  CHECK(read("[{'price': '799.0', 'currency': 'INR', 'original': False, 'valid_from': "
             "datetime.datetime(2013, 2, 5)}, "
             "{'price': '1,399.00', 'currency': 'INR', 'original': True, 'valid_from': "
             "datetime.datetime(2012, 4, 20)}]") == "799.00 1399.00 INR");
  CHECK(read("{'price': 5, 'currency': 'EUR', 'original': True, 'valid_from': None}") ==
        "5.00 5.00 EUR");
  CHECK(read("{'price': 5, 'currency': 'EUR', 'original': False}") == "5.00  EUR");
  const char* seasons =
      "[{'value': 90, 'original': True, 'valid_from': '2020-01-01'}, {'value': 60, 'original': "
      "False, "
      "'valid_from': '2020-06-01', 'valid_to': '2020-07-01'}, {'value': 70, 'original': False, "
      "'valid_from': '2021-06-01'}]";
  CHECK(read(seasons) == "70.00 90.00 ");
  CHECK(read(seasons, *ParseTime("2020-06-15")) == "60.00 90.00 ");
  CHECK(read(seasons, *ParseTime("2020-08-15")) == "90.00 90.00 ");
  CHECK(read("[{'price': {'value': '12.50', 'currency': 'USD'}, 'original': 'True'}]") ==
        "12.50 12.50 USD");
  CHECK(read("[{'price': nan, 'currency': 'INR'}, {'price': '8', 'currency': 'INR'}]") ==
        "8.00  INR");
  CHECK(read("[{'price': '0.1', 'currency': 'INR', 'original': True}]") == "0.10 0.10 INR");
  CHECK(read("[]") == "  ");
  CHECK(read("nan") == "  ");
  CHECK(read("") == "  ");
  CHECK(read("\xE2\x82\xAC 1.299,00") == "1299.00  EUR");
  CHECK(read("[{'price': '630.0', 'currency': 'INR', 'valid_from': '2016-") == "   damaged");
  CHECK(read("soon") == "   damaged");
}

TEST_CASE("values that were quoted, escaped or wrapped once too often are read") {
  const auto current = [](std::string_view cell) {
    return ReadPriceCell(cell, std::numeric_limits<int64_t>::max()).current;
  };
  CHECK(current("\"[{'price': '630.0', 'original': True}]\"") == "630.00");
  CHECK(current("[{'price': 5, 'valid_from': datetime.datetime(2016, 1, 8, tzinfo=<UTC>)}]") ==
        "5.00");
  const auto value = [](std::string_view text, std::string_view wanted) -> std::string {
    for (const auto& [key, found] : ParseKeyValues(text)) {
      if (key == wanted) return found.ToText();
    }
    return "(none)";
  };
  for (const char* text :
       {"{\\\"sku\\\": \\\"1\\\", \\\"count\\\": 3}", "sku: 1, count: 3, note: a, b",
        "sku => 1; count => 3", "<ul><li>sku: 1</li><li>count: 3</li></ul>",
        "{'brand': 'Levi's', 'sku': '1', 'count': 3}"}) {
    CAPTURE(text);
    CHECK(value(text, "sku") == "1");
    CHECK(value(text, "count") == "3");
  }
  CHECK(value("{'brand': 'Levi's', 'sku': '1'}", "brand") == "Levi's");
  CHECK(value("sku: 1, count: 3, note: a, b", "note") == "a, b");
  CHECK(value("images: http://a/1.jpg, http://a/2.jpg", "images") ==
        "http://a/1.jpg, http://a/2.jpg");
}
