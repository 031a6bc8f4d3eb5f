// The JSON readers (records, GA4, Segment) and the XML reader on any bytes: they end, and lines
// only go up. The first byte chooses the reader.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "indexer/ingest/json_log.h"
#include "indexer/ingest/json_reader.h"
#include "indexer/ingest/xml_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitrine;
  if (size == 0) return 0;
  auto source =
      OpenMemorySource(std::string(reinterpret_cast<const char*>(data + 1), size - 1), "fuzz");
  if (!source.ok()) return 0;
  const int which = data[0] % 4;
  if (which < 2) {
    std::unique_ptr<RecordReader> reader;
    if (which == 0) {
      reader = MakeJsonRecordReader(std::move(source.value()), "fuzz");
    } else {
      auto xml = MakeXmlReader(std::move(source.value()), "fuzz");
      if (!xml.ok()) return 0;
      reader = std::move(xml.value());
    }
    Record record;
    uint64_t line = 0;
    for (;;) {
      auto more = reader->Next(record);
      if (!more.ok() || !more.value()) return 0;
      if (record.line < line) std::abort();
      line = record.line;
      if (record.problem.empty() && record.fields.size() != reader->columns().size()) std::abort();
    }
  }
  auto feed = which == 2 ? MakeGa4Log(std::move(source.value()), "fuzz")
                         : MakeSegmentLog(std::move(source.value()), "fuzz");
  LogRow row;
  for (;;) {
    auto more = feed->Next(row);
    if (!more.ok() || !more.value()) return 0;
  }
}
