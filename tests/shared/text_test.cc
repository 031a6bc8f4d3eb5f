#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "shared/text/bpe.h"
#include "shared/text/clip_tokenizer.h"
#include "shared/text/unicode.h"
#include "shared/text/words.h"

using namespace vitrine;

namespace {
std::string Lower(std::string_view text) { return EncodeUtf8(ToLower(DecodeUtf8(text))); }
std::string Nfc(std::string_view text) { return EncodeUtf8(ToNfc(DecodeUtf8(text))); }
}  // namespace

TEST_CASE("well-formed UTF-8 survives decoding and encoding") {
  for (const char* text : {"", "a", "é", "日本", "👗", "\xF4\x8F\xBF\xBF", "a\u0301ß"}) {
    CHECK(EncodeUtf8(DecodeUtf8(text)) == text);
  }
}

TEST_CASE("ill-formed UTF-8 becomes U+FFFD per maximal subpart") {
  // The table 3-8 of the Unicode standard, version 15, and surrogates and overlong forms.
  CHECK(DecodeUtf8("\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64") ==
        U"a\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd");
  CHECK(DecodeUtf8("\xC0\xAF") == U"\uFFFD\uFFFD");
  CHECK(DecodeUtf8("\xED\xA0\x80") == U"\uFFFD\uFFFD\uFFFD");
  CHECK(DecodeUtf8("\xF0\x9F\x91") == U"\uFFFD");
  CHECK(DecodeUtf8("\xFF") == U"\uFFFD");
}

TEST_CASE("lower case is Python's str.lower()") {
  CHECK(Lower("RED Dress") == "red dress");
  CHECK(Lower("ÀÉÎ ŠŽ ЖЯ ΑΩ") == "àéî šž жя αω");
  CHECK(Lower("ΟΔΟΣ") == "οδος");
  CHECK(Lower("ΑΣ'Α") == "ασ'α");
  CHECK(Lower("İ") == "i\u0307");
  CHECK(Lower("ẞ") == "ß");
  CHECK(Lower("\u01C5") == "\u01C6");
}

TEST_CASE("NFC composes, reorders marks and leaves exclusions alone") {
  CHECK(Nfc("e\u0301") == "é");
  CHECK(Nfc("q\u0307\u0323") == "q\u0323\u0307");
  CHECK(Nfc("a\u0323\u0302") == "\u1EAD");
  CHECK(Nfc("\u1112\u1161\u11AB") == "한");
  CHECK(Nfc("\u0958") == "\u0915\u093C");  // composition exclusion
  CHECK(Nfc("\u212B") == "\u00C5");        // singleton
}

TEST_CASE("words are scikit-learn's default tokens") {
  CHECK(Words("The T-shirt, size XL (cotton_mix) a 50% off 2x!") ==
        std::vector<std::string>{"the", "shirt", "size", "xl", "cotton_mix", "50", "off", "2x"});
  CHECK(Words("").empty());
  CHECK(Words("a b c").empty());
  CHECK(Words("Été çà") == std::vector<std::string>{"été", "çà"});
}

TEST_CASE("byte-pair encoding merges the earliest pairs of the list first, leftmost first") {
  auto bpe = BpeMerges::Parse("#version\na b\nb c</w>\nab ab\na bc</w>\n", "</w>", 100);
  REQUIRE(bpe.ok());
  const auto names = [&](std::string_view word) {
    std::string text;
    for (uint32_t s : bpe.value().Encode(word)) text += bpe.value().Name(s) + " ";
    return text;
  };
  CHECK(names("abc") == "ab c</w> ");
  CHECK(names("bbc") == "b bc</w> ");
  CHECK(names("ababab") == "abab a b</w> ");
  CHECK(names("ababa") == "abab a</w> ");
}

TEST_CASE("broken merge lists are refused with their line") {
  CHECK_FALSE(BpeMerges::Parse("", "</w>", 10).ok());
  CHECK_FALSE(BpeMerges::Parse("#v\nab\n", "</w>", 10).ok());
  auto unknown = BpeMerges::Parse("#v\na b\nxy z\n", "</w>", 10);
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().message.find("line 3") != std::string::npos);
}
