// From a photo to the numbers an image encoder reads: resize, crop, normalise, as the encoder's
// profile says. Compiled natively and to WebAssembly, so both sides feed the same numbers.
#pragma once

#include <array>
#include <span>

#include "shared/image/resample.h"
#include "shared/result.h"

namespace vitrine {

struct ImagePreprocess {
  enum class Fit {
    kShortest,  // the shorter side becomes `height`, the longer int(height * long / short)
    kSquash,    // exactly width x height, whatever the aspect
    kPad,  // as large as fits into width x height, in the middle of white; Pillow's ImageOps.pad
  };
  Fit fit = Fit::kShortest;
  int width = 224;  // not used by kShortest
  int height = 224;
  ResampleFilter filter = ResampleFilter::kBicubic;
  int crop_width = 224;  // centre crop after the resize; 0 = none (not with kShortest)
  int crop_height = 224;
  // y = (x * scale + offset - mean[c]) / std[c] for x in 0..255.
  double scale = 1.0 / 255;
  double offset = 0;
  std::array<double, 3> mean = {0, 0, 0};
  std::array<double, 3> std = {1, 1, 1};

  int output_width() const { return crop_width > 0 ? crop_width : width; }
  int output_height() const { return crop_height > 0 ? crop_height : height; }
  size_t output_size() const {
    return size_t{3} * static_cast<size_t>(output_width()) * static_cast<size_t>(output_height());
  }
};

// Are the sizes in range (1..4096) and the deviations not zero?
Status Validate(const ImagePreprocess& preprocess);

// Resize and crop only: 8-bit RGB of output_width() x output_height(). Photos whose aspect would
// blow the long side up beyond 16 times the short one are cut to that around their centre first.
Image ResizeAndCrop(const Image& image, const ImagePreprocess& preprocess);

// All of it: planar floats, value of channel c at (x, y) is out[(c * height + y) * width + x].
// REQUIRES: a non-empty image, valid settings, out.size() == output_size().
void Preprocess(const Image& image, const ImagePreprocess& preprocess, std::span<float> out);

}  // namespace vitrine
