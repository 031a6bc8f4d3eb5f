// Reading and writing little-endian bytes. Every read is checked against the end of the buffer
// before it is made; a reader that failed once stays failed and returns zeros, so a decoder can
// read a whole header and ask ok() once.
//
// Both sides of Vitrine run on little-endian machines (x86-64, arm64, wasm), so whole arrays are
// copied as they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace vitrine {

using Bytes = std::vector<uint8_t>;
using ByteView = std::span<const uint8_t>;

// std::bit_cast, which Emscripten 3.1.6's library does not have.
template <typename To, typename From>
To BitCast(const From& from) {
  static_assert(sizeof(To) == sizeof(From) && std::is_trivially_copyable_v<To> &&
                std::is_trivially_copyable_v<From>);
  To to;
  std::memcpy(&to, &from, sizeof(To));
  return to;
}

class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  size_t remaining() const { return bytes_.size() - position_; }

  template <typename T>
  T Read() {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    T value{};
    ByteView view = ReadBytes(sizeof(T));
    if (!view.empty()) std::memcpy(&value, view.data(), sizeof(T));
    return value;
  }

  // The next `size` bytes, or an empty view and ok() == false when fewer are left.
  ByteView ReadBytes(size_t size) {
    if (!ok_ || size > remaining()) {
      ok_ = false;
      return {};
    }
    ByteView view = bytes_.subspan(position_, size);
    position_ += size;
    return view;
  }

  // `count` values of T; nothing is allocated before the bytes are known to be there.
  template <typename T>
  std::vector<T> ReadArray(uint64_t count) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (!ok_ || count > remaining() / sizeof(T)) {
      ok_ = false;
      return {};
    }
    std::vector<T> values(static_cast<size_t>(count));
    ByteView view = ReadBytes(values.size() * sizeof(T));
    if (!view.empty()) std::memcpy(values.data(), view.data(), view.size());
    return values;
  }

 private:
  ByteView bytes_;
  size_t position_ = 0;
  bool ok_ = true;
};

class ByteWriter {
 public:
  template <typename T>
  void Write(T value) {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
    bytes_.insert(bytes_.end(), bytes, bytes + sizeof(T));
  }
  void WriteBytes(ByteView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  template <typename T>
  void WriteArray(std::span<const T> values) {
    static_assert(std::is_trivially_copyable_v<T>);
    const auto* bytes = reinterpret_cast<const uint8_t*>(values.data());
    bytes_.insert(bytes_.end(), bytes, bytes + values.size_bytes());
  }
  size_t size() const { return bytes_.size(); }
  Bytes Take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

inline ByteView AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// CRC-32 (IEEE 802.3, reflected, as zlib's crc32).
uint32_t Crc32(ByteView bytes);

// FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/): the hash of product ids in the
// catalogue section and of page shards; JavaScript computes the same.
uint64_t Fnv1a64(std::string_view text);

}  // namespace vitrine
