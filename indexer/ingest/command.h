// How the ingest commands reach vitrine.toml without the room knowing the whole configuration.
#pragma once

#include <functional>
#include <string>

#include "indexer/command.h"
#include "indexer/ingest/ingest.h"

namespace vitrine {

// Reads the ingest part of a configuration file, its paths made absolute or relative to the current
// folder.
using IngestConfigReader = std::function<Result<IngestOptions>(const std::string& path)>;

// Adds `ingest` and `init`; with a reader, `ingest -c FILE` starts from the file and flags win.
void AddIngestCommands(Commands& commands, IngestConfigReader read_config);

}  // namespace vitrine
