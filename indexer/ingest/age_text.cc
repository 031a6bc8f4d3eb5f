#include "indexer/ingest/age_text.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "indexer/ingest/text.h"
#include "indexer/ingest/time_text.h"

namespace vitrine {
namespace {

constexpr int kYoungest = 5, kOldest = 110;

int AgeOn(int64_t birth_seconds, int64_t as_of_seconds) {
  int64_t year = 0, year_now = 0;
  int month = 0, day = 0, month_now = 0, day_now = 0;
  CivilFromDays(FloorDay(birth_seconds), year, month, day);
  CivilFromDays(FloorDay(as_of_seconds), year_now, month_now, day_now);
  if (year > year_now) year -= 100;  // a two-digit year, read as a future one
  const bool before_birthday = month_now < month || (month_now == month && day_now < day);
  return static_cast<int>(year_now - year) - (before_birthday ? 1 : 0);
}

// Arabic, Persian and full-width digits as the ones that dates are read in.
std::string WithPlainDigits(std::string text) {
  constexpr std::array<std::string_view, 3> kZeros = {"\u0660", "\u06F0", "\uFF10"};
  for (size_t at = 0; at + 1 < text.size(); ++at) {
    for (const std::string_view zero : kZeros) {
      const std::string_view here = std::string_view(text).substr(at, zero.size());
      const int digit =
          here.empty() ? -1 : static_cast<uint8_t>(here.back()) - static_cast<uint8_t>(zero.back());
      if (here.size() < zero.size() || digit < 0 || digit > 9 ||
          here.substr(0, zero.size() - 1) != zero.substr(0, zero.size() - 1))
        continue;
      text.replace(at, zero.size(), 1, static_cast<char>('0' + digit));
      break;
    }
  }
  return text;
}

}  // namespace

std::optional<int> PlausibleAge(int age) {
  if (age < kYoungest || age > kOldest) return {};
  return age;
}

std::optional<int> AgeFromText(std::string_view text, int64_t as_of_seconds, bool day_first) {
  const TimeOptions options{0, day_first};
  const std::string plain = WithPlainDigits(RepairUtf8(TrimSpace(text.substr(0, 500))));
  if (const auto time = ParseTime(plain, options); time && plain.size() > 4) {
    if (const auto age = PlausibleAge(AgeOn(*time, as_of_seconds))) return age;
  }
  static const RE2 kDate(
      R"((?i)(\d{4}[-/. ]\d{1,2}[-/. ]\d{1,2}|\d{1,2} ?[-/.] ?\d{1,2} ?[-/.] ?(?:\d{4}|\d{2})\b|\d{1,2}(?:st|nd|rd|th)?[ -](?:of )?[a-z]{3,9}\.?,?[ -]\d{2,4}|[a-z]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}|\b\d{8}\b))");
  re2::StringPiece rest(plain);
  std::string found;
  while (RE2::FindAndConsume(&rest, kDate, &found)) {
    std::string date = found;
    if (date.find_first_of("-/.") != std::string::npos) {
      std::erase(date, ' ');
    } else if (date.size() >= 8 && date.find_first_not_of("0123456789 ") == std::string::npos &&
               date.size() > 8) {
      std::replace(date.begin(), date.end(), ' ', '-');
    }
    std::optional<int64_t> time = ParseTime(found, options);
    if (!time) time = ParseTime(date, options);
    if (!time) continue;
    if (const auto age = PlausibleAge(AgeOn(*time, as_of_seconds))) return age;
  }
  static const RE2 kYears(R"((?i)\b(\d{1,3}) ?(?:years?|yrs?|y\.?o\.?\b|y/o))"),
      kYear(R"(\b(19\d\d|20\d\d)\b)"), kBare(R"(\D*(\d{1,3})\D*)");
  int number = 0;
  if (RE2::PartialMatch(plain, kYears, &number)) return PlausibleAge(number);
  if (RE2::PartialMatch(plain, kYear, &number)) {
    int64_t year_now = 0;
    int month = 0, day = 0;
    CivilFromDays(FloorDay(as_of_seconds), year_now, month, day);
    return PlausibleAge(static_cast<int>(year_now) - number);
  }
  if (RE2::FullMatch(plain, kBare, &number)) return PlausibleAge(number);
  return {};
}

std::string AgeGroup(int age, const std::vector<int>& cuts) {
  int low = 0;
  for (int cut : cuts) {
    if (age < cut) return std::to_string(low) + "-" + std::to_string(cut - 1);
    low = cut;
  }
  return std::to_string(low) + "+";
}

}  // namespace vitrine
