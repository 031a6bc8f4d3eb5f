#include "indexer/ingest/csv_reader.h"

#include <doctest/doctest.h>

#include <random>

using namespace vitrine;

namespace {

using Rows = std::vector<std::vector<std::string>>;

struct Parsed {
  std::vector<std::string> columns;
  Rows rows;
  std::vector<uint64_t> lines;
  std::vector<std::string> problems;
  std::string error;
};

Parsed Parse(std::string text, CsvOptions options = {}) {
  Parsed parsed;
  auto source = OpenMemorySource(std::move(text), "test.csv");
  REQUIRE(source.ok());
  auto reader = CsvReader::Open(std::move(source.value()), "test.csv", options);
  if (!reader.ok()) {
    parsed.error = reader.error().message;
    return parsed;
  }
  parsed.columns = reader.value()->columns();
  Record record;
  for (;;) {
    auto more = reader.value()->Next(record);
    REQUIRE(more.ok());
    if (!more.value()) return parsed;
    parsed.lines.push_back(record.line);
    parsed.problems.emplace_back(record.problem);
    parsed.rows.emplace_back();
    if (record.problem.empty()) {
      for (auto field : record.fields) parsed.rows.back().emplace_back(field);
    }
  }
}

std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace

TEST_CASE("quoted fields may hold delimiters, quotes and newlines") {
  const Parsed parsed = Parse("a,b,c\n1,\"x,\"\"y\"\"\r\nz\",3\r\n\n\"\",,\"last\"");
  CHECK(parsed.columns == std::vector<std::string>{"a", "b", "c"});
  CHECK(parsed.rows == Rows{{"1", "x,\"y\"\r\nz", "3"}, {"", "", "last"}});
  CHECK(parsed.lines == std::vector<uint64_t>{2, 5});
}

TEST_CASE("line ends may be LF, CRLF or CR, with or without one at the end") {
  for (const char* end : {"\n", "\r\n", "\r"}) {
    for (bool last : {false, true}) {
      std::string text = std::string("a,b") + end + "1,2" + end + "3,4" + (last ? end : "");
      CHECK(Parse(text).rows == Rows{{"1", "2"}, {"3", "4"}});
    }
  }
}

TEST_CASE("the delimiter is found from the header line") {
  for (char delimiter : {',', ';', '\t', '|'}) {
    const std::string d(1, delimiter);
    CHECK(Parse("a" + d + "\"b,;\t|,,;;\"" + d + "c\n1" + d + "2" + d + "3\n").rows ==
          Rows{{"1", "2", "3"}});
  }
}

TEST_CASE("a byte order mark and UTF-16 in both orders read as UTF-8") {
  const std::u16string text = u"id,name\n1,Kl\u00e4der \U0001F457\n";
  const Rows expected = {{"1", "Kl\u00c3\u00a4der"}};
  for (bool big : {false, true}) {
    for (bool mark : {false, true}) {
      std::string bytes;
      const auto put = [&](char16_t unit) {
        const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
        bytes += big ? high : low;
        bytes += big ? low : high;
      };
      if (mark) put(0xFEFF);
      for (char16_t unit : text) put(unit);
      const Parsed parsed = Parse(bytes);
      REQUIRE(parsed.rows.size() == 1);
      CHECK(parsed.columns[0] == "id");
      CHECK(parsed.rows[0][1] ==
            "Kl\xC3\xA4"
            "der \xF0\x9F\x91\x97");
    }
  }
  CHECK(Parse("\xEF\xBB\xBFid\n7\n").columns[0] == "id");
}

TEST_CASE("a stray quote costs at most its own row") {
  const Parsed unclosed = Parse("a,b\n1,2\n3,\"open,4\n5,6\n7,8\n");
  CHECK(unclosed.problems == std::vector<std::string>{"", "unclosed_quote", "", ""});
  CHECK(unclosed.rows[2] == std::vector<std::string>{"5", "6"});
  CHECK(unclosed.lines == std::vector<uint64_t>{2, 3, 4, 5});
  // With the right number of fields, the quote was meant as an inch or the like: nothing is lost.
  const Parsed inch = Parse("a,b\n1,\"open\n2,6\n3,8\n");
  CHECK(inch.problems == std::vector<std::string>{"", "", ""});
  CHECK(inch.rows == Rows{{"1", "\"open"}, {"2", "6"}, {"3", "8"}});
  // A later row's quote does not close it.
  const Parsed later = Parse("a\tb\n1\t\"big one\n2\t\"fine\" thing\n3\tx\n");
  CHECK(later.rows == Rows{{"1", "\"big one"}, {"2", "fine thing"}, {"3", "x"}});
  CHECK(later.lines == std::vector<uint64_t>{2, 3, 4});
  // A quoted text over several lines stays one field.
  CHECK(Parse("a,b\n\"x\ny\",2\n").rows == Rows{{"x\ny", "2"}});
}

TEST_CASE("rows with too few or too many fields are reported, trailing empty fields are not") {
  const Parsed parsed = Parse("a,b\n1\n1,2,3\n1,2,,\n");
  CHECK(parsed.problems == std::vector<std::string>{"field_count", "field_count", ""});
}

TEST_CASE("text behind a closing quote stays part of the field") {
  CHECK(Parse("a,b\n\"x\"y,2\n\"5\"\" x\" z,3\n").rows == Rows{{"xy", "2"}, {"5\" x z", "3"}});
}

TEST_CASE("empty, binary and doubly named files are errors that say so") {
  CHECK(Parse("").error.find("empty") != std::string::npos);
  CHECK(Parse("\n\n").error.find("empty") != std::string::npos);
  CHECK(Parse(std::string("ab\0cd,e\n", 8)).error.find("binary") != std::string::npos);
  CHECK(Parse("a,b,a\n").error.find("named twice") != std::string::npos);
}

TEST_CASE("random tables come back as they were written, across every buffer boundary") {
  std::mt19937 random(7);
  const std::string alphabet = "ab,\"\n\r;\t x";
  for (int round = 0; round < 60; ++round) {
    const size_t columns = 1 + random() % 5;
    Rows rows;
    std::string text;
    for (size_t c = 0; c < columns; ++c) text += (c ? ",c" : "c") + std::to_string(c);
    text += "\n";
    const size_t count = round % 20 == 0 ? 30000 : 20;
    for (size_t r = 0; r < count; ++r) {
      rows.emplace_back();
      for (size_t c = 0; c < columns; ++c) {
        std::string value;
        for (size_t n = random() % (round % 20 == 0 ? 90 : 6); n > 0; --n)
          value += alphabet[random() % alphabet.size()];
        text += (c ? "," : "") + Quoted(value);
        rows.back().push_back(std::move(value));
      }
      text += random() % 2 ? "\n" : "\r\n";
    }
    const Parsed parsed = Parse(text);
    CHECK(parsed.rows == rows);
  }
}
