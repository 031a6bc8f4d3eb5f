#include "indexer/publish/delta.h"

#include <bit>
#include <cstring>
#include <vector>

namespace vitrine {
namespace {

constexpr size_t kBlock = 16;   // copies from anywhere are at least this long
constexpr size_t kInPlace = 6;  // copies from where the last one went on
constexpr uint32_t kNowhere = 0xFFFFFFFFu;

void WriteVarint(uint64_t value, Bytes& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<uint8_t>(value | 0x80));
  out.push_back(static_cast<uint8_t>(value));
}

uint64_t Zigzag(int64_t value) {
  return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
}

class Input {
 public:
  explicit Input(ByteView bytes) : bytes_(bytes) {}

  uint64_t Varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 42; shift += 7) {
      if (at_ == bytes_.size()) break;
      const uint8_t byte = bytes_[at_++];
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }
  ByteView Take(uint64_t size) {
    if (size > bytes_.size() - at_) return ok_ = false, ByteView();
    at_ += size;
    return bytes_.subspan(at_ - size, size);
  }
  bool ok() const { return ok_; }
  bool done() const { return at_ == bytes_.size(); }

 private:
  ByteView bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

// Where each block of a file is.
class BlockIndex {
 public:
  explicit BlockIndex(ByteView bytes) : bytes_(bytes) {
    const size_t blocks = bytes.size() / kBlock;
    table_.assign(std::bit_ceil(2 * blocks + 2), kNowhere);
    for (size_t b = blocks; b-- > 0;) {  // the first of equal blocks wins
      table_[Slot(bytes.data() + b * kBlock)] = static_cast<uint32_t>(b * kBlock);
    }
  }

  // A position where the block at `bytes` may be, or kNowhere.
  uint32_t Find(const uint8_t* bytes) const {
    const uint32_t at = table_[Slot(bytes)];
    return at != kNowhere && std::memcmp(bytes_.data() + at, bytes, kBlock) == 0 ? at : kNowhere;
  }

 private:
  size_t Slot(const uint8_t* bytes) const {
    uint64_t words[2];
    std::memcpy(words, bytes, sizeof(words));
    const uint64_t hash = (words[0] * 0x9E3779B97F4A7C15u ^ words[1]) * 0xC2B2AE3D27D4EB4Fu;
    return (hash >> 20) & (table_.size() - 1);
  }

  ByteView bytes_;
  std::vector<uint32_t> table_;
};

size_t CommonLength(ByteView a, size_t at_a, ByteView b, size_t at_b) {
  size_t length = 0;
  const size_t most = std::min(a.size() - at_a, b.size() - at_b);
  while (length < most && a[at_a + length] == b[at_b + length]) ++length;
  return length;
}

}  // namespace

Bytes EncodeDelta(ByteView before, ByteView after) {
  const BlockIndex index(before);
  Bytes out;
  WriteVarint(after.size(), out);
  size_t copy_at = 0, copy_size = 0;  // the copy that the literals follow
  size_t expected = 0;                // where `before` goes on after the last copy
  size_t literal = 0, at = 0;         // literals are after[literal .. at)
  auto flush = [&] {
    if (copy_size == 0 && at == literal) return;
    WriteVarint(copy_size, out);
    if (copy_size > 0)
      WriteVarint(Zigzag(static_cast<int64_t>(copy_at) - static_cast<int64_t>(expected)), out);
    WriteVarint(at - literal, out);
    out.insert(out.end(), after.begin() + static_cast<std::ptrdiff_t>(literal),
               after.begin() + static_cast<std::ptrdiff_t>(at));
    if (copy_size > 0) expected = copy_at + copy_size;
  };
  while (at < after.size()) {
    // Where `before` would go on if the literals had replaced as many bytes.
    const size_t aligned = (copy_size > 0 ? copy_at + copy_size : expected) + (at - literal);
    size_t from = 0, length = 0;
    if (aligned < before.size()) {
      length = CommonLength(before, aligned, after, at);
      from = aligned;
    }
    if (length < kInPlace) {
      length = 0;
      if (after.size() - at >= kBlock) {
        const uint32_t found = index.Find(after.data() + at);
        if (found != kNowhere) {
          from = found;
          length = CommonLength(before, from, after, at);
        }
      }
    }
    if (length == 0) {
      ++at;
      continue;
    }
    flush();
    copy_at = from;
    copy_size = length;
    at += length;
    literal = at;
  }
  flush();
  return out;
}

Result<Bytes> DecodeDelta(ByteView before, ByteView delta, size_t most) {
  Input in(delta);
  const uint64_t size = in.Varint();
  if (!in.ok() || size > most) return Error{"delta: truncated, or of a larger file"};
  Bytes out;
  out.reserve(size);
  uint64_t expected = 0;
  while (in.ok() && !in.done()) {
    const uint64_t copy = in.Varint();
    if (copy > 0) {
      const uint64_t zigzag = in.Varint();
      const int64_t moved = static_cast<int64_t>(zigzag >> 1) ^ -static_cast<int64_t>(zigzag & 1);
      const uint64_t from = expected + static_cast<uint64_t>(moved);
      if (from > before.size() || copy > before.size() - from || copy > size - out.size()) {
        return Error{"delta: copies from beyond its file"};
      }
      out.insert(out.end(), before.begin() + static_cast<std::ptrdiff_t>(from),
                 before.begin() + static_cast<std::ptrdiff_t>(from + copy));
      expected = from + copy;
    }
    const ByteView literals = in.Take(in.Varint());
    if (literals.size() > size - out.size()) return Error{"delta: longer than it says"};
    out.insert(out.end(), literals.begin(), literals.end());
  }
  if (!in.ok() || out.size() != size) return Error{"delta: truncated or damaged"};
  return out;
}

}  // namespace vitrine
