#include "shared/section.h"

namespace vitrine {
namespace {
constexpr uint32_t kMagic = FourCc("VTRN");
constexpr size_t kFrameSize = 24;
}  // namespace

Bytes FrameSection(SectionKind kind, uint32_t version, ByteView payload) {
  ByteWriter out;
  out.Write(kMagic);
  out.Write(kind);
  out.Write(version);
  out.Write(Crc32(payload));
  out.Write(static_cast<uint64_t>(payload.size()));
  out.WriteBytes(payload);
  return out.Take();
}

Result<Section> OpenSection(ByteView file) {
  if (file.size() < kFrameSize) return Error{"section: truncated, shorter than its 24-byte frame"};
  ByteReader in(file);
  if (in.Read<uint32_t>() != kMagic) return Error{"section: not a Vitrine section (wrong magic)"};
  Section section;
  section.kind = in.Read<SectionKind>();
  section.version = in.Read<uint32_t>();
  const uint32_t crc = in.Read<uint32_t>();
  const uint64_t size = in.Read<uint64_t>();
  if (size != in.remaining()) {
    return Error{"section: its frame announces " + std::to_string(size) +
                 " bytes of payload, but " + std::to_string(in.remaining()) +
                 " follow (truncated download?)"};
  }
  section.payload = in.ReadBytes(in.remaining());
  if (Crc32(section.payload) != crc) return Error{"section: checksum mismatch (corrupt download?)"};
  return section;
}

}  // namespace vitrine
