// The space in which photos and words are compared: one encoder's, beside the fused vectors that
// recommendations are made of.
#pragma once

#include <span>
#include <string>

#include "indexer/embed/embed.h"
#include "indexer/search/search_builder.h"

namespace vitrine {

// The encoder that search works with (SearchOptions::encoder), empty = none of the shop's has a
// model.
Result<std::string> ChooseSearchEncoder(const SearchOptions& search, const EmbedOptions& embed);

// The VECT payload of the space. Rows of products that cannot be bought are blank: no search finds
// them. `texts`: a sample of word queries in the space, none where it has no words: words stand in
// another part of it than photos, and are answered truly only when the quantizer knows where.
Result<Bytes> BuildSpaceSection(std::span<const Product> products, MatrixView rows,
                                MatrixView texts, const SearchOptions& options);

// The THMB payload; empty when there are no rows, or more than 8 MB of thumbs. `thumbs`: n x
// kThumbBytes whole numbers, zero = none. Products that cannot be bought have none either.
Bytes BuildThumbsSection(std::span<const Product> products, MatrixView thumbs);

// Has the encoder words in the space of its photos?
Result<bool> ReadsWords(const std::string& encoder, const EmbedOptions& options);

// One row a text, cached as product texts are.
Result<Matrix> EncodeQueryTexts(const std::string& encoder, std::span<const std::string> texts,
                                const EmbedOptions& options, Console& console);

}  // namespace vitrine
