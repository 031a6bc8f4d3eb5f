#include "indexer/embed/image_encoder.h"

#include <algorithm>
#include <utility>

#include "indexer/support/files.h"

namespace vitrine {

Result<std::filesystem::path> FindModelFile(const std::string& profile_name,
                                            std::span<const std::string> files,
                                            std::span<const std::filesystem::path> model_dirs) {
  std::string tried;
  for (const auto& folder : model_dirs) {
    for (const std::string& file : files) {
      for (const auto& path : {folder / profile_name / file, folder / file}) {
        if (std::filesystem::is_regular_file(path)) return path;
        tried += "\n  " + path.string();
      }
    }
  }
  return Error{"encoder \"" + profile_name + "\": its model file is missing; vitrine model add " +
               profile_name + " --from DIR|URL brings it, or name its folder with --model-dir" +
               tried};
}

Result<std::vector<float>> Pool(const TensorOutput& output, Pooling pooling, size_t count,
                                std::span<const int64_t> mask) {
  const auto& shape = output.shape;
  const bool rows_fit = !shape.empty() && shape[0] >= 0 && static_cast<size_t>(shape[0]) >= count;
  const auto dim = [&](size_t i) { return static_cast<size_t>(shape[i]); };
  if (rows_fit && pooling == Pooling::kNone && shape.size() == 2) {
    return std::vector<float>(output.data.begin(),
                              output.data.begin() + static_cast<ptrdiff_t>(count * dim(1)));
  }
  std::vector<float> pooled;
  if (rows_fit && pooling == Pooling::kMean && shape.size() == 4) {  // pixels: [n, d, h, w]
    const size_t area = dim(2) * dim(3);
    for (size_t i = 0; i < count * dim(1); ++i) {
      double sum = 0;
      for (size_t p = 0; p < area; ++p) sum += output.data[i * area + p];
      pooled.push_back(static_cast<float>(sum / static_cast<double>(area)));
    }
    return pooled;
  }
  if (rows_fit && pooling != Pooling::kNone && shape.size() == 3) {  // positions: [n, t, d]
    const size_t positions = dim(1), d = dim(2);
    for (size_t i = 0; i < count; ++i) {
      for (size_t j = 0; j < d; ++j) {
        double sum = 0, weight = 0;
        for (size_t t = 0; t < (pooling == Pooling::kFirst ? 1 : positions); ++t) {
          if (!mask.empty() && mask[i * positions + t] == 0) continue;
          sum += output.data[(i * positions + t) * d + j];
          weight += 1;
        }
        pooled.push_back(static_cast<float>(weight > 0 ? sum / weight : 0));
      }
    }
    return pooled;
  }
  std::string text;
  for (int64_t size : shape) text += (text.empty() ? "" : ",") + std::to_string(size);
  return Error{"the model's output has shape [" + text +
               "], which does not fit the profile's pooling (none: [n,d]; mean: [n,t,d] or "
               "[n,d,h,w]; first: [n,t,d])"};
}

Result<std::string> ModelDigest(const EncoderProfile& profile, const std::filesystem::path& file,
                                const OnnxRuntime& runtime, const OnnxModel& model,
                                std::string_view tower) {
  VITRINE_ASSIGN(const MappedFile bytes, MappedFile::Open(file));
  return Sha256Hex(AsBytes(profile.digest + Sha256Hex(bytes.bytes()) + runtime.version() +
                           model.device_used() + std::string(tower) +
                           (model.quantizes_as_it_runs() ? " one by one" : "")));
}

Result<ImageEncoder> ImageEncoder::Open(const EncoderProfile& profile,
                                        std::span<const std::filesystem::path> model_dirs,
                                        std::shared_ptr<OnnxRuntime> runtime, Device device) {
  if (!profile.image) return UsageError("encoder \"" + profile.name + "\" has no image model");
  VITRINE_ASSIGN(const auto file, FindModelFile(profile.name, profile.image->files, model_dirs));
  ImageEncoder encoder;
  encoder.profile_ = profile;
  VITRINE_ASSIGN(encoder.model_, OnnxModel::Open(runtime, file, device));
  VITRINE_ASSIGN(encoder.digest_, ModelDigest(profile, file, *runtime, *encoder.model_, "image"));
  VITRINE_RETURN_IF_ERROR(encoder.Check(file));
  return encoder;
}

Status ImageEncoder::Check(const std::filesystem::path& file) {
  const ImageTower& tower = *profile_.image;
  const std::string has = "; " + file.string() + " has the inputs " + Describe(model_->inputs()) +
                          " and the outputs " + Describe(model_->outputs());
  const std::string who = "encoder \"" + profile_.name + "\": ";
  const TensorInfo* input = model_->FindInput(tower.input);
  if (input == nullptr) return UsageError(who + "no input \"" + tower.input + "\"" + has);
  if (model_->FindOutput(tower.output) == nullptr) {
    return UsageError(who + "no output \"" + tower.output + "\"" + has);
  }
  const int64_t want[] = {-1, 3, tower.preprocess.output_height(), tower.preprocess.output_width()};
  const bool fits =
      input->shape.size() == 4 && std::equal(want + 1, want + 4, input->shape.begin() + 1,
                                             [](int64_t a, int64_t b) { return b < 0 || a == b; });
  if (!fits) {
    return UsageError(who + "makes images of [n,3," + std::to_string(want[2]) + "," +
                      std::to_string(want[3]) + "]" + has);
  }
  // One run on grey tells the number of dimensions and that the model works at all.
  const std::vector<float> grey(tower.preprocess.output_size());
  auto probe = Encode(grey, 1);
  if (!probe.ok()) return Error{who + probe.error().message + has};
  dimensions_ = static_cast<uint32_t>(probe.value().size());
  if (dimensions_ == 0 || (profile_.dimensions != 0 && dimensions_ != profile_.dimensions)) {
    return UsageError(who + "is said to have " + std::to_string(profile_.dimensions) +
                      " dimensions but gives " + std::to_string(dimensions_) + has);
  }
  return Ok();
}

Result<std::vector<float>> ImageEncoder::Encode(std::span<const float> pixels, size_t count) const {
  const ImageTower& tower = *profile_.image;
  const size_t size = tower.preprocess.output_size();
  const TensorInfo& input = *model_->FindInput(tower.input);
  const size_t batch = model_->BatchOf(input, profile_.batch);
  std::vector<float> rows, fed(batch * size);
  for (size_t begin = 0; begin < count; begin += batch) {
    const size_t here = std::min(batch, count - begin);
    std::copy_n(pixels.data() + begin * size, here * size, fed.data());
    std::fill(fed.begin() + static_cast<ptrdiff_t>(here * size), fed.end(), 0.0f);
    std::vector<TensorInput> inputs(1);
    inputs[0].name = tower.input;
    inputs[0].shape = {static_cast<int64_t>(batch), 3, tower.preprocess.output_height(),
                       tower.preprocess.output_width()};
    inputs[0].floats = fed;
    // A combined model also wants a text: a start and nothing else will do.
    const std::vector<int64_t> ones(batch, 1);
    for (const TensorInfo& other : model_->inputs()) {
      if (other.name == tower.input) continue;
      inputs.push_back({other.name, {static_cast<int64_t>(batch), 1}, {}, ones});
    }
    VITRINE_ASSIGN(const TensorOutput output, model_->Run(inputs, tower.output));
    VITRINE_ASSIGN(const std::vector<float> pooled, Pool(output, tower.pooling, here));
    rows.insert(rows.end(), pooled.begin(), pooled.end());
  }
  return rows;
}

}  // namespace vitrine
