#include "shared/text/clip_tokenizer.h"

#include <cassert>
#include <string>

#include "shared/text/unicode.h"

namespace vitrine {
namespace {

constexpr size_t kMerges = 49152 - 256 - 2;  // the file has more; CLIP uses these

// NFC; runs of white space become one space; each character in lower case on its own (the reference
// has no final sigma).
std::u32string NormaliseText(std::string_view text) {
  std::u32string out;
  for (char32_t c : ToNfc(DecodeUtf8(text))) {
    if (!IsSpace(c)) {
      out += ToLower(std::u32string_view(&c, 1));
    } else if (out.empty() || out.back() != U' ') {
      out += U' ';
    }
  }
  return out;
}

// The size of the word that starts at text[0]: 's 't 're 've 'm 'll 'd, or letters, or one number,
// or anything else that is no space. 0 = a space.
size_t WordSize(std::u32string_view text) {
  for (std::u32string_view ending : {U"'s", U"'t", U"'re", U"'ve", U"'m", U"'ll", U"'d"}) {
    if (text.starts_with(ending)) return ending.size();
  }
  const auto is_other = [](char32_t c) { return !IsSpace(c) && !IsLetter(c) && !IsNumber(c); };
  if (IsNumber(text[0])) return 1;
  size_t size = 0;
  if (IsLetter(text[0])) {
    while (size < text.size() && IsLetter(text[size])) ++size;
  } else {
    while (size < text.size() && is_other(text[size])) ++size;
  }
  return size;
}

// The id of the special token that text starts with, or -1. They are found in the normalised text.
int32_t SpecialAt(std::u32string_view text, size_t& size) {
  constexpr std::u32string_view kStartText = U"<|startoftext|>", kEndText = U"<|endoftext|>";
  if (text.starts_with(kStartText)) return size = kStartText.size(), ClipTokenizer::kStart;
  if (text.starts_with(kEndText)) return size = kEndText.size(), ClipTokenizer::kEnd;
  return -1;
}

}  // namespace

Result<ClipTokenizer> ClipTokenizer::Open(std::string_view merges) {
  VITRINE_ASSIGN(BpeMerges parsed, BpeMerges::Parse(merges, "</w>", kMerges));
  if (parsed.size() != 512 + kMerges) {
    return Error{"merges: " + std::to_string(parsed.size() - 512) + " pairs, but CLIP has " +
                 std::to_string(kMerges)};
  }
  return ClipTokenizer(std::move(parsed));
}

std::vector<int32_t> ClipTokenizer::Encode(std::string_view text, size_t max_tokens) const {
  assert(max_tokens >= 2);
  const std::u32string normal = NormaliseText(text);
  std::vector<int32_t> ids = {kStart};
  // Runs between special tokens are cut into words on their own.
  for (size_t at = 0; at < normal.size() && ids.size() < max_tokens;) {
    size_t size = 0;
    const int32_t special = SpecialAt(std::u32string_view(normal).substr(at), size);
    if (special >= 0) {
      ids.push_back(special);
      at += size;
      continue;
    }
    size_t end = at + 1, ignored = 0;
    while (end < normal.size() && SpecialAt(std::u32string_view(normal).substr(end), ignored) < 0) {
      ++end;
    }
    for (; at < end && ids.size() < max_tokens;) {
      size = WordSize(std::u32string_view(normal).substr(at, end - at));
      if (size > 0) {
        const std::string word = EncodeUtf8(std::u32string_view(normal).substr(at, size));
        for (uint32_t symbol : merges_.Encode(word)) ids.push_back(static_cast<int32_t>(symbol));
      }
      at += size > 0 ? size : 1;
    }
  }
  if (ids.size() >= max_tokens) ids.resize(max_tokens - 1);
  ids.push_back(kEnd);
  return ids;
}

}  // namespace vitrine
