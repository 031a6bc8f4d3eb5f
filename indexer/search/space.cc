#include "indexer/search/space.h"

#include <algorithm>

#include "indexer/embed/model_store.h"
#include "indexer/embed/text_encoder.h"
#include "indexer/embed/texts.h"
#include "indexer/vectors/quantizer.h"
#include "shared/search/thumbs.h"

namespace vitrine {

Result<std::string> ChooseSearchEncoder(const SearchOptions& search, const EmbedOptions& embed) {
  if (!search.enabled || search.encoder == "none") return std::string();
  if (search.encoder != "auto") return search.encoder;
  std::string with_photos;
  for (const std::string& name : embed.encoders) {
    VITRINE_ASSIGN(const EncoderProfile profile, FindProfile(name, embed.profile_dir));
    if (profile.kind != EncoderProfile::Kind::kOnnx) continue;
    if (profile.joint && profile.text) return name;
    if (profile.image && with_photos.empty()) with_photos = name;
  }
  return with_photos;
}

Result<Bytes> BuildSpaceSection(std::span<const Product> products, MatrixView rows,
                                MatrixView texts, const SearchOptions& options) {
  Matrix shown(rows.rows, rows.cols);
  std::copy_n(rows.data, shown.data.size(), shown.data.begin());
  for (size_t i = 0; i < products.size(); ++i) {
    if (products[i].availability == Availability::kOutOfStock) {
      std::fill(shown.row(i).begin(), shown.row(i).end(), 0.0f);
    }
  }
  QuantizerOptions quantizer;
  quantizer.bytes_per_item = options.bytes_per_item;
  quantizer.other_queries = texts;
  return BuildVectorSection(shown.view(), quantizer);
}

// A shopper loads all thumbs for the first photo: 8 MB at most.
constexpr size_t kMostThumbs = 8'000'000 / kThumbBytes;

Bytes BuildThumbsSection(std::span<const Product> products, MatrixView thumbs) {
  if (thumbs.rows == 0 || thumbs.rows > kMostThumbs) return {};
  std::vector<uint8_t> bytes;
  std::vector<bool> shown;
  for (size_t i = 0; i < products.size(); ++i) {
    const auto row = thumbs.row(i);
    shown.push_back(products[i].availability != Availability::kOutOfStock &&
                    std::any_of(row.begin(), row.end(), [](float value) { return value != 0; }));
    for (float value : row) bytes.push_back(static_cast<uint8_t>(value));
  }
  return Thumbs::Encode(bytes, shown);
}

Result<bool> ReadsWords(const std::string& encoder, const EmbedOptions& options) {
  VITRINE_ASSIGN(const EncoderProfile profile, FindProfile(encoder, options.profile_dir));
  return profile.joint && profile.text.has_value();
}

Result<Matrix> EncodeQueryTexts(const std::string& encoder, std::span<const std::string> texts,
                                const EmbedOptions& options, Console& console) {
  VITRINE_ASSIGN(EncoderProfile profile, FindProfile(encoder, options.profile_dir));
  VITRINE_ASSIGN(const auto runtime, OnnxRuntime::Load(options.ort_lib));
  VITRINE_ASSIGN(const TextEncoder tower,
                 TextEncoder::Open(profile, ModelFolders(options), runtime, options.device));
  profile.text->fields = {"title"};
  std::vector<Product> queries(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) queries[i].title = texts[i];
  VITRINE_ASSIGN(EncodedRows encoded, EncodeTexts(queries, tower, profile, options, console));
  return std::move(encoded.rows);
}

}  // namespace vitrine
