// A preview server for a built shop: static files on loopback with the headers of production.
#pragma once

#include <filesystem>
#include <string>

#include "indexer/support/console.h"
#include "shared/result.h"

namespace vitrine {

// Serves `folder` on http://127.0.0.1:<port> (0 = any free port) until the process is ended.
// Headers are those of hosting.h; files are compressed with Brotli or gzip as the browser accepts;
// pages get a strict Content-Security-Policy. `own_engine`, where it is not empty: also index the
// shops that are dropped on the demo's page own.html (own_shop.h), with this vitrine.wasm.
Status ServeFolder(const std::filesystem::path& folder, int port,
                   const std::filesystem::path& own_engine, Console& console);

}  // namespace vitrine
