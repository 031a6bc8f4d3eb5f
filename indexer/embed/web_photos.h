// Photos from the web: downloaded politely, kept, and not asked for again.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "indexer/embed/photo_source.h"

namespace vitrine {

// The folder holds, for every address, `ab/<SHA-256 of the address>.photo`, and beside it `.tag`
// with its ETag and Last-Modified, one a line. A file is renamed to its name when it is whole, so a
// killed run goes on where it was.
class WebPhotos {
 public:
  explicit WebPhotos(const PhotoOptions& options);
  ~WebPhotos();
  WebPhotos(const WebPhotos&) = delete;
  WebPhotos& operator=(const WebPhotos&) = delete;

  // Several at once, few per host; three attempts where a later one may succeed, with a growing
  // pause or the one that the server asks for. A host that never answers is given up.
  void Fetch(std::span<const std::string> images, const Console& console);
  // REQUIRES: an address. Thread-safe while nothing is fetched.
  Result<Bytes> Read(const std::string& url) const;

 private:
  std::filesystem::path PathOf(const std::string& url) const;
  std::string FetchOne(const std::string& url, bool& answered) const;

  PhotoOptions options_;
  bool temporary_ = false;
  std::map<std::string, std::string> problems_;  // address -> reason
};

}  // namespace vitrine
