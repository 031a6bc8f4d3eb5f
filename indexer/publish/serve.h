// A preview server for a built shop: static files on loopback with the headers of production.
#pragma once

#include <filesystem>
#include <string>

#include "indexer/support/console.h"
#include "shared/result.h"

namespace vitrine {

// Serves `folder` on http://127.0.0.1:<port> (0 = any free port) until the process is ended.
// Headers are those of hosting.h; files are compressed with Brotli or gzip as the browser accepts;
// pages get a strict Content-Security-Policy.
Status ServeFolder(const std::filesystem::path& folder, int port, Console& console);

}  // namespace vitrine
