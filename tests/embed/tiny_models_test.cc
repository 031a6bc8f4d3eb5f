// Encoders from end to end on small models whose numbers scripts/models/tiny_models.mjs computes in
// double precision on its own.
#include "tests/embed/tiny_models.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "indexer/embed/embed.h"
#include "indexer/embed/labels.h"
#include "indexer/embed/model_store.h"
#include "indexer/embed/shards.h"
#include "indexer/support/files.h"
#include "indexer/support/npy.h"

using namespace vitrine;

namespace {

constexpr uint8_t kRed[] = {204, 13, 13}, kWhite[] = {250, 250, 250};

// A folder with the models, a few photos, and options that find both; false = skip.
struct TinyShop {
  TemporaryFolder folder;
  EmbedOptions options;
  std::vector<Product> products;
  Console console{Console::Level::kQuiet};

  bool Make(const std::string& form = "split") {
    auto runtime = OnnxRuntime::Load({});
    if (!runtime.ok()) MESSAGE("skipped: ", runtime.error().message);
    if (!runtime.ok() || !MakeTinyModels(folder.path())) return false;
    options.profile_dir = folder.path();
    options.model_dir = folder / form;
    options.photos.root = folder / "photos";
    options.encoders = {"tiny"};
    return true;
  }
  void Add(const std::string& id, const std::string& title, const uint8_t (&colour)[3],
           uint32_t side = 20) {
    const Bytes png = PlainPng(colour[0], colour[1], colour[2], side);
    REQUIRE(WriteFileAtomically(folder / ("photos/" + id + ".png"), png).ok());
    products.push_back(MakeProduct(id, title, id + ".png"));
  }
  void AddMany(int count) {
    for (int i = 0; i < count; ++i) {
      const uint8_t colour[] = {static_cast<uint8_t>(i * 7), static_cast<uint8_t>(255 - i), 60};
      Add("p" + std::to_string(i), i % 2 == 0 ? "a red dress" : "blue shirt", colour);
    }
  }
};

}  // namespace

TEST_CASE("split, combined, fp16 and int8 models give the vectors computed in double precision") {
  TinyShop shop;
  if (!shop.Make()) return;
  const EncoderProfile profile = FindProfile("tiny", shop.options.profile_dir).value();
  for (const char* form : {"split", "combined", "fp16", "int8"}) {
    CAPTURE(form);
    shop.options.model_dir = shop.folder / form;
    const Status checked = CheckModel(profile, shop.options, {}, shop.console);
    CHECK_MESSAGE(checked.ok(), checked.error().message);
  }
  // and the check can fail: combined models give other lengths than split ones
  std::filesystem::copy_file(shop.folder / "split/reference.json",
                             shop.folder / "combined/reference.json",
                             std::filesystem::copy_options::overwrite_existing);
  shop.options.model_dir = shop.folder / "combined";
  CHECK_FALSE(CheckModel(profile, shop.options, {}, shop.console).ok());
}

TEST_CASE("combined and split models make the same vectors of products") {
  TinyShop shop;
  if (!shop.Make()) return;
  shop.AddMany(9);
  const Matrix split = EmbedCatalogue(shop.products, shop.options, shop.console).value().vectors;
  shop.options.model_dir = shop.folder / "combined";
  const Matrix whole = EmbedCatalogue(shop.products, shop.options, shop.console).value().vectors;
  REQUIRE(split.data.size() == whole.data.size());
  for (size_t i = 0; i < split.data.size(); ++i) {
    CHECK(std::abs(split.data[i] - whole.data[i]) < 1e-5);
  }
}

TEST_CASE("a product's vector does not depend on the products that are encoded with it") {
  TinyShop shop;
  if (!shop.Make()) return;
  shop.AddMany(9);  // two batches and a bit
  for (const char* form : {"split", "int8"}) {
    CAPTURE(form);
    shop.options.model_dir = shop.folder / form;
    const auto together = EncodeProducts(shop.products, "tiny", shop.options, shop.console);
    REQUIRE_MESSAGE(together.ok(), together.error().message);
    for (size_t i = 0; i < shop.products.size(); ++i) {
      const auto alone = EncodeProducts(std::span(shop.products).subspan(i, 1), "tiny",
                                        shop.options, shop.console);
      REQUIRE(alone.ok());
      const auto same = [](std::span<const float> a, std::span<const float> b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end());
      };
      CHECK(same(alone.value().rows.row(0), together.value().rows.row(i)));
      CHECK(same(alone.value().text.row(0), together.value().text.row(i)));
    }
  }
}

TEST_CASE("a product without a usable photo has its text's vector in a joint space") {
  TinyShop shop;
  if (!shop.Make()) return;
  shop.Add("1", "blue dress", kRed);
  shop.products.push_back(MakeProduct("2", "blue dress", "missing.png"));
  auto encoded = EncodeProducts(shop.products, "tiny", shop.options, shop.console);
  REQUIRE_MESSAGE(encoded.ok(), encoded.error().message);
  const EncodedRows& rows = encoded.value();
  REQUIRE(rows.problems.size() == 1);
  CHECK(rows.problems[0].product_id == "2");
  for (size_t j = 0; j < rows.rows.cols; ++j) {
    CHECK(rows.rows.row(1)[j] == doctest::Approx(rows.text.row(1)[j]));
  }
  CHECK_FALSE(
      std::equal(rows.rows.row(0).begin(), rows.rows.row(0).end(), rows.rows.row(1).begin()));
}

TEST_CASE("labels that the catalogue lacks are inferred from photos, marked, and never overwrite") {
  TinyShop shop;
  if (!shop.Make()) return;
  shop.Add("1", "dress", kRed);
  shop.Add("2", "dress", kWhite);
  shop.Add("3", "dress", kWhite);
  shop.products[2].colour = "Red";  // whatever the photo shows
  LabelOptions options;
  options.encoder = "tiny";
  options.fields = {"colour"};
  options.threshold = 0.5;
  auto labels = InferLabels(shop.products, options, shop.options, shop.console);
  REQUIRE_MESSAGE(labels.ok(), labels.error().message);
  REQUIRE(labels.value().size() == 2);
  CHECK(labels.value()[0].value == "red");
  CHECK(labels.value()[1].value == "white");
  ApplyLabels(labels.value(), shop.products);
  CHECK(shop.products[0].colour == "red");
  CHECK(std::stod(shop.products[0].attributes.at("colour_inferred")) >= 0.5);
  CHECK(shop.products[2].colour == "Red");
  CHECK_FALSE(shop.products[2].attributes.contains("colour_inferred"));

  options.threshold = 1.1;  // more than any confidence
  shop.products[0].colour.clear();
  CHECK(InferLabels(shop.products, options, shop.options, shop.console).value().empty());
  options.encoder = "mobilenet-v2";
  CHECK_FALSE(InferLabels(shop.products, options, shop.options, shop.console).ok());
}

TEST_CASE("shards joined are the whole, byte for byte, and their caches spare all work") {
  TinyShop shop;
  if (!shop.Make()) return;
  shop.AddMany(23);
  shop.products.push_back(MakeProduct("last", "a red shirt", "missing.png"));
  const auto run = [&](const Shard& shard, const std::filesystem::path& out) {
    const auto [begin, end] = RangeOf(shard, shop.products.size());
    const auto part = std::span(shop.products).subspan(begin, end - begin);
    shop.options.cache_dir = out / "cache";
    auto rows = EncodeProducts(part, "tiny", shop.options, shop.console);
    REQUIRE(rows.ok());
    EmbedOutput output;
    for (const Product& product : part) output.ids.push_back(product.id);
    for (const auto& problem : rows.value().problems) output.problems.emplace_back("tiny", problem);
    output.tables.emplace_back("tiny", rows.value().rows);
    REQUIRE(WriteOutput(output, out, shard, "catalogue", shop.console).ok());
  };
  run({1, 1}, shop.folder / "whole");
  for (size_t i = 1; i <= 4; ++i) run({i, 4}, shop.folder / ("part" + std::to_string(i)));
  std::vector<std::filesystem::path> parts;
  for (int i : {3, 1, 4, 2}) parts.push_back(shop.folder / ("part" + std::to_string(i)));
  const Status merged =
      MergeShards(parts, shop.folder / "merged", shop.folder / "cache", shop.console);
  REQUIRE_MESSAGE(merged.ok(), merged.error().message);
  for (const char* name : {"tiny.npy", "ids.txt", "photo_problems.tsv"}) {
    CAPTURE(name);
    CHECK(ReadFile(shop.folder / ("whole/" + std::string(name))).value() ==
          ReadFile(shop.folder / ("merged/" + std::string(name))).value());
  }
  shop.options.cache_dir = shop.folder / "cache";
  auto again = EncodeProducts(shop.products, "tiny", shop.options, shop.console);
  CHECK(again.value().encoded == 0);

  parts.pop_back();
  const Status incomplete = MergeShards(parts, shop.folder / "m2", {}, shop.console);
  REQUIRE_FALSE(incomplete.ok());
  CHECK(incomplete.error().message.find("2/4") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(shop.folder / "m2"));
}

TEST_CASE("shards are written i/n, and any count of them covers every product once") {
  CHECK(ParseShard("2/8").value().number == 2);
  CHECK(ParseShard("0/8").value().number == 8);
  for (const char* bad : {"", "1", "3/2", "a/2", "1/0", "1/", "/2", "1/2/3", "-1/2", "1/2 "}) {
    CAPTURE(bad);
    CHECK_FALSE(ParseShard(bad).ok());
  }
  for (size_t products : {0, 1, 7, 100}) {
    for (size_t count : {1, 3, 8}) {
      size_t next = 0;
      for (size_t i = 1; i <= count; ++i) {
        const auto [begin, end] = RangeOf({i, count}, products);
        CHECK(begin == next);
        next = end;
      }
      CHECK(next == products);
    }
  }
}

TEST_CASE("a run that is killed loses nothing that it had finished") {
  TinyShop shop;
  if (!shop.Make()) return;
  shop.AddMany(200);
  const Matrix whole =
      EncodeProducts(shop.products, "tiny", shop.options, shop.console).value().rows;
  shop.options.cache_dir = shop.folder / "cache";
  const pid_t child = ::fork();
  if (child == 0) {
    shop.options.threads = 1;
    (void)EncodeProducts(shop.products, "tiny", shop.options, shop.console);
    ::_exit(0);
  }
  const auto cached = [&] {
    uintmax_t bytes = 0;
    std::error_code none;
    for (const auto& file : std::filesystem::directory_iterator(shop.options.cache_dir, none)) {
      bytes += file.is_regular_file() ? file.file_size() : 0;
    }
    return bytes;
  };
  int status = 0;
  while (cached() < 1'000 && ::waitpid(child, &status, WNOHANG) == 0) ::usleep(200);
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  auto resumed = EncodeProducts(shop.products, "tiny", shop.options, shop.console);
  REQUIRE_MESSAGE(resumed.ok(), resumed.error().message);
  CHECK(resumed.value().reused >= 4);
  CHECK(resumed.value().rows.data == whole.data);
}
