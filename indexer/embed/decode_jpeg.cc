// JPEG through libjpeg-turbo, with its default (accurate) transforms, as Pillow uses it.
// jpeglib.h needs FILE and size_t but does not include them, so the order matters.
// clang-format off
#include <cstdio>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <algorithm>
#include <csetjmp>
#include <cstring>

#include "indexer/embed/image_codecs.h"

namespace vitrine {
namespace {

constexpr int kMaxScans = 500;  // a progressive file may ask for endless refinement

// libjpeg reports errors by a callback that must not return; it jumps back to DecodeInto().
struct Reader {
  jpeg_decompress_struct info;
  jpeg_error_mgr errors;
  jpeg_progress_mgr progress;
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
  bool cut_off;
  // Filled between two calls into libjpeg, so that nothing with a destructor lives across a jump.
  RawImage* image;
  const DecodeLimits* limits;
};

Reader* OwnerOf(j_common_ptr info) { return static_cast<Reader*>(info->client_data); }

[[noreturn]] void OnError(j_common_ptr info) {
  Reader* reader = OwnerOf(info);
  reader->errors.format_message(info, reader->message);
  std::longjmp(reader->jump, 1);
}

void OnMessage(j_common_ptr info, int level) {
  if (level < 0 && info->err->msg_code == JWRN_JPEG_EOF) OwnerOf(info)->cut_off = true;
}

void OnProgress(j_common_ptr info) {
  Reader* reader = OwnerOf(info);
  if (reader->info.input_scan_number <= kMaxScans) return;
  std::strcpy(reader->message, "too many scans");
  std::longjmp(reader->jump, 1);
}

// CMYK of a JPEG is stored inverted (Adobe); Pillow's conversion to RGB, with its rounding.
void CmykToRgb(const uint8_t* from, size_t pixels, uint8_t* to) {
  for (size_t i = 0; i < pixels; ++i, from += 4) {
    const uint32_t light = from[3];  // 255 - black
    for (int c = 0; c < 3; ++c) {
      const uint32_t product = static_cast<uint32_t>(255 - from[c]) * light + 128;
      const uint32_t ink = ((product >> 8) + product) >> 8;
      *to++ = static_cast<uint8_t>(light > ink ? light - ink : 0);
    }
  }
}

void ReadRows(Reader& reader) {
  jpeg_decompress_struct& info = reader.info;
  const size_t width = info.output_width;
  const auto channels = static_cast<size_t>(info.output_components);
  JSAMPARRAY row = info.mem->alloc_sarray(reinterpret_cast<j_common_ptr>(&info), JPOOL_IMAGE,
                                          static_cast<JDIMENSION>(width * channels), 1);
  uint8_t* to = reader.image->pixels.data();
  while (info.output_scanline < info.output_height) {
    jpeg_read_scanlines(&info, row, 1);
    if (channels == 4) {
      CmykToRgb(row[0], width, to);
    } else if (channels == 1) {
      for (size_t x = 0; x < width; ++x) std::memset(to + 3 * x, row[0][x], 3);
    } else {
      std::memcpy(to, row[0], width * 3);
    }
    to += width * 3;
  }
}

void KeepExif(Reader& reader) {
  constexpr std::string_view kTag("Exif\0\0", 6);
  for (auto* marker = reader.info.marker_list; marker != nullptr; marker = marker->next) {
    if (marker->data_length <= kTag.size()) continue;
    if (std::memcmp(marker->data, kTag.data(), kTag.size()) != 0) continue;
    reader.image->exif.assign(marker->data + kTag.size(), marker->data + marker->data_length);
    return;
  }
}

bool SizeFits(Reader& reader) {
  const Status size =
      CheckImageSize(reader.info.image_width, reader.info.image_height, *reader.limits);
  if (size.ok()) return true;
  std::snprintf(reader.message, sizeof reader.message, "%s", size.error().message.c_str());
  return false;
}

// False when libjpeg jumped out; reader.message says why.
bool DecodeInto(Reader& reader, ByteView file) {
  jpeg_decompress_struct& info = reader.info;
  if (setjmp(reader.jump) != 0) return false;
  jpeg_create_decompress(&info);
  info.progress = &reader.progress;
  jpeg_mem_src(&info, file.data(), file.size());
  jpeg_save_markers(&info, JPEG_APP0 + 1, 0xFFFF);
  jpeg_read_header(&info, TRUE);
  if (!SizeFits(reader)) return false;
  const bool cmyk = info.num_components == 4;
  info.out_color_space = cmyk                                     ? JCS_CMYK
                         : info.jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE
                                                                  : JCS_RGB;
  jpeg_start_decompress(&info);
  reader.image->width = static_cast<int>(info.output_width);
  reader.image->height = static_cast<int>(info.output_height);
  reader.image->pixels.resize(size_t{3} * info.output_width * info.output_height);
  ReadRows(reader);
  KeepExif(reader);
  jpeg_finish_decompress(&info);
  return true;
}

}  // namespace

Result<RawImage> DecodeJpeg(ByteView file, const DecodeLimits& limits) {
  RawImage image;
  Reader reader{};
  reader.image = &image;
  reader.limits = &limits;
  reader.info.err = jpeg_std_error(&reader.errors);
  reader.info.client_data = &reader;
  reader.errors.error_exit = OnError;
  reader.errors.emit_message = OnMessage;
  reader.progress.progress_monitor = OnProgress;
  const bool decoded = DecodeInto(reader, file);
  jpeg_destroy_decompress(&reader.info);
  if (!decoded) return Error{std::string("broken JPEG: ") + reader.message};
  if (reader.cut_off) return Error{"broken JPEG: the file is cut off"};
  return image;
}

}  // namespace vitrine
