#include "indexer/ingest/text.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <numeric>

namespace vitrine {
namespace {

// Windows-1252's own characters, 0x80 to 0x9F (https://encoding.spec.whatwg.org/#windows-1252).
constexpr uint16_t kWindows1252[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

// Length of the valid UTF-8 sequence at the front of `text`, 0 if there is none.
size_t SequenceLength(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const uint8_t second = byte(1);
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
      (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) {
    return 0;
  }
  return length;
}

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

uint32_t Windows1252(uint8_t byte) {
  return byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80] : byte;
}

size_t OpenUtf8Tail(std::string_view block) {
  for (size_t length = 1; length <= std::min<size_t>(3, block.size()); ++length) {
    const auto lead = static_cast<uint8_t>(block[block.size() - length]);
    if (lead < 0x80) return 0;
    if (lead >= 0xC0) return length < (lead >= 0xF0 ? 4U : lead >= 0xE0 ? 3U : 2U) ? length : 0;
  }
  return 0;
}

void AppendUtf8(uint32_t code, std::string& out) {
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = 0xFFFD;
  utf8proc_uint8_t bytes[4];
  const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code), bytes);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(length));
}

std::string_view TrimSpace(std::string_view text) {
  // Nearly every text has nothing to trim.
  const auto firm = [](char c) {
    return static_cast<uint8_t>(c) > ' ' && static_cast<uint8_t>(c) < 0x80;
  };
  if (!text.empty() && firm(text.front()) && firm(text.back())) return text;
  for (;;) {
    if (!text.empty() && IsSpace(text.front())) {
      text.remove_prefix(1);
    } else if (text.substr(0, 2) == "\xC2\xA0") {
      text.remove_prefix(2);
    } else if (!text.empty() && IsSpace(text.back())) {
      text.remove_suffix(1);
    } else if (text.size() >= 2 && text.substr(text.size() - 2) == "\xC2\xA0") {
      text.remove_suffix(2);
    } else {
      return text;
    }
  }
}

bool IsValidUtf8(std::string_view text) {
  while (!text.empty()) {
    for (uint64_t word = 0; text.size() >= sizeof word; text.remove_prefix(sizeof word)) {
      std::memcpy(&word, text.data(), sizeof word);
      if ((word & 0x8080808080808080u) != 0) break;
    }
    if (text.empty()) break;
    if (static_cast<uint8_t>(text.front()) < 0x80) {
      text.remove_prefix(1);
      continue;
    }
    const size_t length = SequenceLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string RepairUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    if (length > 0) {
      out += text.substr(0, length);
      text.remove_prefix(length);
    } else {
      AppendUtf8(Windows1252(static_cast<uint8_t>(text.front())), out);
      text.remove_prefix(1);
    }
  }
  return out;
}

bool IsMissing(std::string_view text) {
  text = TrimSpace(text);
  if (text.size() > 9) return false;
  if (text.empty()) return true;
  if (std::string_view("nN-#<[uU").find(text.front()) == std::string_view::npos) return false;
  char letters[9];
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    letters[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  const std::string_view lower(letters, text.size());
  constexpr std::array<std::string_view, 13> kWords = {"nan",  "none", "null",     "n/a", "na",
                                                       "#n/a", "-",    "--",       "nil", "<na>",
                                                       "nat",  "[]",   "undefined"};
  return std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

std::string FoldText(std::string_view text) {
  std::string repaired;
  bool ascii = true;
  for (char c : text) ascii = ascii && static_cast<uint8_t>(c) < 0x80;
  if (!ascii) {
    repaired = RepairUtf8(text);
    utf8proc_uint8_t* folded = nullptr;
    const auto length = utf8proc_map(
        reinterpret_cast<const utf8proc_uint8_t*>(repaired.data()),
        static_cast<utf8proc_ssize_t>(repaired.size()), &folded,
        static_cast<utf8proc_option_t>(UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
                                       UTF8PROC_STRIPMARK | UTF8PROC_IGNORE));
    if (length >= 0) repaired.assign(reinterpret_cast<char*>(folded), static_cast<size_t>(length));
    std::free(folded);
    text = repaired;
  }
  std::string out;
  bool gap = false;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    const bool word =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<uint8_t>(c) >= 0x80;
    if (word && gap && !out.empty()) out += ' ';
    gap = !word;
    if (word) out += c;
  }
  return out;
}

bool FoldsTo(std::string_view text, std::string_view folded) {
  size_t at = 0;
  bool gap = false;
  for (char c : text) {
    if (static_cast<uint8_t>(c) >= 0x80) return FoldText(text) == folded;
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) {
      gap = at > 0;
      continue;
    }
    if (gap && (at >= folded.size() || folded[at++] != ' ')) return false;
    gap = false;
    if (at >= folded.size() || folded[at++] != c) return false;
  }
  return at == folded.size();
}

std::vector<std::string_view> SplitText(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  if (separator.empty()) return {text};
  for (;;) {
    const size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + separator.size());
  }
}

std::string NearestWord(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string wanted = FoldText(word);
  std::string best;
  size_t best_distance = std::max<size_t>(2, wanted.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::string other = FoldText(candidate).substr(0, 64);
    if (wanted.size() > 64) break;
    std::vector<size_t> row(other.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 1; i <= wanted.size(); ++i) {
      size_t diagonal = row[0];
      row[0] = i;
      for (size_t j = 1; j <= other.size(); ++j) {
        const size_t replace = diagonal + (wanted[i - 1] == other[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, replace});
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return best;
}

std::string JoinText(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += separator;
    out += parts[i];
  }
  return out;
}

}  // namespace vitrine
