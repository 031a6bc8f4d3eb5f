// Points in time as exports write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "indexer/ingest/time_zone.h"

namespace vitrine {

struct TimeOptions {
  TimeZone zone;          // of times that name none
  bool day_first = true;  // 01/02/2020 is 1 February
};

// Days from 1970-01-01 in the proleptic Gregorian calendar (H. Hinnant, "chrono-Compatible
// Low-Level Date Algorithms"), and back.
int64_t DaysFromCivil(int64_t year, int month, int day);
void CivilFromDays(int64_t days, int64_t& year, int& month, int& day);

// Unix seconds (fractions cut off). Reads ISO 8601 with any separators and zones, "20200916",
// "16/09/2020 10:00", "16.09.2020", "Sep 16, 2020 10:00 PM", "Wed, 16 Sep 2020 10:00:00 GMT" and
// Unix times in seconds, milli-, micro- or nanoseconds (told apart by their size). Nothing for
// other text, impossible dates, and years outside 1900..2200.
std::optional<int64_t> ParseTime(std::string_view text, const TimeOptions& options = {});

// "UTC", "Z", "+02:00", "-0530" → seconds.
std::optional<int> ParseZone(std::string_view text);

// "2020-09-16T10:00:00Z"; "2020-09-16".
std::string FormatTime(int64_t seconds);
std::string FormatDay(int64_t seconds);
int64_t FloorDay(int64_t seconds);  // days since the epoch

}  // namespace vitrine
