// The only user of the SentencePiece library.
#include <sentencepiece_processor.h>

#include <string>
#include <utility>

#include "indexer/embed/tokenizer.h"

namespace vitrine {
namespace {

class SentencePiece : public Tokenizer {
 public:
  static Result<std::unique_ptr<Tokenizer>> Open(std::string_view model) {
    auto tokenizer = std::unique_ptr<SentencePiece>(new SentencePiece);
    sentencepiece::SentencePieceProcessor& processor = tokenizer->processor_;
    const auto loaded = processor.LoadFromSerializedProto({model.data(), model.size()});
    if (!loaded.ok()) return Error{"is no SentencePiece model: " + loaded.ToString()};
    if (processor.GetPieceSize() == 0 || processor.eos_id() < 0) {
      return Error{"the SentencePiece model has no end of sentence (\"</s>\")"};
    }
    return std::unique_ptr<Tokenizer>(std::move(tokenizer));
  }

  std::vector<int64_t> Encode(std::string_view text, size_t max_tokens) const override {
    std::vector<int> pieces;
    // An error would be a broken model, which Open() has refused; the text may be anything.
    if (!processor_.Encode({text.data(), text.size()}, &pieces).ok()) pieces.clear();
    if (pieces.size() >= max_tokens) pieces.resize(max_tokens - 1);
    std::vector<int64_t> ids(pieces.begin(), pieces.end());
    ids.push_back(processor_.eos_id());
    return ids;
  }

 private:
  SentencePiece() = default;
  sentencepiece::SentencePieceProcessor processor_;
};

}  // namespace

Result<std::unique_ptr<Tokenizer>> OpenSentencePiece(std::string_view model) {
  return SentencePiece::Open(model);
}

}  // namespace vitrine
