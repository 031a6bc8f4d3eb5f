// Small models for this room's tests, made by scripts/models/tiny_models.mjs in a folder of the
// test's own.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/embed/test_data.h"

namespace vitrine {

// False, and a message, where there is no node.
inline bool MakeTinyModels(const std::filesystem::path& folder) {
  const std::string script =
      (std::filesystem::path(VITRINE_SOURCE_DIR) / "scripts/models/tiny_models.mjs").string();
  if (std::system("node --version >/dev/null 2>&1") != 0) {
    MESSAGE("skipped: no node to make the models with");
    return false;
  }
  REQUIRE(std::system(("node '" + script + "' '" + folder.string() + "'").c_str()) == 0);
  return true;
}

}  // namespace vitrine
