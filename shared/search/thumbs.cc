#include "shared/search/thumbs.h"

#include <algorithm>
#include <string>

#include "shared/vectors/format.h"

namespace vitrine {
namespace {

constexpr uint32_t kNone = ~uint32_t{0};
constexpr size_t kPlane = kThumbBytes / 3;
constexpr auto kMost = static_cast<uint32_t>(Thumbs::kSame * kThumbBytes);

// Sum of the differences, or some sum above kMost: most thumbs differ in the first colour already.
uint32_t Distance(const uint8_t* a, const uint8_t* b) {
  uint32_t sum = 0;
  for (size_t c = 0; c < 3 && sum <= kMost; ++c, a += kPlane, b += kPlane) {
    uint32_t plane = 0;
    for (size_t i = 0; i < kPlane; ++i) {
      plane += static_cast<uint32_t>(std::max(a[i], b[i]) - std::min(a[i], b[i]));
    }
    sum += plane;
  }
  return sum;
}

Error Broken(const char* what) { return Error{std::string("thumbs section: ") + what}; }

}  // namespace

Bytes Thumbs::Encode(std::span<const uint8_t> thumbs, const std::vector<bool>& shown) {
  ByteWriter out;
  out.Write(static_cast<uint32_t>(shown.size()));
  for (size_t i = 0; i < shown.size(); i += 8) {
    uint8_t bits = 0;
    for (size_t j = i; j < std::min(shown.size(), i + 8); ++j) {
      bits = static_cast<uint8_t>(bits | (shown[j] ? 1 : 0) << (j - i));
    }
    out.Write(bits);
  }
  for (size_t i = 0; i < shown.size(); ++i) {
    if (shown[i]) out.WriteBytes(thumbs.subspan(i * kThumbBytes, kThumbBytes));
  }
  return out.Take();
}

Result<Thumbs> Thumbs::Open(ByteView payload) {
  ByteReader in(payload);
  const uint32_t items = in.Read<uint32_t>();
  const ByteView shown = in.ReadBytes((size_t{items} + 7) / 8);
  if (!in.ok() || items > kMaxItems) return Broken("truncated");
  Thumbs thumbs;
  thumbs.place_.assign(items, kNone);
  uint32_t count = 0;
  for (uint32_t i = 0; i < items; ++i) {
    if ((shown[i / 8] >> i % 8 & 1) != 0) thumbs.place_[i] = count++;
  }
  const ByteView bytes = in.ReadBytes(count * kThumbBytes);
  if (!in.ok() || in.remaining() != 0) return Broken("not as long as its content");
  thumbs.bytes_.assign(bytes.begin(), bytes.end());
  return thumbs;
}

std::vector<Thumbs::Match> Thumbs::Matches(std::span<const uint8_t> views) const {
  std::vector<Match> matches;
  for (ItemIndex i = 0; i < place_.size(); ++i) {
    if (place_[i] == kNone) continue;
    const uint8_t* thumb = &bytes_[place_[i] * kThumbBytes];
    uint32_t least = kMost + 1;
    for (size_t v = 0; v + kThumbBytes <= views.size(); v += kThumbBytes) {
      least = std::min(least, Distance(thumb, &views[v]));
    }
    if (least <= kMost) matches.push_back({i, static_cast<float>(least) / kThumbBytes});
  }
  return matches;
}

}  // namespace vitrine
