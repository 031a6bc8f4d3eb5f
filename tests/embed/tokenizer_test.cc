// The tokenizers beside CLIP's, on small vocabularies whose ids can be worked out by hand.
#include "indexer/embed/tokenizer.h"

#include <numeric>

#include "shared/text/bpe.h"
#include "shared/text/unicode.h"
#include "tests/embed/test_data.h"

using namespace vitrine;

namespace {

using Ids = std::vector<int64_t>;

// vocab.json of the 256 bytes (id 10 + place in GPT-2's alphabet), the pieces, and <s> 0, </s> 2.
std::string RobertaVocabulary(const std::vector<std::string>& pieces) {
  std::string json = R"({"<s>": 0, "</s>": 2)";
  const auto add = [&json](const std::string& token, size_t id) {
    const bool escaped = token == "\"" || token == "\\";
    json += ", \"" + std::string(escaped ? "\\" : "") + token + "\": " + std::to_string(id);
  };
  for (int byte = 0; byte < 256; ++byte) {
    std::string token;
    AppendUtf8(PrintableOfByte(static_cast<uint8_t>(byte)), token);
    add(token, 10 + SymbolOfByte(static_cast<uint8_t>(byte)));
  }
  for (size_t i = 0; i < pieces.size(); ++i) add(pieces[i], 1000 + i);
  return json + "}";
}

// A ModelProto of SentencePiece (sentencepiece_model.proto), field by field.
std::string SentencePieceModel(const std::vector<std::tuple<std::string, float, int>>& pieces) {
  const auto field = [](int number, const std::string& bytes) {
    return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
  };
  std::string model;
  for (const auto& [piece, score, type] : pieces) {
    std::string number(4, '\0');
    std::memcpy(number.data(), &score, 4);
    model += field(1, field(1, piece) + std::string("\x15") + number +
                          std::string{'\x18', static_cast<char>(type)});
  }
  return model;
}

}  // namespace

TEST_CASE("RoBERTa's tokenizer: GPT-2's words, byte pairs, its own ids and special tokens") {
  // The printable form of a space is U+0120.
  const std::string merges = "#version: 0.2\nr e\nre d\n\u0120 red\n";
  const auto opened =
      Tokenizer::Open("roberta-bpe", RobertaVocabulary({"re", "red", "\u0120red"}), merges);
  REQUIRE_MESSAGE(opened.ok(), opened.error().message);
  const Tokenizer& tokenizer = *opened.value();
  const auto byte = [](char c) {
    return static_cast<int64_t>(10 + SymbolOfByte(static_cast<uint8_t>(c)));
  };
  CHECK(tokenizer.Encode("", 9) == Ids{0, 2});
  CHECK(tokenizer.Encode("red", 9) == Ids{0, 1001, 2});
  CHECK(tokenizer.Encode("red red", 9) == Ids{0, 1001, 1002, 2});
  CHECK(tokenizer.Encode("a  red", 9) == Ids{0, byte('a'), byte(' '), 1002, 2});
  CHECK(tokenizer.Encode("RED", 9) == Ids{0, byte('R'), byte('E'), byte('D'), 2});
  CHECK(tokenizer.Encode("a12'll", 20) ==
        Ids{0, byte('a'), byte('1'), byte('2'), byte('\''), byte('l'), byte('l'), 2});
  CHECK(tokenizer.Encode("\xC3\xA9", 9) == Ids{0, byte('\xC3'), byte('\xA9'), 2});  // é, two bytes
  CHECK(tokenizer.Encode("red red red red", 4) == Ids{0, 1001, 1002, 2});  // the end is kept
  CHECK_FALSE(Tokenizer::Open("roberta-bpe", "{}", merges).ok());
  CHECK_FALSE(Tokenizer::Open("roberta-bpe", "no json", merges).ok());
}

TEST_CASE("BERT's WordPiece: lower case, no accents, signs apart, longest piece first") {
  const std::string vocabulary =
      "[PAD]\n[UNK]\n[CLS]\n[SEP]\nred\ndress\n##es\n##ed\ncafe\n,\nr\n\u6c34\nunaffable\nun\n##"
      "aff\n"
      "##able\n";
  const auto opened = Tokenizer::Open("wordpiece", vocabulary);
  REQUIRE(opened.ok());
  const Tokenizer& tokenizer = *opened.value();
  CHECK(tokenizer.Encode("", 9) == Ids{2, 3});
  CHECK(tokenizer.Encode("Red dresses", 9) == Ids{2, 4, 5, 6, 3});
  CHECK(tokenizer.Encode("Caf\u00e9,RED", 9) == Ids{2, 8, 9, 4, 3});
  CHECK(tokenizer.Encode("cafe\u0301", 9) == Ids{2, 8, 3});           // a combining accent
  CHECK(tokenizer.Encode("red\u6c34red", 9) == Ids{2, 4, 11, 4, 3});  // ideographs stand alone
  CHECK(tokenizer.Encode("unaffable", 9) == Ids{2, 12, 3});
  CHECK(tokenizer.Encode("unaffables", 9) == Ids{2, 1, 3});  // no way to cut it: unknown as a whole
  CHECK(tokenizer.Encode(std::string(101, 'r'), 9) ==
        Ids{2, 1, 3});  // words of more than 100 signs
  CHECK(tokenizer.Encode("red red red", 3) == Ids{2, 4, 3});
  CHECK_FALSE(Tokenizer::Open("wordpiece", "red\ndress\n").ok());
}

TEST_CASE("SentencePiece: the likeliest pieces, an end, and cut before it") {
  enum { kNormal = 1, kUnknown = 2, kControl = 3 };
  const std::string model = SentencePieceModel({{"<unk>", 0, kUnknown},
                                                {"</s>", 0, kControl},
                                                {"\u2581red", -1, kNormal},
                                                {"\u2581dress", -5, kNormal},
                                                {"\u2581d", -1, kNormal},
                                                {"ress", -1, kNormal},
                                                {"\u2581", -2, kNormal},
                                                {"red", -3, kNormal}});
  const auto opened = Tokenizer::Open("sentencepiece", model);
  REQUIRE_MESSAGE(opened.ok(), opened.error().message);
  const Tokenizer& tokenizer = *opened.value();
  CHECK(tokenizer.Encode("", 9) == Ids{1});
  CHECK(tokenizer.Encode("red", 9) == Ids{2, 1});
  CHECK(tokenizer.Encode("red dress", 9) == Ids{2, 4, 5, 1});  // -2 is likelier than -5
  CHECK(tokenizer.Encode("redred", 9) == Ids{2, 7, 1});
  CHECK(tokenizer.Encode("red?", 9) == Ids{2, 0, 1});
  CHECK(tokenizer.Encode("red red red", 2) == Ids{2, 1});
  CHECK_FALSE(Tokenizer::Open("sentencepiece", "no model").ok());
  CHECK_FALSE(Tokenizer::Open("sentencepiece", "").ok());
}

TEST_CASE("an unknown tokenizer's error names those there are") {
  const auto opened = Tokenizer::Open("bpe", "");
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().message.find("sentencepiece") != std::string::npos);
}
