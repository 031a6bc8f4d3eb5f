// The encoder's models for the shopper's browser: the smallest file of each tower, towers apart,
// their licence beside.
#pragma once

#include "indexer/embed/embed.h"
#include "indexer/search_parts.h"

namespace vitrine {

// Takes the towers of `encoder` from where EmbedOptions says that models are: int8 before fp32
// (fp16 runs badly in browsers); a combined model is split. The text tower only where the browser
// has its tokenizer (clip-bpe). Nothing (and a message) when the encoder has no model. Fails when a
// model cannot be what the browser needs, with the way to mend it.
Result<TowerFiles> ExportTowers(const std::string& encoder, const EmbedOptions& options,
                                Console& console);

}  // namespace vitrine
