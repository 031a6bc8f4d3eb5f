// Whole catalogues of any bytes: no crash, and rows read = kept + rejected.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "indexer/ingest/ingest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitrine;
  static const std::string path =
      (std::filesystem::temp_directory_path() / ("vitrine-fuzz-" + std::to_string(std::rand())))
          .string();
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  IngestOptions options;
  options.catalogue.files = {path};
  Console console(Console::Level::kQuiet);
  const auto result = Ingest(options, console);
  if (!result.ok()) return 0;
  for (const InputReport& input : result.value().report.inputs) {
    if (input.rows_read != input.rows_kept + input.rows_rejected) std::abort();
  }
  if (result.value().shop.products.size() != result.value().report.inputs[0].rows_kept &&
      result.value().report.inputs[0].format != "shopify") {
    std::abort();
  }
  return 0;
}
