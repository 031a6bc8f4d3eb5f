// Any vocabulary files and any text: the first byte chooses the tokenizer, a zero byte ends the
// vocabulary and (for RoBERTa) the merges; the rest is the text. Ids are never more than allowed.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "indexer/embed/tokenizer.h"
#include "shared/text/bpe.h"
#include "shared/text/unicode.h"

namespace {

using namespace vitrine;

// As many merges as CLIP has, of pairs of single bytes.
const Tokenizer& Clip() {
  static const auto tokenizer = [] {
    std::string merges = "#version\n";
    for (int left = 0, count = 0; left < 256; ++left) {
      for (int right = 0; right < 256 && count < 48'894; ++right, ++count) {
        AppendUtf8(PrintableOfByte(static_cast<uint8_t>(left)), merges);
        merges += ' ';
        AppendUtf8(PrintableOfByte(static_cast<uint8_t>(right)), merges);
        merges += '\n';
      }
    }
    return std::move(Tokenizer::Open("clip-bpe", merges).value());
  }();
  return *tokenizer;
}

void Check(const Tokenizer& tokenizer, std::string_view text) {
  for (size_t most : {2, 16, 77}) {
    const auto ids = tokenizer.Encode(text, most);
    if (ids.empty() || ids.size() > most) std::abort();
  }
}

std::string_view Take(std::string_view& rest) {
  const std::string_view part = rest.substr(0, rest.find('\0'));
  rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  return part;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 6) {
    case 0:
      Check(Clip(), rest);
      return 0;
    case 1: {
      const std::string_view vocabulary = Take(rest), merges = Take(rest);
      const auto tokenizer = Tokenizer::Open("roberta-bpe", vocabulary, merges);
      if (tokenizer.ok()) Check(*tokenizer.value(), rest);
      return 0;
    }
    case 2: {
      const auto tokenizer = Tokenizer::Open("wordpiece", Take(rest));
      if (tokenizer.ok()) Check(*tokenizer.value(), rest);
      return 0;
    }
    case 3: {
      const std::string_view merges = Take(rest);
      const auto bpe = BpeMerges::Parse(merges, data[0] % 2 == 0 ? "</w>" : "", 1'000);
      if (bpe.ok() && !rest.empty() && bpe.value().Encode(rest).empty()) std::abort();
      return 0;
    }
    case 4: {
      const auto tokenizer = Tokenizer::Open("sentencepiece", rest);
      if (tokenizer.ok()) Check(*tokenizer.value(), "a Red dress");
      return 0;
    }
    default: {
      // The words of one vocabulary, so that the text is what is searched.
      static const auto tokenizer =
          Tokenizer::Open("wordpiece", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nred\n##d\n##re\ndress\n");
      Check(*tokenizer.value(), rest);
      return 0;
    }
  }
}
