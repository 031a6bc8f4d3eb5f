#include "shared/text/unicode.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace vitrine {
namespace {

#include "shared/text/unicode_tables.inc"

struct Range {
  char32_t first, last;
};
struct LowerRange {
  char32_t first, last, step;
  int32_t delta;
};
struct CombiningRange {
  char32_t first, last;
  uint8_t rank;
};
struct Decomposition {
  char32_t composed;
  uint32_t offset, size;  // in Tables::parts
  bool composes;          // the parts are two, and the first may decompose further
};
struct Composition {
  char32_t first, second, composed;
};

// Reads the numbers of a packed table; see scripts/unicode_tables.mjs.
class Unpacker {
 public:
  template <size_t n>
  explicit Unpacker(const uint8_t (&packed)[n]) : at_(packed), end_(packed + n) {}
  bool more() const { return at_ < end_; }
  uint32_t Next() {
    uint32_t number = 0;
    for (int shift = 0;; shift += 7) {
      number |= static_cast<uint32_t>(*at_ & 0x7F) << shift;
      if ((*at_++ & 0x80) == 0) return number;
    }
  }
  int32_t NextSigned() {
    const uint32_t number = Next();
    return static_cast<int32_t>(number >> 1) ^ -static_cast<int32_t>(number & 1);
  }

 private:
  const uint8_t* at_;
  const uint8_t* end_;
};

// The packed ranges; rest(range, in) reads what follows a range's ends.
template <typename T, size_t n, typename Rest>
std::vector<T> Unpack(const uint8_t (&packed)[n], Rest&& rest) {
  std::vector<T> ranges;
  char32_t next = 0;
  for (Unpacker in(packed); in.more();) {
    T range{};
    range.first = next + in.Next();
    range.last = range.first + in.Next();
    rest(range, in);
    next = range.last + 1;
    ranges.push_back(range);
  }
  return ranges;
}

template <size_t n>
std::vector<Range> Unpack(const uint8_t (&packed)[n]) {
  return Unpack<Range>(packed, [](Range&, Unpacker&) {});
}

struct Tables {
  std::vector<Range> letter = Unpack(kLetter), mark = Unpack(kMark), number = Unpack(kNumber),
                     punctuation = Unpack(kPunctuation), space = Unpack(kSpace),
                     cased = Unpack(kCased), case_ignorable = Unpack(kCaseIgnorable);
  std::vector<LowerRange> lower = Unpack<LowerRange>(kLower, [](LowerRange& range, Unpacker& in) {
    range.step = in.Next();
    range.delta = in.NextSigned();
  });
  std::vector<CombiningRange> combining = Unpack<CombiningRange>(
      kCombining,
      [](CombiningRange& range, Unpacker& in) { range.rank = static_cast<uint8_t>(in.Next()); });
  std::vector<Decomposition> decomposition;  // ascending by composed
  std::vector<Composition> composition;      // ascending by first, second
  std::vector<char32_t> parts;

  Tables() {
    char32_t c = 0;
    std::array<int32_t, 3> part = {};
    for (Unpacker in(kDecompositions); in.more();) {
      const uint32_t head = in.Next();
      c += head >> 3;
      const Decomposition entry{c, static_cast<uint32_t>(parts.size()), head & 3, (head & 4) != 0};
      for (uint32_t i = 0; i < entry.size; ++i) {
        part[i] += in.NextSigned();
        parts.push_back(static_cast<char32_t>(part[i]));
      }
      decomposition.push_back(entry);
      if (entry.composes) composition.push_back({parts.end()[-2], parts.end()[-1], c});
    }
    std::sort(composition.begin(), composition.end(), [](const auto& a, const auto& b) {
      return std::pair(a.first, a.second) < std::pair(b.first, b.second);
    });
  }
};

const Tables& Table() {
  static const Tables tables;
  return tables;
}

// The range of a sorted table that `c` is in, or nullptr.
template <typename T>
const T* Find(const std::vector<T>& table, char32_t c) {
  const auto at =
      std::upper_bound(table.begin(), table.end(), c,
                       [](char32_t value, const T& range) { return value < range.first; });
  return at != table.begin() && c <= (at - 1)->last ? &*(at - 1) : nullptr;
}

uint8_t CombiningRank(char32_t c) {
  if (c < 0x300) return 0;
  const CombiningRange* range = Find(Table().combining, c);
  return range != nullptr ? range->rank : 0;
}

constexpr char32_t kSigma = 0x3A3, kSmallSigma = 0x3C3, kFinalSigma = 0x3C2;

// Is the sigma at `at` the last letter of a word? (Unicode, table 3-17, Final_Sigma.)
bool IsFinal(std::u32string_view text, size_t at) {
  size_t before = at;
  while (before > 0 && Find(Table().case_ignorable, text[before - 1]) != nullptr) --before;
  if (before == 0 || Find(Table().cased, text[before - 1]) == nullptr) return false;
  size_t after = at + 1;
  while (after < text.size() && Find(Table().case_ignorable, text[after]) != nullptr) ++after;
  return after == text.size() || Find(Table().cased, text[after]) == nullptr;
}

// Hangul syllables compose by arithmetic (Unicode, section 3.12).
constexpr char32_t kSyllables = 0xAC00, kLead = 0x1100, kVowel = 0x1161, kTrail = 0x11A7;
constexpr char32_t kLeads = 19, kVowels = 21, kTrails = 28;
constexpr char32_t kSyllableCount = kLeads * kVowels * kTrails;

void Decompose(char32_t c, std::u32string& out) {
  if (c < 0xC0) {
    out += c;
    return;
  }
  if (c >= kSyllables && c < kSyllables + kSyllableCount) {
    const char32_t index = c - kSyllables;
    out += kLead + index / (kVowels * kTrails);
    out += kVowel + index % (kVowels * kTrails) / kTrails;
    if (index % kTrails != 0) out += kTrail + index % kTrails;
    return;
  }
  const Tables& tables = Table();
  const auto at = std::lower_bound(
      tables.decomposition.begin(), tables.decomposition.end(), c,
      [](const Decomposition& entry, char32_t value) { return entry.composed < value; });
  if (at == tables.decomposition.end() || at->composed != c) {
    out += c;
    return;
  }
  const char32_t* parts = &tables.parts[at->offset];
  if (at->composes) {
    Decompose(parts[0], out);
    out += parts[1];
  } else {
    out.append(parts, at->size);
  }
}

// The code point that `a` and `b` compose to, or 0.
char32_t Compose(char32_t a, char32_t b) {
  if (a >= kLead && a < kLead + kLeads && b >= kVowel && b < kVowel + kVowels) {
    return kSyllables + ((a - kLead) * kVowels + (b - kVowel)) * kTrails;
  }
  if (a >= kSyllables && a < kSyllables + kSyllableCount && (a - kSyllables) % kTrails == 0 &&
      b > kTrail && b < kTrail + kTrails) {
    return a + (b - kTrail);
  }
  const std::vector<Composition>& table = Table().composition;
  const auto at = std::lower_bound(table.begin(), table.end(), std::pair(a, b),
                                   [](const Composition& entry, auto value) {
                                     return std::pair(entry.first, entry.second) < value;
                                   });
  return at != table.end() && at->first == a && at->second == b ? at->composed : 0;
}

}  // namespace

std::u32string DecodeUtf8(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0};
  };
  for (size_t i = 0; i < text.size();) {
    const uint8_t lead = byte(i);
    if (lead < 0x80) {
      out += lead;
      ++i;
      continue;
    }
    const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4) {
      out += U'\uFFFD';
      ++i;
      continue;
    }
    // The second byte's range keeps out overlong forms, surrogates and values over U+10FFFF.
    const uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    char32_t code = lead & (0x3F >> more);
    int taken = 1;
    for (; taken <= more; ++taken) {
      const uint8_t next = byte(i + static_cast<size_t>(taken));
      if (next < (taken == 1 ? low : 0x80) || next > (taken == 1 ? high : 0xBF)) break;
      code = code << 6 | (next & 0x3Fu);
    }
    out += taken > more ? code : U'\uFFFD';
    i += static_cast<size_t>(taken);
  }
  return out;
}

void AppendUtf8(char32_t c, std::string& out) {
  if (c < 0x80) {
    out += static_cast<char>(c);
    return;
  }
  if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
  } else {
    if (c < 0x10000) {
      out += static_cast<char>(0xE0 | c >> 12);
    } else {
      out += static_cast<char>(0xF0 | c >> 18);
      out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    }
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
  }
  out += static_cast<char>(0x80 | (c & 0x3F));
}

std::string EncodeUtf8(std::u32string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char32_t c : text) AppendUtf8(c, out);
  return out;
}

bool IsLetter(char32_t c) { return Find(Table().letter, c) != nullptr; }
bool IsMark(char32_t c) { return Find(Table().mark, c) != nullptr; }
bool IsNumber(char32_t c) { return Find(Table().number, c) != nullptr; }
bool IsPunctuation(char32_t c) { return Find(Table().punctuation, c) != nullptr; }
bool IsSpace(char32_t c) { return Find(Table().space, c) != nullptr; }
bool IsWord(char32_t c) { return c == U'_' || IsLetter(c) || IsNumber(c); }

std::u32string ToLower(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const char32_t c = text[i];
    if (c < 0x80) {
      out += c >= U'A' && c <= U'Z' ? c + 32 : c;
    } else if (c == kSigma) {
      out += IsFinal(text, i) ? kFinalSigma : kSmallSigma;
    } else if (c == 0x130) {
      out += U"i\u0307";
    } else {
      const LowerRange* range = Find(Table().lower, c);
      const bool maps = range != nullptr && (c - range->first) % range->step == 0;
      out += maps ? static_cast<char32_t>(static_cast<int32_t>(c) + range->delta) : c;
    }
  }
  return out;
}

std::u32string ToNfd(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (char32_t c : text) Decompose(c, out);
  for (size_t i = 0; i < out.size();) {  // marks in ascending class, those of one class in order
    if (CombiningRank(out[i]) == 0) {
      ++i;
      continue;
    }
    size_t end = i;
    while (end < out.size() && CombiningRank(out[end]) != 0) ++end;
    std::stable_sort(out.begin() + static_cast<ptrdiff_t>(i),
                     out.begin() + static_cast<ptrdiff_t>(end),
                     [](char32_t a, char32_t b) { return CombiningRank(a) < CombiningRank(b); });
    i = end;
  }
  return out;
}

std::u32string ToNfc(std::u32string_view text) {
  if (std::all_of(text.begin(), text.end(), [](char32_t c) { return c < 0x300; })) {
    return std::u32string(text);  // below the first combining mark everything is composed
  }
  std::u32string in = ToNfd(text), out;
  out.reserve(in.size());
  size_t starter = std::u32string::npos;  // in `out`
  uint8_t last_rank = 0;                  // of the mark kept last after the starter
  for (char32_t c : in) {
    const uint8_t rank = CombiningRank(c);
    if (starter != std::u32string::npos) {
      const bool adjacent = out.size() == starter + 1;
      const bool blocked = !adjacent && last_rank >= rank;
      const char32_t composed = blocked ? 0 : Compose(out[starter], c);
      if (composed != 0) {
        out[starter] = composed;
        continue;
      }
    }
    if (rank == 0) starter = out.size();
    last_rank = rank;
    out += c;
  }
  return out;
}

}  // namespace vitrine
