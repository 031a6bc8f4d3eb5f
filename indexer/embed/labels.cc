#include "indexer/embed/labels.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>
#include <string_view>
#include <utility>

#include "indexer/embed/bag_of_words.h"
#include "indexer/embed/image_encoder.h"
#include "indexer/embed/model_store.h"
#include "indexer/embed/photos.h"
#include "indexer/embed/projection.h"
#include "indexer/embed/text_encoder.h"

namespace vitrine {
namespace {

// A label and the words for it in prompts.
struct Label {
  std::string value, words;
};

struct Field {
  std::string_view name;
  std::vector<std::string_view> prompts;  // "{}" stands for the words; their vectors are averaged
  std::vector<Label> labels;
};

const std::vector<Field>& Fields() {
  static const std::vector<Field> fields = {
      {"audience",
       {"a photo of clothing for {}", "{} fashion", "a product photo of an item for {}"},
       {{"women", "women"},
        {"men", "men"},
        {"girls", "girls"},
        {"boys", "boys"},
        {"baby", "babies"}}},
      {"colour",
       {"a photo of a {} garment", "a {} fashion product", "an item of the colour {}"},
       {{"black", "black"},
        {"white", "white"},
        {"grey", "grey"},
        {"navy", "navy blue"},
        {"blue", "blue"},
        {"green", "green"},
        {"olive", "olive"},
        {"yellow", "yellow"},
        {"orange", "orange"},
        {"red", "red"},
        {"pink", "pink"},
        {"purple", "purple"},
        {"brown", "brown"},
        {"beige", "beige"},
        {"gold", "golden"},
        {"silver", "silver"},
        {"cream", "cream"},
        {"multi", "colourful, multicoloured"}}},
      {"department",
       {"a photo of {}", "a product photo of {}"},
       {{"Apparel", "clothes"}, {"Footwear", "shoes"}, {"Accessories", "fashion accessories"}}}};
  return fields;
}

Result<Field> FieldFor(const std::string& name, std::span<const Product> products) {
  const auto& all = Fields();
  const auto at = std::find_if(all.begin(), all.end(), [&](auto& f) { return f.name == name; });
  if (at == all.end()) {
    return UsageError("labels of \"" + name +
                      "\" cannot be inferred; of audience, colour and department they can");
  }
  Field field = *at;
  if (name == "audience") return field;
  std::set<std::string_view> own;
  for (const Product& product : products) own.insert(FieldOf(product, name));
  own.erase("");
  if (own.size() < 2) return field;
  field.labels.clear();
  for (std::string_view value : own)
    field.labels.push_back({std::string(value), std::string(value)});
  return field;
}

// One row of length 1 per label: the mean of its prompts' vectors.
Result<Matrix> LabelVectors(const Field& field, const TextEncoder& encoder) {
  Matrix vectors(field.labels.size(), encoder.dimensions());
  for (size_t l = 0; l < field.labels.size(); ++l) {
    auto row = vectors.row(l);
    for (std::string_view prompt : field.prompts) {
      std::string text(prompt);
      text.replace(text.find("{}"), 2, field.labels[l].words);
      const std::vector<TokenRow> tokens = {encoder.Tokens(text)};
      VITRINE_ASSIGN(std::vector<float> vector, encoder.Encode(tokens));
      Normalise(vector);
      for (size_t j = 0; j < row.size(); ++j) row[j] += vector[j];
    }
    Normalise(row);
  }
  return vectors;
}

// The best label of a photo and its probability.
std::pair<size_t, float> Best(std::span<const float> photo, const Matrix& labels, float scale) {
  std::vector<double> logits(labels.rows);
  for (size_t l = 0; l < labels.rows; ++l) {
    const auto label = labels.row(l);
    for (size_t j = 0; j < photo.size(); ++j) {
      logits[l] += static_cast<double>(photo[j]) * label[j] * scale;
    }
  }
  const auto best = std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (double logit : logits) sum += std::exp(logit - *best);
  return {static_cast<size_t>(best - logits.begin()), static_cast<float>(1 / sum)};
}

}  // namespace

Result<std::vector<InferredLabel>> InferLabels(std::span<const Product> products,
                                               const LabelOptions& options,
                                               const EmbedOptions& embed, Console& console) {
  VITRINE_ASSIGN(const EncoderProfile profile, FindProfile(options.encoder, embed.profile_dir));
  if (!profile.joint || !profile.image || !profile.text) {
    return UsageError("encoder \"" + profile.name +
                      "\" cannot infer labels: photos and texts must have a joint space");
  }
  VITRINE_ASSIGN(const auto runtime, OnnxRuntime::Load(embed.ort_lib));
  const auto folders = ModelFolders(embed);
  VITRINE_ASSIGN(const TextEncoder texts,
                 TextEncoder::Open(profile, folders, runtime, embed.device));
  VITRINE_ASSIGN(const ImageEncoder images,
                 ImageEncoder::Open(profile, folders, runtime, embed.device));
  if (texts.dimensions() != images.dimensions()) {
    return UsageError("encoder \"" + profile.name + "\": photos and texts differ in dimensions");
  }
  VITRINE_ASSIGN(EncodedRows photos, EncodePhotos(products, images, profile, embed, console));
  std::set<std::string> without;
  for (const PhotoProblem& problem : photos.problems) without.insert(problem.product_id);

  std::vector<InferredLabel> inferred;
  for (const std::string& name : options.fields) {
    VITRINE_ASSIGN(const Field field, FieldFor(name, products));
    VITRINE_ASSIGN(const Matrix labels, LabelVectors(field, texts));
    size_t lacking = 0, found = 0;
    for (size_t i = 0; i < products.size(); ++i) {
      if (!FieldOf(products[i], name).empty()) continue;
      ++lacking;
      if (without.contains(products[i].id)) continue;
      Normalise(photos.rows.row(i));
      const auto [label, confidence] = Best(photos.rows.row(i), labels, options.scale);
      if (confidence < options.threshold) continue;
      inferred.push_back({i, name, field.labels[label].value, confidence});
      ++found;
    }
    console.Info(name + ": " + std::to_string(lacking) + " products lack it, inferred for " +
                 std::to_string(found) + " of them by " + profile.name);
  }
  std::stable_sort(inferred.begin(), inferred.end(),
                   [](auto& a, auto& b) { return a.product < b.product; });
  return inferred;
}

void ApplyLabels(std::span<const InferredLabel> labels, std::span<Product> products) {
  for (const InferredLabel& label : labels) {
    Product& product = products[label.product];
    if (label.field == "audience") {
      const auto name = std::find(kAudienceNames.begin(), kAudienceNames.end(), label.value);
      product.audience = static_cast<Audience>(name - kAudienceNames.begin());
    } else if (label.field == "colour") {
      product.colour = label.value;
    } else {
      product.department = label.value;
    }
    char confidence[16];
    std::snprintf(confidence, sizeof confidence, "%.2f", static_cast<double>(label.confidence));
    product.attributes[label.field + "_inferred"] = confidence;
  }
}

}  // namespace vitrine
