#include "indexer/embed/embed.h"

#include <cstdio>
#include <utility>

#include "indexer/embed/bag_of_words.h"
#include "indexer/embed/fusion.h"
#include "indexer/embed/image_encoder.h"
#include "indexer/embed/model_store.h"
#include "indexer/embed/photos.h"
#include "indexer/embed/precision.h"
#include "indexer/embed/projection.h"
#include "indexer/embed/text_encoder.h"
#include "indexer/embed/texts.h"

namespace vitrine {
namespace {

// A dense table of 4,000 x 5,000 is fine, one of 500,000 x 5,000 is 10 GB.
constexpr uint64_t kMaxDenseBytes = uint64_t{4} << 30;

Result<EncodedRows> EncodeBagOfWords(std::span<const Product> products,
                                     const EncoderProfile& profile) {
  const BagOfWordsResult bag = MakeBagOfWords(products, profile.bag_of_words);
  const SparseMatrix& sparse = bag.rows;
  if (uint64_t{4} * sparse.rows() * sparse.cols > kMaxDenseBytes) {
    return UsageError("encoder \"" + profile.name + "\": " + std::to_string(sparse.rows()) + " x " +
                      std::to_string(sparse.cols) +
                      " dense values are too many; use sparse-projection");
  }
  EncodedRows result;
  result.name = profile.name;
  result.rows = Matrix(sparse.rows(), sparse.cols);
  result.encoded = sparse.rows();
  for (size_t i = 0; i < sparse.rows(); ++i) {
    for (uint64_t k = sparse.offset[i]; k < sparse.offset[i + 1]; ++k) {
      result.rows.row(i)[sparse.column[k]] = sparse.value[k];
    }
  }
  return result;
}

Result<EncodedRows> EncodeProjection(std::span<const Product> products,
                                     const EncoderProfile& profile, const EmbedOptions& options,
                                     Console& console) {
  const Projection& projection = profile.projection;
  VITRINE_ASSIGN(const EncoderProfile of, FindProfile(projection.of, options.profile_dir));
  EncodedRows result;
  result.name = profile.name;
  result.encoded = products.size();
  if (of.kind == EncoderProfile::Kind::kBagOfWords) {
    const BagOfWordsResult bag = MakeBagOfWords(products, of.bag_of_words);
    const LinearMap map = projection.svd ? FitSvd(bag.rows, projection.dimensions)
                                         : RandomSigns(bag.rows.cols, projection.dimensions);
    result.rows = Matrix(products.size(), map.dimensions);
    Apply(map, bag.rows, result.rows, options.threads);
    return result;
  }
  if (of.kind == EncoderProfile::Kind::kProjection) {
    return UsageError("encoder \"" + profile.name + "\" projects a projection");
  }
  VITRINE_ASSIGN(result, EncodeProducts(products, of.name, options, console));
  result.name = profile.name;
  const LinearMap map = projection.svd ? FitPca(result.rows.view(), projection.dimensions)
                                       : RandomSigns(result.rows.cols, projection.dimensions);
  Matrix projected(products.size(), map.dimensions);
  Apply(map, result.rows.view(), projected, options.threads);
  result.rows = std::move(projected);
  return result;
}

std::vector<std::vector<uint32_t>> TuningLabels(std::span<const Product> products,
                                                const EmbedOptions& options) {
  std::vector<std::vector<uint32_t>> labels;
  for (const std::string& field : options.tune_by) labels.push_back(LabelsOf(products, field));
  return labels;
}

std::string Short(float value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", static_cast<double>(value));
  return text;
}

Result<EncodedRows> RunImageTower(std::span<const Product> products, const EncoderProfile& profile,
                                  const EmbedOptions& options, Console& console) {
  VITRINE_ASSIGN(const auto runtime, OnnxRuntime::Load(options.ort_lib));
  VITRINE_ASSIGN(const ImageEncoder encoder,
                 ImageEncoder::Open(profile, ModelFolders(options), runtime, options.device));
  console.Info(profile.name + " photos: ONNX Runtime " + runtime->version() + " on " +
               encoder.model().device_used() + ", " + std::to_string(encoder.dimensions()) +
               " dimensions");
  return EncodePhotos(products, encoder, profile, options, console);
}

Result<EncodedRows> RunTextTower(std::span<const Product> products, const EncoderProfile& profile,
                                 const EmbedOptions& options, Console& console) {
  VITRINE_ASSIGN(const auto runtime, OnnxRuntime::Load(options.ort_lib));
  VITRINE_ASSIGN(const TextEncoder encoder,
                 TextEncoder::Open(profile, ModelFolders(options), runtime, options.device));
  console.Info(profile.name + " texts: ONNX Runtime " + runtime->version() + " on " +
               encoder.model().device_used() + ", " + std::to_string(encoder.dimensions()) +
               " dimensions");
  return EncodeTexts(products, encoder, profile, options, console);
}

Result<EncodedRows> EncodeWithModel(std::span<const Product> products,
                                    const EncoderProfile& profile, const EmbedOptions& options,
                                    Console& console) {
  if (!profile.text) return RunImageTower(products, profile, options, console);
  if (!profile.image) return RunTextTower(products, profile, options, console);
  if (!profile.joint) {
    return UsageError("encoder \"" + profile.name +
                      "\": photos and texts have no joint space; make two profiles of it");
  }
  VITRINE_ASSIGN(EncodedRows result, RunImageTower(products, profile, options, console));
  VITRINE_ASSIGN(EncodedRows texts, RunTextTower(products, profile, options, console));
  if (result.rows.cols != texts.rows.cols) {
    return UsageError("encoder \"" + profile.name + "\": photos have " +
                      std::to_string(result.rows.cols) + " dimensions, texts " +
                      std::to_string(texts.rows.cols));
  }
  result.encoded += texts.encoded;
  result.image = std::move(result.rows);
  result.text = std::move(texts.rows);
  NormaliseRows(result.image);
  NormaliseRows(result.text);
  auto weight = static_cast<float>(options.joint_text_weight);
  if (!options.tune_by.empty()) {
    const auto labels = TuningLabels(products, options);
    weight = TuneJointWeight(result.image, result.text, weight, labels, options.threads);
    console.Info(profile.name + ": weight of the text " + Short(weight) + ", tuned");
  }
  result.rows = JointMean(result.image, result.text, weight);
  return result;
}

}  // namespace

Result<EncodedRows> EncodeProducts(std::span<const Product> products, const std::string& encoder,
                                   const EmbedOptions& options, Console& console) {
  VITRINE_ASSIGN(const EncoderProfile profile, FindProfile(encoder, options.profile_dir));
  Result<EncodedRows> result = Error{};
  switch (profile.kind) {
    case EncoderProfile::Kind::kBagOfWords:
      result = EncodeBagOfWords(products, profile);
      break;
    case EncoderProfile::Kind::kProjection:
      result = EncodeProjection(products, profile, options, console);
      break;
    case EncoderProfile::Kind::kOnnx:
      result = EncodeWithModel(products, profile, options, console);
      break;
  }
  if (result.ok() && profile.normalise) {
    NormaliseRows(result.value().rows);
  }
  return result;
}

Result<EmbedResult> FuseEncoded(std::span<const Product> products, std::vector<EncodedRows> encoded,
                                const EmbedOptions& options, Console& console) {
  if (!options.weights.empty() && options.weights.size() != options.encoders.size()) {
    return UsageError("there must be one weight per encoder");
  }
  EmbedResult result;
  result.weights = options.weights;
  std::vector<Matrix> blocks;
  for (EncodedRows& rows : encoded) {
    if (rows.problems.size() > result.problems.size()) result.problems = std::move(rows.problems);
    if (options.weights.empty()) {
      VITRINE_ASSIGN(const EncoderProfile profile, FindProfile(rows.name, options.profile_dir));
      result.weights.push_back(profile.weight);
    }
    if (rows.name == options.keep) {
      result.kept = rows.rows;
      result.kept_thumbs = std::move(rows.thumbs);
    }
    blocks.push_back(MakeBlock(std::move(rows.rows), options.max_dimensions, options.threads));
  }
  if (!options.tune_by.empty()) {
    result.weights =
        TuneWeights(blocks, result.weights, TuningLabels(products, options), options.threads);
    std::string text = "weights tuned:";
    for (size_t b = 0; b < blocks.size(); ++b) {
      text += " " + options.encoders[b] + " " + Short(result.weights[b]);
    }
    console.Info(text);
  }
  result.photos_missing = result.problems.size();
  result.photos_used = products.size() - result.photos_missing;
  result.vectors = Fuse(blocks, result.weights);
  return result;
}

Result<EmbedResult> EmbedCatalogue(std::span<const Product> products, const EmbedOptions& options,
                                   Console& console) {
  std::vector<EncodedRows> encoded;
  for (const std::string& encoder : options.encoders) {
    VITRINE_ASSIGN(EncodedRows rows, EncodeProducts(products, encoder, options, console));
    console.Detail(rows.name + ": " + std::to_string(rows.encoded) + " products encoded, " +
                   std::to_string(rows.reused) + " unchanged");
    encoded.push_back(std::move(rows));
  }
  return FuseEncoded(products, std::move(encoded), options, console);
}

}  // namespace vitrine
