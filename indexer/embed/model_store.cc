#include "indexer/embed/model_store.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "indexer/embed/download.h"
#include "indexer/embed/http.h"
#include "indexer/embed/image_decode.h"
#include "indexer/embed/image_encoder.h"
#include "indexer/embed/projection.h"
#include "indexer/embed/text_encoder.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

using Json = nlohmann::json;

// Files of which one each is needed.
std::vector<std::vector<std::string>> WantedFiles(const EncoderProfile& profile) {
  std::vector<std::vector<std::string>> groups;
  if (profile.image) groups.push_back(profile.image->files);
  if (profile.text) {
    groups.push_back(profile.text->files);
    if (profile.text->tokenizer == "roberta-bpe") {
      for (const std::string& file : profile.text->tokenizer_files) groups.push_back({file});
    } else {
      groups.push_back(profile.text->tokenizer_files);
    }
  }
  return groups;
}

// Brings one file of the source to `to`.
Result<Downloaded> Fetch(const std::string& from, const std::string& file,
                         const std::filesystem::path& to, Console& console) {
  if (IsWebAddress(from)) {
    return Download(from + (from.ends_with('/') ? "" : "/") + file, to, console);
  }
  const auto path = std::filesystem::path(from) / file;
  if (!std::filesystem::is_regular_file(path)) return Downloaded{};
  std::error_code error;
  std::filesystem::create_directories(to.parent_path(), error);
  auto part = to;
  part += ".part";
  std::filesystem::copy_file(path, part, std::filesystem::copy_options::overwrite_existing, error);
  if (!error) std::filesystem::rename(part, to, error);
  if (error) return Error{to.string() + ": cannot copy: " + error.message()};
  return Downloaded{true, ""};
}

// name -> digest of a SHA256SUMS file: lines of 64 hex digits, two spaces (or " *"), a name.
std::map<std::string, std::string> ReadSums(const std::filesystem::path& path) {
  std::map<std::string, std::string> sums;
  auto bytes = ReadFile(path);
  if (!bytes.ok()) return sums;
  std::istringstream in(std::string(bytes.value().begin(), bytes.value().end()));
  for (std::string line; std::getline(in, line);) {
    if (line.size() > 66) sums[line.substr(66)] = line.substr(0, 64);
  }
  return sums;
}

// What a file should be, and who says so.
struct Expected {
  FileFacts facts;
  std::string said_by;
};

Expected ExpectedOf(const std::string& name, const EncoderProfile& profile,
                    const std::map<std::string, std::string>& sums, const std::string& server) {
  Expected expected{{}, "the profile"};
  if (const auto known = profile.files.find(name); known != profile.files.end()) {
    expected.facts = known->second;
  }
  if (!expected.facts.sha256.empty()) return expected;
  const auto listed = sums.find(name);
  expected.facts.sha256 = listed != sums.end() ? listed->second : server;
  if (!expected.facts.sha256.empty()) {
    expected.said_by = listed != sums.end() ? "SHA256SUMS" : "the server";
  }
  return expected;
}

// Removes a file that is not what it should be.
Status Verify(const std::filesystem::path& path, const Expected& expected, Console& console) {
  VITRINE_ASSIGN(const MappedFile file, MappedFile::Open(path));
  const uint64_t size = file.bytes().size();
  const auto refuse = [&](const std::string& what) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    return Error{path.string() + ": " + what + "; removed"};
  };
  if (expected.facts.bytes != 0 && expected.facts.bytes != size) {
    return refuse("has " + std::to_string(size) + " bytes but the profile says " +
                  std::to_string(expected.facts.bytes));
  }
  const std::string digest = Sha256Hex(file.bytes());
  if (!expected.facts.sha256.empty() && expected.facts.sha256 != digest) {
    return refuse("has SHA-256 " + digest + " but " + expected.said_by + " says " +
                  expected.facts.sha256);
  }
  console.Info(path.string() + ": " + std::to_string(size) + " bytes, SHA-256 " +
               (expected.facts.sha256.empty() ? digest + " (nothing to compare with)"
                                              : "as " + expected.said_by + " says"));
  return Ok();
}

// How far two vectors are apart: largest difference of a component, and cosine.
Status Compare(const std::string& what, std::span<const float> ours, const Json& theirs,
               double tolerance, Console& console) {
  if (!theirs.is_array() || theirs.size() != ours.size()) {
    return Error{what + ": the model gives " + std::to_string(ours.size()) +
                 " numbers, the reference has " + std::to_string(theirs.size())};
  }
  double worst = 0, dot = 0, a = 0, b = 0;
  for (size_t i = 0; i < ours.size(); ++i) {
    if (!theirs[i].is_number()) return Error{what + ": the reference must be a list of numbers"};
    const double x = ours[i], y = theirs[i].get<double>();
    worst = std::max(worst, std::abs(x - y));
    dot += x * y;
    a += x * x;
    b += y * y;
  }
  char text[160];
  std::snprintf(text, sizeof text, "max abs error %.3g, cosine %.7f", worst,
                dot / std::sqrt(a * b));
  if (!(worst <= tolerance)) return Error{what + ": " + text + ": not the reference's numbers"};
  console.Info(what + ": " + text);
  return Ok();
}

Result<Json> ReadJson(const std::filesystem::path& path) {
  VITRINE_ASSIGN(const Bytes bytes, ReadFile(path));
  Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return Error{path.string() + ": is not valid JSON"};
  return json;
}

// The first list of numbers in a reference file: the file itself, or an entry of it.
const Json& VectorOf(const Json& json) {
  if (json.is_array() && !json.empty() && json[0].is_number()) return json;
  for (const Json& entry : json) {
    if (entry.is_array() || entry.is_object()) return VectorOf(entry);
  }
  return json;
}

Status CheckPhoto(const ImageEncoder& encoder, const EncoderProfile& profile,
                  const ReferencePhoto& reference, Console& console) {
  VITRINE_ASSIGN(const Bytes bytes, ReadFile(reference.photo));
  VITRINE_ASSIGN(const Image image, DecodeImage(bytes));
  std::vector<float> pixels(profile.image->preprocess.output_size());
  Preprocess(image, profile.image->preprocess, pixels);
  VITRINE_ASSIGN(std::vector<float> row, encoder.Encode(pixels, 1));
  Normalise(row);
  VITRINE_ASSIGN(const Json expected, ReadJson(reference.vector));
  constexpr double kTolerance = 1e-3;  // of a unit vector; fp16 and other kernels stay below
  return Compare(reference.photo.string(), row, VectorOf(expected), kTolerance, console);
}

// reference.json: "outputs", vectors of ReferenceInput()s by name; "texts", vectors by text; both
// as the model gives them, not normalised; "tolerance" of one component.
Status CheckReference(const std::filesystem::path& path, const EncoderProfile& profile,
                      const std::optional<ImageEncoder>& image,
                      const std::optional<TextEncoder>& text, Console& console) {
  VITRINE_ASSIGN(const Json json, ReadJson(path));
  const auto section = [&json](const char* key) {
    return json.is_object() && json.contains(key) && json[key].is_object() ? json[key] : Json();
  };
  const Json outputs = image ? section("outputs") : Json();
  const Json texts = text ? section("texts") : Json();
  if (outputs.empty() && texts.empty()) {
    return Error{path.string() + ": must have \"outputs\" of photos or \"texts\""};
  }
  const bool given = json.contains("tolerance") && json["tolerance"].is_number();
  const double tolerance = given ? json["tolerance"].get<double>() : 1e-3;
  for (const auto& [name, expected] : outputs.items()) {
    const ImagePreprocess& preprocess = profile.image->preprocess;
    const auto input = ReferenceInput(name, preprocess.output_width(), preprocess.output_height());
    VITRINE_ASSIGN(const std::vector<float> row, image->Encode(input, 1));
    VITRINE_RETURN_IF_ERROR(Compare(name, row, expected, tolerance, console));
  }
  for (const auto& [words, expected] : texts.items()) {
    const std::vector<TokenRow> tokens = {text->Tokens(words)};
    VITRINE_ASSIGN(const std::vector<float> row, text->Encode(tokens));
    VITRINE_RETURN_IF_ERROR(Compare('"' + words + '"', row, expected, tolerance, console));
  }
  return Ok();
}

}  // namespace

std::vector<std::filesystem::path> ModelFolders(const EmbedOptions& options) {
  if (!options.model_dir.empty()) return {options.model_dir};
  return {ProgramFolder() / "deps" / "models", ProgramFolder().parent_path() / "deps" / "models",
          std::filesystem::path(VITRINE_DEPS_DIR) / "models"};
}

std::vector<float> ReferenceInput(std::string_view name, int width, int height) {
  const auto w = static_cast<size_t>(width), area = w * static_cast<size_t>(height);
  std::vector<float> input(3 * area);
  uint32_t state = 1;
  for (size_t i = 0; i < input.size(); ++i) {
    const size_t x = i % w, y = i % area / w, c = i / area;
    if (name == "ramp") {
      input[i] = static_cast<float>(static_cast<double>(i) / static_cast<double>(input.size()));
    } else if (name == "checker") {
      input[i] = (x / 32 + y / 32 + c) % 2 != 0 ? 0.9f : 0.1f;
    } else {
      state = state * 1664525u + 1013904223u;
      input[i] = static_cast<float>(state / 4294967296.0);
    }
  }
  return input;
}

Status AddModel(const EncoderProfile& profile, const std::string& from,
                const std::filesystem::path& model_dir, Console& console) {
  const auto groups = WantedFiles(profile);
  if (groups.empty()) return UsageError("encoder \"" + profile.name + "\" needs no model");
  const auto folder = model_dir / profile.name;
  VITRINE_ASSIGN(const auto has_sums, Fetch(from, "SHA256SUMS", folder / "SHA256SUMS", console));
  const auto sums =
      has_sums.found ? ReadSums(folder / "SHA256SUMS") : std::map<std::string, std::string>{};
  std::set<std::string> brought;  // a combined model serves photos and words
  for (const auto& group : groups) {
    bool found = false;
    for (size_t i = 0; i < group.size() && !found; ++i) {
      found = brought.contains(group[i]);
      if (found) continue;
      VITRINE_ASSIGN(const auto file, Fetch(from, group[i], folder / group[i], console));
      found = file.found;
      if (!found) continue;
      VITRINE_RETURN_IF_ERROR(
          Verify(folder / group[i], ExpectedOf(group[i], profile, sums, file.sha256), console));
      brought.insert(group[i]);
    }
    if (found) continue;
    std::string names;
    for (const std::string& file : group) names += "\n  " + file;
    return Error{from + ": has none of the files that encoder \"" + profile.name +
                 "\" reads:" + names};
  }
  // For `vitrine model check`, where the source has it.
  VITRINE_RETURN_IF_ERROR(Fetch(from, "reference.json", folder / "reference.json", console));
  return Ok();
}

Status CheckModel(const EncoderProfile& profile, const EmbedOptions& options,
                  const ReferencePhoto& reference, Console& console) {
  if (profile.kind != EncoderProfile::Kind::kOnnx) {
    return UsageError("encoder \"" + profile.name + "\" needs no model");
  }
  VITRINE_ASSIGN(const auto runtime, OnnxRuntime::Load(options.ort_lib));
  const auto folders = ModelFolders(options);
  std::optional<ImageEncoder> image;
  std::optional<TextEncoder> text;
  const auto tell = [&](const char* tower, const auto& encoder) {
    console.Info(profile.name + " " + tower + ": ONNX Runtime " + runtime->version() + " on " +
                 encoder.model().device_used() + ", " + std::to_string(encoder.dimensions()) +
                 " dimensions");
  };
  if (profile.image) {
    VITRINE_ASSIGN(image, ImageEncoder::Open(profile, folders, runtime, options.device));
    tell("photos", *image);
  }
  if (profile.text) {
    VITRINE_ASSIGN(text, TextEncoder::Open(profile, folders, runtime, options.device));
    tell("texts", *text);
  }
  if (!reference.photo.empty()) {
    if (!image) return UsageError("encoder \"" + profile.name + "\" has no image model");
    return CheckPhoto(*image, profile, reference, console);
  }
  const std::vector<std::string> names = {"reference.json"};
  auto path = FindModelFile(profile.name, names, folders);
  if (!path.ok()) {
    return UsageError("encoder \"" + profile.name +
                      "\": there is no reference.json beside the model; give --photo and --vector");
  }
  return CheckReference(path.value(), profile, image, text, console);
}

}  // namespace vitrine
