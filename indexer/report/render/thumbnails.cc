#include "indexer/report/render/thumbnails.h"

#include <jpeglib.h>

#include <algorithm>
#include <cstdio>  // jpeglib.h needs it
#include <cstdlib>

#include "indexer/embed/image_decode.h"

namespace vitrine {
namespace {

constexpr int kWidth = 100, kHeight = 120;  // fits in it
constexpr int kQuality = 62;

std::string MakeDataAddress(const PhotoSource& source, const std::string& name) {
  const Result<Bytes> file = source.Read(name);
  if (!file.ok()) return "";
  const Result<Image> decoded = DecodeImage(file.value());
  if (!decoded.ok()) return "";
  const Image& image = decoded.value();
  const double scale = std::min({1.0, static_cast<double>(kWidth) / image.width,
                                 static_cast<double>(kHeight) / image.height});
  const Image small =
      Resize(image, std::max(1, static_cast<int>(image.width * scale)),
             std::max(1, static_cast<int>(image.height * scale)), ResampleFilter::kBilinear);
  return "data:image/jpeg;base64," + Base64(EncodeJpeg(small, kQuality));
}

}  // namespace

Thumbnails::Thumbnails(std::span<const Product> products, const PhotoOptions& photos)
    : products_(products) {
  if (auto source = PhotoSource::Open(photos); source.ok()) source_ = std::move(source.value());
}

const std::string& Thumbnails::DataAddress(ItemIndex item) {
  const auto [at, is_new] = made_.try_emplace(item);
  if (!is_new || source_ == nullptr || item >= products_.size()) return at->second;
  const std::vector<std::string>& images = products_[item].images;
  if (!images.empty()) at->second = MakeDataAddress(*source_, images.front());
  return at->second;
}

Bytes EncodeJpeg(const Image& image, int quality) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &buffer, &size);
  jpeg.image_width = static_cast<JDIMENSION>(image.width);
  jpeg.image_height = static_cast<JDIMENSION>(image.height);
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg.optimize_coding = TRUE;
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    // The library does not write to its input, it only forgets to say so.
    auto* row = const_cast<JSAMPLE*>(image.pixels.data() +
                                     size_t{jpeg.next_scanline} * jpeg.image_width * 3);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  Bytes bytes(buffer, buffer + size);
  jpeg_destroy_compress(&jpeg);
  std::free(buffer);
  return bytes;
}

std::string Base64(ByteView bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t left = bytes.size() - i;
    const uint32_t word = static_cast<uint32_t>(bytes[i]) << 16 |
                          (left > 1 ? static_cast<uint32_t>(bytes[i + 1]) << 8 : 0) |
                          (left > 2 ? bytes[i + 2] : 0);
    text += kDigits[word >> 18];
    text += kDigits[word >> 12 & 63];
    text += left > 1 ? kDigits[word >> 6 & 63] : '=';
    text += left > 2 ? kDigits[word & 63] : '=';
  }
  return text;
}

}  // namespace vitrine
