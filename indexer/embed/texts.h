// All texts of a catalogue through one text encoder, each distinct text once, with the cache.
#pragma once

#include "indexer/embed/embed.h"
#include "indexer/embed/text_encoder.h"

namespace vitrine {

// One row per product; zero where it has no text in the profile's fields.
Result<EncodedRows> EncodeTexts(std::span<const Product> products, const TextEncoder& encoder,
                                const EncoderProfile& profile, const EmbedOptions& options,
                                Console& console);

}  // namespace vitrine
