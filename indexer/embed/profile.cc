#include "indexer/embed/profile.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "indexer/embed/onnx_runtime.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

using Json = nlohmann::json;

// Reads the fields of one JSON object; keeps the first error; at the end tells of unknown fields,
// so that a typing mistake is not silently a default.
class Fields {
 public:
  Fields(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json.is_object()) Fail("must be an object");
  }

  const Json* Find(const char* key) {
    known_.push_back(key);
    if (!json_.is_object()) return nullptr;
    const auto at = json_.find(key);
    return at != json_.end() ? &*at : nullptr;
  }

  void Read(const char* key, std::string& out) {
    if (const Json* value = Find(key)) {
      if (value->is_string())
        out = value->get<std::string>();
      else
        Fail(key, "must be a text");
    }
  }
  void Read(const char* key, bool& out) {
    if (const Json* value = Find(key)) {
      if (value->is_boolean())
        out = value->get<bool>();
      else
        Fail(key, "must be true or false");
    }
  }
  void Read(const char* key, double& out) {
    if (const Json* value = Find(key)) {
      if (value->is_number())
        out = value->get<double>();
      else
        Fail(key, "must be a number");
    }
  }
  void Read(const char* key, float& out) {
    double value = out;
    Read(key, value);
    out = static_cast<float>(value);
  }
  // Whole numbers from `low` to `high`.
  template <typename T>
  void Read(const char* key, T& out, int64_t low, int64_t high) {
    if (const Json* value = Find(key)) {
      if (value->is_number_integer() && value->get<int64_t>() >= low &&
          value->get<int64_t>() <= high) {
        out = static_cast<T>(value->get<int64_t>());
      } else {
        Fail(key,
             "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
      }
    }
  }
  void Read(const char* key, std::vector<float>& out) {
    const Json* value = Find(key);
    if (value == nullptr) return;
    if (!value->is_array()) return Fail(key, "must be a list of numbers");
    out.clear();
    for (const Json& entry : *value) {
      if (!entry.is_number()) return Fail(key, "must be a list of numbers");
      out.push_back(entry.get<float>());
    }
  }
  // One text or a list of texts.
  void Read(const char* key, std::vector<std::string>& out) {
    const Json* value = Find(key);
    if (value == nullptr) return;
    out.clear();
    if (value->is_string()) {
      out.push_back(value->get<std::string>());
    } else if (value->is_array()) {
      for (const Json& entry : *value) {
        if (entry.is_string())
          out.push_back(entry.get<std::string>());
        else
          Fail(key, "must be a list of texts");
      }
    } else {
      Fail(key, "must be a text or a list of texts");
    }
  }
  void Read(const char* key, std::array<double, 3>& out) {
    const Json* value = Find(key);
    if (value == nullptr) return;
    const bool fits = value->is_array() && value->size() == 3 &&
                      std::all_of(value->begin(), value->end(),
                                  [](const Json& entry) { return entry.is_number(); });
    if (!fits) return Fail(key, "must be three numbers");
    for (size_t i = 0; i < 3; ++i) out[i] = (*value)[i].get<double>();
  }
  // One of the named values.
  template <typename T>
  void Read(const char* key, T& out,
            std::initializer_list<std::pair<std::string_view, T>> choices) {
    std::string text;
    Read(key, text);
    if (text.empty()) return;
    std::string names;
    for (const auto& [name, value] : choices) {
      if (name == text) {
        out = value;
        return;
      }
      names += (names.empty() ? "" : ", ") + std::string(name);
    }
    Fail(key, "is \"" + text + "\" but must be one of " + names);
  }
  // [width, height], or one number for both.
  void ReadSize(const char* key, int& width, int& height) {
    const Json* value = Find(key);
    if (value == nullptr) return;
    const auto side = [](const Json& v) {
      return v.is_number_integer() && v.get<int64_t>() >= 1 && v.get<int64_t>() <= 4096;
    };
    if (side(*value)) {
      width = height = value->get<int>();
    } else if (value->is_array() && value->size() == 2 && side((*value)[0]) && side((*value)[1])) {
      width = (*value)[0].get<int>();
      height = (*value)[1].get<int>();
    } else {
      Fail(key, "must be a size from 1 to 4096, or [width, height]");
    }
  }

  void Fail(const std::string& what) {
    if (status_.ok()) status_ = UsageError(where_ + ": " + what);
  }
  void Fail(const std::string& key, const std::string& what) {
    if (status_.ok()) status_ = UsageError(where_ + ", field \"" + key + "\": " + what);
  }
  void Merge(const Status& status) {
    if (status_.ok()) status_ = status;
  }
  const std::string& where() const { return where_; }

  Status Finish() {
    if (!status_.ok() || !json_.is_object()) return status_;
    for (const auto& entry : json_.items()) {
      if (std::find(known_.begin(), known_.end(), entry.key()) != known_.end()) continue;
      std::string names;
      for (const std::string& name : known_) names += (names.empty() ? "" : ", ") + name;
      Fail(entry.key(), "is not known here; known are " + names);
    }
    return status_;
  }

 private:
  const Json& json_;
  std::string where_;
  std::vector<std::string> known_;
  Status status_;
};

void ReadPooling(Fields& in, Pooling& pooling) {
  in.Read("pooling", pooling,
          {{"none", Pooling::kNone}, {"mean", Pooling::kMean}, {"first", Pooling::kFirst}});
}

Status ReadImage(const Json& json, const std::string& where, ImageTower& tower) {
  Fields in(json, where + ", \"image\"");
  ImagePreprocess& p = tower.preprocess;
  in.Read("model", tower.files);
  in.Read("input", tower.input);
  in.Read("output", tower.output);
  ReadPooling(in, tower.pooling);
  in.Read("fit", p.fit,
          {{"shortest", ImagePreprocess::Fit::kShortest},
           {"squash", ImagePreprocess::Fit::kSquash},
           {"pad", ImagePreprocess::Fit::kPad}});
  in.ReadSize("size", p.width, p.height);
  in.Read("filter", p.filter,
          {{"nearest", ResampleFilter::kNearest},
           {"box", ResampleFilter::kBox},
           {"bilinear", ResampleFilter::kBilinear},
           {"bicubic", ResampleFilter::kBicubic},
           {"lanczos", ResampleFilter::kLanczos}});
  p.crop_width = p.crop_height = 0;
  in.ReadSize("crop", p.crop_width, p.crop_height);
  in.Read("scale", p.scale);
  in.Read("offset", p.offset);
  in.Read("mean", p.mean);
  in.Read("std", p.std);
  if (tower.files.empty()) in.Fail("model", "must name a file");
  if (const Status valid = Validate(p); !valid.ok()) in.Fail(valid.error().message);
  return in.Finish();
}

Status ReadText(const Json& json, const std::string& where, TextTower& tower) {
  Fields in(json, where + ", \"text\"");
  in.Read("model", tower.files);
  in.Read("ids_input", tower.ids_input);
  in.Read("mask_input", tower.mask_input);
  in.Read("types_input", tower.types_input);
  in.Read("output", tower.output);
  ReadPooling(in, tower.pooling);
  in.Read("tokenizer", tower.tokenizer,
          {{"clip-bpe", std::string("clip-bpe")},
           {"roberta-bpe", std::string("roberta-bpe")},
           {"wordpiece", std::string("wordpiece")},
           {"sentencepiece", std::string("sentencepiece")}});
  in.Read("tokenizer_files", tower.tokenizer_files);
  in.Read("max_tokens", tower.max_tokens, 2, 8192);
  in.Read("pad_to_max", tower.pad_to_max);
  in.Read("pad_id", tower.pad_id, 0, 10'000'000);
  in.Read("lower", tower.lower);
  in.Read("canonicalise", tower.canonicalise);
  in.Read("fields", tower.fields);
  if (tower.files.empty()) in.Fail("model", "must name a file");
  if (tower.tokenizer.empty()) in.Fail("tokenizer", "is missing");
  return in.Finish();
}

Status ReadFiles(const Json& json, const std::string& where,
                 std::map<std::string, FileFacts>& files) {
  if (!json.is_object()) return UsageError(where + ", field \"files\": must be an object");
  for (const auto& [name, entry] : json.items()) {
    FileFacts& facts = files[name];
    Fields in(entry, where + ", \"files\", \"" + name + "\"");
    in.Read("bytes", facts.bytes, 1, int64_t{1} << 40);
    in.Read("sha256", facts.sha256);
    const bool hex = facts.sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!facts.sha256.empty() && (facts.sha256.size() != 64 || !hex)) {
      in.Fail("sha256", "must be 64 hex digits in lower case");
    }
    VITRINE_RETURN_IF_ERROR(in.Finish());
  }
  return Ok();
}

Status ReadBagOfWords(const Json& json, const std::string& where, BagOfWords& bag) {
  Fields in(json, where + ", \"bag_of_words\"");
  in.Read("fields", bag.fields);
  in.Read("one_hot", bag.one_hot);
  in.Read("max_features", bag.max_features, 1, 1'000'000);
  in.Read("min_documents", bag.min_documents, 1, 1'000'000'000);
  in.Read("smooth_idf", bag.smooth_idf);
  in.Read("sublinear_tf", bag.sublinear_tf);
  in.Read("one_hot_weights", bag.one_hot_weights);
  in.Read("unknown_is_a_value", bag.unknown_is_a_value);
  if (!bag.one_hot_weights.empty() && bag.one_hot_weights.size() != bag.one_hot.size()) {
    in.Fail("one_hot_weights", "must have one number for each of one_hot");
  }
  return in.Finish();
}

Status ReadProjection(const Json& json, const std::string& where, Projection& projection) {
  Fields in(json, where + ", \"projection\"");
  in.Read("of", projection.of);
  in.Read("method", projection.svd, {{"svd", true}, {"random", false}});
  in.Read("dimensions", projection.dimensions, 1, 4096);
  if (projection.of.empty()) in.Fail("of", "must name the profile that is projected");
  return in.Finish();
}

}  // namespace

Result<EncoderProfile> ParseProfile(const std::string& text, const std::string& where) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false, /*comments=*/true);
  if (json.is_discarded()) return UsageError(where + ": is not valid JSON");
  EncoderProfile profile;
  profile.digest = Sha256Hex(AsBytes(text));
  Fields in(json, where);
  in.Read("name", profile.name);
  in.Read("about", profile.about);
  in.Read("licence", profile.licence);
  in.Read("source", profile.source);
  in.Read("joint", profile.joint);
  in.Read("normalise", profile.normalise);
  in.Read("weight", profile.weight);
  in.Read("dimensions", profile.dimensions, 1, 1'000'000);
  in.Read("batch", profile.batch, 1, 1024);
  if (const Json* files = in.Find("files")) in.Merge(ReadFiles(*files, where, profile.files));
  int parts = 0;
  if (const Json* image = in.Find("image")) {
    in.Merge(ReadImage(*image, where, profile.image.emplace()));
    parts = 1;
  }
  if (const Json* part = in.Find("text")) {
    in.Merge(ReadText(*part, where, profile.text.emplace()));
    parts = 1;
  }
  if (const Json* bag = in.Find("bag_of_words")) {
    in.Merge(ReadBagOfWords(*bag, where, profile.bag_of_words));
    profile.kind = EncoderProfile::Kind::kBagOfWords;
    ++parts;
  }
  if (const Json* projection = in.Find("projection")) {
    in.Merge(ReadProjection(*projection, where, profile.projection));
    profile.kind = EncoderProfile::Kind::kProjection;
    ++parts;
  }
  if (profile.name.empty()) in.Fail("name", "is missing");
  if (parts != 1) {
    in.Fail("must have one of \"image\" and/or \"text\", \"bag_of_words\", \"projection\"");
  }
  VITRINE_RETURN_IF_ERROR(in.Finish());
  return profile;
}

std::vector<std::filesystem::path> ProfileFolders(const std::filesystem::path& given) {
  std::vector<std::filesystem::path> folders;
  if (!given.empty()) folders.push_back(given);
  folders.push_back(ProgramFolder() / "profiles");
  folders.emplace_back(VITRINE_PROFILE_DIR);
  return folders;
}

Result<EncoderProfile> FindProfile(const std::string& name, const std::filesystem::path& given) {
  for (const auto& folder : ProfileFolders(given)) {
    const auto path = folder / (name + ".json");
    if (!std::filesystem::is_regular_file(path)) continue;
    VITRINE_ASSIGN(const Bytes text, ReadFile(path));
    return ParseProfile(std::string(text.begin(), text.end()), path.string());
  }
  VITRINE_ASSIGN(const auto all, ListProfiles(given));
  std::string names;
  for (const EncoderProfile& profile : all) names += (names.empty() ? "" : ", ") + profile.name;
  return UsageError("encoder \"" + name + "\" is not known; known are " + names +
                    " (a new one is a JSON file, see docs/encoders.md)");
}

Result<std::vector<EncoderProfile>> ListProfiles(const std::filesystem::path& given) {
  std::map<std::string, EncoderProfile> found;
  for (const auto& folder : ProfileFolders(given)) {
    std::error_code none;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
      if (entry.path().extension() == ".json") files.push_back(entry.path());
    }
    for (const auto& path : files) {
      if (found.contains(path.stem().string())) continue;
      VITRINE_ASSIGN(const Bytes text, ReadFile(path));
      VITRINE_ASSIGN(EncoderProfile profile,
                     ParseProfile(std::string(text.begin(), text.end()), path.string()));
      found.emplace(path.stem().string(), std::move(profile));
    }
  }
  std::vector<EncoderProfile> profiles;
  for (auto& entry : found) profiles.push_back(std::move(entry.second));
  return profiles;
}

}  // namespace vitrine
