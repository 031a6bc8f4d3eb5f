#include "indexer/embed/image_decode.h"

#include <cstring>
#include <string>
#include <utility>

#include "indexer/embed/image_codecs.h"

namespace vitrine {
namespace {

bool StartsWith(ByteView file, std::string_view magic, size_t at = 0) {
  return file.size() >= at + magic.size() &&
         std::memcmp(file.data() + at, magic.data(), magic.size()) == 0;
}

// The orientation (1..8) of an EXIF block: tag 0x0112 of the first directory of a TIFF structure.
int Orientation(ByteView tiff) {
  if (tiff.size() < 8) return 1;
  const bool little = StartsWith(tiff, "II");
  if (!little && !StartsWith(tiff, "MM")) return 1;
  const auto u16 = [&](size_t at) -> uint32_t {
    if (at + 2 > tiff.size()) return 0;
    return little ? tiff[at] | tiff[at + 1] << 8 : tiff[at] << 8 | tiff[at + 1];
  };
  const auto u32 = [&](size_t at) -> uint32_t {
    return little ? u16(at) | u16(at + 2) << 16 : u16(at) << 16 | u16(at + 2);
  };
  const size_t directory = u32(4);
  if (directory > tiff.size()) return 1;
  const uint32_t entries = u16(directory);
  for (uint32_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + size_t{12} * i;
    if (entry + 12 > tiff.size()) break;
    if (u16(entry) != 0x0112) continue;
    const uint32_t value = u16(entry + 8);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

// Turns and mirrors so that the picture stands upright (EXIF 2.3, table of tag 0x0112).
Image Upright(Image image, int orientation) {
  if (orientation == 1) return image;
  const bool turned = orientation >= 5;  // the file's rows are the picture's columns
  const bool flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Image out{turned ? image.height : image.width, turned ? image.width : image.height, {}};
  out.pixels.resize(image.pixels.size());
  uint8_t* to = out.pixels.data();
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x, to += 3) {
      int from_x = turned ? y : x, from_y = turned ? x : y;
      if (flip_x) from_x = image.width - 1 - from_x;
      if (flip_y) from_y = image.height - 1 - from_y;
      const size_t from = (static_cast<size_t>(from_y) * static_cast<size_t>(image.width) +
                           static_cast<size_t>(from_x)) *
                          3;
      std::memcpy(to, &image.pixels[from], 3);
    }
  }
  return out;
}

// Lays RGBA on white with the integer arithmetic of Pillow's alpha_composite (7 extra bits).
std::vector<uint8_t> OnWhite(const std::vector<uint8_t>& rgba) {
  std::vector<uint8_t> rgb(rgba.size() / 4 * 3);
  for (size_t i = 0, o = 0; i < rgba.size(); i += 4) {
    const uint32_t alpha = rgba[i + 3];
    const uint32_t own = alpha * 128;  // weight of the photo, of 255 * 128
    const uint32_t white = 255 * 128 - own;
    for (size_t c = 0; c < 3; ++c) {
      const uint32_t sum = rgba[i + c] * own + 255 * white + (0x80 << 7);
      rgb[o++] = static_cast<uint8_t>(((sum >> 8) + sum) >> 8 >> 7);
    }
  }
  return rgb;
}

Result<RawImage> DecodeRaw(ByteView file, const DecodeLimits& limits) {
  if (file.empty()) return Error{"the file is empty"};
  if (StartsWith(file, "\xFF\xD8\xFF")) return DecodeJpeg(file, limits);
  if (StartsWith(file, "\x89PNG\r\n\x1A\n")) return DecodePng(file, limits);
  if (StartsWith(file, "RIFF") && StartsWith(file, "WEBP", 8)) return DecodeWebp(file, limits);
  return Error{"neither JPEG, PNG nor WebP"};
}

}  // namespace

Status CheckImageSize(int64_t width, int64_t height, const DecodeLimits& limits) {
  if (width < 1 || height < 1) return Error{"the image has no pixels"};
  if (width > limits.max_side || height > limits.max_side || width * height > limits.max_pixels) {
    return Error{"too large: " + std::to_string(width) + " x " + std::to_string(height) +
                 " pixels (at most " + std::to_string(limits.max_pixels) + ", " +
                 std::to_string(limits.max_side) + " a side)"};
  }
  return Ok();
}

Result<Image> DecodeImage(ByteView file, const DecodeLimits& limits) {
  VITRINE_ASSIGN(RawImage raw, DecodeRaw(file, limits));
  Image image{raw.width, raw.height, {}};
  image.pixels = raw.channels == 4 ? OnWhite(raw.pixels) : std::move(raw.pixels);
  return Upright(std::move(image), Orientation(raw.exif));
}

}  // namespace vitrine
