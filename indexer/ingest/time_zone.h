// What a shop's clocks say: a fixed offset from UTC, or a zone of the IANA database with its summer
// times.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace vitrine {

class TimeZone {
 public:
  TimeZone(int offset_seconds = 0) : fixed_(offset_seconds) {}  // NOLINT: an offset is a zone

  // "UTC", "Z", "+02:00", "-0530", or a name such as "Europe/Paris" (from the system's zone files).
  // Nothing for other text.
  static std::optional<TimeZone> Find(std::string_view name);

  // Seconds east of UTC at a time given in UTC, or as the clocks of the zone show it. An hour that
  // the clocks show twice is the first one; an hour that they skip is read with the offset before.
  int OffsetAt(int64_t utc_seconds) const;
  int OffsetAtLocal(int64_t local_seconds) const;

 private:
  struct Period {
    int64_t begin_utc;
    int offset_seconds;
  };
  size_t PeriodAt(int64_t utc_seconds) const;

  int fixed_ = 0;
  std::shared_ptr<const std::vector<Period>> periods_;  // null = fixed_; ascending, never empty
};

}  // namespace vitrine
