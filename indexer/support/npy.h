// NumPy .npy files (format versions 1.0 and 2.0, numpy/lib/format.py): little-endian float32,
// C order, one or two dimensions.
#pragma once

#include <filesystem>

#include "indexer/support/files.h"
#include "indexer/support/matrix.h"
#include "shared/result.h"

namespace vitrine {

// A matrix in a file, mapped and not read, so that a million rows cost no memory.
class NpyFile {
 public:
  static Result<NpyFile> Open(const std::filesystem::path& path);
  MatrixView view() const { return view_; }

 private:
  explicit NpyFile(MappedFile file) : file_(std::move(file)) {}
  MappedFile file_;
  MatrixView view_;
};

Status WriteNpy(const std::filesystem::path& path, MatrixView matrix);

}  // namespace vitrine
