// Prices, numbers, times and texts: tables of what exports hold.
#include <doctest/doctest.h>

#include <ctime>

#include "indexer/ingest/decimal.h"
#include "indexer/ingest/text.h"
#include "indexer/ingest/time_text.h"
#include "indexer/ingest/vocabulary.h"

using namespace vitrine;

TEST_CASE("prices are read exactly in every form that shops write") {
  struct Row {
    const char *text, *amount, *currency;
  };
  for (const Row& row : std::initializer_list<Row>{{"649", "649.00", ""},
                                                   {"649.0", "649.00", ""},
                                                   {"1,299.00", "1299.00", ""},
                                                   {"1.299,00 €", "1299.00", "EUR"},
                                                   {"1'299.-", "1299.00", ""},
                                                   {"12,34,567.50", "1234567.50", ""},
                                                   {"INR 649", "649.00", "INR"},
                                                   {"19.99 USD", "19.99", "USD"},
                                                   {"£5", "5.00", "GBP"},
                                                   {"$1,000", "1000.00", "USD"},
                                                   {"1,299", "1299.00", ""},
                                                   {"12,5", "12.50", ""},
                                                   {"0.048441", "0.048441", ""},
                                                   {"1.5e3", "1500.00", ""},
                                                   {"1e-2", "0.01", ""},
                                                   {".99", "0.99", ""},
                                                   {"1 299,50", "1299.50", ""},
                                                   {"1\xC2\xA0"
                                                    "299,50",
                                                    "1299.50", ""},
                                                   {"JPY 1200", "1200", "JPY"},
                                                   {"007.50", "7.50", ""},
                                                   {"0.1", "0.10", ""},
                                                   {"123456789012345.67", "123456789012345.67", ""},
                                                   {"Rs. 999", "999.00", "INR"}}) {
    CAPTURE(row.text);
    const auto money = ParseMoney(row.text);
    REQUIRE(money.has_value());
    CHECK(money->amount == row.amount);
    CHECK(money->currency == row.currency);
  }
  for (const char* text : {"", "abc", "-5", "1,2,3", "12.x9", "1.2.3,4,5", "10 - 20", "1e400",
                           "9999999999999999999999", "12 apples", "1,29,9", "$", "5 $ 6"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseMoney(text).has_value());
  }
}

TEST_CASE("times are read in every form that exports write") {
  struct Row {
    const char* text;
    int64_t seconds;
  };
  const int64_t day = 1600214400;  // date -d 2020-09-16T00:00:00Z +%s
  for (const Row& row :
       std::initializer_list<Row>{{"2020-09-16", day},
                                  {"2020-09-16T10:00:00Z", day + 36000},
                                  {"2020-09-16 10:00:00", day + 36000},
                                  {"2020-09-16T10:00:00.123456Z", day + 36000},
                                  {"2020-09-16T10:00:00+02:00", day + 28800},
                                  {"2020-09-16 10:00:00 UTC", day + 36000},
                                  {"2020-09-16 10:00:00.5-0530", day + 36000 + 19800},
                                  {"2020/09/16", day},
                                  {"20200916", day},
                                  {"16/09/2020 10:00", day + 36000},
                                  {"09/16/2020", day},
                                  {"16.09.2020", day},
                                  {"16.9.20", day},
                                  {"Sep 16, 2020", day},
                                  {"September 16 2020 10:00 PM", day + 22 * 3600},
                                  {"16 Sep 2020 12:30 am", day + 1800},
                                  {"16th of September 2020", day},
                                  {"16-Sep-2020", day},
                                  {"Wed, 16 Sep 2020 10:00:00 GMT", day + 36000},
                                  {"1600214400", day},
                                  {"1600214400.75", day},
                                  {"1600214400123", day},
                                  {"1600214400123456", day},
                                  {"1600214400123456789", day},
                                  {"1969-12-31", -86400}}) {
    CAPTURE(row.text);
    const auto time = ParseTime(row.text);
    REQUIRE(time.has_value());
    CHECK(*time == row.seconds);
  }
  CHECK(ParseTime("01/02/2020", {0, true}) == ParseTime("2020-02-01"));
  CHECK(ParseTime("01/02/2020", {0, false}) == ParseTime("2020-01-02"));
  CHECK(ParseTime("2020-09-16 10:00:00", {7200, true}) == day + 28800);
  for (const char* text :
       {"", "yesterday", "2020-13-01", "2020-02-30", "2019-02-29", "2020-09-16T25:00:00", "12345",
        "99/99/9999", "2020-09-16T10:00:00 nonsense", "2020-09-16-17", "1234567890123456789012",
        "16.4294967305.2020", "4294967312 Sep 2020", "2020-09-16T10:4294967296",
        "2020-09-16T10:00+3333333333", "2020-09-16T10:00+4294967296"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseTime(text).has_value());
  }
}

TEST_CASE("every day of four centuries agrees with the C library") {
  for (int64_t day = -25567; day < 47482; ++day) {
    const std::time_t seconds = day * 86400;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
    REQUIRE(FormatDay(seconds) == text);
    REQUIRE(ParseTime(text) == seconds);
  }
}

TEST_CASE("zones by name agree with the C library, hour by hour") {
  for (const char* name : {"Europe/Paris", "America/New_York", "Africa/Cairo", "Asia/Kolkata"}) {
    CAPTURE(name);
    const auto zone = TimeZone::Find(name);
    REQUIRE(zone.has_value());
    ::setenv("TZ", name, 1);
    ::tzset();
    for (int64_t hour = 0; hour < 67 * 365 * 24; hour += 7) {
      const std::time_t seconds = hour * 3600;
      std::tm parts{};
      localtime_r(&seconds, &parts);
      REQUIRE(zone->OffsetAt(seconds) == parts.tm_gmtoff);
      // And back, but for the hour that the clocks show twice.
      const int64_t local = seconds + parts.tm_gmtoff;
      const std::time_t earlier = seconds - 7200, later = seconds + 7200;
      std::tm before{}, after{};
      localtime_r(&earlier, &before);
      localtime_r(&later, &after);
      if (before.tm_gmtoff == after.tm_gmtoff)
        REQUIRE(zone->OffsetAtLocal(local) == parts.tm_gmtoff);
    }
  }
  ::unsetenv("TZ");
  ::tzset();
  const TimeOptions paris{*TimeZone::Find("Europe/Paris"), true};
  const auto at = [&](const char* text) { return FormatTime(ParseTime(text, paris).value_or(0)); };
  CHECK(at("2020-07-01 12:00:00") == "2020-07-01T10:00:00Z");
  CHECK(at("01/12/2020 12:00") == "2020-12-01T11:00:00Z");
  CHECK(at("2020-07-01T12:00:00Z") == "2020-07-01T12:00:00Z");
  CHECK(at("2020-10-25 02:30:00") == "2020-10-25T00:30:00Z");  // shown twice: the first
  CHECK(at("2020-03-29 02:30:00") == "2020-03-29T01:30:00Z");  // skipped: as before the change
  CHECK_FALSE(TimeZone::Find("Berlin").has_value());
  CHECK(TimeZone::Find("+05:30")->OffsetAt(0) == 19800);
}

TEST_CASE("HTML becomes plain text") {
  CHECK(PlainText(
            "<p>Soft <b>wool</b>mix&nbsp;&amp; <br/>silk</p><ul><li>one</li><li>two</li></ul>") ==
        "Soft woolmix & silk one two");
  CHECK(PlainText("a < b and c > d, 5&quot; <3 &unknown; &#x26; &#8364;") ==
        "a < b and c > d, 5\" <3 &unknown; & \xE2\x82\xAC");
  CHECK(PlainText("x<script>alert('<p>')</script>y<!-- <p> z -->w") == "x yw");
  CHECK(PlainText("unclosed <b text") == "unclosed <b text");
}

TEST_CASE("bytes that are no UTF-8 are read as Windows-1252") {
  CHECK(RepairUtf8("caf\xE9 \x80 5") == "caf\xC3\xA9 \xE2\x82\xAC 5");
  CHECK(RepairUtf8("caf\xC3\xA9") == "caf\xC3\xA9");
  for (const char* bad :
       {"\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xF0\x8F\xBF\xBF"}) {
    CHECK_FALSE(IsValidUtf8(bad));
    CHECK(IsValidUtf8(RepairUtf8(bad)));
  }
}

TEST_CASE("audiences, colours and availabilities are known in several languages") {
  auto vocabulary = Vocabulary::Load({});
  REQUIRE(vocabulary.ok());
  const Vocabulary& words = vocabulary.value();
  const auto audience = [&](std::vector<std::string_view> raws) { return words.AudienceOf(raws); };
  CHECK(audience({"Adults-Women"}) == Audience::kWomen);
  CHECK(audience({"Male"}) == Audience::kMen);
  CHECK(audience({"Kids-Girls", "Women"}) == Audience::kGirls);
  CHECK(audience({"female", "kids"}) == Audience::kGirls);
  CHECK(audience({"male", "toddler"}) == Audience::kBoys);
  CHECK(audience({"unisex", "adult"}) == Audience::kUnisex);
  CHECK(audience({"Men, Women"}) == Audience::kUnisex);
  CHECK(audience({"Baby Sizes 50-98"}) == Audience::kBaby);
  CHECK(audience({"Ladieswear"}) == Audience::kWomen);
  CHECK(audience({"Damen"}) == Audience::kWomen);
  CHECK(audience({"Herren"}) == Audience::kMen);
  CHECK(audience({"\xD9\x86\xD8\xB3\xD8\xA7\xD8\xA1"}) == Audience::kWomen);
  CHECK(audience({"Divided"}) == Audience::kUnknown);
  CHECK(audience({""}) == Audience::kUnknown);
  CHECK(words.Colour("Navy Blue") == "navy");
  CHECK(words.Colour("Off White") == "cream");
  CHECK(words.Colour("Black, White") == "black");
  CHECK(words.Colour("Dusty Pink Melange") == "pink");
  CHECK(words.Colour("Gr\xC3\xBCn") == "green");
  CHECK(words.Colour("zibeline") == "zibeline");
  Availability availability{};
  CHECK(words.ParseAvailability("https://schema.org/OutOfStock", availability));
  CHECK(availability == Availability::kOutOfStock);
  CHECK(words.ParseAvailability("in stock", availability));
  CHECK(availability == Availability::kInStock);
  CHECK(words.ParseAvailability("0", availability));
  CHECK(availability == Availability::kOutOfStock);
  CHECK(words.ParseAvailability("17", availability));
  CHECK(availability == Availability::kInStock);
  CHECK_FALSE(words.ParseAvailability("perhaps", availability));
}
