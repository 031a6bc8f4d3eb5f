// What decoding and resizing cost beside the model: CPU time per photo, on one core, of a ViT-B/32
// of full size with random weights, which scripts/bench.sh makes. Photos are those of
// $VITRINE_BENCH_PHOTOS, else of clothing-cc0 in the data folder, else the demo shop's.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <vector>

#include "indexer/embed/image_decode.h"
#include "indexer/embed/image_encoder.h"
#include "indexer/support/files.h"

using namespace vitrine;
namespace fs = std::filesystem;

namespace {

constexpr size_t kPhotos = 200;
constexpr size_t kRuns = 4;

double CpuSeconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

std::vector<Bytes> ReadPhotos(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<Bytes> photos;
  for (const fs::path& path : paths) {
    if (photos.size() == kPhotos) break;
    auto bytes = ReadFile(path);
    if (bytes.ok() && DecodeImage(bytes.value()).ok()) photos.push_back(std::move(bytes.value()));
  }
  return photos;
}

fs::path PhotoFolder() {
  const fs::path root = VITRINE_SOURCE_DIR;
  if (const char* given = std::getenv("VITRINE_BENCH_PHOTOS")) return given;
  const char* data = std::getenv("VITRINE_DATA");
  const fs::path real =
      (data != nullptr ? fs::path(data) : root / "../shared/data") / "clothing-cc0/images";
  return fs::exists(real) ? real : root / "build/demo-shop/images";
}

int Run(const fs::path& photo_folder, const fs::path& model_folder) {
  const std::vector<Bytes> photos = ReadPhotos(photo_folder);
  const auto profile = FindProfile("clip-vit-b32", {});
  const auto runtime = OnnxRuntime::Load({});
  if (photos.empty() || !fs::exists(model_folder / "vision_model.onnx") || !runtime.ok()) {
    std::printf(
        "skipped: needs photos in %s, ONNX Runtime, and the model of\n"
        "  node scripts/models/random_vit.mjs %s\n",
        photo_folder.c_str(), model_folder.c_str());
    return 0;
  }
  const std::vector<fs::path> folders = {model_folder};
  const auto encoder = ImageEncoder::Open(profile.value(), folders, runtime.value(), Device::kCpu);
  if (!encoder.ok()) {
    std::fprintf(stderr, "%s\n", encoder.error().message.c_str());
    return 1;
  }
  const ImagePreprocess& preprocess = profile.value().image->preprocess;
  const size_t batch = profile.value().batch, size = preprocess.output_size();
  std::vector<float> pixels(batch * size);
  double decoding = 0, resizing = 0, running = 0, seen = 0;
  for (size_t i = 0; i < photos.size(); ++i) {
    const double start = CpuSeconds();
    const Image image = std::move(DecodeImage(photos[i]).value());
    const double decoded = CpuSeconds();
    Preprocess(image, preprocess, std::span(pixels).subspan(i % batch * size, size));
    decoding += decoded - start;
    resizing += CpuSeconds() - decoded;
    seen += static_cast<double>(image.width) * image.height;
  }
  for (size_t run = 0; run < kRuns; ++run) {
    const double start = CpuSeconds();
    if (!encoder.value().Encode(pixels, batch).ok()) return 1;
    running += CpuSeconds() - start;
  }
  const double photo = 1e3 / static_cast<double>(photos.size());
  const double model = 1e3 * running / static_cast<double>(kRuns * batch);
  const double before = (decoding + resizing) * photo;
  std::printf(
      "%zu photos of %.2f megapixels, ms of CPU per photo: decode %.2f, resize and normalise %.2f, "
      "ViT-B/32 fp32 %.1f (%.1f images/s)\n"
      "decoding and resizing take %.2f %% of the model's time\n",
      photos.size(), 1e-6 * seen / static_cast<double>(photos.size()), decoding * photo,
      resizing * photo, model, 1e3 / model, 100 * before / model);
  return 0;
}

}  // namespace

int main() {
  return Run(PhotoFolder(), fs::path(VITRINE_SOURCE_DIR) / "build/deps/models/random-vit-b32");
}
