// Photos in zip archives that are built byte by byte (APPNOTE.TXT of PKWARE).
#include "indexer/embed/zip_photos.h"

#include "indexer/embed/photo_source.h"
#include "indexer/support/files.h"
#include "tests/embed/test_data.h"

using namespace vitrine;

namespace {

class ZipBuilder {
 public:
  ZipBuilder& Add(const std::string& name, const Bytes& content, bool deflated = false) {
    const Bytes packed = deflated ? Deflate(content) : content;
    const auto offset = static_cast<uint32_t>(out_.size());
    const auto header = [&](Bytes& to, bool central) {
      Put(central ? 0x02014b50u : 0x04034b50u, 4, to);
      if (central) Put(20, 2, to);
      for (uint32_t value : {20u, 0u, deflated ? 8u : 0u, 0u, 0x21u}) Put(value, 2, to);
      for (uint32_t value : {Crc32(content), Size(packed), Size(content)}) Put(value, 4, to);
      Put(static_cast<uint32_t>(name.size()), 2, to);
      Put(0, 2, to);
      if (central) {
        for (int i = 0; i < 3; ++i) Put(0, 2, to);
        Put(0, 4, to);
        Put(offset, 4, to);
      }
      to.insert(to.end(), name.begin(), name.end());
    };
    header(out_, false);
    out_.insert(out_.end(), packed.begin(), packed.end());
    header(central_, true);
    ++count_;
    return *this;
  }
  Bytes Finish() {
    Bytes all = out_;
    all.insert(all.end(), central_.begin(), central_.end());
    Put(0x06054b50u, 4, all);
    for (uint32_t value : {0u, 0u, count_, count_}) Put(value, 2, all);
    Put(Size(central_), 4, all);
    Put(Size(out_), 4, all);
    Put(0, 2, all);
    return all;
  }

 private:
  static uint32_t Size(const Bytes& bytes) { return static_cast<uint32_t>(bytes.size()); }
  static void Put(uint32_t value, int bytes, Bytes& to) {
    for (int i = 0; i < bytes; ++i) to.push_back(static_cast<uint8_t>(value >> (8 * i)));
  }
  static Bytes Deflate(const Bytes& content) {
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    Bytes packed(compressBound(content.size()));
    stream.next_in = const_cast<Bytef*>(content.data());
    stream.avail_in = Size(content);
    stream.next_out = packed.data();
    stream.avail_out = Size(packed);
    deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
  }
  Bytes out_, central_;
  uint32_t count_ = 0;
};

}  // namespace

TEST_CASE("photos are found in a zip archive by path or by a file name of their own") {
  TemporaryFolder folder;
  const Bytes a = PlainPng(1, 2, 3), b = PlainPng(4, 5, 6), c = PlainPng(7, 8, 9);
  const Bytes zip = ZipBuilder()
                        .Add("images/a.png", a)
                        .Add("images/b.png", b, /*deflated=*/true)
                        .Add("more/b.png", c)
                        .Finish();
  REQUIRE(WriteFileAtomically(folder / "photos.zip", zip).ok());
  PhotoOptions options;
  options.root = folder / "photos.zip";
  const auto source = PhotoSource::Open(options);
  REQUIRE_MESSAGE(source.ok(), source.error().message);
  CHECK(source.value()->Read("images/a.png").value() == a);
  CHECK(source.value()->Read("images/b.png").value() == b);
  CHECK(source.value()->Read("more/b.png").value() == c);
  CHECK(source.value()->Read("a.png").value() == a);
  CHECK(source.value()->Read("elsewhere/a.png").value() == a);
  CHECK_FALSE(source.value()->Read("b.png").ok());  // two of this name
  CHECK_FALSE(source.value()->Read("c.png").ok());
}

TEST_CASE("damaged archives and bombs are refused with a reason and never crash") {
  const Bytes zip = ZipBuilder().Add("a.png", PlainPng(1, 2, 3), true).Finish();
  for (size_t i = 0; i < zip.size(); ++i) {
    CAPTURE(i);
    Bytes damaged = zip;
    damaged[i] ^= 0x21;
    auto opened = ZipPhotos::OpenBytes(damaged);
    if (opened.ok()) (void)opened.value()->Read("a.png");
    if (i > 0) CHECK_FALSE(ZipPhotos::OpenBytes(ByteView(zip).first(i)).ok());
  }
  const Bytes bomb = ZipBuilder().Add("a.png", Bytes(size_t{65} << 20), true).Finish();
  auto opened = ZipPhotos::OpenBytes(bomb);
  REQUIRE(opened.ok());
  CHECK_FALSE(opened.value()->Read("a.png").ok());
  TemporaryFolder folder;
  REQUIRE(WriteFileAtomically(folder / "no.zip", std::string_view("no archive")).ok());
  PhotoOptions options;
  options.root = folder / "no.zip";
  CHECK_FALSE(PhotoSource::Open(options).ok());
}
