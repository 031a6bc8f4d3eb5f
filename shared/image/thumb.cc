#include "shared/image/thumb.h"

#include <algorithm>

namespace vitrine {
namespace {

// Views are made of a small copy, whose side is as many margins as a margin is parts of the photo.
constexpr int kMargin = 4, kSmallSide = 18 * kMargin;

struct Margins {
  int left = 0, top = 0, right = 0, bottom = 0;
};

Image DrawnOut(const Image& image, const Margins& by) {
  Image out{image.width + by.left + by.right, image.height + by.top + by.bottom, {}};
  out.pixels.reserve(size_t{3} * static_cast<size_t>(out.width) * static_cast<size_t>(out.height));
  for (int y = 0; y < out.height; ++y) {
    const int from_y = std::clamp(y - by.top, 0, image.height - 1);
    for (int x = 0; x < out.width; ++x) {
      const int from_x = std::clamp(x - by.left, 0, image.width - 1);
      const auto at = image.pixels.begin() + 3 * (from_y * image.width + from_x);
      out.pixels.insert(out.pixels.end(), at, at + 3);
    }
  }
  return out;
}

Image Small(const Image& image) {
  return Resize(image, kSmallSide, kSmallSide, ResampleFilter::kBilinear);
}

void AddThumb(const Image& image, std::vector<uint8_t>& thumbs) {
  const Image tiny = Resize(image, kThumbSide, kThumbSide, ResampleFilter::kBilinear);
  for (size_t c = 0; c < 3; ++c) {
    for (size_t i = c; i < tiny.pixels.size(); i += 3) thumbs.push_back(tiny.pixels[i]);
  }
}

}  // namespace

std::vector<uint8_t> ThumbOf(const Image& image) {
  std::vector<uint8_t> thumb;
  AddThumb(Small(image), thumb);
  return thumb;
}

std::vector<uint8_t> ThumbViews(const Image& image) {
  const Image small = Small(image);
  std::vector<uint8_t> thumbs;
  for (int sides = 0; sides < 16; ++sides) {
    const auto margin = [sides](int side) { return (sides >> side & 1) * kMargin; };
    AddThumb(DrawnOut(small, {margin(0), margin(1), margin(2), margin(3)}), thumbs);
  }
  constexpr int kHalf = kMargin / 2;
  AddThumb(DrawnOut(small, {kHalf, kHalf, kHalf, kHalf}), thumbs);
  return thumbs;
}

}  // namespace vitrine
