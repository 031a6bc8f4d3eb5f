#include "indexer/support/npy.h"

#include <doctest/doctest.h>

#include <cstdlib>

using namespace vitrine;

namespace {
// The bytes numpy 1.24 writes for np.arange(6, dtype='<f4').reshape(2, 3), header padded to 128.
std::string NumpyFile(std::string shape, int floats) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }";
  header.append(117 - header.size(), ' ');
  header += '\n';
  std::string file("\x93NUMPY\x01\x00\x76\x00", 10);
  file += header;
  for (int i = 0; i < floats; ++i) {
    const auto value = static_cast<float>(i);
    file.append(reinterpret_cast<const char*>(&value), 4);
  }
  return file;
}
}  // namespace

TEST_CASE("npy files of numpy are read, and what we write is read back") {
  const auto folder = std::filesystem::temp_directory_path() / "vitrine_npy_test";
  REQUIRE(WriteFileAtomically(folder / "a.npy", NumpyFile("(2, 3)", 6)).ok());
  auto file = NpyFile::Open(folder / "a.npy");
  REQUIRE(file.ok());
  CHECK(file.value().view().rows == 2);
  CHECK(file.value().view().cols == 3);
  CHECK(file.value().view().row(1)[2] == 5.0f);
  REQUIRE(WriteNpy(folder / "b.npy", file.value().view()).ok());
  auto again = NpyFile::Open(folder / "b.npy");
  REQUIRE(again.ok());
  CHECK(again.value().view().row(1)[1] == 4.0f);

  for (const char* shape : {"(2, 4)", "(99999999999, 99999999999)", "(0, 3)", "()", "(1, 2, 3)"}) {
    CAPTURE(shape);
    REQUIRE(WriteFileAtomically(folder / "bad.npy", NumpyFile(shape, 6)).ok());
    CHECK_FALSE(NpyFile::Open(folder / "bad.npy").ok());
  }
  std::filesystem::remove_all(folder);
}
