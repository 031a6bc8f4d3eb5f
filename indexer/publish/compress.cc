#include "indexer/publish/compress.h"

#include <brotli/encode.h>
#include <zlib.h>

#include <algorithm>

namespace vitrine {

Bytes BrotliCompress(ByteView bytes, int quality) {
  size_t size = BrotliEncoderMaxCompressedSize(bytes.size());
  Bytes out(std::max<size_t>(size, 16));
  size = out.size();
  if (BrotliEncoderCompress(quality, BROTLI_MAX_WINDOW_BITS, BROTLI_MODE_GENERIC, bytes.size(),
                            bytes.data(), &size, out.data()) != BROTLI_TRUE) {
    return Bytes(bytes.begin(), bytes.end());  // only when memory ends; callers compare sizes
  }
  out.resize(size);
  return out;
}

Bytes GzipCompress(ByteView bytes) {
  constexpr int kGzip = 15 + 16;
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzip, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
    return Bytes(bytes.begin(), bytes.end());
  }
  Bytes out(deflateBound(&stream, static_cast<uLong>(bytes.size())) + 32);
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace vitrine
