#include "indexer/embed/photo_source.h"

#include <utility>

#include "indexer/embed/http.h"
#include "indexer/embed/web_photos.h"
#include "indexer/embed/zip_photos.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

class AnySource : public PhotoSource {
 public:
  AnySource(const PhotoOptions& options, std::unique_ptr<ZipPhotos> zip)
      : root_(options.root), zip_(std::move(zip)), web_(options) {}

  void Fetch(std::span<const std::string> images, const Console& console) override {
    web_.Fetch(images, console);
  }

  Result<Bytes> Read(const std::string& image) const override {
    if (IsWebAddress(image)) return web_.Read(image);
    if (zip_) return zip_->Read(image);
    const std::filesystem::path path = image;
    return ReadPhotoFile(path.is_absolute() ? path : root_ / path);
  }

 private:
  static Result<Bytes> ReadPhotoFile(const std::filesystem::path& path) {
    std::error_code none;
    if (!std::filesystem::is_regular_file(path, none)) return Error{"no such file"};
    if (std::filesystem::file_size(path, none) > static_cast<uintmax_t>(kMaxBytes)) {
      return Error{"larger than 64 MiB"};
    }
    return ReadFile(path);
  }

  std::filesystem::path root_;
  std::unique_ptr<ZipPhotos> zip_;
  WebPhotos web_;
};

}  // namespace

Result<std::unique_ptr<PhotoSource>> PhotoSource::Open(const PhotoOptions& options) {
  std::unique_ptr<ZipPhotos> zip;
  std::error_code none;
  if (std::filesystem::is_regular_file(options.root, none)) {
    VITRINE_ASSIGN(zip, ZipPhotos::Open(options.root));
  }
  return std::unique_ptr<PhotoSource>(std::make_unique<AnySource>(options, std::move(zip)));
}

}  // namespace vitrine
