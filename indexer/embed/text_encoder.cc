#include "indexer/embed/text_encoder.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "indexer/embed/image_encoder.h"
#include "indexer/support/files.h"
#include "shared/text/unicode.h"

namespace vitrine {
namespace {
constexpr size_t kPadStep = 16;

// What SigLIP was trained on: underscores are spaces, no ASCII punctuation, lower case, single
// spaces (canonicalize_text of google-research/big_vision).
std::string Canonicalise(std::string_view text) {
  std::u32string out;
  for (char32_t c : ToLower(DecodeUtf8(text))) {
    const bool space = c == U'_' || IsSpace(c);
    const bool ascii_sign = c > 0x20 && c < 0x7F && !IsWord(c);
    if (ascii_sign) continue;
    if (!space)
      out += c;
    else if (!out.empty() && out.back() != U' ')
      out += U' ';
  }
  if (!out.empty() && out.back() == U' ') out.pop_back();
  return EncodeUtf8(out);
}
}  // namespace

Result<TextEncoder> TextEncoder::Open(const EncoderProfile& profile,
                                      std::span<const std::filesystem::path> model_dirs,
                                      std::shared_ptr<OnnxRuntime> runtime, Device device) {
  if (!profile.text) return UsageError("encoder \"" + profile.name + "\" has no text model");
  TextEncoder encoder;
  encoder.profile_ = profile;
  VITRINE_ASSIGN(encoder.tokenizer_, OpenTokenizer(profile, model_dirs));
  VITRINE_ASSIGN(const auto file, FindModelFile(profile.name, profile.text->files, model_dirs));
  VITRINE_ASSIGN(encoder.model_, OnnxModel::Open(runtime, file, device));
  VITRINE_ASSIGN(encoder.digest_, ModelDigest(profile, file, *runtime, *encoder.model_, "text"));
  VITRINE_RETURN_IF_ERROR(encoder.Check(file));
  return encoder;
}

Status TextEncoder::Check(const std::filesystem::path& file) {
  const TextTower& tower = *profile_.text;
  const std::string who = "encoder \"" + profile_.name + "\": ";
  const std::string has = "; " + file.string() + " has the inputs " + Describe(model_->inputs()) +
                          " and the outputs " + Describe(model_->outputs());
  if (model_->FindInput(tower.ids_input) == nullptr) {
    return UsageError(who + "no input \"" + tower.ids_input + "\"" + has);
  }
  if (model_->FindOutput(tower.output) == nullptr) {
    return UsageError(who + "no output \"" + tower.output + "\"" + has);
  }
  const std::vector<TokenRow> probe = {Tokens("a")};
  auto row = Encode(probe);
  if (!row.ok()) return Error{who + row.error().message + has};
  dimensions_ = static_cast<uint32_t>(row.value().size());
  if (dimensions_ == 0 || (profile_.dimensions != 0 && dimensions_ != profile_.dimensions)) {
    return UsageError(who + "is said to have " + std::to_string(profile_.dimensions) +
                      " dimensions but gives " + std::to_string(dimensions_) + has);
  }
  return Ok();
}

bool TextEncoder::one_length() const {
  const auto& shape = model_->FindInput(profile_.text->ids_input)->shape;
  return profile_.text->pad_to_max || (shape.size() == 2 && shape[1] > 1);
}

TokenRow TextEncoder::Tokens(std::string_view text) const {
  const TextTower& tower = *profile_.text;
  const auto& shape = model_->FindInput(tower.ids_input)->shape;
  const size_t fixed = shape.size() == 2 && shape[1] > 1 ? static_cast<size_t>(shape[1]) : 0;
  const size_t limit =
      std::min(static_cast<size_t>(tower.max_tokens), fixed > 0 ? fixed : SIZE_MAX);
  TokenRow row;
  row.ids = tower.canonicalise ? tokenizer_->Encode(Canonicalise(text), limit)
            : tower.lower      ? tokenizer_->Encode(EncodeUtf8(ToLower(DecodeUtf8(text))), limit)
                               : tokenizer_->Encode(text, limit);
  row.used = row.ids.size();
  const size_t padded = (row.used + kPadStep - 1) / kPadStep * kPadStep;
  row.ids.resize(fixed > 0          ? fixed
                 : tower.pad_to_max ? limit
                                    : std::min(limit, padded),
                 tower.pad_id);
  return row;
}

Result<std::vector<float>> TextEncoder::Encode(std::span<const TokenRow> tokens) const {
  const TensorInfo& input = *model_->FindInput(profile_.text->ids_input);
  const size_t batch = model_->BatchOf(input, profile_.batch);
  std::vector<float> rows;
  for (size_t begin = 0; begin < tokens.size(); begin += batch) {
    const size_t here = std::min(batch, tokens.size() - begin);
    VITRINE_ASSIGN(const auto part, EncodeBatch(tokens.subspan(begin, here), batch));
    rows.insert(rows.end(), part.begin(), part.end());
  }
  return rows;
}

Result<std::vector<float>> TextEncoder::EncodeBatch(std::span<const TokenRow> tokens,
                                                    size_t batch) const {
  const TextTower& tower = *profile_.text;
  const size_t length = tokens[0].ids.size();
  std::vector<int64_t> ids, mask;
  for (size_t i = 0; i < batch; ++i) {  // short batches repeat their first text
    const TokenRow& text = tokens[i < tokens.size() ? i : 0];
    ids.insert(ids.end(), text.ids.begin(), text.ids.end());
    for (size_t t = 0; t < length; ++t) mask.push_back(t < text.used ? 1 : 0);
  }
  const std::vector<int64_t> zeros(ids.size(), 0);
  const std::vector<int64_t> shape = {static_cast<int64_t>(batch), static_cast<int64_t>(length)};
  std::vector<float> picture;
  std::vector<TensorInput> inputs;
  for (const TensorInfo& info : model_->inputs()) {
    if (info.name == tower.ids_input) {
      inputs.push_back({info.name, shape, {}, ids});
    } else if (info.name == tower.mask_input) {
      inputs.push_back({info.name, shape, {}, mask});
    } else if (info.name == tower.types_input) {
      inputs.push_back({info.name, shape, {}, zeros});
    } else if (profile_.image && info.name == profile_.image->input) {
      const ImagePreprocess& preprocess = profile_.image->preprocess;
      picture.assign(preprocess.output_size(), 0.0f);
      inputs.push_back(
          {info.name, {1, 3, preprocess.output_height(), preprocess.output_width()}, picture, {}});
    } else {
      return UsageError("the model also wants \"" + info.name +
                        "\", which the profile does not name");
    }
  }
  VITRINE_ASSIGN(const TensorOutput output, model_->Run(inputs, tower.output));
  return Pool(output, tower.pooling, tokens.size(), mask);
}

}  // namespace vitrine
