#include "indexer/publish/number_style.h"

#include <doctest/doctest.h>

using namespace vitrine;

TEST_CASE("a price's style as Unicode CLDR has it") {
  struct Known {
    const char* locale;
    const char* currency;
    NumberStyle style;
  };
  for (const Known& known : {Known{"en", "EUR", {"€", "", ",", ".", "2", "4", "3"}},
                             Known{"de", "JPY", {"", "\u00a0¥", ".", ",", "0", "4", "3"}},
                             Known{"es", "EUR", {"", "\u00a0€", ".", ",", "2", "5", "3"}},
                             Known{"en-IN", "INR", {"₹", "", ",", ".", "2", "4", "2"}}}) {
    CAPTURE(known.locale);
    const auto style = FindNumberStyle(known.locale, known.currency);
    REQUIRE(style.has_value());
    CHECK(*style == known.style);
  }
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
