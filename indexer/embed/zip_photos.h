// Photos in a zip archive, through libzip.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "shared/bytes.h"
#include "shared/result.h"

struct zip;

namespace vitrine {

class ZipPhotos {
 public:
  static Result<std::unique_ptr<ZipPhotos>> Open(const std::filesystem::path& path);
  // An archive in memory, which must outlive the object.
  static Result<std::unique_ptr<ZipPhotos>> OpenBytes(ByteView bytes);
  ~ZipPhotos();
  ZipPhotos(const ZipPhotos&) = delete;
  ZipPhotos& operator=(const ZipPhotos&) = delete;

  // The entry of this path, else the only one of this file name. At most 64 MiB. Thread-safe.
  Result<Bytes> Read(const std::string& name) const;
  // Paths of all files, ascending.
  const std::map<std::string, uint64_t>& entries() const { return entries_; }

 private:
  explicit ZipPhotos(zip* archive);

  zip* archive_;
  mutable std::mutex mutex_;
  std::map<std::string, uint64_t> entries_;       // path -> number
  std::map<std::string, uint64_t> by_file_name_;  // kTwice where it is not unique
};

}  // namespace vitrine
