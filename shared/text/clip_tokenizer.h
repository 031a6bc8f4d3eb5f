// CLIP's tokenizer (Radford et al. 2021), id for id as the reference implementation of Hugging Face
// (CLIPTokenizerFast): NFC, white space collapsed, lower case, words, byte-pair encoding. Compiled
// natively and to WebAssembly.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "shared/result.h"
#include "shared/text/bpe.h"

namespace vitrine {

class ClipTokenizer {
 public:
  static constexpr int32_t kStart = 49406;
  static constexpr int32_t kEnd = 49407;  // also the padding
  static constexpr size_t kMaxTokens = 77;

  // `merges`: bpe_simple_vocab_16e6.txt of OpenAI (unpacked) or merges.txt of Hugging Face.
  static Result<ClipTokenizer> Open(std::string_view merges);

  // Start, the text's ids, end; at most `max_tokens`, the end always kept. Not padded.
  // REQUIRES: max_tokens >= 2.
  std::vector<int32_t> Encode(std::string_view text, size_t max_tokens = kMaxTokens) const;

 private:
  explicit ClipTokenizer(BpeMerges merges) : merges_(std::move(merges)) {}
  BpeMerges merges_;
};

}  // namespace vitrine
