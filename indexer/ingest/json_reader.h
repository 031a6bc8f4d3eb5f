// JSON feeds and logs: one object a line (JSON lines), or one array of objects.
#pragma once

#include <simdjson.h>

#include <memory>
#include <string>

#include "indexer/ingest/byte_source.h"
#include "indexer/ingest/record.h"

namespace vitrine {

// The top-level objects of a JSON lines file or of one array, as text, one after the other,
// whatever their line breaks. Numbers come as texts, exactly as they are written; bytes that are no
// UTF-8 are repaired (RepairUtf8). A damaged line costs only itself: in JSON lines the next object
// begins on the next line.
class JsonObjects {
 public:
  static constexpr size_t kMaxObjectBytes = size_t{8} << 20;
  JsonObjects(std::unique_ptr<ByteSource> source, std::string name);

  struct Item {
    uint64_t line = 0;
    simdjson::dom::element object;  // valid until the next Next()
    std::string problem;            // why it is no object; empty = it is one
  };
  // False at the end.
  Result<bool> Next(Item& item);

  uint64_t position_bytes() const { return source_->position_bytes(); }
  uint64_t size_bytes() const { return source_->size_bytes(); }

 private:
  Result<bool> Fill();
  Result<bool> NextText(size_t& begin, size_t& end);
  Result<bool> NextOfArray(size_t& begin, size_t& end);

  std::unique_ptr<ByteSource> source_;
  std::string name_;
  std::string buffer_;
  size_t at_ = 0;
  bool eof_ = false, started_ = false, array_ = false, too_long_ = false;
  uint64_t line_ = 1, item_line_ = 1;
  std::string text_;  // of the object at hand
  simdjson::dom::parser parser_;
};

// A value of such an object as text: scalars as they are, lists of scalars joined by "|", else
// minified JSON.
std::string JsonText(simdjson::dom::element value);

// Catalogue objects as records. Members become columns, members of nested objects "a.b"; lists of
// scalars are joined by "|". At most 1,000 columns, further members become extras.
std::unique_ptr<RecordReader> MakeJsonRecordReader(std::unique_ptr<ByteSource> source,
                                                   std::string name);

}  // namespace vitrine
