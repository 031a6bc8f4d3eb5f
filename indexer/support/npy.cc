#include "indexer/support/npy.h"

#include <charconv>
#include <string>

namespace vitrine {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

// The text after `'key':` in the header's Python dict, up to the end of the header.
std::string_view After(std::string_view header, std::string_view key) {
  const size_t at = header.find(key);
  if (at == std::string_view::npos) return {};
  std::string_view rest = header.substr(at + key.size());
  const size_t start = rest.find_first_not_of(" :");
  return start == std::string_view::npos ? std::string_view{} : rest.substr(start);
}

}  // namespace

Result<NpyFile> NpyFile::Open(const std::filesystem::path& path) {
  VITRINE_ASSIGN(MappedFile mapped, MappedFile::Open(path));
  NpyFile npy(std::move(mapped));
  const std::string where = path.string() + ": ";
  ByteView bytes = npy.file_.bytes();
  ByteReader in(bytes);
  ByteView magic = in.ReadBytes(kMagic.size());
  if (!in.ok() || std::memcmp(magic.data(), kMagic.data(), kMagic.size()) != 0) {
    return Error{where + "not a .npy file (wrong magic)"};
  }
  const int major = in.Read<uint8_t>();
  in.Read<uint8_t>();
  if (major != 1 && major != 2) return Error{where + "only .npy versions 1 and 2 are read"};
  const size_t header_size = major == 1 ? in.Read<uint16_t>() : in.Read<uint32_t>();
  ByteView header_bytes = in.ReadBytes(header_size);
  if (!in.ok()) return Error{where + "truncated .npy header"};
  const std::string_view header(reinterpret_cast<const char*>(header_bytes.data()),
                                header_bytes.size());
  if (!After(header, "'descr'").starts_with("'<f4'")) {
    return Error{where + "must be little-endian float32 ('<f4'); convert with x.astype('<f4')"};
  }
  if (!After(header, "'fortran_order'").starts_with("False")) {
    return Error{where + "must be in C order; convert with numpy.ascontiguousarray(x)"};
  }
  std::string_view shape = After(header, "'shape'");
  uint64_t dims[2] = {1, 1};
  int found = 0;
  const char* at = shape.data();
  const char* end = shape.data() + shape.size();
  for (; at < end && *at != ')'; ++at) {
    if (*at < '0' || *at > '9') continue;
    uint64_t value = 0;
    auto parsed = std::from_chars(at, end, value);
    if (found == 2 || parsed.ec != std::errc()) return Error{where + "must have 1 or 2 dimensions"};
    dims[found++] = value;
    at = parsed.ptr - 1;
  }
  if (found == 0 || at >= end) return Error{where + "no shape in the .npy header"};
  if (found == 1) std::swap(dims[0], dims[1]);  // one vector is a matrix of one row
  const uint64_t have = in.remaining() / sizeof(float);
  const bool fits = dims[1] == 0 ? dims[0] == 0 : dims[0] <= have / dims[1];
  if (!fits || in.remaining() != dims[0] * dims[1] * sizeof(float)) {
    return Error{where + "its header announces " + std::to_string(dims[0]) + " x " +
                 std::to_string(dims[1]) + " floats, but " + std::to_string(have) + " follow"};
  }
  ByteView data = in.ReadBytes(in.remaining());
  npy.view_ = {reinterpret_cast<const float*>(data.data()), static_cast<size_t>(dims[0]),
               static_cast<size_t>(dims[1])};
  return npy;
}

Status WriteNpy(const std::filesystem::path& path, MatrixView matrix) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" +
                       std::to_string(matrix.rows) + ", " + std::to_string(matrix.cols) + "), }";
  // The data starts at a multiple of 64 bytes, as the format asks.
  const size_t prefix = kMagic.size() + 4;
  header.append(64 - (prefix + header.size() + 1) % 64, ' ');
  header += '\n';
  ByteWriter out;
  out.WriteBytes(AsBytes(kMagic));
  out.Write(uint8_t{1});
  out.Write(uint8_t{0});
  out.Write(static_cast<uint16_t>(header.size()));
  out.WriteBytes(AsBytes(header));
  out.WriteArray(std::span(matrix.data, matrix.rows * matrix.cols));
  return WriteFileAtomically(path, out.Take());
}

}  // namespace vitrine
