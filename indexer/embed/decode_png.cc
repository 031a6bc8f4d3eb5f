// PNG through libpng.
#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>

#include "indexer/embed/image_codecs.h"

namespace vitrine {
namespace {

struct Reader {
  ByteView file;
  size_t position = 0;
  char message[200] = "";
  const DecodeLimits* limits = nullptr;
  RawImage* image = nullptr;
  std::vector<png_bytep>* rows = nullptr;
  bool wide_grey = false;  // 16-bit grey: the rows hold big-endian samples
};

[[noreturn]] void OnError(png_structp png, png_const_charp text) {
  auto* reader = static_cast<Reader*>(png_get_error_ptr(png));
  std::snprintf(reader->message, sizeof reader->message, "%s", text);
  png_longjmp(png, 1);
}

void OnWarning(png_structp, png_const_charp) {}

void OnRead(png_structp png, png_bytep to, size_t size) {
  auto* reader = static_cast<Reader*>(png_get_io_ptr(png));
  if (size > reader->file.size() - reader->position) png_error(png, "the file is cut off");
  std::memcpy(to, reader->file.data() + reader->position, size);
  reader->position += size;
}

// RGB or RGBA, 8 bits a channel; 16-bit grey stays as it is for WideGreyToRgb().
void AskForRgb(png_structp png, png_infop info, Reader& reader) {
  const int depth = png_get_bit_depth(png, info), type = png_get_color_type(png, info);
  reader.wide_grey = depth == 16 && type == PNG_COLOR_TYPE_GRAY;
  if (!reader.wide_grey) {
    png_set_expand(png);  // palettes to RGB, 1 to 4 bits to 8, tRNS to alpha
    png_set_strip_16(png);
    png_set_gray_to_rgb(png);
  }
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
}

// Pillow reads such files as 32-bit integers and clips them at 255 when it makes RGB of them; the
// encoders' reference numbers come from there, so this does the same.
void WideGreyToRgb(RawImage& image) {
  const size_t pixels = static_cast<size_t>(image.width) * static_cast<size_t>(image.height);
  std::vector<uint8_t> rgb(pixels * 3);
  for (size_t i = 0; i < pixels; ++i) {
    const int value = image.pixels[2 * i] << 8 | image.pixels[2 * i + 1];
    std::memset(&rgb[3 * i], std::min(value, 255), 3);
  }
  image.pixels = std::move(rgb);
}

bool SizeFits(Reader& reader, int64_t width, int64_t height) {
  const Status size = CheckImageSize(width, height, *reader.limits);
  if (size.ok()) return true;
  std::snprintf(reader.message, sizeof reader.message, "%s", size.error().message.c_str());
  return false;
}

bool DecodeInto(png_structp png, png_infop info, Reader& reader) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_read_fn(png, &reader, OnRead);
  png_set_user_limits(png, 0x7FFFFFFF, 0x7FFFFFFF);
  png_set_chunk_malloc_max(png, 64u << 20);
  png_read_info(png, info);
  const auto width = png_get_image_width(png, info), height = png_get_image_height(png, info);
  if (!SizeFits(reader, width, height)) return false;
  AskForRgb(png, info, reader);
  const size_t row_size = png_get_rowbytes(png, info);
  RawImage& image = *reader.image;
  image.width = static_cast<int>(width);
  image.height = static_cast<int>(height);
  image.channels = reader.wide_grey ? 3 : png_get_channels(png, info);
  image.pixels.resize(row_size * height);
  reader.rows->resize(height);
  for (size_t y = 0; y < height; ++y) (*reader.rows)[y] = image.pixels.data() + y * row_size;
  png_read_image(png, reader.rows->data());
  png_read_end(png, info);
  png_uint_32 exif_size = 0;
  png_bytep exif = nullptr;
  if (png_get_eXIf_1(png, info, &exif_size, &exif) != 0) {
    image.exif.assign(exif, exif + exif_size);
  }
  return true;
}

}  // namespace

Result<RawImage> DecodePng(ByteView file, const DecodeLimits& limits) {
  RawImage image;
  std::vector<png_bytep> rows;
  Reader reader;
  reader.file = file;
  reader.limits = &limits;
  reader.image = &image;
  reader.rows = &rows;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, OnError, OnWarning);
  png_infop info = png != nullptr ? png_create_info_struct(png) : nullptr;
  const bool decoded = info != nullptr && DecodeInto(png, info, reader);
  png_destroy_read_struct(&png, &info, nullptr);
  if (!decoded) return Error{std::string("broken PNG: ") + reader.message};
  if (reader.wide_grey) WideGreyToRgb(image);
  return image;
}

}  // namespace vitrine
