#include "indexer/embed/tokenizer.h"

#include <zlib.h>

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "indexer/embed/image_encoder.h"
#include "indexer/support/files.h"
#include "shared/text/bpe.h"
#include "shared/text/clip_tokenizer.h"
#include "shared/text/unicode.h"

namespace vitrine {
namespace {

using Vocabulary = std::map<std::string, int64_t, std::less<>>;

Result<int64_t> IdOf(const Vocabulary& vocabulary, std::string_view token) {
  const auto at = vocabulary.find(token);
  if (at != vocabulary.end()) return at->second;
  return Error{"the vocabulary has no token " + std::string(token)};
}

// Keeps the last token, the end, when there are too many.
std::vector<int64_t> Cut(std::vector<int64_t> ids, size_t max_tokens) {
  if (ids.size() <= max_tokens) return ids;
  ids[max_tokens - 1] = ids.back();
  ids.resize(max_tokens);
  return ids;
}

class ClipBpe : public Tokenizer {
 public:
  explicit ClipBpe(ClipTokenizer tokenizer) : tokenizer_(std::move(tokenizer)) {}
  std::vector<int64_t> Encode(std::string_view text, size_t max_tokens) const override {
    const auto ids = tokenizer_.Encode(text, max_tokens);
    return {ids.begin(), ids.end()};
  }

 private:
  ClipTokenizer tokenizer_;
};

// GPT-2's byte-level BPE with RoBERTa's special tokens.
class RobertaBpe : public Tokenizer {
 public:
  static Result<std::unique_ptr<Tokenizer>> Open(std::string_view json, std::string_view merges) {
    auto tokenizer = std::unique_ptr<RobertaBpe>(new RobertaBpe);
    VITRINE_ASSIGN(BpeMerges parsed, BpeMerges::Parse(merges, "", 1'000'000));
    const auto object = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
    if (!object.is_object()) return Error{"vocab.json: must be an object of token: id"};
    Vocabulary vocabulary;
    for (const auto& [token, id] : object.items()) {
      if (!id.is_number_unsigned())
        return Error{"vocab.json: the id of " + token + " is no number"};
      vocabulary.emplace(token, id.get<int64_t>());
    }
    VITRINE_ASSIGN(tokenizer->start_, IdOf(vocabulary, "<s>"));
    VITRINE_ASSIGN(tokenizer->end_, IdOf(vocabulary, "</s>"));
    for (uint32_t symbol = 0; symbol < parsed.size(); ++symbol) {
      VITRINE_ASSIGN(const int64_t id, IdOf(vocabulary, parsed.Name(symbol)));
      tokenizer->id_.push_back(id);
    }
    tokenizer->merges_.emplace(std::move(parsed));
    return std::unique_ptr<Tokenizer>(std::move(tokenizer));
  }

  std::vector<int64_t> Encode(std::string_view text, size_t max_tokens) const override {
    const std::u32string points = DecodeUtf8(text);
    std::vector<int64_t> ids = {start_};
    for (size_t at = 0; at < points.size() && ids.size() < max_tokens;) {
      const size_t size = WordSize(std::u32string_view(points).substr(at));
      const std::string word = EncodeUtf8(std::u32string_view(points).substr(at, size));
      for (uint32_t symbol : merges_->Encode(word)) ids.push_back(id_[symbol]);
      at += size;
    }
    ids.push_back(end_);
    return Cut(std::move(ids), max_tokens);
  }

 private:
  RobertaBpe() = default;

  // GPT-2's words: 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
  static size_t WordSize(std::u32string_view text) {
    for (std::u32string_view ending : {U"'s", U"'t", U"'re", U"'ve", U"'m", U"'ll", U"'d"}) {
      if (text.starts_with(ending)) return ending.size();
    }
    const auto kind = [](char32_t c) {
      return IsSpace(c) ? 0 : IsLetter(c) ? 1 : IsNumber(c) ? 2 : 3;
    };
    size_t begin = text[0] == U' ' && text.size() > 1 && kind(text[1]) != 0 ? 1 : 0;
    size_t end = begin;
    while (end < text.size() && kind(text[end]) == kind(text[begin])) ++end;
    // Of several spaces before a word, the last one belongs to the word.
    if (kind(text[begin]) == 0 && end < text.size() && end > 1) --end;
    return end;
  }

  std::optional<BpeMerges> merges_;
  std::vector<int64_t> id_;
  int64_t start_ = 0, end_ = 0;
};

// BERT's uncased WordPiece (Devlin et al. 2019): clean, lower, strip accents, cut at spaces and
// punctuation, then the longest known piece from the left.
class WordPiece : public Tokenizer {
 public:
  static Result<std::unique_ptr<Tokenizer>> Open(std::string_view text) {
    auto tokenizer = std::unique_ptr<WordPiece>(new WordPiece);
    int64_t id = 0;
    for (size_t at = 0; at < text.size(); ++id) {
      const size_t end = std::min(text.find('\n', at), text.size());
      std::string_view line = text.substr(at, end - at);
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      tokenizer->vocabulary_.emplace(line, id);
      at = end + 1;
    }
    VITRINE_ASSIGN(tokenizer->start_, IdOf(tokenizer->vocabulary_, "[CLS]"));
    VITRINE_ASSIGN(tokenizer->end_, IdOf(tokenizer->vocabulary_, "[SEP]"));
    VITRINE_ASSIGN(tokenizer->unknown_, IdOf(tokenizer->vocabulary_, "[UNK]"));
    return std::unique_ptr<Tokenizer>(std::move(tokenizer));
  }

  std::vector<int64_t> Encode(std::string_view text, size_t max_tokens) const override {
    std::vector<int64_t> ids = {start_};
    for (const std::u32string& word : Split(text)) {
      if (ids.size() >= max_tokens) break;
      AppendPieces(word, ids);
    }
    ids.push_back(end_);
    return Cut(std::move(ids), max_tokens);
  }

 private:
  WordPiece() = default;

  static bool IsIdeograph(char32_t c) {
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
           (c >= 0x20000 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0x2F800 && c <= 0x2FA1F);
  }
  static bool IsCut(char32_t c) {  // BERT counts all other ASCII signs as punctuation too
    const bool ascii = (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) ||
                       (c >= 123 && c <= 126);
    return ascii || IsPunctuation(c) || IsIdeograph(c);
  }

  static std::vector<std::u32string> Split(std::string_view text) {
    std::vector<std::u32string> words;
    bool open = false;  // does the next letter go on with the last word?
    for (char32_t c : ToNfd(ToLower(DecodeUtf8(text)))) {
      if (IsSpace(c)) {
        open = false;
      } else if (c == 0 || c == 0xFFFD || c < 0x20 || (c >= 0x7F && c < 0xA0) || IsMark(c)) {
        continue;
      } else if (IsCut(c)) {
        words.emplace_back(1, c);
        open = false;
      } else {
        if (!open) words.emplace_back();
        words.back() += c;
        open = true;
      }
    }
    return words;
  }

  void AppendPieces(const std::u32string& word, std::vector<int64_t>& ids) const {
    constexpr size_t kMaxWord = 100;
    const size_t first = ids.size();
    for (size_t at = 0; at < word.size();) {
      size_t size = word.size() > kMaxWord ? 0 : word.size() - at;
      int64_t id = unknown_;
      for (; size > 0; --size) {
        const std::string piece =
            (at > 0 ? "##" : "") + EncodeUtf8(std::u32string_view(word).substr(at, size));
        if (const auto found = vocabulary_.find(piece); found != vocabulary_.end()) {
          id = found->second;
          break;
        }
      }
      if (size == 0) {  // one unknown piece makes the whole word unknown
        ids.resize(first);
        ids.push_back(unknown_);
        return;
      }
      ids.push_back(id);
      at += size;
    }
  }

  Vocabulary vocabulary_;
  int64_t start_ = 0, end_ = 0, unknown_ = 0;
};

Result<std::string> Gunzip(const Bytes& file, const std::string& name) {
  constexpr size_t kMaxSize = 64u << 20;
  z_stream stream{};
  if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) return Error{"zlib cannot start"};
  stream.next_in = const_cast<Bytef*>(file.data());
  stream.avail_in = static_cast<uInt>(file.size());
  std::string text;
  int status = Z_OK;
  while (status == Z_OK && text.size() < kMaxSize) {
    char buffer[1 << 16];
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = sizeof buffer;
    status = inflate(&stream, Z_NO_FLUSH);
    text.append(buffer, sizeof buffer - stream.avail_out);
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END) return Error{name + ": is no whole gzip file"};
  return text;
}

Result<std::string> ReadText(const std::filesystem::path& path) {
  VITRINE_ASSIGN(const Bytes bytes, ReadFile(path));
  if (path.extension() == ".gz") return Gunzip(bytes, path.string());
  return std::string(bytes.begin(), bytes.end());
}

}  // namespace

Result<std::unique_ptr<Tokenizer>> Tokenizer::Open(std::string_view kind,
                                                   std::string_view vocabulary,
                                                   std::string_view merges) {
  if (kind == "clip-bpe") {
    VITRINE_ASSIGN(ClipTokenizer clip, ClipTokenizer::Open(vocabulary));
    return std::unique_ptr<Tokenizer>(std::make_unique<ClipBpe>(std::move(clip)));
  }
  if (kind == "roberta-bpe") return RobertaBpe::Open(vocabulary, merges);
  if (kind == "wordpiece") return WordPiece::Open(vocabulary);
  if (kind == "sentencepiece") return OpenSentencePiece(vocabulary);
  return UsageError("tokenizer \"" + std::string(kind) +
                    "\" is not known; known are clip-bpe, roberta-bpe, wordpiece, sentencepiece");
}

Result<std::unique_ptr<Tokenizer>> OpenTokenizer(
    const EncoderProfile& profile, std::span<const std::filesystem::path> model_dirs) {
  const TextTower& tower = *profile.text;
  const bool two_files = tower.tokenizer == "roberta-bpe";
  std::span<const std::string> files = tower.tokenizer_files;
  if (files.empty() || (two_files && files.size() != 2)) {
    return UsageError("encoder \"" + profile.name + "\": tokenizer_files must name " +
                      (two_files ? "vocab.json and merges.txt" : "the vocabulary"));
  }
  const auto first = two_files ? files.first(1) : files;
  VITRINE_ASSIGN(const auto path, FindModelFile(profile.name, first, model_dirs));
  VITRINE_ASSIGN(const std::string vocabulary, ReadText(path));
  std::string merges;
  if (two_files) {
    VITRINE_ASSIGN(const auto second, FindModelFile(profile.name, files.subspan(1), model_dirs));
    VITRINE_ASSIGN(merges, ReadText(second));
  }
  auto tokenizer = Tokenizer::Open(tower.tokenizer, vocabulary, merges);
  if (!tokenizer.ok()) return Error{path.string() + ": " + tokenizer.error().message};
  return tokenizer;
}

}  // namespace vitrine
