// How prices are written in a language, for pages that then need no tables of the browser's:
// reading those takes a phone longer than painting a list.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace vitrine {

// What stands before a price, behind it, between groups of digits, before the decimals; the number
// of decimals; from how many digits on they are grouped; the digits of a group above the thousands.
using NumberStyle = std::array<std::string, 7>;

// Of a BCP 47 tag and an ISO 4217 code, as Unicode CLDR has it (number_styles.tsv, which
// scripts/number_styles.mjs makes), where the table has both. O(bytes of the table).
std::optional<NumberStyle> FindNumberStyle(std::string_view locale, std::string_view currency);

}  // namespace vitrine
