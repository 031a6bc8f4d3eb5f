// Resizing as Pillow does it (libImaging/Resample.c of Pillow 9 to 11, 8 bits a channel): two
// passes with an anti-aliasing filter whose weights are rounded to 22 bits. The encoders were
// trained on such pixels; other resizers move the nearest neighbours. Native code and WebAssembly
// give the same bytes, and so does Pillow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace vitrine {

// 8-bit RGB, row-major: channel c of the pixel at (x, y) is pixels[(y * width + x) * 3 + c].
struct Image {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> pixels;
};

enum class ResampleFilter { kNearest, kBox, kBilinear, kBicubic, kLanczos };

// REQUIRES: a non-empty image; width and height in 1..65535.
// Cost: about (width_in * support + height_out * support) multiplications per output column.
Image Resize(const Image& image, int width, int height, ResampleFilter filter);

// The rectangle at (left, top); what lies outside of the image is black.
Image Crop(const Image& image, int left, int top, int width, int height);

}  // namespace vitrine
