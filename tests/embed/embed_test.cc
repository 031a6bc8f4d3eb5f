#include "indexer/embed/embed.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "indexer/embed/image_encoder.h"
#include "indexer/embed/model_store.h"
#include "indexer/embed/projection.h"
#include "indexer/embed/text_encoder.h"
#include "indexer/support/files.h"
#include "tests/embed/test_data.h"

using namespace vitrine;

namespace {

// nullptr and a message where the set-up has not run.
std::shared_ptr<OnnxRuntime> Runtime() {
  auto runtime = OnnxRuntime::Load({});
  if (!runtime.ok()) MESSAGE("skipped: ", runtime.error().message);
  return runtime.ok() ? runtime.value() : nullptr;
}

bool HasMobileNet() {
  if (std::filesystem::exists(ModelFolder() / "mobilenet-v2/model.onnx")) return true;
  MESSAGE("skipped: scripts/models/setup.sh has not run");
  return false;
}

nlohmann::json ReadJson(const std::filesystem::path& path) {
  const Bytes bytes = ReadFile(path).value();
  return nlohmann::json::parse(bytes.begin(), bytes.end());
}

std::vector<double> Numbers(const nlohmann::json& list) { return list.get<std::vector<double>>(); }

double WorstDifference(std::span<const float> ours, const std::vector<double>& theirs) {
  REQUIRE(ours.size() == theirs.size());
  double worst = 0;
  for (size_t i = 0; i < ours.size(); ++i) worst = std::max(worst, std::abs(ours[i] - theirs[i]));
  return worst;
}

// Scaled to length 1, in double precision.
std::vector<double> Unit(std::span<const double> row) {
  double square = 0;
  for (double value : row) square += value * value;
  std::vector<double> unit(row.begin(), row.end());
  for (double& value : unit) value /= std::sqrt(square);
  return unit;
}

double LengthOf(std::span<const float> row) {
  double square = 0;
  for (float value : row) square += static_cast<double>(value) * value;
  return std::sqrt(square);
}

// Products with a few photos: two alike, a broken one, a missing one, none.
std::vector<Product> SmallShop(const TemporaryFolder& folder) {
  const auto write = [&](const std::string& name, const Bytes& bytes) {
    REQUIRE(WriteFileAtomically(folder / name, bytes).ok());
  };
  write("red.png", PlainPng(200, 10, 20));
  write("same.png", PlainPng(200, 10, 20));
  write("blue.png", PlainPng(10, 20, 200, 40));
  write("broken.png", {1, 2, 3});
  std::vector<Product> products = {
      MakeProduct("1", "Red summer dress", "red.png"), MakeProduct("2", "Red dress", "same.png"),
      MakeProduct("3", "Blue jeans", "blue.png"),      MakeProduct("4", "Blue shirt", "broken.png"),
      MakeProduct("5", "Green hat", "missing.png"),    MakeProduct("6", "Green scarf")};
  for (int i = 0; i < 30; ++i) {  // several batches
    const std::string name = "p" + std::to_string(i) + ".png";
    write(name, PlainPng(static_cast<uint8_t>(8 * i), static_cast<uint8_t>(250 - 7 * i), 99));
    products.push_back(
        MakeProduct("p" + std::to_string(i), "Shirt number " + std::to_string(i), name));
  }
  return products;
}

}  // namespace

TEST_CASE("the converted MobileNetV2 computes what its original runtime computes") {
  auto runtime = Runtime();
  if (!runtime || !HasMobileNet()) return;
  const EncoderProfile profile = FindProfile("mobilenet-v2", {}).value();
  const std::vector<std::filesystem::path> folders = {ModelFolder()};
  auto encoder = ImageEncoder::Open(profile, folders, runtime, Device::kCpu);
  REQUIRE_MESSAGE(encoder.ok(), encoder.error().message);
  const auto reference = ReadJson(ModelFolder() / "mobilenet-v2/reference.json");
  for (const auto& [name, expected] : reference["outputs"].items()) {
    auto row = encoder.value().Encode(ReferenceInput(name, 224, 224), 1);
    REQUIRE(row.ok());
    const double worst = WorstDifference(row.value(), Numbers(expected));
    MESSAGE(name, ": max abs error ", worst, " against ", reference["runtime"].get<std::string>());
    CHECK(worst < reference["tolerance"].get<double>());
  }
}

TEST_CASE("a model that is brought from a folder is checked against the folder's SHA256SUMS") {
  TemporaryFolder folder;
  const EncoderProfile profile = FindProfile("mobilenet-v2", {}).value();
  Console console(Console::Level::kQuiet);
  const std::string model = "not really a model";
  REQUIRE(WriteFileAtomically(folder / "from/model.onnx", std::string_view(model)).ok());
  const std::string from = (folder / "from").string();
  CHECK(AddModel(profile, from, folder / "to", console).ok());
  CHECK(std::filesystem::exists(folder / "to/mobilenet-v2/model.onnx"));
  const std::string good = Sha256Hex(AsBytes(model)) + "  model.onnx\n";
  REQUIRE(WriteFileAtomically(folder / "from/SHA256SUMS", std::string_view(good)).ok());
  CHECK(AddModel(profile, from, folder / "to", console).ok());
  const std::string bad = std::string(64, '0') + "  model.onnx\n";
  REQUIRE(WriteFileAtomically(folder / "from/SHA256SUMS", std::string_view(bad)).ok());
  CHECK_FALSE(AddModel(profile, from, folder / "to", console).ok());
  CHECK_FALSE(std::filesystem::exists(folder / "to/mobilenet-v2/model.onnx"));
  CHECK_FALSE(AddModel(profile, folder.path().string() + "/nothing", folder / "to", console).ok());
}

TEST_CASE("products without a usable photo are listed and keep their words") {
  if (!Runtime() || !HasMobileNet()) return;
  TemporaryFolder folder;
  const std::vector<Product> products = SmallShop(folder);
  EmbedOptions options;
  options.photos.root = folder.path();
  options.model_dir = ModelFolder();
  Console console(Console::Level::kQuiet);
  auto result = EmbedCatalogue(products, options, console);
  REQUIRE_MESSAGE(result.ok(), result.error().message);
  CHECK(result.value().photos_missing == 3);
  REQUIRE(result.value().problems.size() == 3);
  CHECK(result.value().problems[0].product_id == "4");
  CHECK(result.value().problems[0].reason == "neither JPEG, PNG nor WebP");
  CHECK(result.value().problems[1].reason == "no such file");
  CHECK(result.value().problems[2].image == "");
  const Matrix& vectors = result.value().vectors;
  for (size_t i = 0; i < vectors.rows; ++i) {
    CHECK(LengthOf(vectors.row(i)) == doctest::Approx(1));
  }
}

TEST_CASE("the vectors do not depend on threads, the cache or other products' photos") {
  auto runtime = Runtime();
  if (!runtime || !HasMobileNet()) return;
  TemporaryFolder folder;
  const std::vector<Product> products = SmallShop(folder);
  EmbedOptions options;
  options.photos.root = folder.path();
  options.model_dir = ModelFolder();
  options.threads = 1;
  Console console(Console::Level::kQuiet);
  const Matrix one = EmbedCatalogue(products, options, console).value().vectors;
  options.threads = 3;
  options.cache_dir = folder / "cache";
  CHECK(EmbedCatalogue(products, options, console).value().vectors.data == one.data);
  auto again = EncodeProducts(products, "mobilenet-v2", options, console);
  REQUIRE(again.ok());
  CHECK(again.value().encoded == 0);
  CHECK(EmbedCatalogue(products, options, console).value().vectors.data == one.data);
  // A single product encodes to the same row as among all the others.
  options.cache_dir.clear();
  auto alone = EncodeProducts(std::span(products).subspan(2, 1), "mobilenet-v2", options, console);
  REQUIRE(alone.ok());
  CHECK(std::equal(alone.value().rows.data.begin(), alone.value().rows.data.end(),
                   again.value().rows.row(2).begin()));
}

TEST_CASE("combined and split CLIP models give the reference's vectors") {
  const auto data = DataFolder() / "encoders";
  auto runtime = Runtime();
  if (!runtime) return;
  if (!std::filesystem::exists(data / "tiny_clip_expected.json")) {
    MESSAGE("skipped: no tiny CLIP models in ", data.string());
    return;
  }
  const auto expected = ReadJson(data / "tiny_clip_expected.json");
  std::vector<float> ramp(3 * 224 * 224);
  for (size_t i = 0; i < ramp.size(); ++i) {
    ramp[i] = static_cast<float>(-1.5 + 3.0 * static_cast<double>(i) /
                                            static_cast<double>(ramp.size() - 1));
  }
  TemporaryFolder folder;
  const auto link = [&](const std::string& from, const std::string& to) {
    std::filesystem::create_directories((folder / to).parent_path());
    std::filesystem::create_symlink(std::filesystem::absolute(data / from), folder / to);
  };
  link("tiny_clip_combined.onnx", "combined/model.onnx");
  link("tiny_clip_vision.onnx", "split/vision_model.onnx");
  link("tiny_clip_text.onnx", "split/text_model.onnx");
  const EncoderProfile profile = FindProfile("fashion-clip", {}).value();
  // Exports of combined models scale their vectors to length 1, those of split ones do not; what
  // vitrine makes of either has length 1.
  const auto check = [](std::span<const float> row, const nlohmann::json& want) {
    std::vector<float> unit(row.begin(), row.end());
    Normalise(unit);
    CHECK(WorstDifference(unit, Unit(Numbers(want))) < 1e-5);
    return unit;
  };
  std::vector<std::vector<float>> images, texts;
  for (const std::string kind : {"combined", "split"}) {
    CAPTURE(kind);
    link("bpe_simple_vocab_16e6.txt.gz", kind + "/bpe_simple_vocab_16e6.txt.gz");
    const std::vector<std::filesystem::path> folders = {folder / kind};
    auto image = ImageEncoder::Open(profile, folders, runtime, Device::kCpu);
    REQUIRE_MESSAGE(image.ok(), image.error().message);
    images.push_back(check(image.value().Encode(ramp, 1).value(), expected["image_embeds"]));
    auto text = TextEncoder::Open(profile, folders, runtime, Device::kCpu);
    REQUIRE_MESSAGE(text.ok(), text.error().message);
    const std::vector<TokenRow> tokens = {text.value().Tokens("a red dress"),
                                          text.value().Tokens("A red")};
    for (size_t i = 0; i < tokens.size(); ++i) {
      const auto want = expected["input_ids"][i].get<std::vector<int64_t>>();
      CHECK(std::equal(want.begin(), want.end(), tokens[i].ids.begin()));
    }
    const std::vector<float> rows = text.value().Encode(tokens).value();
    texts.push_back(check(std::span(rows).first(512), expected["text_embeds"][0]));
    texts.push_back(check(std::span(rows).subspan(512), expected["text_embeds"][1]));
    if (kind == "split") {  // which gives the reference's numbers as they are
      CHECK(WorstDifference(std::span(rows).first(512), Numbers(expected["text_embeds"][0])) <
            1e-5);
    }
  }
  const auto as_double = [](const std::vector<float>& row) {
    return std::vector<double>(row.begin(), row.end());
  };
  CHECK(WorstDifference(images[0], as_double(images[1])) < 1e-5);
  CHECK(WorstDifference(texts[0], as_double(texts[2])) < 1e-5);
  CHECK(WorstDifference(texts[1], as_double(texts[3])) < 1e-5);
}

TEST_CASE("a profile that does not fit its model is refused with the model's own names") {
  auto runtime = Runtime();
  if (!runtime || !HasMobileNet()) return;
  EncoderProfile profile = FindProfile("mobilenet-v2", {}).value();
  profile.image->input = "images";
  const std::vector<std::filesystem::path> folders = {ModelFolder()};
  auto encoder = ImageEncoder::Open(profile, folders, runtime, Device::kCpu);
  REQUIRE_FALSE(encoder.ok());
  CHECK(encoder.error().message.find("pixel_values [?,3,224,224] float32") != std::string::npos);
}

TEST_CASE("without CUDA --device cuda fails with the remedy, and auto takes the CPU and says so") {
  auto runtime = Runtime();
  if (!runtime || !HasMobileNet()) return;
  for (const std::string& provider : runtime->providers()) {
    if (provider != "CUDAExecutionProvider") continue;
    MESSAGE("skipped: ", runtime->library().string(), " has CUDA");
    return;
  }
  const auto model = ModelFolder() / "mobilenet-v2/model.onnx";
  const auto cuda = OnnxModel::Open(runtime, model, Device::kCuda);
  REQUIRE_FALSE(cuda.ok());
  CHECK(cuda.error().message ==
        "--device cuda: " + runtime->library().string() + " (ONNX Runtime " + runtime->version() +
            ") is built without CUDA; point --ort-lib at lib/libonnxruntime.so of ONNX Runtime's "
            "release onnxruntime-linux-x64-gpu, on a machine with an NVIDIA driver, CUDA 12 and "
            "cuDNN 9, or use --device cpu");
  const auto automatic = OnnxModel::Open(runtime, model, Device::kAuto);
  REQUIRE_MESSAGE(automatic.ok(), automatic.error().message);
  CHECK(automatic.value()->device_used() == "CPU");
}

TEST_CASE("a library that is named but not there is an error that says how to get one") {
  const auto runtime = OnnxRuntime::Load("/nowhere/libonnxruntime.so");
  REQUIRE_FALSE(runtime.ok());
  for (const char* part : {"/nowhere/libonnxruntime.so", "--ort-lib", "ORT_LIB",
                           "scripts/setup_onnxruntime.sh", "1.21"}) {
    CAPTURE(part);
    CHECK(runtime.error().message.find(part) != std::string::npos);
  }
}

TEST_CASE("all reference vectors of the CLIP tokenizer are exact") {
  const auto data = DataFolder() / "encoders";
  if (!std::filesystem::exists(data / "clip_tokenizer_vectors.json")) {
    MESSAGE("skipped: no tokenizer vectors in ", data.string());
    return;
  }
  EncoderProfile profile = FindProfile("fashion-clip", {}).value();
  const std::vector<std::filesystem::path> folders = {data};
  auto tokenizer = OpenTokenizer(profile, folders);
  REQUIRE_MESSAGE(tokenizer.ok(), tokenizer.error().message);
  size_t count = 0;
  const auto reference = ReadJson(data / "clip_tokenizer_vectors.json");
  for (const auto& vector : reference["vectors"]) {
    const auto text = vector["text"].get<std::string>();
    CAPTURE(text);
    CHECK(tokenizer.value()->Encode(text, 100'000) == vector["ids"].get<std::vector<int64_t>>());
    if (vector.contains("ids77")) {
      CHECK(tokenizer.value()->Encode(text, 77) == vector["ids77"].get<std::vector<int64_t>>());
    }
    ++count;
  }
  CHECK(count > 250);
}
