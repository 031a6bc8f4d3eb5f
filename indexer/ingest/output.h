// The files that `vitrine ingest` writes (formats: docs/data_formats.md).
#pragma once

#include <filesystem>
#include <string>

#include "indexer/ingest/ingest.h"

namespace vitrine {

// Ingests and writes products.csv, events.csv, baskets.txt, users.csv, rejected.csv and
// cleaned_product_ids.csv into `folder`. Files appear only when all are complete.
Result<IngestReport> IngestToFolder(const IngestOptions& options,
                                    const std::filesystem::path& folder, Console& console);

// `text` as one CSV field: quoted where it must be.
void AppendCsvField(std::string_view text, std::string& out);

}  // namespace vitrine
