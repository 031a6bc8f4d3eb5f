// A file that grows where it is: a head says how much of what follows counts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "shared/bytes.h"
#include "shared/result.h"

namespace vitrine {

// Writes `parts` from `end` on, cuts off what stood behind them, and only when they are on the disk
// puts `new_head` in the place of `old_head`, which has its size, at the front: whoever reads
// the file, whenever this is broken off, finds what the one head says or what the other says. Fails
// when the file's head is not `old_head`: another program has written it. Errors name the file.
Status GrowInPlace(const std::filesystem::path& path, ByteView old_head, uint64_t end,
                   std::span<const ByteView> parts, ByteView new_head);

}  // namespace vitrine
