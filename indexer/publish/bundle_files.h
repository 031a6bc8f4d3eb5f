// How the files of a bundle come onto the disk: hashed names, whole sets of shards at once, and
// compressed copies beside them for servers that send those.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "indexer/publish/bundle.h"
#include "indexer/publish/manifest.h"

namespace vitrine {

// Is this a name that only a bundle has (<name>.<16 hex>.<ext>…, or a stamp)? Anything else in the
// folder is the shop's own and stays.
bool IsBundleName(const std::string& name);

// What a file of a bundle is counted as: pages, cards, catalogue, vitrine, …
std::string PartOf(const std::string& file);

// Every file, and every folder of shards, that a manifest names.
std::set<std::string> NamedFiles(const std::filesystem::path& folder, const Manifest& manifest);

// Removes what is the bundle's and not in `keep`; compressed copies go with their file.
void RemoveStale(const std::filesystem::path& folder, const std::set<std::string>& keep);

// Counts the files of a bundle that was written, with their compressed copies, and their bytes.
void CountFiles(const std::filesystem::path& folder, const Manifest& manifest,
                PublishSummary& summary);

class BundleFiles {
 public:
  explicit BundleFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Whether compressed copies are written from here on. Not thread-safe.
  void SetPrecompress(bool on) { precompress_ = on; }
  bool precompress() const { return precompress_; }

  // data/<name>.<hash>.<extension>
  Result<Manifest::File> AddHashed(const std::string& name, const std::string& extension,
                                   ByteView bytes);

  // A file of any name. Thread-safe.
  Status Add(const std::string& file, ByteView bytes) const;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  bool precompress_ = false;
};

// A set of numbered shards that appears at once. Removes what it wrote unless published.
class ShardFolder {
 public:
  // `name`: pages, cards, changes.
  ShardFolder(BundleFiles& files, std::string name);
  ~ShardFolder();
  ShardFolder(const ShardFolder&) = delete;
  ShardFolder& operator=(const ShardFolder&) = delete;

  // Thread-safe.
  Status Write(uint64_t number, const std::string& text);
  // Takes the shard into the stamp; in order of the numbers.
  void Note(const std::string& text);
  Result<Manifest::ShardSet> Publish();

 private:
  BundleFiles& files_;
  std::string name_;
  std::string hashes_;
  uint64_t count_ = 0;
};

}  // namespace vitrine
