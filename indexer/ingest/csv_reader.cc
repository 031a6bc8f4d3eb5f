#include "indexer/ingest/csv_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace vitrine {
namespace {
constexpr size_t kInitialBytes = 1 << 20;
// After so many quotes that are never closed, quotes are taken for plain characters: each one costs
// a search of kMaxRowBytes.
constexpr int kMaxUnclosedQuotes = 64;
constexpr std::string_view kUnclosed =
    "a quote is opened and never closed (or the row is longer than 8 MiB); close it, or double it "
    "(\"\") where it is part of the text";

// The first delimiter or line end from `at` on, `end` if there is none.
size_t EndOfPlain(const char* data, size_t at, size_t end, char delimiter) {
#ifdef __SSE2__
  const __m128i delimiters = _mm_set1_epi8(delimiter), newlines = _mm_set1_epi8('\n'),
                returns = _mm_set1_epi8('\r');
  for (; at + 16 <= end; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + at));
    const __m128i found =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, delimiters),
                     _mm_or_si128(_mm_cmpeq_epi8(bytes, newlines), _mm_cmpeq_epi8(bytes, returns)));
    const int mask = _mm_movemask_epi8(found);
    if (mask != 0) return at + static_cast<size_t>(__builtin_ctz(static_cast<unsigned>(mask)));
  }
#endif
  while (at < end && data[at] != delimiter && data[at] != '\n' && data[at] != '\r') ++at;
  return at;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}
}  // namespace

CsvReader::CsvReader(std::unique_ptr<ByteSource> source, std::string name, CsvOptions options)
    : source_(std::move(source)),
      name_(std::move(name)),
      options_(options),
      buffer_(kInitialBytes) {}

Result<std::unique_ptr<CsvReader>> CsvReader::Open(std::unique_ptr<ByteSource> source,
                                                   std::string name, CsvOptions options) {
  std::unique_ptr<CsvReader> reader(new CsvReader(std::move(source), std::move(name), options));
  VITRINE_ASSIGN(const bool any, reader->DetectDelimiter());
  if (!any) return Error{reader->name_ + ": is empty; expected a header line with column names"};
  Record header;
  VITRINE_ASSIGN(const bool found, reader->NextRaw(header));
  if (!found) return Error{reader->name_ + ": is empty; expected a header line with column names"};
  if (!header.problem.empty()) {
    return Error{reader->name_ + ":1: the header line has an unclosed quote; " +
                 header.problem_detail};
  }
  for (std::string_view field : header.fields) {
    const std::string column(Trim(field));
    if (!column.empty() && std::find(reader->columns_.begin(), reader->columns_.end(), column) !=
                               reader->columns_.end()) {
      return Error{reader->name_ + ":1: column \"" + column +
                   "\" is named twice; rename one of them"};
    }
    reader->columns_.push_back(column);
  }
  return reader;
}

// Fills the buffer behind end_, after moving the unread bytes to its front and growing it when the
// row at hand fills it. False when no byte was added.
Result<bool> CsvReader::Fill() {
  if (eof_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size())
    buffer_.resize(std::min(buffer_.size() * 2, kMaxRowBytes + kInitialBytes));
  if (end_ == buffer_.size()) return false;
  VITRINE_ASSIGN(const size_t got, source_->Read(buffer_.data() + end_, buffer_.size() - end_));
  eof_ = got == 0;
  end_ += got;
  return got > 0;
}

Result<bool> CsvReader::DetectDelimiter() {
  bool more = true;
  while (more && end_ < 4096) {
    VITRINE_ASSIGN(more, Fill());
  }
  const std::string_view head(buffer_.data(), std::min<size_t>(end_, 65536));
  if (head.substr(0, 4096).find('\0') != std::string_view::npos) {
    return Error{name_ + ": looks like a binary file (it holds zero bytes); expected text (CSV)"};
  }
  const size_t start = head.find_first_not_of("\r\n");
  if (start == std::string_view::npos) return false;
  if (options_.delimiter != 0) return true;
  size_t counts[4] = {};
  constexpr std::string_view kCandidates = ",;\t|";
  bool quoted = false;
  for (size_t i = start; i < head.size(); ++i) {
    if (head[i] == '"' && options_.quotes) quoted = !quoted;
    if (quoted) continue;
    if (head[i] == '\n' || head[i] == '\r') break;
    const size_t which = kCandidates.find(head[i]);
    if (which != std::string_view::npos) ++counts[which];
  }
  options_.delimiter =
      kCandidates[static_cast<size_t>(std::max_element(counts, counts + 4) - counts)];
  return true;
}

size_t CsvReader::SkipLineEnd(size_t at) const {
  return buffer_[at] == '\r' && at + 1 < end_ && buffer_[at + 1] == '\n' ? at + 2 : at + 1;
}

// Finds the fields of the row at begin_ without changing a byte.
CsvReader::Scan CsvReader::ScanRow() {
  const char* data = buffer_.data();
  const char delimiter = options_.delimiter;
  fields_.clear();
  row_has_newlines_ = stray_quote_ = false;
  size_t at = begin_;
  for (;;) {
    Field field{at, at, Form::kPlain};
    if (options_.quotes && at < end_ && data[at] == '"') {
      field.begin = ++at;
      bool closed = false;
      while (!closed) {
        const void* quote = std::memchr(data + at, '"', end_ - at);
        if (quote == nullptr)
          return eof_ || end_ - begin_ > kMaxRowBytes ? Scan::kUnclosedQuote : Scan::kNeedMore;
        at = static_cast<size_t>(static_cast<const char*>(quote) - data);
        if (at + 1 == end_ && !eof_) return Scan::kNeedMore;
        if (at + 1 < end_ && data[at + 1] == '"') {
          field.form = Form::kQuoted;
          at += 2;
        } else {
          closed = true;
        }
      }
      field.end = at++;
      const std::string_view inside(data + field.begin, field.end - field.begin);
      const bool newlines = inside.find('\n') != std::string_view::npos ||
                            inside.find('\r') != std::string_view::npos;
      row_has_newlines_ = row_has_newlines_ || newlines;
      // Text behind the closing quote belongs to the field, as other readers have it.
      const size_t after = at;
      at = EndOfPlain(data, at, end_, delimiter);
      if (at > after) {
        field = {field.begin - 1, at, Form::kLoose};
        stray_quote_ = stray_quote_ || newlines;
      }
    } else {
      at = EndOfPlain(data, at, end_, delimiter);
      field.end = at;
    }
    if (at == end_ && !eof_)
      return end_ - begin_ > kMaxRowBytes ? Scan::kUnclosedQuote : Scan::kNeedMore;
    fields_.push_back(field);
    if (at < end_ && data[at] == delimiter) {
      ++at;
      continue;
    }
    if (at < end_ && data[at] == '\r' && at + 1 == end_ && !eof_) return Scan::kNeedMore;
    row_end_ = at < end_ ? SkipLineEnd(at) : at;
    return Scan::kRow;
  }
}

std::string_view CsvReader::Text(const Field& field) {
  char* begin = buffer_.data() + field.begin;
  if (field.form == Form::kPlain) return {begin, field.end - field.begin};
  char* out = begin;
  const char* in = field.form == Form::kLoose ? begin + 1 : begin;
  const char* end = buffer_.data() + field.end;
  bool inside = true;
  for (; in < end; ++in) {
    if (*in == '"' && inside) {
      if (in + 1 < end && in[1] == '"') {
        ++in;
      } else {
        inside = false;
        continue;
      }
    }
    *out++ = *in;
  }
  return {begin, static_cast<size_t>(out - begin)};
}

void CsvReader::CountLines(size_t begin, size_t end) {
  for (size_t i = begin; i < end; ++i) {
    const char c = buffer_[i];
    if (c == '\n' || (c == '\r' && !(i + 1 < end && buffer_[i + 1] == '\n'))) ++line_;
  }
}

// Fields of the row at hand, without the empty ones behind the last column, which come from
// trailing delimiters.
size_t CsvReader::FieldCount() const {
  size_t count = fields_.size();
  while (count > columns_.size() && fields_[count - 1].begin == fields_[count - 1].end) --count;
  return count;
}

void CsvReader::SkipLine() {
  const size_t begin = begin_;
  while (begin_ < end_ && buffer_[begin_] != '\n' && buffer_[begin_] != '\r') ++begin_;
  if (begin_ < end_) begin_ = SkipLineEnd(begin_);
  CountLines(begin, begin_);
}

// Reads the line at begin_ alone, quotes as plain characters, and goes on behind it; false, and
// nothing done: it has not the right number of fields.
bool CsvReader::ReadPlainLine(Record& record) {
  const bool quotes = std::exchange(options_.quotes, false);
  const bool fits = ScanRow() == Scan::kRow && !columns_.empty() && FieldCount() == columns_.size();
  options_.quotes = quotes;
  if (!fits) return false;
  for (size_t i = 0; i < columns_.size(); ++i) record.fields.push_back(Text(fields_[i]));
  SkipLine();
  return true;
}

Result<bool> CsvReader::NextRaw(Record& record) {
  for (;;) {
    if (begin_ == end_) {
      VITRINE_ASSIGN(const bool more, Fill());
      if (!more) return false;
    }
    if (buffer_[begin_] == '\n' || buffer_[begin_] == '\r') {
      if (buffer_[begin_] == '\r' && begin_ + 1 == end_) {
        VITRINE_RETURN_IF_ERROR(Fill());
      }
      begin_ = SkipLineEnd(begin_);
      ++line_;
      continue;
    }
    break;
  }
  Scan scan = ScanRow();
  while (scan == Scan::kNeedMore) {
    VITRINE_RETURN_IF_ERROR(Fill());
    scan = ScanRow();
  }
  record.line = line_;
  record.fields.clear();
  record.extras.clear();
  record.merged_rows = 0;
  record.problem = {};
  const bool unclosed = scan == Scan::kUnclosedQuote;
  if (unclosed && ++unclosed_quotes_ > kMaxUnclosedQuotes && !columns_.empty())
    options_.quotes = false;
  const bool fits = FieldCount() == columns_.size();
  if (unclosed || (stray_quote_ && !columns_.empty())) {
    if (ReadPlainLine(record)) return true;
    if (unclosed || !fits) {
      SkipLine();
      record.problem = "unclosed_quote";
      record.problem_detail = kUnclosed;
      return true;
    }
    ScanRow();  // the fields of the quoted reading again
  }
  const size_t row_begin = begin_;
  begin_ = row_end_;
  if (row_has_newlines_) {
    CountLines(row_begin, row_end_);
  } else {
    ++line_;
  }
  for (const Field& field : fields_) record.fields.push_back(Text(field));
  return true;
}

Result<bool> CsvReader::Next(Record& record) {
  VITRINE_ASSIGN(const bool found, NextRaw(record));
  if (!found || !record.problem.empty()) return found;
  // Empty fields behind the last column come from trailing delimiters.
  while (record.fields.size() > columns_.size() && record.fields.back().empty())
    record.fields.pop_back();
  if (record.fields.size() != columns_.size()) {
    record.problem = "field_count";
    record.problem_detail = "the row has " + std::to_string(record.fields.size()) +
                            " fields where the header has " + std::to_string(columns_.size()) +
                            "; is a delimiter missing, or a text with a delimiter not quoted?";
  }
  return true;
}

}  // namespace vitrine
