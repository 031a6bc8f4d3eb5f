// Photos as 8-bit RGB, with the pixels that Pillow gives: JPEG (progressive, grey, CMYK), PNG (any
// colour type and depth), WebP (the first picture of a moving one), upright by their EXIF
// orientation, transparency laid on white.
#pragma once

#include <cstdint>

#include "shared/bytes.h"
#include "shared/image/resample.h"
#include "shared/result.h"

namespace vitrine {

struct DecodeLimits {
  int64_t max_pixels = 64'000'000;  // beyond: refused before anything is allocated
  int max_side = 32'768;
};

// The format is told by the first bytes, not by the file's name. Errors say what is wrong with the
// file: unknown format, too large, broken, cut off. Thread-safe.
Result<Image> DecodeImage(ByteView file, const DecodeLimits& limits = {});

}  // namespace vitrine
