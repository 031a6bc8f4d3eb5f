// Rows `basket_id,item_id` in any order as a basket file in `fimi` form, in bounded memory.
#pragma once

#include <cstdint>
#include <filesystem>

#include "indexer/support/files.h"
#include "shared/result.h"

namespace vitrine {

// One basket a line, in order of first appearance; its items in the order of their rows, separated
// by one space. `memory_bytes` bounds what is held in memory, beside a single basket; more is kept
// in temporary files (0 = all in memory). Errors name file, line and field. O(rows) time; two
// passes over temporary files.
Result<MappedFile> GroupBasketRows(const std::filesystem::path& csv, uint64_t memory_bytes);

}  // namespace vitrine
