// Ages in free text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vitrine {

// `age` when it is one from 5 to 110.
std::optional<int> PlausibleAge(int age);

// The age on the day of `as_of_seconds` that a text tells: a birth date somewhere in it in any
// common form, a year of birth, "25 years", or a bare age. Nothing when no age of 5 to 110 comes
// out.
std::optional<int> AgeFromText(std::string_view text, int64_t as_of_seconds, bool day_first);

// "18-24" of an age; groups begin at the cuts.
std::string AgeGroup(int age, const std::vector<int>& cuts);

}  // namespace vitrine
