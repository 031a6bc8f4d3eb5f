// Small photos of products as data: addresses, so that a report is one file.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>

#include "indexer/embed/photo_source.h"
#include "indexer/shop.h"
#include "shared/bytes.h"
#include "shared/image/resample.h"

namespace vitrine {

class Thumbnails {
 public:
  // Photos from the web are shown where they have been downloaded for the encoders; none is
  // fetched.
  Thumbnails(std::span<const Product> products, const PhotoOptions& photos);

  // Empty when the product has no photo that can be read.
  const std::string& DataAddress(ItemIndex item);

 private:
  std::span<const Product> products_;
  std::unique_ptr<PhotoSource> source_;  // nullptr when there is none that can be read
  std::map<ItemIndex, std::string> made_;
};

// Baseline JPEG of an image. REQUIRES: not empty; quality 1..100.
Bytes EncodeJpeg(const Image& image, int quality);

std::string Base64(ByteView bytes);

}  // namespace vitrine
