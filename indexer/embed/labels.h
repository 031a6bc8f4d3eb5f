// Zero-shot labels (Radford et al. 2021): where a catalogue does not say for whom a product is, of
// what colour or of which department, an encoder with a joint space compares its photo with prompts
// such as "a photo of a red garment".
#pragma once

#include <span>
#include <string>
#include <vector>

#include "indexer/embed/embed.h"
#include "indexer/shop.h"
#include "indexer/support/console.h"
#include "shared/result.h"

namespace vitrine {

struct LabelOptions {
  std::string encoder;              // with a joint space; empty = nothing is inferred
  std::vector<std::string> fields;  // of "audience", "colour", "department"
  double threshold = 0.6;           // labels of less confidence are left out
  float scale = 100;                // of the cosines before the softmax: CLIP's learnt temperature
};

struct InferredLabel {
  size_t product = 0;
  std::string field;
  std::string value;
  float confidence = 0;  // softmax over the labels of the field, 0..1
};

// Labels for the products that lack the field and have a usable photo, in the order of the
// products. Colours and departments are those that the catalogue uses elsewhere (at least two of
// them), else common ones.
Result<std::vector<InferredLabel>> InferLabels(std::span<const Product> products,
                                               const LabelOptions& options,
                                               const EmbedOptions& embed, Console& console);

// Fills the fields, and marks each: attribute "<field>_inferred" holds the confidence ("0.87").
void ApplyLabels(std::span<const InferredLabel> labels, std::span<Product> products);

}  // namespace vitrine
