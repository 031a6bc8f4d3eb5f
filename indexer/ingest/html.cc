// PlainText(): HTML to text.
#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "indexer/ingest/text.h"

namespace vitrine {
namespace {

// The entities that shop texts hold; numeric ones are decoded by their number. Names from
// https://html.spec.whatwg.org/multipage/named-characters.html, sorted.
constexpr std::pair<std::string_view, uint16_t> kEntities[] = {
    {"Aacute", 193}, {"Agrave", 192},  {"Auml", 196},   {"Ccedil", 199}, {"Eacute", 201},
    {"Egrave", 200}, {"Ntilde", 209},  {"Oacute", 211}, {"Ouml", 214},   {"Uuml", 220},
    {"aacute", 225}, {"acirc", 226},   {"aelig", 230},  {"agrave", 224}, {"amp", '&'},
    {"apos", '\''},  {"aring", 229},   {"atilde", 227}, {"auml", 228},   {"bull", 8226},
    {"ccedil", 231}, {"cent", 162},    {"copy", 169},   {"deg", 176},    {"eacute", 233},
    {"ecirc", 234},  {"egrave", 232},  {"euml", 235},   {"euro", 8364},  {"frac12", 189},
    {"gt", '>'},     {"hellip", 8230}, {"iacute", 237}, {"icirc", 238},  {"iuml", 239},
    {"laquo", 171},  {"ldquo", 8220},  {"lsquo", 8216}, {"lt", '<'},     {"mdash", 8212},
    {"middot", 183}, {"nbsp", ' '},    {"ndash", 8211}, {"ntilde", 241}, {"oacute", 243},
    {"ocirc", 244},  {"oslash", 248},  {"otilde", 245}, {"ouml", 246},   {"pound", 163},
    {"quot", '"'},   {"raquo", 187},   {"rdquo", 8221}, {"reg", 174},    {"rsquo", 8217},
    {"shy", 173},    {"szlig", 223},   {"times", 215},  {"trade", 8482}, {"uacute", 250},
    {"ucirc", 251},  {"ugrave", 249},  {"uuml", 252},   {"yen", 165}};

// Decodes the entity at the front of `text` ("&amp;…"): its code point and length, {0, 0} if none.
std::pair<uint32_t, size_t> Entity(std::string_view text) {
  const size_t end = text.substr(0, 12).find(';');
  if (end == std::string_view::npos || end < 2) return {0, 0};
  std::string_view name = text.substr(1, end - 1);
  if (name[0] != '#') {
    for (const auto& [known, code] : kEntities) {
      if (known == name) return {code, end + 1};
    }
    return {0, 0};
  }
  name.remove_prefix(1);
  const bool hex = !name.empty() && (name[0] == 'x' || name[0] == 'X');
  if (hex) name.remove_prefix(1);
  uint32_t code = 0;
  if (name.empty()) return {0, 0};
  for (char c : name) {
    const uint32_t digit = c >= '0' && c <= '9'          ? static_cast<uint32_t>(c - '0')
                           : hex && c >= 'a' && c <= 'f' ? static_cast<uint32_t>(c - 'a' + 10)
                           : hex && c >= 'A' && c <= 'F' ? static_cast<uint32_t>(c - 'A' + 10)
                                                         : 99;
    if (digit == 99) return {0, 0};
    code = code * (hex ? 16 : 10) + digit;
    if (code > 0x10FFFF) return {0, 0};
  }
  return {code == 0 ? 0xFFFD : code, end + 1};
}

std::string LowerTagName(std::string_view tag) {
  std::string name;
  for (char c : tag) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) break;
    name += c;
  }
  return name;
}

// Tags inside a word's line of text; every other tag separates words.
bool IsInline(const std::string& name) {
  constexpr std::array<std::string_view, 14> kInline = {"a",   "abbr", "b",     "em",   "font",
                                                        "i",   "mark", "small", "span", "strong",
                                                        "sub", "sup",  "u",     "wbr"};
  return std::find(kInline.begin(), kInline.end(), name) != kInline.end();
}

class Writer {
 public:
  void Put(uint32_t code) {
    if (code == ' ' || code == 0xA0 || (code >= '\t' && code <= '\r')) {
      space_ = true;
    } else if (code != 0xAD) {  // soft hyphens are only hints
      if (space_ && !out_.empty()) out_ += ' ';
      space_ = false;
      if (code < 0x80) {
        out_ += static_cast<char>(code);
      } else {
        AppendUtf8(code, out_);
      }
    }
  }
  // Without white space.
  void Word(std::string_view word) {
    if (space_ && !out_.empty()) out_ += ' ';
    space_ = false;
    out_ += word;
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
  bool space_ = false;
};

}  // namespace

std::string PlainText(std::string_view html) {
  Writer out;
  size_t at = 0;
  const auto plain = [](char c) {
    return c != '<' && c != '&' && c != ' ' && !(c >= '\t' && c <= '\r');
  };
  while (at < html.size()) {
    const size_t word = at;
    while (at < html.size() && plain(html[at])) ++at;
    if (at > word) out.Word(html.substr(word, at - word));
    if (at == html.size()) break;
    const char c = html[at];
    if (c == '&') {
      const auto [code, length] = Entity(html.substr(at));
      out.Put(length > 0 ? code : '&');
      at += length > 0 ? length : 1;
      continue;
    }
    const char next = at + 1 < html.size() ? html[at + 1] : ' ';
    const bool tag = c == '<' && (next == '/' || next == '!' || next == '?' ||
                                  (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z'));
    const bool comment = tag && html.substr(at, 4) == "<!--";
    const std::string_view closer = comment ? "-->" : ">";
    const size_t end = tag ? html.find(closer, at + (comment ? 4 : 1)) : std::string_view::npos;
    if (end == std::string_view::npos) {
      out.Put(static_cast<uint8_t>(c));
      ++at;
      continue;
    }
    const bool closing = next == '/';
    const std::string name = LowerTagName(html.substr(at + (closing ? 2 : 1), 16));
    at = end + closer.size();
    if (!closing && (name == "script" || name == "style")) {
      const size_t stop = html.find("</" + name, at);
      at = stop == std::string_view::npos ? html.size() : stop;
    }
    if (!comment && !IsInline(name)) out.Put(' ');
  }
  return out.Take();
}

}  // namespace vitrine
