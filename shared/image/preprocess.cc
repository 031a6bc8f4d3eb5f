#include "shared/image/preprocess.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <string>

namespace vitrine {
namespace {

constexpr int kMaxSide = 4096;
constexpr int kMaxAspect = 16;

// Python's floor division by two, for centres of crops that may lie outside.
int FloorHalf(int value) { return value >= 0 ? value / 2 : -((1 - value) / 2); }

// Half of an odd number to the even side, as Python rounds.
int RoundHalfEven(double value) { return static_cast<int>(std::nearbyint(value)); }

Image Pad(const Image& image, const ImagePreprocess& p) {
  const double aspect = static_cast<double>(image.width) / image.height;
  const double frame = static_cast<double>(p.width) / p.height;
  int width = p.width, height = p.height;
  if (aspect > frame) {
    height = std::max(1, RoundHalfEven(static_cast<double>(image.height) / image.width * p.width));
  } else if (aspect < frame) {
    width = std::max(1, RoundHalfEven(aspect * p.height));
  }
  const Image inner = Resize(image, width, height, p.filter);
  Image out{p.width, p.height, {}};
  const size_t row = static_cast<size_t>(p.width) * 3, inner_row = static_cast<size_t>(width) * 3;
  out.pixels.assign(row * static_cast<size_t>(p.height), 255);
  const auto left = static_cast<size_t>(RoundHalfEven((p.width - width) * 0.5));
  const auto top = static_cast<size_t>(RoundHalfEven((p.height - height) * 0.5));
  for (size_t y = 0; y < static_cast<size_t>(height); ++y) {
    std::copy_n(&inner.pixels[y * inner_row], inner_row, &out.pixels[(y + top) * row + left * 3]);
  }
  return out;
}

Image LimitAspect(const Image& image) {
  const int most_wide = image.height > 65535 ? image.width : image.height * kMaxAspect;
  const int most_high = image.width > 65535 ? image.height : image.width * kMaxAspect;
  const int width = std::min(image.width, most_wide), height = std::min(image.height, most_high);
  return Crop(image, (image.width - width) / 2, (image.height - height) / 2, width, height);
}

}  // namespace

Status Validate(const ImagePreprocess& p) {
  const auto bad = [](int side) { return side < 1 || side > kMaxSide; };
  if (bad(p.width) || bad(p.height)) {
    return Error{"image size must be 1.." + std::to_string(kMaxSide)};
  }
  const bool crops = p.crop_width != 0 || p.crop_height != 0;
  if (crops && (bad(p.crop_width) || bad(p.crop_height))) {
    return Error{"crop size must be 1.." + std::to_string(kMaxSide)};
  }
  if (!crops && p.fit == ImagePreprocess::Fit::kShortest) {
    return Error{"resizing by the shortest edge needs a crop, or photos differ in size"};
  }
  for (double value : p.std) {
    if (!(value > 0)) return Error{"std must be greater than 0"};
  }
  return Ok();
}

Image ResizeAndCrop(const Image& image, const ImagePreprocess& p) {
  assert(image.width > 0 && image.height > 0);
  Image resized;
  if (p.fit == ImagePreprocess::Fit::kSquash) {
    resized = Resize(image, p.width, p.height, p.filter);
  } else if (p.fit == ImagePreprocess::Fit::kPad) {
    resized = Pad(image, p);
  } else {
    const bool extreme =
        image.width / kMaxAspect >= image.height || image.height / kMaxAspect >= image.width;
    const Image cut = extreme ? LimitAspect(image) : Image{};
    const Image& source = extreme ? cut : image;
    const bool wide = source.width > source.height;
    const int64_t longer = wide ? source.width : source.height;
    const int64_t shorter = wide ? source.height : source.width;
    const int other = static_cast<int>(p.height * longer / shorter);
    resized = Resize(source, wide ? other : p.height, wide ? p.height : other, p.filter);
  }
  if (p.crop_width == 0) return resized;
  if (resized.width == p.crop_width && resized.height == p.crop_height) return resized;
  return Crop(resized, FloorHalf(resized.width - p.crop_width),
              FloorHalf(resized.height - p.crop_height), p.crop_width, p.crop_height);
}

void Preprocess(const Image& image, const ImagePreprocess& p, std::span<float> out) {
  assert(out.size() == p.output_size());
  const Image small = ResizeAndCrop(image, p);
  const size_t count = out.size() / 3;
  for (size_t c = 0; c < 3; ++c) {
    std::array<float, 256> table;
    for (int v = 0; v < 256; ++v) {
      const auto scaled = static_cast<float>(v * p.scale + p.offset);
      table[static_cast<size_t>(v)] =
          (scaled - static_cast<float>(p.mean[c])) / static_cast<float>(p.std[c]);
    }
    for (size_t i = 0; i < count; ++i) out[c * count + i] = table[small.pixels[i * 3 + c]];
  }
}

}  // namespace vitrine
