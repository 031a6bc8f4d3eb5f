// One decoder per format, each around one library. Used by image_decode.cc only.
#pragma once

#include <string>

#include "indexer/embed/image_decode.h"

namespace vitrine {

// What a decoder gives: pixels as they lie in the file.
struct RawImage {
  int width = 0;
  int height = 0;
  int channels = 3;  // 3 = RGB, 4 = RGBA
  std::vector<uint8_t> pixels;
  Bytes exif;  // TIFF structure, empty = none
};

Result<RawImage> DecodeJpeg(ByteView file, const DecodeLimits& limits);
Result<RawImage> DecodePng(ByteView file, const DecodeLimits& limits);
Result<RawImage> DecodeWebp(ByteView file, const DecodeLimits& limits);

// An error when the size is 0 or beyond the limits.
Status CheckImageSize(int64_t width, int64_t height, const DecodeLimits& limits);

}  // namespace vitrine
