#include "indexer/embed/zip_photos.h"

#include <zip.h>

#include "indexer/embed/photo_source.h"

namespace vitrine {
namespace {

constexpr uint64_t kTwice = UINT64_MAX;

std::string FileName(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

struct CloseEntry {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

}  // namespace

ZipPhotos::ZipPhotos(zip* archive) : archive_(archive) {
  const zip_int64_t count = zip_get_num_entries(archive_, 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(archive_, static_cast<zip_uint64_t>(i), ZIP_FL_ENC_GUESS);
    if (name == nullptr || *name == '\0' || std::string_view(name).ends_with('/')) continue;
    const auto number = static_cast<uint64_t>(i);
    entries_.emplace(name, number);
    const auto [at, is_new] = by_file_name_.emplace(FileName(name), number);
    if (!is_new) at->second = kTwice;
  }
}

ZipPhotos::~ZipPhotos() { zip_discard(archive_); }

Result<std::unique_ptr<ZipPhotos>> ZipPhotos::Open(const std::filesystem::path& path) {
  int code = 0;
  zip* archive = zip_open(path.c_str(), ZIP_RDONLY, &code);
  if (archive != nullptr) return std::unique_ptr<ZipPhotos>(new ZipPhotos(archive));
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string reason = zip_error_strerror(&error);
  zip_error_fini(&error);
  return Error{path.string() + ": must be a folder of photos or a zip archive: " + reason};
}

Result<std::unique_ptr<ZipPhotos>> ZipPhotos::OpenBytes(ByteView bytes) {
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, nullptr);
  if (source == nullptr) return Error{"libzip cannot start"};
  zip* archive = zip_open_from_source(source, ZIP_RDONLY, nullptr);
  if (archive != nullptr) return std::unique_ptr<ZipPhotos>(new ZipPhotos(archive));
  zip_source_free(source);
  return Error{"no zip archive"};
}

Result<Bytes> ZipPhotos::Read(const std::string& name) const {
  auto at = entries_.find(name.starts_with("./") ? name.substr(2) : name);
  if (at == entries_.end()) {
    at = by_file_name_.find(FileName(name));
    if (at == by_file_name_.end()) return Error{"no such file in the zip archive"};
    if (at->second == kTwice) return Error{"several files of this name in the zip archive"};
  }
  const std::lock_guard lock(mutex_);  // an archive is read by one thread at a time
  zip_stat_t stat;
  if (zip_stat_index(archive_, at->second, 0, &stat) != 0 || (stat.valid & ZIP_STAT_SIZE) == 0) {
    return Error{zip_strerror(archive_)};
  }
  if (stat.size > static_cast<uint64_t>(PhotoSource::kMaxBytes)) {
    return Error{"larger than 64 MiB"};
  }
  const std::unique_ptr<zip_file_t, CloseEntry> file(zip_fopen_index(archive_, at->second, 0));
  if (!file) return Error{std::string("in the zip archive: ") + zip_strerror(archive_)};
  // Grown as bytes arrive: a small archive may claim a large size.
  Bytes bytes;
  for (;;) {
    constexpr size_t kStep = size_t{1} << 20;
    const size_t have = bytes.size();
    bytes.resize(have + kStep);
    const zip_int64_t got = zip_fread(file.get(), bytes.data() + have, kStep);
    if (got < 0) {
      return Error{std::string("broken in the zip archive: ") + zip_file_strerror(file.get())};
    }
    bytes.resize(have + static_cast<size_t>(got));
    if (got == 0) return bytes;
    if (bytes.size() > static_cast<size_t>(PhotoSource::kMaxBytes)) {
      return Error{"larger than 64 MiB"};
    }
  }
}

}  // namespace vitrine
