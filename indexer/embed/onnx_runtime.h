// ONNX Runtime, loaded at run time: any library of version 1.21 or newer will do, and `vitrine`
// works without one as long as no model is asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/result.h"

namespace vitrine {

enum class Device { kAuto, kCpu, kCuda };

// An input or output of a model. Free dimensions are -1.
struct TensorInfo {
  enum class Type { kFloat, kFloat16, kInt64, kInt32, kOther };
  std::string name;
  Type type = Type::kOther;
  std::vector<int64_t> shape;
};

// Values to feed: exactly one of the two spans is used. Converted to the model's own type.
struct TensorInput {
  std::string name;
  std::vector<int64_t> shape;
  std::span<const float> floats;
  std::span<const int64_t> integers;
};

struct TensorOutput {
  std::vector<int64_t> shape;
  std::vector<float> data;
};

class OnnxRuntime {
 public:
  // The first that loads of: `path` (--ort-lib; nothing else is tried when given), $ORT_LIB (the
  // same), the set-up's own copy, the system's. The error lists what was tried and the remedy.
  static Result<std::shared_ptr<OnnxRuntime>> Load(const std::filesystem::path& path);
  virtual ~OnnxRuntime() = default;

  virtual std::string version() const = 0;
  virtual const std::filesystem::path& library() const = 0;
  virtual std::vector<std::string> providers() const = 0;
};

// A model, ready to run. Every run uses one thread, so that the same input gives the same bytes
// whatever the machine; parallelism comes from running batches on several threads.
class OnnxModel {
 public:
  // kAuto takes CUDA (with TensorRT in front of it, where the library has that) where the library
  // and the machine have it, else the CPU; kCuda fails with the remedy where they have not.
  // device_used() says what it became: "TensorRT and CUDA", "CUDA" or "CPU".
  static Result<std::shared_ptr<OnnxModel>> Open(std::shared_ptr<OnnxRuntime> runtime,
                                                 const std::filesystem::path& file, Device device);
  virtual ~OnnxModel() = default;

  virtual const std::vector<TensorInfo>& inputs() const = 0;
  virtual const std::vector<TensorInfo>& outputs() const = 0;
  virtual const std::string& device_used() const = 0;
  const TensorInfo* FindInput(std::string_view name) const;
  const TensorInfo* FindOutput(std::string_view name) const;
  // Rows to run at once, so that none depends on its neighbours: as many as the model was exported
  // for (the first dimension of `input`); one where the model quantizes its numbers as it runs,
  // whose steps are those of the whole batch; else `wanted`.
  size_t BatchOf(const TensorInfo& input, size_t wanted) const;
  bool quantizes_as_it_runs() const { return quantizes_as_it_runs_; }

  // Thread-safe. The inputs must be all of the model's.
  virtual Result<TensorOutput> Run(std::span<const TensorInput> inputs,
                                   const std::string& output) const = 0;

 private:
  bool quantizes_as_it_runs_ = false;
};

// "a [?,3,224,224] float, b [?,77] int64": for messages about models that do not fit.
std::string Describe(std::span<const TensorInfo> tensors);

// The folder that the running program is in.
std::filesystem::path ProgramFolder();

}  // namespace vitrine
