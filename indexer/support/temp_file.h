// A file without a name in $TMPDIR: nothing is left behind, even by a crash.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "indexer/support/files.h"
#include "shared/result.h"

namespace vitrine {

// Movable. Writes are collected into blocks. Errors name the folder and the remedy.
class TempFile {
 public:
  static Result<TempFile> Create();
  // The same interface over memory, for what is small.
  static Result<TempFile> CreateInMemory();
  // Empty, in the same place as this one.
  Result<TempFile> CreateAnother() const { return in_memory_ ? CreateInMemory() : Create(); }
  TempFile(TempFile&& other) noexcept;
  TempFile& operator=(TempFile&& other) noexcept;
  ~TempFile();

  uint64_t size() const { return size_; }
  Status Append(ByteView bytes);
  // REQUIRES for both: Flush() since the last Append().
  Status Read(uint64_t offset, std::span<uint8_t> out) const;
  Result<MappedFile> Map() const;
  // Writes what was collected and lets go of that memory.
  Status Flush();

 private:
  static constexpr size_t kBlockBytes = 1 << 16;

  TempFile(int file, bool in_memory) : file_(file), in_memory_(in_memory) {}
  Status WriteBlock();

  int file_ = -1;
  bool in_memory_ = false;
  uint64_t size_ = 0;
  Bytes block_;
};

}  // namespace vitrine
