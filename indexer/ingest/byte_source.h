// Where a feed's bytes come from: a file, standard input ("-"), plain or compressed (.gz, .zst;
// told by the first bytes, not by the name), as UTF-8 whatever the file's own Unicode encoding is.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "shared/result.h"

namespace vitrine {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Up to `size` bytes into `buffer`; 0 = the end. Errors name the file.
  virtual Result<size_t> Read(char* buffer, size_t size) = 0;

  // The next `size` bytes (fewer at the end) without reading them. Only of an opened source.
  virtual Result<std::string> Head(size_t size) = 0;

  // Bytes of the file itself that were consumed (compressed bytes where it is compressed), and in
  // all (0 = unknown): for progress.
  virtual uint64_t position_bytes() const = 0;
  virtual uint64_t size_bytes() const = 0;
};

// Opens `path` ("-" = standard input). Decompresses gzip and zstd; drops a UTF-8 byte order mark;
// turns UTF-16 (by its mark, or by the zero bytes of ASCII text without one) into UTF-8. Bytes that
// are no valid UTF-8 pass unchanged: single fields are repaired later (RepairUtf8). Reading runs
// ahead in a thread of its own, so that decompression and parsing use two cores.
Result<std::unique_ptr<ByteSource>> OpenByteSource(const std::string& path);

// A source over bytes in memory, as OpenByteSource would see a file of them (tests, fuzzing).
Result<std::unique_ptr<ByteSource>> OpenMemorySource(std::string bytes, std::string name);

// The files that a pattern names: itself where it holds no * ? [, else what it matches in the order
// of the bytes of their names. An error when nothing matches.
Result<std::vector<std::string>> ExpandGlob(const std::string& pattern);

}  // namespace vitrine
