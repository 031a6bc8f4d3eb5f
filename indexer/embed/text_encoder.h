// The text tower of a profile on ONNX Runtime.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "indexer/embed/onnx_runtime.h"
#include "indexer/embed/profile.h"
#include "indexer/embed/tokenizer.h"

namespace vitrine {

// A text's ids, padded; the first `used` of them are the text.
struct TokenRow {
  std::vector<int64_t> ids;
  size_t used = 0;
};

class TextEncoder {
 public:
  // As ImageEncoder::Open(); also opens the tokenizer's files. A combined model works too: it is
  // fed a grey picture beside the texts.
  static Result<TextEncoder> Open(const EncoderProfile& profile,
                                  std::span<const std::filesystem::path> model_dirs,
                                  std::shared_ptr<OnnxRuntime> runtime, Device device);

  uint32_t dimensions() const { return dimensions_; }
  const OnnxModel& model() const { return *model_; }
  const std::string& digest() const { return digest_; }

  // The ids of a text, as long as the model wants them: padded to a multiple of 16 (or to
  // max_tokens), so that its vector does not depend on the other texts of its batch.
  TokenRow Tokens(std::string_view text) const;
  // Does every text have the same number of ids?
  bool one_length() const;

  // One row per text. REQUIRES: all rows of tokens are of one length. Thread-safe.
  Result<std::vector<float>> Encode(std::span<const TokenRow> tokens) const;

 private:
  Status Check(const std::filesystem::path& file);
  Result<std::vector<float>> EncodeBatch(std::span<const TokenRow> tokens, size_t batch) const;

  EncoderProfile profile_;
  std::shared_ptr<OnnxModel> model_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  uint32_t dimensions_ = 0;
  std::string digest_;
};

}  // namespace vitrine
