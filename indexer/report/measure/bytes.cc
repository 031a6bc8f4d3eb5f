// What a shopper downloads, and when. Sizes as they are and as a CDN sends them (Brotli).
#include <brotli/encode.h>

#include <filesystem>
#include <map>

#include "indexer/publish/manifest.h"
#include "indexer/report/measure/input.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

constexpr int kBrotliQuality = 9;  // of shards and scripts: what servers use for static files
constexpr size_t kShardSample = 24;

uint64_t BrotliSize(ByteView bytes) {
  std::vector<uint8_t> out(BrotliEncoderMaxCompressedSize(bytes.size()));
  size_t size = out.size();
  if (!BrotliEncoderCompress(kBrotliQuality, BROTLI_MAX_WINDOW_BITS, BROTLI_DEFAULT_MODE,
                             bytes.size(), bytes.data(), &size, out.data())) {
    return bytes.size();
  }
  return std::min<uint64_t>(size, bytes.size());
}

struct Download {
  uint64_t files = 0, bytes = 0, brotli_bytes = 0;
};

Result<Download> SizeOf(const std::filesystem::path& path) {
  VITRINE_ASSIGN(const Bytes bytes, ReadFile(path));
  return Download{1, bytes.size(), BrotliSize(bytes)};
}

// Of shards: the mean and the largest of a sample.
Result<Json> ShardsJson(const std::filesystem::path& folder, const Manifest& manifest, bool pages) {
  const uint64_t count = pages ? manifest.pages.count : manifest.cards.count;
  uint64_t bytes = 0, brotli = 0, largest = 0;
  const auto sample = EvenSample(count, kShardSample);
  for (uint32_t shard : sample) {
    VITRINE_ASSIGN(const Download one, SizeOf(folder / (pages ? manifest.PageShard(shard)
                                                              : manifest.CardShard(shard))));
    bytes += one.bytes;
    brotli += one.brotli_bytes;
    largest = std::max(largest, one.brotli_bytes);
  }
  const double n = static_cast<double>(std::max<size_t>(sample.size(), 1));
  return Json{{"files", count},
              {"mean_bytes", Rounded(static_cast<double>(bytes) / n)},
              {"mean_brotli_bytes", Rounded(static_cast<double>(brotli) / n)},
              {"largest_brotli_bytes", largest}};
}

Json Stage(const char* stage, const char* when, const std::string& part, const Json& sizes,
           uint64_t brotli, bool loads_before_answer) {
  Json json = {{"stage", stage},
               {"when", when},
               {"part", part},
               {"brotli_bytes", brotli},
               {"before_first_paint", loads_before_answer}};
  json["bytes"] = sizes;
  return json;
}

}  // namespace

Json MeasureBundle(const std::filesystem::path& folder) {
  const Result<Manifest> read = ReadManifest(folder);
  if (!read.ok()) return nullptr;
  const Manifest& manifest = read.value();
  const auto pages = ShardsJson(folder, manifest, true),
             cards = ShardsJson(folder, manifest, false);
  const auto own = SizeOf(folder / "manifest.json");
  if (!pages.ok() || !cards.ok() || !own.ok()) return nullptr;
  Json stages = Json::array();
  stages.push_back(Stage("first paint", "every page view; cached until the next build", "manifest",
                         own.value().bytes, own.value().brotli_bytes, true));
  stages.push_back(
      Stage("first paint", "a product page", "page shard (mean)", pages.value()["mean_bytes"],
            static_cast<uint64_t>(pages.value()["mean_brotli_bytes"].get<double>()), true));
  const auto add = [&](const char* stage, const char* when, const std::string& part,
                       const Manifest::File& file) {
    Download sum;
    for (const std::string& path : file.Paths()) {
      const auto size = SizeOf(folder / path);
      if (!size.ok()) return;
      sum.bytes += size.value().bytes;
      sum.brotli_bytes += size.value().brotli_bytes;
    }
    stages.push_back(Stage(stage, when, part, sum.bytes, sum.brotli_bytes, false));
  };
  add("first paint", "a page without a product", "popular", manifest.popular);
  for (const auto& [name, file] : manifest.engine) {
    add("engine", "once, when the page is idle or a personal list is asked for", name, file);
  }
  const std::map<std::string, const char*> when = {
      {"catalogue", "with the engine"},
      {"rules", "for carts"},
      {"taste", "for personal lists"},
      {"vectors", "for personal lists and search, after first paint"}};
  for (const auto& [name, file] : manifest.sections) {
    const auto at = when.find(name);
    add("engine", at == when.end() ? "when it is asked for" : at->second, name, file);
  }
  stages.push_back(Stage("personal list", "per answer, for its pictures and titles",
                         "card shard (mean)", cards.value()["mean_bytes"],
                         static_cast<uint64_t>(cards.value()["mean_brotli_bytes"].get<double>()),
                         false));
  return {{"build", manifest.build},
          {"items", manifest.items},
          {"stages", stages},
          {"page_shards", pages.value()},
          {"card_shards", cards.value()}};
}

Json MeasureBytes(const ReportInput& input) {
  const double n = static_cast<double>(std::max<size_t>(input.shop.products.size(), 1));
  Json sections = Json::array();
  const std::pair<const char*, const Bytes*> payloads[] = {{"catalogue", &input.parts.catalogue},
                                                           {"rules", &input.parts.rules},
                                                           {"taste", &input.parts.taste},
                                                           {"vectors", &input.parts.vectors}};
  for (const auto& [name, payload] : payloads) {
    if (payload->empty()) continue;
    sections.push_back({{"section", name},
                        {"bytes", payload->size()},
                        {"brotli_bytes", BrotliSize(*payload)},
                        {"bytes_per_item", Rounded(static_cast<double>(payload->size()) / n)}});
  }
  return {{"sections", sections}, {"bundle", nullptr}};
}

}  // namespace vitrine
