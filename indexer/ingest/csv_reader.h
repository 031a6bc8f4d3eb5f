// Streaming CSV (RFC 4180) and TSV: quoted fields with delimiters, doubled quotes and newlines;
// LF, CRLF or CR line ends; blank lines skipped. Memory is bounded by the largest row, at most
// kMaxRowBytes.
//
// Damage stays local: a line whose quote is never closed, or closed only in a later row, is read
// with its quotes as plain characters when that gives the right number of fields, and else costs
// only itself; a row with too few or too many fields is reported as such.
#pragma once

#include <memory>

#include "indexer/ingest/byte_source.h"
#include "indexer/ingest/record.h"

namespace vitrine {

struct CsvOptions {
  char delimiter = 0;  // 0 = the one of , ; tab | that the header line holds most of
  bool quotes = true;  // false: quotes are plain characters (some TSV exports)
};

class CsvReader : public RecordReader {
 public:
  static constexpr size_t kMaxRowBytes = size_t{8} << 20;

  // Reads the header. Errors: empty file, binary file, a column named twice.
  static Result<std::unique_ptr<CsvReader>> Open(std::unique_ptr<ByteSource> source,
                                                 std::string name, CsvOptions options = {});

  const std::vector<std::string>& columns() const override { return columns_; }
  Result<bool> Next(Record& record) override;
  uint64_t position_bytes() const override { return source_->position_bytes(); }
  uint64_t size_bytes() const override { return source_->size_bytes(); }
  char delimiter() const { return options_.delimiter; }

 private:
  // kQuoted: between the quotes, with doubled quotes inside. kLoose: from the opening quote on,
  // with text behind the closing one.
  enum class Form : uint8_t { kPlain, kQuoted, kLoose };
  struct Field {
    size_t begin, end;
    Form form;
  };
  enum class Scan { kRow, kNeedMore, kUnclosedQuote };

  CsvReader(std::unique_ptr<ByteSource> source, std::string name, CsvOptions options);
  Result<bool> Fill();
  Result<bool> NextRaw(Record& record);
  Scan ScanRow();
  void SkipLine();
  bool ReadPlainLine(Record& record);
  size_t FieldCount() const;
  size_t SkipLineEnd(size_t at) const;
  std::string_view Text(const Field& field);
  void CountLines(size_t begin, size_t end);
  Result<bool> DetectDelimiter();

  std::unique_ptr<ByteSource> source_;
  std::string name_;
  CsvOptions options_;
  std::vector<std::string> columns_;
  std::vector<char> buffer_;
  size_t begin_ = 0, end_ = 0;  // unread bytes of buffer_
  size_t row_end_ = 0;          // set by ScanRow: behind the row and its line end
  bool row_has_newlines_ = false;
  bool stray_quote_ = false;  // a quoted field with newlines and text behind its closing quote
  int unclosed_quotes_ = 0;
  bool eof_ = false;
  uint64_t line_ = 1;
  std::vector<Field> fields_;
};

}  // namespace vitrine
