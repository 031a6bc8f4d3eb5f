#include "indexer/search/towers.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "indexer/embed/image_encoder.h"
#include "indexer/embed/model_store.h"
#include "indexer/search/onnx_split.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

const char* NameOf(Pooling pooling) {
  return pooling == Pooling::kMean ? "mean" : pooling == Pooling::kFirst ? "first" : "none";
}

bool IsInt8(const std::string& file) {
  return file.find("quantized") != std::string::npos || file.find("int8") != std::string::npos;
}

// The names to look for, int8 first, without fp16.
std::vector<std::string> ForBrowser(std::vector<std::string> files) {
  std::erase_if(files,
                [](const std::string& file) { return file.find("fp16") != std::string::npos; });
  std::stable_partition(files.begin(), files.end(), IsInt8);
  return files;
}

struct Model {
  fs::path file;
  Bytes bytes;
};

// The model that computes `output` from nothing that the other tower has.
Result<Model> OneTower(const EncoderProfile& profile, const std::vector<std::string>& files,
                       const std::string& output, const EmbedOptions& options) {
  const auto folders = ModelFolders(options);
  Model model;
  VITRINE_ASSIGN(model.file, FindModelFile(profile.name, ForBrowser(files), folders));
  VITRINE_ASSIGN(model.bytes, ReadFile(model.file));
  auto names = ReadOnnxNames(model.bytes);
  if (!names.ok()) return Error{model.file.string() + ": " + names.error().message};
  if (names.value().outputs.size() == 1) return model;
  auto split = SplitOnnx(model.bytes, output);
  if (!split.ok()) {
    return Error{model.file.string() +
                 ": cannot be split into its towers: " + split.error().message +
                 "; put text_model.onnx and vision_model.onnx into the "
                 "model's folder, or set search.towers = false"};
  }
  model.bytes = std::move(split.value());
  return model;
}

const char* TypeOf(const TensorInfo& tensor) {
  switch (tensor.type) {
    case TensorInfo::Type::kFloat:
      return "float32";
    case TensorInfo::Type::kInt64:
      return "int64";
    case TensorInfo::Type::kInt32:
      return "int32";
    default:
      return nullptr;
  }
}

// Inputs as {"name": {"type", "shape"}}, asked of ONNX Runtime itself, so that the browser need
// not.
Result<Json> InputsOf(const Model& model, const EmbedOptions& options) {
  VITRINE_ASSIGN(const auto runtime, OnnxRuntime::Load(options.ort_lib));
  // The bytes may have been split, so they are opened from a file of their own.
  const fs::path file = fs::temp_directory_path() / ("vitrine-" + Sha256Hex(model.bytes) + ".onnx");
  VITRINE_RETURN_IF_ERROR(WriteFileAtomically(file, model.bytes));
  auto opened = OnnxModel::Open(runtime, file, Device::kCpu);
  std::error_code ignored;
  fs::remove(file, ignored);
  if (!opened.ok()) return opened.error();
  Json inputs = Json::object();
  for (const TensorInfo& tensor : opened.value()->inputs()) {
    const char* type = TypeOf(tensor);
    if (type == nullptr) {
      return Error{model.file.string() + ": its input \"" + tensor.name +
                   "\" is of a type that browsers do not run; use the fp32 or int8 model"};
    }
    inputs[tensor.name] = {{"type", type}, {"shape", tensor.shape}};
  }
  return inputs;
}

const char* NameOf(ResampleFilter filter) {
  constexpr const char* kNames[] = {"nearest", "box", "bilinear", "bicubic", "lanczos"};
  return kNames[static_cast<int>(filter)];
}

const char* NameOf(ImagePreprocess::Fit fit) {
  constexpr const char* kNames[] = {"shortest", "squash", "pad"};
  return kNames[static_cast<int>(fit)];
}

Json ImageJson(const ImageTower& tower, Json inputs) {
  const ImagePreprocess& p = tower.preprocess;
  return {{"inputs", std::move(inputs)},
          {"input", tower.input},
          {"output", tower.output},
          {"pooling", NameOf(tower.pooling)},
          {"fit", NameOf(p.fit)},
          {"width", p.width},
          {"height", p.height},
          {"filter", NameOf(p.filter)},
          {"crop_width", p.crop_width},
          {"crop_height", p.crop_height},
          {"scale", p.scale},
          {"offset", p.offset},
          {"mean", p.mean},
          {"std", p.std}};
}

Json TextJson(const TextTower& tower, Json inputs) {
  return {{"inputs", std::move(inputs)},    {"ids_input", tower.ids_input},
          {"mask_input", tower.mask_input}, {"types_input", tower.types_input},
          {"output", tower.output},         {"pooling", NameOf(tower.pooling)},
          {"max_tokens", tower.max_tokens}, {"pad_to_max", tower.pad_to_max},
          {"pad_id", tower.pad_id},         {"lower", tower.lower}};
}

// What stands in the model's folder as its licence, else what the profile says of it.
std::string LicenceOf(const EncoderProfile& profile, const fs::path& model) {
  const std::string about = profile.name + ": " + profile.about + "\nLicence: " + profile.licence +
                            "\nFrom: " + profile.source + "\n";
  for (fs::path folder = model.parent_path(); !folder.empty(); folder = folder.parent_path()) {
    for (const char* name : {"LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "LICENCE.txt"}) {
      auto text = ReadFile(folder / name);
      if (text.ok()) return about + "\n" + std::string(text.value().begin(), text.value().end());
    }
    if (folder.filename() != "onnx") break;
  }
  return about;
}

}  // namespace

Result<TowerFiles> ExportTowers(const std::string& encoder, const EmbedOptions& options,
                                Console& console) {
  TowerFiles towers;
  VITRINE_ASSIGN(const EncoderProfile profile, FindProfile(encoder, options.profile_dir));
  if (profile.kind != EncoderProfile::Kind::kOnnx) return towers;
  Json json = {{"name", profile.name}, {"licence", profile.licence}, {"joint", profile.joint}};
  if (profile.image) {
    VITRINE_ASSIGN(Model model,
                   OneTower(profile, profile.image->files, profile.image->output, options));
    VITRINE_ASSIGN(Json inputs, InputsOf(model, options));
    json["image"] = ImageJson(*profile.image, std::move(inputs));
    towers.licence = LicenceOf(profile, model.file);
    towers.image_model = std::move(model.bytes);
  }
  if (profile.text && profile.joint && profile.text->tokenizer == "clip-bpe") {
    VITRINE_ASSIGN(Model model,
                   OneTower(profile, profile.text->files, profile.text->output, options));
    VITRINE_ASSIGN(Json inputs, InputsOf(model, options));
    json["text"] = TextJson(*profile.text, std::move(inputs));
    VITRINE_ASSIGN(const auto vocabulary, FindModelFile(profile.name, profile.text->tokenizer_files,
                                                        ModelFolders(options)));
    VITRINE_ASSIGN(towers.tokenizer, ReadFile(vocabulary));
    json["text"]["tokenizer_gzip"] = vocabulary.extension() == ".gz";
    towers.text_model = std::move(model.bytes);
  } else if (profile.text) {
    console.Info("search: the browser has no tokenizer of the kind of " + profile.name +
                 "; words are searched without its model");
  }
  towers.encoder_json = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return towers;
}

}  // namespace vitrine
