// What the shoppers of session files told of themselves: a CSV file whose first column is the
// session's id and whose other columns are attributes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "indexer/personalize/profiles.h"
#include "shared/result.h"

namespace vitrine {

// One profile for each of `ids`, in their order; those that the file does not name are unknown.
Result<Profiles> ReadProfiles(const std::filesystem::path& path,
                              const std::vector<std::string>& ids);

}  // namespace vitrine
