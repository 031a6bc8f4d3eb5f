#include "shared/text/words.h"

#include "shared/text/unicode.h"

namespace vitrine {

std::vector<std::string> Words(std::string_view text) {
  const std::u32string lower = ToLower(DecodeUtf8(text));
  std::vector<std::string> words;
  for (size_t i = 0; i < lower.size();) {
    size_t end = i;
    while (end < lower.size() && IsWord(lower[end])) ++end;
    if (end - i >= 2) words.push_back(EncodeUtf8(std::u32string_view(lower).substr(i, end - i)));
    i = end + 1;
  }
  return words;
}

}  // namespace vitrine
