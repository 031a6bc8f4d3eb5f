// Any bytes as a photo (JPEG, PNG and WebP by their first bytes): decoded within its limits or
// refused, and what was decoded can be resized by every filter.
#include <cstdint>
#include <cstdlib>

#include "indexer/embed/image_decode.h"
#include "shared/image/preprocess.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitrine;
  DecodeLimits limits;
  limits.max_pixels = 1 << 18;
  const auto image = DecodeImage(ByteView(data, size), limits);
  if (!image.ok()) return 0;
  const Image& photo = image.value();
  const auto pixels = static_cast<int64_t>(photo.width) * photo.height;
  if (pixels < 1 || pixels > limits.max_pixels) std::abort();
  if (photo.pixels.size() != static_cast<size_t>(pixels) * 3) std::abort();
  ImagePreprocess preprocess;
  preprocess.fit = static_cast<ImagePreprocess::Fit>(data[size / 2] % 3);
  preprocess.width = preprocess.height = 40;
  preprocess.crop_width = preprocess.crop_height = 32;
  preprocess.filter = static_cast<ResampleFilter>(data[size - 1] % 5);
  const Image small = ResizeAndCrop(photo, preprocess);
  if (small.pixels.size() != size_t{32} * 32 * 3) std::abort();
  return 0;
}
