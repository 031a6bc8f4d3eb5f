// Products to vectors: every encoder of the profiles, photos from files, a cache by content, and
// the fused vectors that the index is made of.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "indexer/embed/onnx_runtime.h"
#include "indexer/embed/photo_source.h"
#include "indexer/embed/profile.h"
#include "indexer/shop.h"
#include "indexer/support/console.h"
#include "indexer/support/matrix.h"
#include "shared/result.h"

namespace vitrine {

struct EmbedOptions {
  std::vector<std::string> encoders = {"sparse-projection", "mobilenet-v2"};
  std::filesystem::path profile_dir;  // looked into before vitrine's own profiles
  std::filesystem::path model_dir;    // empty = what the set-up made
  PhotoOptions photos;                // where photos are; downloads go below cache_dir
  std::filesystem::path cache_dir;    // empty = nothing is kept
  std::filesystem::path ort_lib;      // empty = $ORT_LIB, the set-up's copy, the system's
  Device device = Device::kAuto;
  unsigned threads = 0;  // 0 = all cores; never changes the result

  // Fusion: each encoder's block is scaled to length 1, then by its weight; blocks of more than
  // max_dimensions columns are projected to that many (principal components) first.
  std::vector<float> weights;  // parallel to `encoders`; empty = as the profiles say
  uint32_t max_dimensions = 256;

  // Fields of products ("category", "audience", an attribute, ...) by whose precision at 10 the
  // weights, and the joint text weight, are tuned; empty = they are used as given.
  std::vector<std::string> tune_by;

  // Encoders with a joint space: vector = (1 - w) * photo + w * text. 0 = photos alone; products
  // without a photo have their text's vector whatever w is.
  double joint_text_weight = 0.5;

  // The cache's file for one tower of an encoder; empty when nothing is kept.
  std::filesystem::path CacheFile(const std::string& name, const std::string& digest) const {
    return cache_dir.empty() ? cache_dir
                             : cache_dir / (name + "-" + digest.substr(0, 16) + ".features");
  }

  std::string keep;  // an encoder whose own rows are wanted beside the fused ones
};

// A photo that could not be used; the product falls back to its text.
struct PhotoProblem {
  std::string product_id;
  std::string image;  // as the catalogue names it; empty = it names none
  std::string reason;
};

// The rows of one encoder, one per product. A zero row = the encoder has nothing for it.
struct EncodedRows {
  std::string name;
  Matrix rows;
  Matrix thumbs;       // of the photos (shared/image/thumb.h), 0 to 255; zero = none
  Matrix image, text;  // of a joint encoder: its two towers' rows, of length 1
  std::vector<PhotoProblem> problems;
  size_t encoded = 0;  // products whose vector was computed in this run
  size_t reused = 0;   // taken from the cache
};

struct EmbedResult {
  Matrix vectors;  // n x d, rows of L2 norm 1 (zero only when a product has no content at all)
  std::vector<float> weights;  // that were used, parallel to the encoders
  Matrix kept;                 // the rows of EmbedOptions::keep
  Matrix kept_thumbs;          // and of its photos; none where it has no image tower
  size_t photos_used = 0;
  size_t photos_missing = 0;
  std::vector<PhotoProblem> problems;  // in the order of the products
};

// One encoder over all products, rows as the profile says (normalised or not), nothing fused.
Result<EncodedRows> EncodeProducts(std::span<const Product> products, const std::string& encoder,
                                   const EmbedOptions& options, Console& console);

// The rows of all `options.encoders`, as EncodeProducts() gives them, fused.
Result<EmbedResult> FuseEncoded(std::span<const Product> products, std::vector<EncodedRows> encoded,
                                const EmbedOptions& options, Console& console);

// All encoders of the options, fused: the normalised concatenation of their blocks.
Result<EmbedResult> EmbedCatalogue(std::span<const Product> products, const EmbedOptions& options,
                                   Console& console);

}  // namespace vitrine
