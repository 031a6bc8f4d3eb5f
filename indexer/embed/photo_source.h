// Where the photos of a catalogue are: files below a folder or in a zip archive, and addresses.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "indexer/support/console.h"
#include "shared/bytes.h"
#include "shared/result.h"

namespace vitrine {

struct PhotoOptions {
  std::filesystem::path root;  // of relative paths: a folder, or a zip archive
  // Downloaded photos are kept here and not asked for again; empty = only for this run.
  std::filesystem::path downloads;
  bool refresh = false;  // ask for downloaded photos again, taking only those that have changed
  bool allow_private_addresses = false;
  unsigned connections = 16;                    // at once
  unsigned connections_per_host = 4;            // at once
  std::chrono::milliseconds retry_delay{1000};  // before the second of three attempts; then doubled
};

class PhotoSource {
 public:
  static constexpr int64_t kMaxBytes = int64_t{64} << 20;  // of one photo

  // An error when `root` is a file and no readable zip archive.
  static Result<std::unique_ptr<PhotoSource>> Open(const PhotoOptions& options);
  virtual ~PhotoSource() = default;

  // Downloads those of `images` that are addresses and not there yet. What fails is told by Read().
  virtual void Fetch(std::span<const std::string> images, const Console& console) = 0;

  // The bytes of the photo that the catalogue calls `image`; the error is the reason, without the
  // name. In a zip archive the path, else the only entry of that file name. Thread-safe.
  virtual Result<Bytes> Read(const std::string& image) const = 0;
};

}  // namespace vitrine
