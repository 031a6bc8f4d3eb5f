// Prices as shops write them, kept exactly: text to text, never through a binary float.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vitrine {

struct Money {
  std::string amount;    // plain decimal: "1299.00"
  std::string currency;  // ISO 4217, empty when the text names none
};

// Understands "649", "1,299.00", "1.299,00 €", "1'299.-", "12,34,567.00" (Indian groups), "INR
// 649", "19.99 USD", "£5", "1.5e3". A single separator followed by three digits is a thousands
// separator when it is a comma, a decimal point when it is a point. At least two decimals are
// written (none for currencies without a smaller unit when `currency_hint` or the text names one).
// Nothing for text that is no single amount, for negative amounts and for amounts of more than 15
// digits.
std::optional<Money> ParseMoney(std::string_view text, std::string_view currency_hint = {});

// A plain number such as a rating: "4.6", "4,6" → "4.6"; trailing text is not allowed.
std::optional<std::string> ParseDecimal(std::string_view text);

// An integer count: "17", "17.0", "1,024" → "17", "17", "1024".
std::optional<std::string> ParseCount(std::string_view text);

}  // namespace vitrine
