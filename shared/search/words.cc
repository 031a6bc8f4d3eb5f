#include "shared/search/words.h"

#include "shared/text/unicode.h"

namespace vitrine {
namespace {

bool IsHyphen(char32_t c) { return c == U'-' || c == U'\u2010' || c == U'\u2011'; }
bool IsApostrophe(char32_t c) { return c == U'\'' || c == U'\u2019'; }

// Whole characters only.
void CutTo(size_t bytes, std::string& word) {
  if (word.size() <= bytes) return;
  size_t end = bytes;
  while (end > 0 && (static_cast<uint8_t>(word[end]) & 0xC0) == 0x80) --end;
  word.resize(end);
}

}  // namespace

std::vector<std::string> SearchWords(std::string_view text, size_t most) {
  std::u32string plain;
  for (char32_t c : ToNfd(ToLower(DecodeUtf8(text)))) {
    if (!IsMark(c)) plain += c;
  }
  const auto is_word = [&plain](size_t i) { return i < plain.size() && IsWord(plain[i]); };
  std::vector<std::string> words;
  for (size_t i = 0; i < plain.size() && words.size() < most;) {
    if (!IsWord(plain[i])) {
      ++i;
      continue;
    }
    std::u32string word;
    for (; i < plain.size(); ++i) {
      if (IsWord(plain[i])) {
        word += plain[i];
      } else if (IsHyphen(plain[i]) && word.size() == 1 && is_word(i + 1)) {
        // "t-shirt"
      } else if (IsApostrophe(plain[i]) && is_word(i + 1) && !is_word(i + 2)) {
        i += 2;  // "women's"
        break;
      } else {
        break;
      }
    }
    words.push_back(EncodeUtf8(word));
    CutTo(kMaxWordBytes, words.back());
  }
  return words;
}

}  // namespace vitrine
