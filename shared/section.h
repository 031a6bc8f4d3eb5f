// A binary section of a bundle: a frame of 24 bytes, then a payload that one room understands.
//
//   offset  size  field
//   0       4     magic "VTRN"
//   4       4     kind, four ASCII letters (SectionKind)
//   8       4     version of the payload's layout
//   12      4     CRC-32 of the payload
//   16      8     payload size in bytes; the file ends where the payload ends
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/bytes.h"
#include "shared/result.h"

namespace vitrine {

constexpr uint32_t FourCc(const char (&name)[5]) {
  return static_cast<uint32_t>(static_cast<uint8_t>(name[0])) |
         static_cast<uint32_t>(static_cast<uint8_t>(name[1])) << 8 |
         static_cast<uint32_t>(static_cast<uint8_t>(name[2])) << 16 |
         static_cast<uint32_t>(static_cast<uint8_t>(name[3])) << 24;
}

enum class SectionKind : uint32_t {
  kCatalogue = FourCc("CATL"),         // shared/catalogue.h
  kRules = FourCc("RULE"),             // shared/rules.h
  kVectors = FourCc("VECT"),           // shared/vectors/index.h
  kVectorDelta = FourCc("VDEL"),       // the same
  kVectorRefinement = FourCc("VREF"),  // the same
  kTaste = FourCc("TAST"),             // shared/taste.h
  kSearch = FourCc("SRCH"),            // shared/search/format.h, and the next two
  kPostings = FourCc("POST"),
  kQueries = FourCc("QURY"),
  kThumbs = FourCc("THMB"),  // shared/search/thumbs.h
};

// The version of a kind's payload that this release writes; it reads the earlier ones too.
constexpr uint32_t LayoutVersion(SectionKind kind) {
  return kind == SectionKind::kRules ? 3 : 1;  // 3: complements behind the rules, with words
}

struct Section {
  SectionKind kind{};
  uint32_t version = 0;
  ByteView payload;  // points into the bytes that were opened
};

Bytes FrameSection(SectionKind kind, uint32_t version, ByteView payload);

// Checks magic, sizes and checksum. The kind and version are for the caller to judge.
Result<Section> OpenSection(ByteView file);

}  // namespace vitrine
