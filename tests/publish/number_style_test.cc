#include "indexer/publish/number_style.h"

#include <doctest/doctest.h>

using namespace vitrine;

TEST_CASE("a price's style as Unicode CLDR has it") {
  const auto english = FindNumberStyle("en", "EUR");
  REQUIRE(english.has_value());
  CHECK(*english == NumberStyle{"€", "", ",", ".", "2", "4", "3"});
  const auto german = FindNumberStyle("de", "JPY");
  REQUIRE(german.has_value());
  CHECK(*german == NumberStyle{"", "\u00a0¥", ".", ",", "0", "4", "3"});
  const auto spanish = FindNumberStyle("es", "EUR");
  REQUIRE(spanish.has_value());
  CHECK(*spanish == NumberStyle{"", "\u00a0€", ".", ",", "2", "5", "3"});
  const auto indian = FindNumberStyle("en-IN", "INR");
  REQUIRE(indian.has_value());
  CHECK(*indian == NumberStyle{"₹", "", ",", ".", "2", "4", "2"});
}

TEST_CASE("languages and currencies that the table lacks, or that are only part of a name") {
  for (const auto& [locale, currency] : {std::pair{"xx", "EUR"},
                                         {"en", "XXX"},
                                         {"", "EUR"},
                                         {"en", ""},
                                         {"e", "EUR"},
                                         {"en", "€"},
                                         {"en de", "EUR"}}) {
    CHECK_FALSE(FindNumberStyle(locale, currency).has_value());
  }
}
