// The weight of each basket, read beside the baskets from a file with one integer a line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "indexer/mine/basket_source.h"
#include "indexer/mine/lines.h"
#include "indexer/support/files.h"
#include "shared/result.h"

namespace vitrine {

class WeightColumn {
 public:
  // Null when the options name no such file. Checks every line of it.
  static Result<std::unique_ptr<WeightColumn>> Open(const BasketFileOptions& options);

  uint64_t size() const { return size_; }
  uint64_t total() const { return total_; }
  const std::filesystem::path& path() const { return path_; }

  // The weight of the next basket, below 2^31; 0 behind the last one.
  uint32_t Next();
  void Rewind() { lines_ = std::make_unique<Lines>(file_); }

 private:
  WeightColumn(MappedFile file, std::filesystem::path path, double half_life_seconds)
      : file_(std::move(file)), path_(std::move(path)), half_life_seconds_(half_life_seconds) {}
  Status Check();
  // Of what a line says.
  uint32_t WeightOf(int64_t value) const;

  const MappedFile file_;
  const std::filesystem::path path_;
  const double half_life_seconds_;  // 0: the lines are weights, else times
  std::unique_ptr<Lines> lines_;
  int64_t newest_ = 0;
  uint64_t size_ = 0, total_ = 0;
};

}  // namespace vitrine
