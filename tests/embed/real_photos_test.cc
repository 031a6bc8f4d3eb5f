// How good the vectors of real photos are: precision at 10 (fusion_test.cc compares it with a slow
// count) over two public sets that are not part of the project. Vectors stay in build/photo-cache,
// under the digest of photo, model and profile, so that only the first run encodes.
#include "indexer/embed/embed.h"
#include "indexer/embed/model_store.h"
#include "indexer/embed/precision.h"
#include "tests/embed/test_data.h"

using namespace vitrine;

namespace {

// Options to encode photos of `set` with; nothing, and a message, where a part is missing.
std::optional<EmbedOptions> PhotoSet(const std::string& set) {
  EmbedOptions options;
  options.photos.root = DataFolder() / set;
  options.model_dir = ModelFolder();
  options.cache_dir = std::filesystem::path(VITRINE_SOURCE_DIR) / "build/photo-cache";
  if (!std::filesystem::exists(options.photos.root)) {
    MESSAGE("skipped: no ", options.photos.root.string());
    return {};
  }
  if (!std::filesystem::exists(options.model_dir / "mobilenet-v2/model.onnx")) {
    MESSAGE("skipped: scripts/models/setup.sh has not run");
    return {};
  }
  if (const auto runtime = OnnxRuntime::Load({}); !runtime.ok()) {
    MESSAGE("skipped: ", runtime.error().message);
    return {};
  }
  return options;
}

std::vector<double> PrecisionAt10(const Matrix& rows, std::span<const Product> products,
                                  std::initializer_list<std::string> fields) {
  std::vector<std::vector<uint32_t>> labels;
  for (const std::string& field : fields) labels.push_back(LabelsOf(products, field));
  const auto queries = SpreadQueries(products.size(), products.size());
  const Matrix similarity = Similarity(rows.view(), queries, 0);
  return PrecisionAtK(similarity.view(), queries, labels, 10, 0);
}

}  // namespace

TEST_CASE("MobileNetV2 finds clothes of the same kind on amateurs' photos") {
  const auto options = PhotoSet("clothing-cc0");
  if (!options) return;
  std::vector<Product> products;
  for (auto& row : ReadCsv(DataFolder() / "clothing-cc0/labels.csv")) {
    products.push_back(MakeProduct(row["id"], "", row["image"]));
    products.back().category = row["label"];
  }
  Console console(Console::Level::kQuiet);
  const auto encoded = EncodeProducts(products, "mobilenet-v2", *options, console);
  REQUIRE_MESSAGE(encoded.ok(), encoded.error().message);
  CHECK(encoded.value().problems.empty());
  const double kind = PrecisionAt10(encoded.value().rows, products, {"category"})[0];
  MESSAGE("P@10 by label ", kind, " of ", products.size(), " photos");
  CHECK(kind >= 0.50);
}

TEST_CASE("words and photos together find products of the same kind and colour") {
  auto options = PhotoSet("fashion-small");
  if (!options) return;
  const std::vector<Product> products = FashionSmall();
  // The shop names the article type, as shops do: it is one of the words. What photos and the words
  // of titles find without it is in docs/encoders.md.
  options->encoders = {"product-words", "mobilenet-v2"};
  Console console(Console::Level::kQuiet);
  const auto fused = EmbedCatalogue(products, *options, console);
  REQUIRE_MESSAGE(fused.ok(), fused.error().message);
  CHECK(fused.value().photos_missing == 0);
  const auto shares = PrecisionAt10(fused.value().vectors, products, {"category", "colour"});
  MESSAGE("P@10 by article type ", shares[0], ", by colour ", shares[1]);
  CHECK(shares[0] >= 0.90);
  CHECK(shares[1] >= 0.60);
}
