#include "indexer/embed/onnx_runtime.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>

#include "indexer/support/files.h"

namespace vitrine {
namespace {

// The remedy in every message about a missing library.
constexpr std::string_view kHowToInstall =
    "run scripts/setup_onnxruntime.sh, or point --ort-lib or ORT_LIB at a libonnxruntime.so of "
    "version 1.21 or newer";

constexpr std::string_view kHowToGetCuda =
    "; point --ort-lib at lib/libonnxruntime.so of ONNX Runtime's release "
    "onnxruntime-linux-x64-gpu, "
    "on a machine with an NVIDIA driver, CUDA 12 and cuDNN 9, or use --device cpu";

class LoadedRuntime : public OnnxRuntime {
 public:
  LoadedRuntime(std::filesystem::path library, std::string version)
      : environment_(ORT_LOGGING_LEVEL_ERROR, "vitrine"),
        library_(std::move(library)),
        version_(std::move(version)) {}

  std::string version() const override { return version_; }
  const std::filesystem::path& library() const override { return library_; }
  std::vector<std::string> providers() const override { return Ort::GetAvailableProviders(); }
  Ort::Env& environment() { return environment_; }

 private:
  Ort::Env environment_;
  std::filesystem::path library_;
  std::string version_;
};

Result<std::shared_ptr<OnnxRuntime>> TryLibrary(const std::filesystem::path& library) {
  const std::string name = library.string();
  void* handle = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);  // stays loaded until the end
  if (handle == nullptr) return Error{::dlerror()};
  void* symbol = ::dlsym(handle, "OrtGetApiBase");
  if (symbol == nullptr) return Error{name + ": is no ONNX Runtime library"};
  const OrtApiBase* base = reinterpret_cast<const OrtApiBase* (*)()>(symbol)();
  const std::string version = base->GetVersionString();
  const OrtApi* api = base->GetApi(ORT_API_VERSION);
  if (api == nullptr) {
    return Error{name + ": is ONNX Runtime " + version + ", too old (1." +
                 std::to_string(ORT_API_VERSION) + " or newer is needed)"};
  }
  Ort::InitApi(api);
  try {
    return std::shared_ptr<OnnxRuntime>(std::make_shared<LoadedRuntime>(library, version));
  } catch (const Ort::Exception& error) {
    return Error{name + ": " + error.what()};
  }
}

std::vector<std::filesystem::path> Candidates(const std::filesystem::path& path) {
  if (!path.empty()) return {path};
  if (const char* given = std::getenv("ORT_LIB"); given != nullptr && *given != '\0') {
    return {given};
  }
  constexpr const char* kOwn = "onnxruntime/lib/libonnxruntime.so";
  return {ProgramFolder() / "deps" / kOwn, ProgramFolder().parent_path() / "deps" / kOwn,
          std::filesystem::path(VITRINE_DEPS_DIR) / kOwn, "libonnxruntime.so",
          "libonnxruntime.so.1"};
}

TensorInfo::Type TypeOf(ONNXTensorElementDataType type) {
  switch (type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT:
      return TensorInfo::Type::kFloat;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16:
      return TensorInfo::Type::kFloat16;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64:
      return TensorInfo::Type::kInt64;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32:
      return TensorInfo::Type::kInt32;
    default:
      return TensorInfo::Type::kOther;
  }
}

// An Ort tensor and the converted values that it points at.
struct FedTensor {
  std::vector<Ort::Float16_t> halves;
  std::vector<int32_t> narrow;
  Ort::Value value{nullptr};
};

FedTensor Feed(const TensorInput& input, const TensorInfo& info) {
  static const Ort::MemoryInfo memory =
      Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  const auto tensor = [&](auto* data, size_t size) {
    return Ort::Value::CreateTensor(memory, data, size, input.shape.data(), input.shape.size());
  };
  FedTensor fed;
  switch (info.type) {
    case TensorInfo::Type::kFloat:
      fed.value = tensor(const_cast<float*>(input.floats.data()), input.floats.size());
      break;
    case TensorInfo::Type::kFloat16:
      for (float value : input.floats) fed.halves.emplace_back(value);
      fed.value = tensor(fed.halves.data(), fed.halves.size());
      break;
    case TensorInfo::Type::kInt64:
      fed.value = tensor(const_cast<int64_t*>(input.integers.data()), input.integers.size());
      break;
    default:
      fed.narrow.assign(input.integers.begin(), input.integers.end());
      fed.value = tensor(fed.narrow.data(), fed.narrow.size());
  }
  return fed;
}

class LoadedModel : public OnnxModel {
 public:
  LoadedModel(std::shared_ptr<OnnxRuntime> runtime, Ort::Session session, std::string device)
      : runtime_(std::move(runtime)), session_(std::move(session)), device_(std::move(device)) {
    Ort::AllocatorWithDefaultOptions allocator;
    for (size_t i = 0; i < session_.GetInputCount(); ++i) {
      inputs_.push_back(
          InfoOf(session_.GetInputNameAllocated(i, allocator).get(), session_.GetInputTypeInfo(i)));
    }
    for (size_t i = 0; i < session_.GetOutputCount(); ++i) {
      outputs_.push_back(InfoOf(session_.GetOutputNameAllocated(i, allocator).get(),
                                session_.GetOutputTypeInfo(i)));
    }
  }

  const std::vector<TensorInfo>& inputs() const override { return inputs_; }
  const std::vector<TensorInfo>& outputs() const override { return outputs_; }
  const std::string& device_used() const override { return device_; }

  Result<TensorOutput> Run(std::span<const TensorInput> inputs,
                           const std::string& output) const override {
    std::vector<const char*> names;
    std::vector<FedTensor> fed;
    std::vector<Ort::Value> values;
    try {
      for (const TensorInput& input : inputs) {
        const TensorInfo* info = FindInput(input.name);
        if (info == nullptr) return Error{"the model has no input " + input.name};
        names.push_back(input.name.c_str());
        fed.push_back(Feed(input, *info));
        values.push_back(std::move(fed.back().value));
      }
      const char* wanted = output.c_str();
      // Run() does not change the session; ONNX Runtime promises that it may be called at once.
      auto& session = const_cast<Ort::Session&>(session_);
      auto results = session.Run(Ort::RunOptions{nullptr}, names.data(), values.data(),
                                 values.size(), &wanted, 1);
      return Read(results.at(0));
    } catch (const Ort::Exception& error) {
      return Error{std::string("ONNX Runtime: ") + error.what()};
    }
  }

 private:
  static TensorInfo InfoOf(const char* name, const Ort::TypeInfo& type) {
    TensorInfo info;
    info.name = name;
    if (type.GetONNXType() == ONNX_TYPE_TENSOR) {
      const auto tensor = type.GetTensorTypeAndShapeInfo();  // a view into `type`
      info.type = TypeOf(tensor.GetElementType());
      info.shape = tensor.GetShape();
    }
    return info;
  }

  static Result<TensorOutput> Read(const Ort::Value& value) {
    const auto info = value.GetTensorTypeAndShapeInfo();
    TensorOutput out;
    out.shape = info.GetShape();
    const size_t count = info.GetElementCount();
    switch (TypeOf(info.GetElementType())) {
      case TensorInfo::Type::kFloat: {
        const float* data = value.GetTensorData<float>();
        out.data.assign(data, data + count);
        return out;
      }
      case TensorInfo::Type::kFloat16: {
        const auto* data = value.GetTensorData<Ort::Float16_t>();
        out.data.reserve(count);
        for (size_t i = 0; i < count; ++i) out.data.push_back(data[i].ToFloat());
        return out;
      }
      default:
        return Error{"the model's output is neither float32 nor float16"};
    }
  }

  std::shared_ptr<OnnxRuntime> runtime_;  // outlives the session
  Ort::Session session_;
  std::string device_;
  std::vector<TensorInfo> inputs_, outputs_;
};

Ort::SessionOptions MakeOptions() {
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(1);
  options.SetInterOpNumThreads(1);
  options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  options.SetLogSeverityLevel(ORT_LOGGING_LEVEL_ERROR);
  return options;
}

bool HasProvider(const OnnxRuntime& runtime, std::string_view name) {
  const auto providers = runtime.providers();
  return std::find(providers.begin(), providers.end(), name) != providers.end();
}

enum class Provider { kTensorRt, kCuda, kCpu };

// With TensorRT, CUDA runs what TensorRT cannot.
Result<std::shared_ptr<OnnxModel>> OpenOn(Provider provider,
                                          const std::shared_ptr<OnnxRuntime>& runtime,
                                          const std::filesystem::path& file) {
  try {
    Ort::SessionOptions options = MakeOptions();
    if (provider == Provider::kTensorRt) {
      options.AppendExecutionProvider_TensorRT(OrtTensorRTProviderOptions{});
    }
    if (provider != Provider::kCpu) {
      options.AppendExecutionProvider_CUDA(OrtCUDAProviderOptions{});
    }
    auto& environment = static_cast<LoadedRuntime&>(*runtime).environment();
    Ort::Session session(environment, file.c_str(), options);
    constexpr const char* kNames[] = {"TensorRT and CUDA", "CUDA", "CPU"};
    return std::shared_ptr<OnnxModel>(std::make_shared<LoadedModel>(
        runtime, std::move(session), kNames[static_cast<int>(provider)]));
  } catch (const Ort::Exception& error) {
    return Error{error.what()};
  }
}

Result<std::shared_ptr<OnnxModel>> OpenAnywhere(const std::shared_ptr<OnnxRuntime>& runtime,
                                                const std::filesystem::path& file, Device device) {
  std::string why_not_cuda = runtime->library().string() + " (ONNX Runtime " + runtime->version() +
                             ") is built without CUDA";
  if (device != Device::kCpu && HasProvider(*runtime, "CUDAExecutionProvider")) {
    const bool tensorrt = HasProvider(*runtime, "TensorrtExecutionProvider");
    for (const Provider provider : {Provider::kTensorRt, Provider::kCuda}) {
      if (provider == Provider::kTensorRt && !tensorrt) continue;
      auto model = OpenOn(provider, runtime, file);
      if (model.ok()) return model;
      why_not_cuda = model.error().message;
    }
  }
  if (device == Device::kCuda) {
    return UsageError("--device cuda: " + why_not_cuda + std::string(kHowToGetCuda));
  }
  auto model = OpenOn(Provider::kCpu, runtime, file);
  if (model.ok()) return model;
  return Error{file.string() + ": cannot be loaded as an ONNX model: " + model.error().message};
}

}  // namespace

std::filesystem::path ProgramFolder() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
}

Result<std::shared_ptr<OnnxRuntime>> OnnxRuntime::Load(const std::filesystem::path& path) {
  static std::mutex mutex;
  static std::weak_ptr<OnnxRuntime> loaded;  // the C++ interface has one global library
  const std::lock_guard lock(mutex);
  if (auto runtime = loaded.lock(); runtime && (path.empty() || path == runtime->library())) {
    return runtime;
  }
  std::string tried;
  for (const auto& candidate : Candidates(path)) {
    auto result = TryLibrary(candidate);
    if (result.ok()) {
      loaded = result.value();
      return result;
    }
    tried += "\n  " + result.error().message;
  }
  return Error{"no usable ONNX Runtime: " + std::string(kHowToInstall) + tried};
}

Result<std::shared_ptr<OnnxModel>> OnnxModel::Open(std::shared_ptr<OnnxRuntime> runtime,
                                                   const std::filesystem::path& file,
                                                   Device device) {
  VITRINE_ASSIGN(auto model, OpenAnywhere(runtime, file, device));
  VITRINE_ASSIGN(const MappedFile mapped, MappedFile::Open(file));
  // The name of the operator (and of those that it is fused into) stands in the file as it is.
  const std::string_view bytes(reinterpret_cast<const char*>(mapped.bytes().data()),
                               mapped.bytes().size());
  model->quantizes_as_it_runs_ = bytes.find("DynamicQuantize") != std::string_view::npos;
  return model;
}

size_t OnnxModel::BatchOf(const TensorInfo& input, size_t wanted) const {
  if (!input.shape.empty() && input.shape[0] > 0) return static_cast<size_t>(input.shape[0]);
  return quantizes_as_it_runs_ ? 1 : wanted;
}

const TensorInfo* OnnxModel::FindInput(std::string_view name) const {
  const auto& all = inputs();
  const auto at = std::find_if(all.begin(), all.end(), [&](auto& t) { return t.name == name; });
  return at != all.end() ? &*at : nullptr;
}

const TensorInfo* OnnxModel::FindOutput(std::string_view name) const {
  const auto& all = outputs();
  const auto at = std::find_if(all.begin(), all.end(), [&](auto& t) { return t.name == name; });
  return at != all.end() ? &*at : nullptr;
}

std::string Describe(std::span<const TensorInfo> tensors) {
  constexpr const char* kTypes[] = {"float32", "float16", "int64", "int32", "other"};
  std::string text;
  for (const TensorInfo& tensor : tensors) {
    if (!text.empty()) text += ", ";
    text += tensor.name + " [";
    for (size_t i = 0; i < tensor.shape.size(); ++i) {
      if (i > 0) text += ",";
      text += tensor.shape[i] < 0 ? "?" : std::to_string(tensor.shape[i]);
    }
    text += std::string("] ") + kTypes[static_cast<int>(tensor.type)];
  }
  return text.empty() ? "none" : text;
}

}  // namespace vitrine
