#include "indexer/ingest/literal.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "indexer/ingest/text.h"

namespace vitrine {
namespace {

constexpr int kMaxDepth = 64;
constexpr size_t kMaxValues = 1'000'000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Literal TextLiteral(std::string text) {
  Literal literal;
  literal.kind = Literal::Kind::kText;
  literal.text = std::move(text);
  return literal;
}

// datetime.datetime(2016, 1, 8, 11, 15, 37, 12): "2016-01-08T11:15:37".
std::string DateText(const std::vector<Literal>& arguments) {
  int parts[6] = {1970, 1, 1, 0, 0, 0};
  for (size_t i = 0; i < std::min<size_t>(arguments.size(), 6); ++i) {
    const Literal& argument = arguments[i];
    if (argument.kind != Literal::Kind::kNumber || argument.text.empty() ||
        argument.text.size() > 4 ||
        !std::all_of(argument.text.begin(), argument.text.end(), IsDigit)) {
      return {};
    }
    parts[i] = std::atoi(argument.text.c_str());
  }
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", parts[0], parts[1], parts[2],
                parts[3], parts[4], parts[5]);
  return text;
}

class LiteralParser {
 public:
  explicit LiteralParser(std::string_view text) : text_(text) {}

  ParsedLiteral Run() {
    ParsedLiteral parsed;
    parsed.complete = Value(parsed.value, 0);
    SkipSpace();
    parsed.complete = parsed.complete && at_ == text_.size();
    return parsed;
  }

 private:
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void SkipSpace() {
    while (at_ < text_.size() && (text_[at_] == ' ' || (text_[at_] >= '\t' && text_[at_] <= '\r')))
      ++at_;
  }
  bool Take(char c) {
    SkipSpace();
    if (Peek() != c) return false;
    ++at_;
    return true;
  }

  bool Value(Literal& out, int depth) {
    SkipSpace();
    if (depth > kMaxDepth || ++values_ > kMaxValues) return false;
    const char c = Peek();
    if (c == '[' || c == '(') return List(out, c == '[' ? ']' : ')', depth);
    if (c == '{') return Dict(out, depth);
    if (c == '"' || c == '\'') return Texts(out);
    if (IsDigit(c) || c == '-' || c == '+' || c == '.') return Number(out);
    if (IsLetter(c)) return Word(out, depth);
    if (c == '<') return Opaque();
    return false;
  }

  // "<UTC>", "<object at 0x7f…>": what Python writes for things that have no literal.
  bool Opaque() {
    const size_t end = text_.find('>', at_);
    if (end == std::string_view::npos || end - at_ > 200) return false;
    at_ = end + 1;
    return true;
  }

  bool List(Literal& out, char close, int depth) {
    ++at_;
    out.kind = Literal::Kind::kList;
    for (;;) {
      if (Take(close)) return true;
      Literal item;
      const bool good = Value(item, depth + 1);
      if (good || !item.is_none()) out.items.push_back(std::move(item));
      if (!good) return false;
      if (Take(',')) continue;
      return Take(close);
    }
  }

  bool Dict(Literal& out, int depth) {
    ++at_;
    out.kind = Literal::Kind::kDict;
    out.entries.reserve(8);
    bool set = false;
    for (;;) {
      if (Take('}')) break;
      Literal key;
      if (!Value(key, depth + 1)) return false;
      if (!Take(':')) {  // a set: {1, 2}
        set = true;
        out.items.push_back(std::move(key));
      } else {
        Literal value;
        const bool good = Value(value, depth + 1);
        if (good || !value.is_none())
          out.entries.emplace_back(std::move(key).TakeText(), std::move(value));
        if (!good) return false;
      }
      if (Take(',')) continue;
      if (!Take('}')) return false;
      break;
    }
    if (set) out.kind = Literal::Kind::kList;
    // {"$oid": "…"}
    if (out.entries.size() == 1 && out.entries[0].first.size() > 1 &&
        out.entries[0].first[0] == '$') {
      Literal value = std::move(out.entries[0].second);
      out = std::move(value);
    }
    return true;
  }

  // Adjacent texts are one, as in Python.
  bool Texts(Literal& out) {
    out.kind = Literal::Kind::kText;
    do {
      if (!OneText(out.text)) return false;
      SkipSpace();
    } while (Peek() == '\'' || Peek() == '"');
    return true;
  }

  bool OneText(std::string& out, bool raw = false) {
    const char quote = text_[at_];
    const std::string_view triple = text_.substr(at_, 3);
    const bool three = triple.size() == 3 && triple[1] == quote && triple[2] == quote;
    at_ += three ? 3 : 1;
    while (at_ < text_.size()) {
      const size_t run = at_;
      while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\\') ++at_;
      out.append(text_, run, at_ - run);
      if (at_ == text_.size()) break;
      const char c = text_[at_];
      // An apostrophe that nobody escaped: 'Levi's'.
      const bool inside = !three && at_ + 1 < text_.size() && IsLetter(text_[at_ + 1]);
      if (c == quote && !inside && (!three || text_.substr(at_, 3) == triple)) {
        at_ += three ? 3 : 1;
        return true;
      }
      ++at_;
      if (c == '\\' && !raw && at_ < text_.size()) {
        Escape(out);
      } else {
        out += c;
      }
    }
    return false;
  }

  bool Hex(size_t digits, uint32_t& code) {
    code = 0;
    if (text_.size() - at_ < digits) return false;
    for (size_t i = 0; i < digits; ++i) {
      const int digit = HexDigit(text_[at_ + i]);
      if (digit < 0) return false;
      code = code * 16 + static_cast<uint32_t>(digit);
    }
    at_ += digits;
    return true;
  }

  void Escape(std::string& out) {
    const char c = text_[at_++];
    constexpr std::string_view kLetters = "nrtbfav0", kMeaning("\n\r\t\b\f\a\v\0", 8);
    const size_t known = kLetters.find(c);
    uint32_t code = 0;
    if (known != std::string_view::npos) {
      out += kMeaning[known];
    } else if (c == 'x' || c == 'u' || c == 'U') {
      if (!Hex(c == 'x' ? 2 : c == 'u' ? 4 : 8, code)) {
        out += '\\';
        out += c;
        return;
      }
      uint32_t low = 0;
      const size_t before = at_;
      if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_, 2) == "\\u") {
        at_ += 2;
        if (Hex(4, low) && low >= 0xDC00 && low < 0xE000) {
          code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        } else {
          at_ = before;
        }
      }
      AppendUtf8(code, out);
    } else if (c != '\n') {  // \' \" \\ \/ and unknown ones stand for themselves
      out += c;
    }
  }

  bool Number(Literal& out) {
    const size_t begin = at_;
    while (at_ < text_.size() && (IsDigit(text_[at_]) || IsLetter(text_[at_]) ||
                                  text_[at_] == '.' || text_[at_] == '-' || text_[at_] == '+')) {
      ++at_;
    }
    out.text = text_.substr(begin, at_ - begin);
    std::erase(out.text, '_');
    out.kind = Literal::Kind::kNumber;
    if (out.text == "-inf" || out.text == "-Infinity" || out.text == "-nan") out = Literal{};
    return true;
  }

  // A name: a constant, a text with a prefix (u'…'), or a call.
  bool Word(Literal& out, int depth) {
    const size_t begin = at_;
    while (at_ < text_.size() && (IsLetter(text_[at_]) || IsDigit(text_[at_]) || text_[at_] == '.'))
      ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word.size() <= 2 && (Peek() == '\'' || Peek() == '"')) {
      out.kind = Literal::Kind::kText;
      if (!OneText(out.text, word.find_first_of("rR") != std::string_view::npos)) return false;
      SkipSpace();
      return (Peek() != '\'' && Peek() != '"') || Texts(out);
    }
    if (word == "True" || word == "true" || word == "TRUE" || word == "False" || word == "false" ||
        word == "FALSE") {
      out.kind = Literal::Kind::kBool;
      out.text = word[0] == 'T' || word[0] == 't' ? "true" : "false";
      return true;
    }
    SkipSpace();
    if (Peek() == '(') return Call(word, out, depth);
    if (!IsMissing(word) && word != "inf" && word != "Infinity")
      out = TextLiteral(std::string(word));
    return true;
  }

  bool Call(std::string_view name, Literal& out, int depth) {
    ++at_;
    std::vector<Literal> arguments;
    std::vector<std::pair<std::string, Literal>> named;
    while (!Take(')')) {
      SkipSpace();
      std::string keyword;
      const size_t begin = at_;
      while (at_ < text_.size() && (IsLetter(text_[at_]) || IsDigit(text_[at_]))) ++at_;
      const std::string_view word = text_.substr(begin, at_ - begin);
      if (!word.empty() && Take('=')) {
        keyword = word;
      } else {
        at_ = begin;
      }
      Literal value;
      if (!Value(value, depth + 1)) return false;
      if (keyword.empty()) {
        arguments.push_back(std::move(value));
      } else {
        named.emplace_back(std::move(keyword), std::move(value));
      }
      if (Take(',')) continue;
      if (!Take(')')) return false;
      break;
    }
    const std::string_view last =
        name.substr(name.rfind('.') == std::string_view::npos ? 0 : name.rfind('.') + 1);
    const bool numbers = !arguments.empty() && arguments[0].kind == Literal::Kind::kNumber;
    if ((last == "datetime" || last == "date") && numbers) {
      const std::string text = DateText(arguments);
      if (!text.empty()) out = TextLiteral(text);
    } else if (last == "OrderedDict" || last == "dict" || last == "defaultdict") {
      out.kind = Literal::Kind::kDict;
      out.entries = std::move(named);
      for (Literal& argument : arguments) {
        if (argument.kind == Literal::Kind::kDict) out.entries = std::move(argument.entries);
        if (argument.kind == Literal::Kind::kList) out.entries = PairsOf(std::move(argument.items));
      }
    } else if (!arguments.empty()) {
      out = std::move(arguments[0]);
    } else if (!named.empty()) {
      out = std::move(named[0].second);
    }
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t values_ = 0;
};

}  // namespace

std::vector<std::pair<std::string, Literal>> PairsOf(std::vector<Literal> items) {
  std::vector<std::pair<std::string, Literal>> entries;
  for (Literal& item : items) {
    if (item.kind == Literal::Kind::kList && item.items.size() == 2 &&
        item.items[0].kind == Literal::Kind::kText) {
      entries.emplace_back(std::move(item.items[0].text), std::move(item.items[1]));
      continue;
    }
    if (item.kind != Literal::Kind::kDict) continue;
    Literal* key = nullptr;
    Literal* value = nullptr;
    for (auto& [name, part] : item.entries) {
      for (std::string_view known : {"key", "name", "k", "attribute", "label"}) {
        if (FoldsTo(name, known)) key = &part;
      }
      for (std::string_view known : {"value", "v", "val", "values"}) {
        if (FoldsTo(name, known)) value = &part;
      }
    }
    if (key != nullptr && value != nullptr) {
      entries.emplace_back(key->ToText(), std::move(*value));
    } else {
      for (auto& entry : item.entries) entries.push_back(std::move(entry));
    }
  }
  return entries;
}

Literal::Literal() = default;
Literal::~Literal() = default;
Literal::Literal(const Literal&) = default;
Literal::Literal(Literal&&) noexcept = default;
Literal& Literal::operator=(const Literal&) = default;
Literal& Literal::operator=(Literal&&) noexcept = default;

bool Literal::is_true() const {
  const std::string folded = FoldText(text);
  return (kind == Kind::kBool || kind == Kind::kText || kind == Kind::kNumber) &&
         (folded == "true" || folded == "yes" || folded == "1" || folded == "y" || folded == "t");
}

const Literal* Literal::Find(std::string_view folded_key) const {
  for (const auto& [name, value] : entries) {
    if (FoldsTo(name, folded_key)) return &value;
  }
  return nullptr;
}

std::string Literal::TakeText(std::string_view separator) && {
  return kind == Kind::kList || kind == Kind::kDict ? ToText(separator) : std::move(text);
}

std::string Literal::ToText(std::string_view separator) const {
  if (kind == Kind::kList) {
    std::vector<std::string> parts;
    for (const Literal& item : items) {
      if (!item.is_none()) parts.push_back(item.ToText(", "));
    }
    return JoinText(parts, separator);
  }
  if (kind == Kind::kDict) {
    std::vector<std::string> parts;
    for (const auto& [name, value] : entries) {
      if (!value.is_none()) parts.push_back(name + ": " + value.ToText(", "));
    }
    return JoinText(parts, "; ");
  }
  return text;
}

ParsedLiteral ParseLiteral(std::string_view text) { return LiteralParser(TrimSpace(text)).Run(); }

std::string ExtractObjectId(std::string_view text) {
  text = TrimSpace(text);
  size_t run = 0;
  for (size_t at = 0; at <= text.size(); ++at) {
    if (at < text.size() && HexDigit(text[at]) >= 0) {
      ++run;
      continue;
    }
    if (run >= 24) return std::string(text.substr(at - run, run));
    run = 0;
  }
  const ParsedLiteral parsed = ParseLiteral(text);
  if (parsed.complete && parsed.value.kind == Literal::Kind::kText) return parsed.value.text;
  return std::string(text);
}

}  // namespace vitrine
