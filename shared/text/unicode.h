// The part of Unicode that tokenizers need: code points, categories, lower case, NFC. Small own
// tables (made by scripts/unicode_tables.mjs), so that native code and WebAssembly agree to the
// last byte and nothing depends on the machine's locale.
#pragma once

#include <string>
#include <string_view>

namespace vitrine {

// UTF-8 to code points. Each ill-formed sequence becomes one U+FFFD, split as the Unicode standard
// recommends (section 3.9, "maximal subparts"), which is what browsers and Python do too.
std::u32string DecodeUtf8(std::string_view text);
void AppendUtf8(char32_t code_point, std::string& out);
std::string EncodeUtf8(std::u32string_view text);

bool IsLetter(char32_t c);       // \p{L}
bool IsMark(char32_t c);         // \p{M}
bool IsNumber(char32_t c);       // \p{N}
bool IsPunctuation(char32_t c);  // \p{P}
bool IsSpace(char32_t c);        // White_Space
// \w of Python's and scikit-learn's regular expressions: letters, numbers, underscore (not marks).
bool IsWord(char32_t c);

// Full default lower-casing, as Python's str.lower() and Rust's to_lowercase(): a capital sigma at
// the end of a word becomes a final sigma, U+0130 becomes "i" and a dot above.
std::u32string ToLower(std::u32string_view text);

// Normalization Form C and D (Unicode Standard Annex #15).
std::u32string ToNfc(std::u32string_view text);
std::u32string ToNfd(std::u32string_view text);

}  // namespace vitrine
