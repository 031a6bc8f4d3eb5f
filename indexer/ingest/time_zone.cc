#include "indexer/ingest/time_zone.h"

#include <date/tz.h>

#include <algorithm>
#include <string>

#include "indexer/ingest/time_text.h"

namespace vitrine {

std::optional<TimeZone> TimeZone::Find(std::string_view name) {
  if (const std::optional<int> offset = ParseZone(name)) return TimeZone(*offset);
  const date::time_zone* zone = nullptr;
  try {
    zone = date::locate_zone(std::string(name));
  } catch (const std::exception&) {
    return std::nullopt;  // no such zone, or no zone files
  }
  auto periods = std::make_shared<std::vector<Period>>();
  const date::sys_seconds end = date::sys_days(date::year(2200) / 1 / 1);
  for (date::sys_seconds at = date::sys_days(date::year(1900) / 1 / 1); at < end;) {
    const date::sys_info info = zone->get_info(at);
    periods->push_back({at.time_since_epoch().count(), static_cast<int>(info.offset.count())});
    at = std::max(info.end, at + std::chrono::seconds(1));
  }
  TimeZone result;
  result.periods_ = std::move(periods);
  return result;
}

size_t TimeZone::PeriodAt(int64_t utc_seconds) const {
  const auto after = std::upper_bound(
      periods_->begin(), periods_->end(), utc_seconds,
      [](int64_t seconds, const Period& period) { return seconds < period.begin_utc; });
  return after == periods_->begin() ? 0 : static_cast<size_t>(after - periods_->begin()) - 1;
}

int TimeZone::OffsetAt(int64_t utc_seconds) const {
  return periods_ == nullptr ? fixed_ : (*periods_)[PeriodAt(utc_seconds)].offset_seconds;
}

int TimeZone::OffsetAtLocal(int64_t local_seconds) const {
  if (periods_ == nullptr) return fixed_;
  constexpr int64_t kLargestOffset = 16 * 3600;
  const std::vector<Period>& periods = *periods_;
  size_t at = PeriodAt(local_seconds - kLargestOffset);
  // On to the next period when the clocks of both say that it has begun.
  while (at + 1 < periods.size() &&
         local_seconds - periods[at].offset_seconds >= periods[at + 1].begin_utc &&
         local_seconds - periods[at + 1].offset_seconds >= periods[at + 1].begin_utc) {
    ++at;
  }
  return periods[at].offset_seconds;
}

}  // namespace vitrine
