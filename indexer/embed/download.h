// Files from the web, for models.
#pragma once

#include <filesystem>
#include <string>

#include "indexer/support/console.h"
#include "shared/result.h"

namespace vitrine {

struct Downloaded {
  bool found = false;  // false = the server says that there is no such file
  std::string sha256;  // what the server says of it, hex; empty = it says nothing
};

// Downloads `url` to `to`. What an earlier, broken attempt left in `to`.part is kept and continued,
// as long as the server still has the same file. Five attempts; gives up when nothing comes for a
// minute.
Result<Downloaded> Download(const std::string& url, const std::filesystem::path& to,
                            const Console& console);

}  // namespace vitrine
