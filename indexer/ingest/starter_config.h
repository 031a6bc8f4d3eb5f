// `vitrine init`: a commented vitrine.toml for the files that a shop has.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "shared/result.h"

namespace vitrine {

// The text of a vitrine.toml in `folder` for these files (paths or patterns). Each file is taken
// for a catalogue, an event log, order lines or a user table by its format and columns; errors say
// when a file fits none. Cost: the first 5,000 rows of each file.
Result<std::string> StarterConfiguration(const std::vector<std::string>& files,
                                         const std::filesystem::path& folder);

}  // namespace vitrine
