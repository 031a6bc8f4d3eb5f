#include "indexer/embed/profile.h"

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/embed/test_data.h"

using namespace vitrine;

namespace {
std::string Complaint(const std::string& json) {
  auto profile = ParseProfile(json, "x.json");
  return profile.ok() ? "" : profile.error().message;
}
}  // namespace

TEST_CASE("every profile that comes with vitrine is valid and named as its file") {
  auto profiles = ListProfiles({});
  REQUIRE_MESSAGE(profiles.ok(), profiles.error().message);
  std::set<std::string> names;
  for (const EncoderProfile& profile : profiles.value()) {
    names.insert(profile.name);
    CHECK(FindProfile(profile.name, {}).ok());
  }
  for (const char* name : {"fashion-clip", "fashion-clip-2", "clip-vit-b32", "marqo-fashion-clip",
                           "marqo-fashion-siglip", "align", "mobilenet-v2", "efficientnet-b5",
                           "roberta-large", "tfidf", "tfidf-onehot", "sparse-projection"}) {
    CAPTURE(name);
    CHECK(names.contains(name));
  }
}

TEST_CASE("a profile that cannot be meant is refused with its field") {
  const std::string image = R"("image": {"model": "m.onnx", "fit": "squash"})";
  CHECK(Complaint("{\"name\": \"a\", " + image + "}") == "");
  CHECK(Complaint(R"({"name": "a", "image": {"model": "m.onnx", "fit": "pad"}})") == "");
  CHECK(Complaint("") == "x.json: is not valid JSON");
  CHECK(Complaint("[]").find("must be an object") != std::string::npos);
  CHECK(Complaint("{" + image + "}").find("\"name\"") != std::string::npos);
  CHECK(Complaint("{\"name\": \"a\"}").find("must have one of") != std::string::npos);
  CHECK(Complaint("{\"name\": \"a\", \"sizes\": 3, " + image + "}").find("\"sizes\"") !=
        std::string::npos);
  CHECK(Complaint("{\"name\": 3, " + image + "}").find("must be a text") != std::string::npos);
  for (const char* bad :
       {R"("size": 0)", R"("size": [224])", R"("filter": "best")", R"("std": [1, 0, 1])",
        R"("mean": [1, 2])", R"("fit": "shortest")", R"("size": 1e9)", R"("scale": "1")"}) {
    CAPTURE(bad);
    CHECK(Complaint(R"({"name": "a", "image": {"model": "m.onnx", "fit": "squash", )" +
                    std::string(bad) + "}}") != "");
  }
}

TEST_CASE("an unknown encoder's error names those there are") {
  auto profile = FindProfile("fashion-clipp", {});
  REQUIRE_FALSE(profile.ok());
  CHECK(profile.error().message.find("fashion-clip,") != std::string::npos);
}

TEST_CASE("the published encoders' profiles hold the facts of their public configurations") {
  const auto path = DataFolder() / "encoders/encoder_facts.json";
  if (!std::filesystem::exists(path)) {
    MESSAGE("skipped: no ", path.string());
    return;
  }
  std::ifstream in(path);
  const auto facts = nlohmann::json::parse(in);
  using Fit = ImagePreprocess::Fit;
  const std::map<std::string, ResampleFilter> filters = {{"bicubic", ResampleFilter::kBicubic},
                                                         {"bilinear", ResampleFilter::kBilinear},
                                                         {"nearest", ResampleFilter::kNearest}};
  const std::map<std::string, std::string> names = {{"fashion-clip", "fashionclip"},
                                                    {"fashion-clip-2", "fashionclip"},
                                                    {"clip-vit-b32", "fashionclip"},
                                                    {"marqo-fashion-clip", "fashionclip"},
                                                    {"marqo-fashion-siglip", "marqo-fashionSigLIP"},
                                                    {"mobilenet-v2-google", "mobilenet-v2"},
                                                    {"efficientnet-b5", "efficientnet-b5"},
                                                    {"align", "align"},
                                                    {"roberta-large", "roberta-large"}};
  for (const auto& [name, fact_name] : names) {
    CAPTURE(name);
    const EncoderProfile profile = FindProfile(name, {}).value();
    const nlohmann::json& fact = facts[fact_name];
    CHECK(profile.joint == fact.value("joint", false));
    REQUIRE(profile.image.has_value() == fact.contains("image"));
    if (profile.image) {
      const ImagePreprocess& p = profile.image->preprocess;
      const nlohmann::json& image = fact["image"];
      CHECK((p.fit == Fit::kSquash) == (image["resize"] == "squash"));
      CHECK(p.height == (image["size"].is_array() ? image["size"][0] : image["size"]).get<int>());
      const std::string filter = image["filter"];
      CHECK(p.filter == filters.at(filter.substr(0, filter.find(' '))));
      CHECK(p.crop_width == (image.contains("crop") ? image["crop"][0].get<int>() : 0));
      CHECK(p.scale == doctest::Approx(image["scale"].get<double>()).epsilon(1e-9));
      CHECK(p.offset == image.value("offset", 0.0));
      for (size_t c = 0; c < 3; ++c) {
        CHECK(p.mean[c] == (image["mean"].is_null() ? 0 : image["mean"][c].get<double>()));
        CHECK(p.std[c] == (image["std"].is_null() ? 1 : image["std"][c].get<double>()));
      }
      CHECK(profile.dimensions == image["dim"].get<uint32_t>());
    }
    if (!profile.text) continue;
    const nlohmann::json& text = fact["text"];
    CHECK(profile.dimensions == text["dim"].get<uint32_t>());
    if (text["max"].is_number()) CHECK(profile.text->max_tokens == text["max"].get<int>());
    if (text.contains("pad") && text["pad"].is_number_integer())
      CHECK(profile.text->pad_id == text["pad"].get<int>());
  }
}
