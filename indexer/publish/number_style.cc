#include "indexer/publish/number_style.h"

#include <algorithm>

namespace vitrine {

extern const char* const kNumberStyles;  // number_styles.tsv

namespace {

// What stands before the next `separator`, which is taken off `text` with it.
std::string_view TakeUntil(char separator, std::string_view& text) {
  const std::string_view part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

bool HasWord(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    if (TakeUntil(' ', words) == word) return true;
  }
  return false;
}

// The symbol of a currency in "EUR € USD $", or nothing.
std::string_view SymbolOf(std::string_view currency, std::string_view symbols) {
  while (!symbols.empty()) {
    const std::string_view code = TakeUntil(' ', symbols), symbol = TakeUntil(' ', symbols);
    if (code == currency) return symbol;
  }
  return {};
}

void PutSymbol(std::string_view symbol, std::string& text) {
  constexpr std::string_view kPlace = "¤";
  const size_t at = text.find(kPlace);
  if (at != std::string::npos) text.replace(at, kPlace.size(), symbol);
}

}  // namespace

std::optional<NumberStyle> FindNumberStyle(std::string_view locale, std::string_view currency) {
  std::string_view rows = kNumberStyles;
  while (!rows.empty()) {
    std::string_view row = TakeUntil('\n', rows);
    if (!HasWord(TakeUntil('\t', row), locale)) continue;
    NumberStyle style;
    for (std::string& part : style) part = TakeUntil('\t', row);
    const std::string_view symbol = SymbolOf(currency, row);
    if (symbol.empty()) continue;
    PutSymbol(symbol, style[0]);
    PutSymbol(symbol, style[1]);
    return style;
  }
  return std::nullopt;
}

}  // namespace vitrine
