// A file as a server sends it.
#pragma once

#include "shared/bytes.h"

namespace vitrine {

// Brotli (RFC 7932); quality 1 to 11. 11 takes about a second a megabyte.
Bytes BrotliCompress(ByteView bytes, int quality = 11);
// gzip (RFC 1952) at its best level, without a time stamp.
Bytes GzipCompress(ByteView bytes);

}  // namespace vitrine
