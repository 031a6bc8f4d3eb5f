// WebP through libwebp and libwebpdemux.
#include <webp/decode.h>
#include <webp/demux.h>

#include <cstring>
#include <memory>

#include "indexer/embed/image_codecs.h"

namespace vitrine {
namespace {

struct DeleteDecoder {
  void operator()(WebPAnimDecoder* decoder) const { WebPAnimDecoderDelete(decoder); }
};

Bytes ExifOf(const WebPDemuxer* demuxer) {
  WebPChunkIterator chunk;
  Bytes exif;
  if (WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk) != 0) {
    ByteView bytes(chunk.chunk.bytes, chunk.chunk.size);
    if (bytes.size() > 6 && std::memcmp(bytes.data(), "Exif\0\0", 6) == 0) {
      bytes = bytes.subspan(6);  // some writers keep JPEG's prefix
    }
    exif.assign(bytes.begin(), bytes.end());
    WebPDemuxReleaseChunkIterator(&chunk);
  }
  return exif;
}

}  // namespace

Result<RawImage> DecodeWebp(ByteView file, const DecodeLimits& limits) {
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(file.data(), file.size(), &features) != VP8_STATUS_OK) {
    return Error{"broken WebP: its header cannot be read"};
  }
  VITRINE_RETURN_IF_ERROR(CheckImageSize(features.width, features.height, limits));
  WebPAnimDecoderOptions options;
  WebPAnimDecoderOptionsInit(&options);
  options.color_mode = MODE_RGBA;
  const WebPData data{file.data(), file.size()};
  std::unique_ptr<WebPAnimDecoder, DeleteDecoder> decoder(WebPAnimDecoderNew(&data, &options));
  uint8_t* pixels = nullptr;
  int time_ms = 0;
  WebPAnimInfo info;
  if (!decoder || WebPAnimDecoderGetInfo(decoder.get(), &info) == 0 ||
      WebPAnimDecoderGetNext(decoder.get(), &pixels, &time_ms) == 0) {
    return Error{"broken WebP: the file is damaged or cut off"};
  }
  VITRINE_RETURN_IF_ERROR(CheckImageSize(info.canvas_width, info.canvas_height, limits));
  const size_t count = size_t{info.canvas_width} * info.canvas_height;
  RawImage image;
  image.width = static_cast<int>(info.canvas_width);
  image.height = static_cast<int>(info.canvas_height);
  image.channels = 4;
  image.pixels.assign(pixels, pixels + count * 4);
  image.exif = ExifOf(WebPAnimDecoderGetDemuxer(decoder.get()));
  return image;
}

}  // namespace vitrine
