// One catalogue file, in any of the formats, as rows with named columns.
#pragma once

#include <memory>
#include <string>

#include "indexer/ingest/ingest.h"
#include "indexer/ingest/record.h"

namespace vitrine {

struct CatalogueFeed {
  std::unique_ptr<RecordReader> reader;
  std::string format;    // the one named, or found out
  bool complete = true;  // all columns are known before the first row
};

// Opens `path` in `options.format`; "auto" looks at the file. `as_of_seconds`: the time that price
// validity refers to.
Result<CatalogueFeed> OpenCatalogueFeed(const std::string& path, const CatalogueOptions& options,
                                        int64_t as_of_seconds);

}  // namespace vitrine
