// The image tower of a profile on ONNX Runtime.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "indexer/embed/onnx_runtime.h"
#include "indexer/embed/profile.h"

namespace vitrine {

class ImageEncoder {
 public:
  // Looks for the tower's model file in DIR/NAME/ and DIR/ for every model folder given, loads it
  // and checks that its tensors are those the profile names.
  static Result<ImageEncoder> Open(const EncoderProfile& profile,
                                   std::span<const std::filesystem::path> model_dirs,
                                   std::shared_ptr<OnnxRuntime> runtime, Device device);

  uint32_t dimensions() const { return dimensions_; }
  const OnnxModel& model() const { return *model_; }
  // Names this tower's numbers: profile, model file, library. Hex.
  const std::string& digest() const { return digest_; }

  // Preprocessed images, run in OnnxModel::BatchOf() at once (fewer are filled up with zeros, so
  // that a vector never depends on its neighbours in the batch); one row per image. Thread-safe.
  Result<std::vector<float>> Encode(std::span<const float> pixels, size_t count) const;

 private:
  Status Check(const std::filesystem::path& file);

  EncoderProfile profile_;
  std::shared_ptr<OnnxModel> model_;
  uint32_t dimensions_ = 0;
  std::string digest_;
};

// DIR/NAME/FILE or DIR/FILE for the first file and folder that exists; the error names all tried.
Result<std::filesystem::path> FindModelFile(const std::string& profile_name,
                                            std::span<const std::string> files,
                                            std::span<const std::filesystem::path> model_dirs);

// SHA-256, hex, of everything that a tower's numbers depend on: profile, model file, library,
// device.
Result<std::string> ModelDigest(const EncoderProfile& profile, const std::filesystem::path& file,
                                const OnnxRuntime& runtime, const OnnxModel& model,
                                std::string_view tower);

// One vector per input from a model's output (see Pooling). `mask` is n x t of 0 and 1, or empty.
Result<std::vector<float>> Pool(const TensorOutput& output, Pooling pooling, size_t count,
                                std::span<const int64_t> mask = {});

}  // namespace vitrine
