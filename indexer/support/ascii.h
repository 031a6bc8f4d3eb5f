// Names of files, protocols and headers, which have no other letters than ASCII's. Texts of a shop
// are lowered by ToLower() of shared/text.
#pragma once

#include <string>
#include <string_view>

namespace vitrine {

inline std::string AsciiLower(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace vitrine
