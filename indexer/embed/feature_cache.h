// Feature vectors by content: what was encoded once is never encoded again. One file per encoder
// (profile and model), records appended as they are made, so that a killed run loses nothing that
// it finished. Several processes may share a file.
//
//   header   "VTRNFEAT", version u32, dimensions u32
//   records  key 32 bytes, dimensions x float32, CRC-32 of both
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "shared/bytes.h"
#include "shared/result.h"

namespace vitrine {

using ContentKey = std::array<uint8_t, 32>;  // SHA-256
ContentKey KeyOf(ByteView content);

class FeatureCache {
 public:
  // Opens or makes the file; an empty path keeps the vectors in a nameless temporary file. Damaged
  // records are forgotten; a file of another kind or dimension is an error.
  static Result<std::unique_ptr<FeatureCache>> Open(const std::filesystem::path& path,
                                                    uint32_t dimensions);
  ~FeatureCache();
  FeatureCache(const FeatureCache&) = delete;
  FeatureCache& operator=(const FeatureCache&) = delete;

  uint32_t dimensions() const { return dimensions_; }
  size_t size() const { return place_.size(); }
  bool Has(const ContentKey& key) const;
  // False when the key is not there. REQUIRES: out.size() == dimensions().
  bool Get(const ContentKey& key, std::span<float> out) const;
  // All keys, ascending.
  std::vector<ContentKey> Keys() const;
  // Row i of `vectors` (keys.size() x dimensions) under keys[i]. Thread-safe.
  Status Put(std::span<const ContentKey> keys, std::span<const float> vectors);

 private:
  FeatureCache(int file, uint32_t dimensions) : file_(file), dimensions_(dimensions) {}
  Status Load(const std::string& name);
  size_t record_size() const { return sizeof(ContentKey) + dimensions_ * sizeof(float) + 4; }

  int file_;
  uint32_t dimensions_;
  mutable std::mutex mutex_;
  std::map<ContentKey, uint64_t> place_;  // byte offset of the record
};

// Adds to the cache `to`, which is made if need be, what only `from` has; how many records. They
// must be of one encoder.
Result<size_t> JoinCaches(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace vitrine
