// The tokenizers that encoder profiles name. All of them: text to ids with the special tokens at
// both ends, cut to `max_tokens`, not padded.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "indexer/embed/profile.h"
#include "shared/result.h"

namespace vitrine {

class Tokenizer {
 public:
  // `kind` as in a profile; `vocabulary` the content of the first of its tokenizer_files that was
  // found, `merges` of the second (roberta-bpe only):
  //   clip-bpe       merges.txt, or OpenAI's bpe_simple_vocab_16e6.txt(.gz)
  //   roberta-bpe    vocab.json and merges.txt
  //   wordpiece      vocab.txt (BERT, uncased)
  //   sentencepiece  spiece.model; no start, the end is "</s>"
  static Result<std::unique_ptr<Tokenizer>> Open(std::string_view kind, std::string_view vocabulary,
                                                 std::string_view merges = {});
  virtual ~Tokenizer() = default;

  // REQUIRES: max_tokens >= 2. Thread-safe.
  virtual std::vector<int64_t> Encode(std::string_view text, size_t max_tokens) const = 0;
};

// SentencePiece (Kudo, Richardson 2018) through its library; `model` is the content of
// spiece.model.
Result<std::unique_ptr<Tokenizer>> OpenSentencePiece(std::string_view model);

// Finds and reads the tokenizer's files of a profile, as FindModelFile() finds models.
Result<std::unique_ptr<Tokenizer>> OpenTokenizer(const EncoderProfile& profile,
                                                 std::span<const std::filesystem::path> model_dirs);

}  // namespace vitrine
