#include "indexer/mine/decimal.h"

#include <charconv>
#include <string>

namespace vitrine {

Result<Decimal> ParseDecimal(std::string_view text) {
  const Error error = UsageError("'" + std::string(text) +
                                 "' is not a plain number of at most 9 digits on either side of "
                                 "the point, such as 0.05");
  int exponent = 0;
  std::string_view digits = text;
  if (const size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + e + 1, end, exponent);
    if (parsed.ec != std::errc() || parsed.ptr != end) return error;
    digits = text.substr(0, e);
  }
  Decimal value;
  bool point = false;
  int seen = 0;
  for (char c : digits) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9' || ++seen > 18) return error;
    value.numerator = value.numerator * 10 + static_cast<uint64_t>(c - '0');
    if (point) --exponent;
  }
  if (seen == 0 || exponent < -18 || exponent > 9) return error;
  while (exponent < 0 && value.numerator % 10 == 0) value.numerator /= 10, ++exponent;
  for (; exponent < 0; ++exponent) value.denominator *= 10;
  for (; exponent > 0; --exponent) value.numerator *= 10;
  if (value.denominator > 1'000'000'000 || value.numerator / value.denominator >= 1'000'000'000) {
    return error;
  }
  return value;
}

uint64_t CountAtLeast(Decimal share, uint64_t total) {
  const auto product = static_cast<unsigned __int128>(share.numerator) * total;
  return static_cast<uint64_t>((product + share.denominator - 1) / share.denominator);
}

}  // namespace vitrine
