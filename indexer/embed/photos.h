// All photos of a catalogue through one image encoder: download, look up by content, decode,
// resize, run in batches, keep in the cache.
#pragma once

#include "indexer/embed/embed.h"
#include "indexer/embed/image_encoder.h"

namespace vitrine {

// One row per product: of its first photo that can be read, those at hand before those that must be
// downloaded; zero and a PhotoProblem where there is none that
// can be used. Some threads read, decode and resize batches while others run the model on those
// that are ready. Memory: a few batches per thread, the cache on disk, the rows.
Result<EncodedRows> EncodePhotos(std::span<const Product> products, const ImageEncoder& encoder,
                                 const EncoderProfile& profile, const EmbedOptions& options,
                                 Console& console);

}  // namespace vitrine
