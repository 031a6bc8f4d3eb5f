#include "indexer/ingest/decimal.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "indexer/ingest/text.h"

namespace vitrine {
namespace {

constexpr size_t kMaxDigits = 15;

constexpr std::pair<std::string_view, std::string_view> kSymbols[] = {
    {"€", "EUR"},  {"£", "GBP"},   {"₹", "INR"},   {"US$", "USD"}, {"$", "USD"},
    {"¥", "JPY"},  {"₩", "KRW"},   {"₺", "TRY"},   {"₽", "RUB"}, {"₫", "VND"},
    {"฿", "THB"},  {"zł", "PLN"},  {"Rs.", "INR"}, {"Rs", "INR"},  {"kr", "SEK"},
    {"R$", "BRL"}, {"CHF", "CHF"}, {"₪", "ILS"},   {"E£", "EGP"},  {"LE", "EGP"}};

bool HasNoMinorUnit(std::string_view currency) {
  constexpr std::array<std::string_view, 7> kCodes = {"JPY", "KRW", "VND", "CLP",
                                                      "ISK", "PYG", "XOF"};
  return std::find(kCodes.begin(), kCodes.end(), currency) != kCodes.end();
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string CurrencyOf(std::string_view word) {
  word = TrimSpace(word);
  if (word.size() == 3 && std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
      })) {
    std::string code(word);
    for (char& c : code) c = static_cast<char>(c & ~0x20);
    return code;
  }
  for (const auto& [symbol, code] : kSymbols) {
    if (word == symbol) return std::string(code);
  }
  return {};
}

struct Plain {
  std::string whole, fraction;  // digits
};

// Are the digit groups left of the decimal separator plausible: three digits last, two or three in
// each before it (the Indian form has twos)?
bool GroupsFit(std::string_view whole, std::string_view separator) {
  const auto groups = SplitText(whole, separator);
  if (groups.size() == 1) return true;
  if (groups.front().empty() || groups.front().size() > 3 || groups.back().size() != 3)
    return false;
  for (size_t i = 1; i + 1 < groups.size(); ++i) {
    if (groups[i].size() != 3 && groups[i].size() != 2) return false;
  }
  return true;
}

// Digits with , . ' and spaces as separators.
std::optional<Plain> ReadDigits(std::string_view text) {
  if (text.size() >= 2 &&
      (text.substr(text.size() - 2) == ".-" || text.substr(text.size() - 2) == ",-")) {
    text.remove_suffix(2);  // "1299.-"
  }
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view before = text.substr(0, point),
                         after = text.substr(std::min(point + 1, text.size()));
  if (before.size() + after.size() > 0 && std::all_of(before.begin(), before.end(), IsDigit) &&
      std::all_of(after.begin(), after.end(), IsDigit)) {
    return Plain{std::string(before), std::string(after)};  // "1299.00"
  }
  std::string clean;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\xC2\xA0") {
      clean += ' ';
      ++i;
    } else if (text.substr(i, 3) == "\xE2\x80\xAF" || text.substr(i, 3) == "\xE2\x80\x99") {
      clean += text[i + 2] == '\x99' ? '\'' : ' ';
      i += 2;
    } else {
      clean += text[i];
    }
  }
  const size_t last_point = clean.rfind('.'), last_comma = clean.rfind(',');
  const auto points = std::count(clean.begin(), clean.end(), '.');
  const auto commas = std::count(clean.begin(), clean.end(), ',');
  size_t decimal = std::string::npos;
  if (points > 0 && commas > 0) {
    decimal = std::max(last_point, last_comma);
    if (std::count(clean.begin(), clean.end(), clean[decimal]) > 1) return {};
  } else if (points == 1) {
    decimal = last_point;
  } else if (commas == 1 && clean.size() - last_comma - 1 != 3) {
    decimal = last_comma;
  }
  const std::string whole = clean.substr(0, decimal);
  Plain plain;
  char separator = 0;
  for (char c : whole) {
    if (IsDigit(c)) {
      plain.whole += c;
    } else if ((c == ',' || c == '.' || c == '\'' || c == ' ') &&
               (separator == 0 || separator == c)) {
      separator = c;
    } else {
      return {};
    }
  }
  if (separator != 0 && !GroupsFit(whole, std::string_view(&separator, 1))) return {};
  if (decimal != std::string::npos) plain.fraction = clean.substr(decimal + 1);
  if (!std::all_of(plain.fraction.begin(), plain.fraction.end(), IsDigit)) return {};
  if (plain.whole.empty() && plain.fraction.empty()) return {};
  return plain;
}

// "1.5e3": moves the point without computing.
std::optional<Plain> ReadNumber(std::string_view text) {
  const size_t at = text.find_first_of("eE");
  if (at == std::string_view::npos) return ReadDigits(text);
  std::optional<Plain> plain = ReadDigits(text.substr(0, at));
  std::string_view exponent = text.substr(at + 1);
  const bool negative = !exponent.empty() && exponent[0] == '-';
  if (!exponent.empty() && (exponent[0] == '-' || exponent[0] == '+')) exponent.remove_prefix(1);
  if (!plain || exponent.empty() || exponent.size() > 2 ||
      !std::all_of(exponent.begin(), exponent.end(), IsDigit)) {
    return {};
  }
  int shift = 0;
  for (char c : exponent) shift = shift * 10 + (c - '0');
  for (; shift > 0; --shift) {
    std::string& from = negative ? plain->whole : plain->fraction;
    std::string& to = negative ? plain->fraction : plain->whole;
    const char digit = from.empty() ? '0' : negative ? from.back() : from.front();
    if (!from.empty()) from.erase(negative ? from.size() - 1 : 0, 1);
    to.insert(negative ? 0 : to.size(), 1, digit);
  }
  return plain;
}

std::optional<std::string> Write(Plain plain, size_t min_decimals) {
  plain.whole.erase(0, std::min(plain.whole.find_first_not_of('0'), plain.whole.size()));
  if (plain.whole.empty()) plain.whole = "0";
  while (plain.fraction.size() > min_decimals && plain.fraction.back() == '0')
    plain.fraction.pop_back();
  while (plain.fraction.size() < min_decimals) plain.fraction += '0';
  if (plain.whole.size() + plain.fraction.size() > kMaxDigits + 6 ||
      plain.whole.size() > kMaxDigits)
    return {};
  return plain.fraction.empty() ? plain.whole : plain.whole + "." + plain.fraction;
}

}  // namespace

std::optional<Money> ParseMoney(std::string_view text, std::string_view currency_hint) {
  text = TrimSpace(text);
  const size_t first = text.find_first_of("0123456789");
  if (first == std::string_view::npos) return {};
  size_t begin = first;
  if (begin > 0 && text[begin - 1] == '.' && (begin == 1 || text[begin - 2] == ' '))
    --begin;  // ".99"
  const size_t last = text.find_last_of("0123456789");
  size_t end = last + 1;
  if (text.substr(end, 2) == ".-" || text.substr(end, 2) == ",-") end += 2;
  const std::string_view before = TrimSpace(text.substr(0, begin)),
                         after = TrimSpace(text.substr(end));
  Money money;
  if (!before.empty()) money.currency = CurrencyOf(before);
  if (!after.empty()) {
    const std::string code = CurrencyOf(after);
    if (code.empty() || (!before.empty() && money.currency.empty())) return {};
    if (money.currency.empty() || after.size() == 3) money.currency = code;
  }
  if (!before.empty() && money.currency.empty()) return {};
  const std::optional<Plain> plain = ReadNumber(text.substr(begin, end - begin));
  if (!plain) return {};
  const std::string_view currency =
      money.currency.empty() ? currency_hint : std::string_view(money.currency);
  std::optional<std::string> amount = Write(*plain, HasNoMinorUnit(currency) ? 0 : 2);
  if (!amount) return {};
  money.amount = std::move(*amount);
  return money;
}

std::optional<std::string> ParseDecimal(std::string_view text) {
  text = TrimSpace(text);
  if (text.empty() || text.size() > 32) return {};
  std::string plain(text);
  if (plain.find('.') == std::string::npos) std::replace(plain.begin(), plain.end(), ',', '.');
  const size_t point = plain.find('.');
  if (point == 0 || plain.back() == '.' || plain.find('.', point + 1) < plain.size()) return {};
  if (!std::all_of(plain.begin(), plain.end(), [](char c) { return IsDigit(c) || c == '.'; }))
    return {};
  return plain;
}

std::optional<std::string> ParseCount(std::string_view text) {
  text = TrimSpace(text);
  if (text.empty() || text.size() > 32) return {};
  const std::optional<Plain> plain = ReadDigits(text);
  if (!plain || plain->whole.empty() || plain->whole.size() > 12) return {};
  if (plain->fraction.find_first_not_of('0') != std::string::npos) return {};
  return Write({plain->whole, {}}, 0);
}

}  // namespace vitrine
