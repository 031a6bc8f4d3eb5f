// Saying what is in a bundle, and what a shopper downloads of it when.
#pragma once

#include <filesystem>

#include "shared/result.h"

namespace vitrine {

// Prints the parts of a bundle with their bytes, as stored and as sent with Brotli, and the byte
// map.
Status InspectBundle(const std::filesystem::path& folder);

// Prints which files differ between two builds, and what a shopper who has the old one downloads.
Status InspectDifference(const std::filesystem::path& before, const std::filesystem::path& after);

}  // namespace vitrine
