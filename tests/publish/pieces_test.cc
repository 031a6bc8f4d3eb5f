#include <doctest/doctest.h>

#include <filesystem>

#include "indexer/publish/bundle_files.h"
#include "indexer/publish/opened_bundle.h"
#include "indexer/support/files.h"

using namespace vitrine;

TEST_CASE("a file that is larger than hosts take is published in pieces, each with its hash") {
  const auto folder = std::filesystem::temp_directory_path() / "vitrine_pieces";
  std::filesystem::remove_all(folder);
  Bytes bytes(2 * kMostFileBytes + 12345);
  uint32_t state = 1;
  for (uint8_t& byte : bytes)
    byte = static_cast<uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  BundleFiles files(folder);
  auto named = files.AddHashed("taste", "bin", bytes);
  REQUIRE(named.ok());
  const Manifest::File& file = named.value();
  REQUIRE(file.pieces.size() == 3);
  CHECK(file.size_bytes == bytes.size());
  CHECK_FALSE(std::filesystem::exists(folder / file.file));
  for (const std::string& path : file.Paths()) {
    CHECK(std::filesystem::file_size(folder / path) <= kMostFileBytes);
    CHECK(IsBundleName(std::filesystem::path(path).filename().string()));
  }
  auto read = ReadBundleFile(folder, file);
  REQUIRE(read.ok());
  CHECK(read.value() == bytes);

  // A piece that is not what the manifest says, and pieces in a wrong order.
  Manifest::File turned = file;
  std::swap(turned.pieces[0], turned.pieces[1]);
  CHECK_FALSE(ReadBundleFile(folder, turned).ok());
  auto last = ReadFile(folder / file.pieces[2].file);
  REQUIRE(last.ok());
  last.value()[100] ^= 1;
  REQUIRE(WriteFileAtomically(folder / file.pieces[2].file, last.value()).ok());
  CHECK_FALSE(ReadBundleFile(folder, file).ok());
  std::filesystem::remove_all(folder);
}

TEST_CASE("the manifest names pieces, and refuses those that are not as large as their file") {
  const auto folder = std::filesystem::temp_directory_path() / "vitrine_piece_names";
  std::filesystem::create_directories(folder);
  Manifest manifest;
  manifest.items = 1;
  manifest.pages = manifest.cards = {1, "0123456789abcdef"};
  manifest.cards_per_file = 1;
  manifest.popular = {{"data/popular.0123456789abcdef.json", 2, "x"}};
  const Manifest::File taste{{"data/taste.0123456789abcdef.bin", 5, "w"},
                             {{"data/taste.0123456789abcdef.bin.0", 3, "a"},
                              {"data/taste.0123456789abcdef.bin.1", 2, "b"}}};
  static_cast<Manifest::File&>(manifest.sections["taste"]) = taste;
  const std::string text = EncodeManifest(manifest);
  REQUIRE(WriteFileAtomically(folder / "manifest.json", AsBytes(text)).ok());
  auto read = ReadManifest(folder);
  REQUIRE_MESSAGE(read.ok(), read.error().message);
  CHECK(read.value().sections.at("taste").Paths() == taste.Paths());
  manifest.sections["taste"].size_bytes = 6;
  const std::string wrong = EncodeManifest(manifest);
  REQUIRE(WriteFileAtomically(folder / "manifest.json", AsBytes(wrong)).ok());
  CHECK_FALSE(ReadManifest(folder).ok());
  std::filesystem::remove_all(folder);
}
