// Any bytes as a zip archive of photos: every entry is read or refused, none is larger than
// allowed.
#include <cstdint>
#include <cstdlib>

#include "indexer/embed/photo_source.h"
#include "indexer/embed/zip_photos.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitrine;
  const auto archive = ZipPhotos::OpenBytes(ByteView(data, size));
  if (!archive.ok()) return 0;
  for (const auto& [name, number] : archive.value()->entries()) {
    const auto bytes = archive.value()->Read(name);
    if (bytes.ok() && bytes.value().size() > size_t{PhotoSource::kMaxBytes}) std::abort();
  }
  return 0;
}
