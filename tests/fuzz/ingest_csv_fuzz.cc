// CsvReader on any bytes: it ends, stays within its memory, numbers lines upwards, and gives every
// good row as many fields as the header has.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "indexer/ingest/csv_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitrine;
  auto source =
      OpenMemorySource(std::string(reinterpret_cast<const char*>(data), size), "fuzz.csv");
  if (!source.ok()) return 0;
  auto reader = CsvReader::Open(std::move(source.value()), "fuzz.csv");
  if (!reader.ok()) return 0;
  Record record;
  uint64_t line = 0;
  for (;;) {
    auto more = reader.value()->Next(record);
    if (!more.ok() || !more.value()) return 0;
    if (record.line <= line) std::abort();
    line = record.line;
    size_t bytes = 0;
    for (std::string_view field : record.fields) {
      for (char c : field) bytes += static_cast<uint8_t>(c) & 1U;  // touches every byte
    }
    if (bytes > size) std::abort();
    if (record.problem.empty() && record.fields.size() != reader.value()->columns().size())
      std::abort();
  }
}
