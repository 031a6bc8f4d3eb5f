// Pixels against Pillow's: the reference pictures were made by Pillow 9.4 (resize the shortest edge
// to 224 with the bicubic filter, crop the centre).
#include "indexer/embed/image_decode.h"
#include "indexer/support/files.h"
#include "shared/image/preprocess.h"
#include "tests/embed/test_data.h"

using namespace vitrine;

namespace {

Image Decode(const std::filesystem::path& path) {
  auto bytes = ReadFile(path);
  REQUIRE_MESSAGE(bytes.ok(), path.string());
  auto image = DecodeImage(bytes.value());
  REQUIRE_MESSAGE(image.ok(), path.string(), ": ", image.error().message);
  return std::move(image.value());
}

std::vector<uint8_t> Pixels(const Bytes& file) {
  auto image = DecodeImage(file);
  REQUIRE_MESSAGE(image.ok(), image.error().message);
  return image.value().pixels;
}

}  // namespace

TEST_CASE("photos of every kind become the pixels that Pillow makes, to the last byte") {
  const auto folder = DataFolder() / "encoders/pillow_reference";
  if (!std::filesystem::exists(folder)) {
    MESSAGE("skipped: no reference pictures in ", folder.string());
    return;
  }
  int compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    auto reference = entry.path();
    reference += ".reference.png";
    if (!std::filesystem::exists(reference)) continue;
    CAPTURE(entry.path().filename().string());
    const Image ours = ResizeAndCrop(Decode(entry.path()), ImagePreprocess{});
    CHECK(ours.pixels == Decode(reference).pixels);
    ++compared;
  }
  CHECK(compared >= 14);
}

TEST_CASE("grey, palette, 16-bit and transparent PNG files become RGB") {
  using V = std::vector<uint8_t>;
  CHECK(Pixels(PngBuilder(2, 1, 8, 0).Finish({0, 7, 200})) == V{7, 7, 7, 200, 200, 200});
  CHECK(Pixels(PngBuilder(2, 1, 1, 0).Finish({0, 0x40})) == V{0, 0, 0, 255, 255, 255});
  CHECK(Pixels(PngBuilder(1, 1, 16, 2).Finish({0, 1, 99, 2, 99, 3, 99})) == V{1, 2, 3});
  CHECK(Pixels(PngBuilder(2, 1, 8, 3).Chunk("PLTE", {10, 20, 30, 40, 50, 60}).Finish({0, 1, 0})) ==
        V{40, 50, 60, 10, 20, 30});
  // Transparent pixels are white, half transparent ones half way there, as Pillow's
  // alpha_composite over white gives: 255 - (255 - v) * a / 255, rounded.
  CHECK(Pixels(PngBuilder(3, 1, 8, 6).Finish({0, 9, 8, 7, 0, 9, 8, 7, 255, 0, 100, 200, 128})) ==
        V{255, 255, 255, 9, 8, 7, 127, 177, 227});
  CHECK(Pixels(PngBuilder(2, 1, 8, 3)
                   .Chunk("PLTE", {10, 20, 30, 40, 50, 60})
                   .Chunk("tRNS", {0})
                   .Finish({0, 0, 1})) == V{255, 255, 255, 40, 50, 60});
}

TEST_CASE("EXIF orientations turn the picture upright") {
  // The 3 x 2 picture a b c / d e f, as each orientation shows it (EXIF 2.3, tag 0x0112).
  const std::vector<std::string> expected = {"abcdef", "cbafed", "fedcba", "defabc",
                                             "adbecf", "daebfc", "fcebda", "cfbead"};
  for (uint8_t orientation = 1; orientation <= 8; ++orientation) {
    CAPTURE(static_cast<int>(orientation));
    const Bytes exif = {'M', 'M',  0, 42, 0, 0, 0, 8, 0, 1,  // one entry
                        1,   0x12, 0, 3,  0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0};
    const Bytes file =
        PngBuilder(3, 2, 8, 0).Chunk("eXIf", exif).Finish({0, 'a', 'b', 'c', 0, 'd', 'e', 'f'});
    auto image = DecodeImage(file);
    REQUIRE(image.ok());
    CHECK(image.value().width == (orientation >= 5 ? 2 : 3));
    std::string seen;
    for (size_t i = 0; i < 6; ++i) seen += static_cast<char>(image.value().pixels[i * 3]);
    CHECK(seen == expected[orientation - 1u]);
  }
}

TEST_CASE("cut, damaged, huge and foreign files are refused with a reason") {
  const Bytes whole = PlainPng(1, 2, 3, 8);
  for (size_t size = 0; size + 12 < whole.size(); ++size) {  // without the end chunk it is whole
    CAPTURE(size);
    CHECK_FALSE(DecodeImage(ByteView(whole).first(size)).ok());
  }
  auto huge = DecodeImage(PngBuilder(40'000, 40'000, 8, 2).Finish({0}));
  REQUIRE_FALSE(huge.ok());
  CHECK(huge.error().message.find("40000 x 40000") != std::string::npos);
  CHECK_FALSE(DecodeImage(AsBytes("GIF89a")).ok());
  CHECK_FALSE(DecodeImage(AsBytes("\xFF\xD8\xFF\xE0 not a photo")).ok());
  CHECK_FALSE(DecodeImage(AsBytes("RIFF\x10\0\0\0WEBPVP8 no")).ok());
}

TEST_CASE("a photo cut anywhere is refused and never crashes") {
  const auto folder = DataFolder() / "encoders/pillow_reference";
  for (const char* name : {"jpg_shoes.jpg", "lossless.webp", "cmyk.jpg"}) {
    if (!std::filesystem::exists(folder / name)) {
      MESSAGE("skipped: no ", (folder / name).string());
      continue;
    }
    const Bytes whole = ReadFile(folder / name).value();
    for (size_t part = 1; part < 12; ++part) {
      CAPTURE(part);
      CHECK_FALSE(DecodeImage(ByteView(whole).first(whole.size() * part / 12)).ok());
    }
  }
}
