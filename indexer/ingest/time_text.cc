#include "indexer/ingest/time_text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "indexer/ingest/text.h"

namespace vitrine {
namespace {

constexpr int64_t kLargest = 999'999'999;

struct Token {
  enum class Kind { kNumber, kWord, kSign } kind;
  std::string_view text;
  int value = 0;  // of a number of at most 18 digits; kLargest stands for all above it
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Numbers, words and single signs; white space only separates.
std::optional<std::vector<Token>> Tokenize(std::string_view text) {
  std::vector<Token> tokens;
  size_t at = 0;
  while (at < text.size()) {
    const size_t begin = at;
    const char c = text[at];
    if (IsDigit(c)) {
      int64_t value = 0;
      while (at < text.size() && IsDigit(text[at])) {
        if (at - begin >= 18) return {};
        value = std::min(value * 10 + (text[at++] - '0'), kLargest);
      }
      tokens.push_back(
          {Token::Kind::kNumber, text.substr(begin, at - begin), static_cast<int>(value)});
    } else if (IsLetter(c)) {
      while (at < text.size() && IsLetter(text[at])) ++at;
      tokens.push_back({Token::Kind::kWord, text.substr(begin, at - begin)});
    } else if (c == ' ' || c == '\t') {
      ++at;
    } else {
      tokens.push_back({Token::Kind::kSign, text.substr(at++, 1)});
    }
    if (tokens.size() > 24) return {};
  }
  return tokens;
}

std::string Lower(std::string_view word) {
  std::string lower(word);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

int MonthOf(std::string_view word) {
  constexpr std::array<std::string_view, 12> kMonths = {
      "january", "february", "march",     "april",   "may",      "june",
      "july",    "august",   "september", "october", "november", "december"};
  const std::string lower = Lower(word);
  if (lower.size() < 3) return 0;
  for (size_t i = 0; i < 12; ++i) {
    if (kMonths[i].substr(0, lower.size()) == lower || lower == "sept") {
      return lower == "sept" ? 9 : static_cast<int>(i) + 1;
    }
  }
  return 0;
}

bool IsWeekday(std::string_view word) {
  constexpr std::array<std::string_view, 7> kDays = {"monday", "tuesday",  "wednesday", "thursday",
                                                     "friday", "saturday", "sunday"};
  const std::string lower = Lower(word);
  for (std::string_view day : kDays) {
    if (lower.size() >= 3 && day.substr(0, lower.size()) == lower) return true;
  }
  return false;
}

int DaysInMonth(int64_t year, int month) {
  constexpr int kDays[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

std::optional<int64_t> UnixTime(std::string_view digits) {
  if (digits.size() > 19 || digits.size() < 9) return {};
  int64_t value = 0;
  for (char c : digits) {
    if (!IsDigit(c) || value > 900'000'000'000'000'000) return {};
    value = value * 10 + (c - '0');
  }
  if (digits.size() >= 18) return value / 1'000'000'000;
  if (digits.size() >= 15) return value / 1'000'000;
  if (digits.size() >= 12) return value / 1000;
  return value;
}

class TimeParser {
 public:
  TimeParser(std::vector<Token> tokens, const TimeOptions& options)
      : tokens_(std::move(tokens)), options_(options) {}

  std::optional<int64_t> Parse() {
    while (Word() && IsWeekday(tokens_[at_].text)) {
      ++at_;
      Sign(",");
    }
    if (!Date()) return {};
    Sign(",");
    if (Word() && Lower(tokens_[at_].text) == "t") ++at_;
    if (Word() && Lower(tokens_[at_].text) == "at") ++at_;
    if (Number() && !Clock()) return {};
    if (at_ < tokens_.size() && !Zone()) return {};
    if (at_ != tokens_.size()) return {};
    if (year_ < 1900 || year_ > 2200 || month_ < 1 || month_ > 12 || day_ < 1 ||
        day_ > DaysInMonth(year_, month_)) {
      return {};
    }
    const int64_t local = DaysFromCivil(year_, month_, day_) * 86400 + seconds_;
    return local - (offset_ ? *offset_ : options_.zone.OffsetAtLocal(local));
  }

 private:
  bool Number(size_t ahead = 0) const {
    return at_ + ahead < tokens_.size() && tokens_[at_ + ahead].kind == Token::Kind::kNumber;
  }
  bool Word(size_t ahead = 0) const {
    return at_ + ahead < tokens_.size() && tokens_[at_ + ahead].kind == Token::Kind::kWord;
  }
  bool Sign(std::string_view sign) {
    const bool is = at_ < tokens_.size() && tokens_[at_].text == sign;
    if (is) ++at_;
    return is;
  }
  int Take() { return tokens_[at_++].value; }

  // Two-digit years: 00-69 → 2000s, 70-99 → 1900s (POSIX strptime).
  static int64_t FullYear(const Token& token) {
    if (token.text.size() > 2) return token.value;
    return token.value < 70 ? 2000 + token.value : 1900 + token.value;
  }

  bool Date() {
    if (Word()) {  // Sep 16, 2020
      month_ = MonthOf(tokens_[at_].text);
      ++at_;
      Sign(".");
      if (month_ == 0 || !Number()) return false;
      day_ = Take();
      if (Word() && tokens_[at_].text.size() == 2) ++at_;  // 16th
      Sign(",");
      if (!Number()) return false;
      year_ = FullYear(tokens_[at_++]);
      return true;
    }
    if (!Number()) return false;
    const Token first = tokens_[at_];
    if (first.text.size() == 8) {  // 20200916
      ++at_;
      year_ = first.value / 10000;
      month_ = first.value / 100 % 100;
      day_ = first.value % 100;
      return true;
    }
    ++at_;
    if (Word() && tokens_[at_].text.size() == 2 && MonthOf(tokens_[at_].text) == 0) ++at_;  // 16th
    std::string_view separator;
    for (std::string_view sign : {"-", "/", "."}) {
      if (Sign(sign)) separator = sign;
    }
    if (Word() && Lower(tokens_[at_].text) == "of") ++at_;
    if (Word()) {  // 16 September 2020, 16-Sep-20
      month_ = MonthOf(tokens_[at_].text);
      ++at_;
      if (month_ == 0) return false;
      Sign(".");
      Sign(",");
      if (!separator.empty()) Sign(separator);
      if (!Number()) return false;
      day_ = first.value;
      year_ = FullYear(tokens_[at_++]);
      return first.text.size() <= 2;
    }
    if (separator.empty() || !Number()) return false;
    const int second = Take();
    if (!Sign(separator) || !Number()) return false;
    const Token third = tokens_[at_++];
    if (first.text.size() == 4) {
      year_ = first.value;
      month_ = second;
      day_ = third.value;
      return third.text.size() <= 2;
    }
    year_ = FullYear(third);
    const int a = first.value, b = second;
    // The order of day and month shows by itself when one of them is above 12.
    const bool day_first = a > 12 || (b <= 12 && (options_.day_first || separator == "."));
    day_ = day_first ? a : b;
    month_ = day_first ? b : a;
    return third.text.size() == 2 || third.text.size() == 4;
  }

  bool Clock() {
    const Token first = tokens_[at_++];
    int hour = first.value, minute = 0, second = 0;
    if (first.text.size() == 6 || first.text.size() == 4) {  // 20200916T101500
      const int value = first.text.size() == 4 ? first.value * 100 : first.value;
      hour = value / 10000;
      minute = value / 100 % 100;
      second = value % 100;
    } else if (first.text.size() > 2) {
      return false;
    }
    if (Sign(":")) {
      if (!Number()) return false;
      minute = Take();
      if (Sign(":")) {
        if (!Number()) return false;
        second = Take();
      }
    }
    if (Number(1) && (Sign(".") || Sign(","))) ++at_;  // a fraction
    if (Word()) {
      const std::string half = Lower(tokens_[at_].text);
      if (half == "am" || half == "pm") {
        if (hour < 1 || hour > 12) return false;
        hour = hour % 12 + (half == "pm" ? 12 : 0);
        ++at_;
      }
    }
    if (hour > 24 || minute > 59 || second > 60) return false;
    seconds_ = hour * 3600 + minute * 60 + second;
    return true;
  }

  bool Zone() {
    if (Sign("(")) return false;
    if (Word()) {
      const std::string name = Lower(tokens_[at_].text);
      if (name != "z" && name != "utc" && name != "gmt") return false;
      ++at_;
      offset_ = 0;
    }
    const bool plus = Sign("+"), minus = !plus && Sign("-");
    if (!plus && !minus) return true;
    if (!Number()) return false;
    const Token token = tokens_[at_++];
    int hours = token.value, minutes = 0;
    if (token.text.size() == 4) {
      hours = token.value / 100;
      minutes = token.value % 100;
    } else if (Sign(":")) {
      if (!Number()) return false;
      minutes = Take();
    }
    if (hours > 15 || minutes > 59) return false;
    offset_ = (hours * 3600 + minutes * 60) * (minus ? -1 : 1);
    return true;
  }

  std::vector<Token> tokens_;
  const TimeOptions& options_;
  size_t at_ = 0;
  int64_t year_ = 0;
  int month_ = 0, day_ = 0;
  int64_t seconds_ = 0;
  std::optional<int> offset_;  // that the text names
};

// "YYYY-MM-DD", optionally "[ T]HH:MM:SS", ".fraction" and "Z": nearly every row of a large log has
// this form.
std::optional<int64_t> ParsePlainIso(std::string_view text, const TimeZone& zone) {
  size_t size = text.size();
  const bool utc = size > 19 && text[size - 1] == 'Z';
  if (utc) --size;
  if (size > 20 && text[19] == '.') {  // a fraction
    for (; size > 20 && IsDigit(text[size - 1]); --size) continue;
    if (size == 20) size = 19;
  }
  if (size != 10 && size != 19) return {};
  const auto pair = [&](size_t at) {
    const int high = text[at] - '0', low = text[at + 1] - '0';
    return high < 0 || high > 9 || low < 0 || low > 9 ? -1 : high * 10 + low;
  };
  if (text[4] != '-' || text[7] != '-') return {};
  const int century = pair(0), year_low = pair(2), month = pair(5), day = pair(8);
  if (century < 19 || century > 21 || year_low < 0 || month < 1 || month > 12 || day < 1) return {};
  const int64_t year = century * 100 + year_low;
  if (day > DaysInMonth(year, month)) return {};
  int64_t seconds = DaysFromCivil(year, month, day) * 86400;
  if (size > 10) {
    const int hour = pair(11), minute = pair(14), second = pair(17);
    if ((text[10] != ' ' && text[10] != 'T') || text[13] != ':' || text[16] != ':') return {};
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return {};
    seconds += hour * 3600 + minute * 60 + second;
  }
  return utc ? seconds : seconds - zone.OffsetAtLocal(seconds);
}

}  // namespace

int64_t DaysFromCivil(int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

void CivilFromDays(int64_t days, int64_t& year, int& month, int& day) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * day_of_year + 2) / 153;
  day = static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1);
  month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
}

std::optional<int64_t> ParseTime(std::string_view text, const TimeOptions& options) {
  text = TrimSpace(text);
  if (text.empty() || text.size() > 64) return {};
  if (std::optional<int64_t> plain = ParsePlainIso(text, options.zone)) return plain;
  const size_t digits = text.find_first_not_of("0123456789");
  const bool number = digits == std::string_view::npos ||
                      (text[digits] == '.' &&
                       text.find_first_not_of("0123456789", digits + 1) == std::string_view::npos);
  if (number && (digits == std::string_view::npos ? text.size() : digits) >= 9) {
    return UnixTime(text.substr(0, digits));
  }
  std::optional<std::vector<Token>> tokens = Tokenize(text);
  if (!tokens) return {};
  return TimeParser(std::move(*tokens), options).Parse();
}

std::optional<int> ParseZone(std::string_view text) {
  const std::string lower = Lower(TrimSpace(text));
  if (lower.empty() || lower == "utc" || lower == "z" || lower == "gmt") return 0;
  if (lower[0] != '+' && lower[0] != '-') return {};
  const std::optional<int64_t> time = ParseTime("2000-01-01T00:00:00" + lower);
  if (!time) return {};
  return static_cast<int>(DaysFromCivil(2000, 1, 1) * 86400 - *time);
}

int64_t FloorDay(int64_t seconds) {
  return seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400;
}

std::string FormatDay(int64_t seconds) {
  int64_t year = 0;
  int month = 0, day = 0;
  CivilFromDays(FloorDay(seconds), year, month, day);
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", static_cast<int>(year), month, day);
  return text;
}

std::string FormatTime(int64_t seconds) {
  const auto rest = static_cast<int>(seconds - FloorDay(seconds) * 86400);
  std::string text = FormatDay(seconds);
  for (const auto& [sign, part] :
       {std::pair('T', rest / 3600), std::pair(':', rest / 60 % 60), std::pair(':', rest % 60)}) {
    text += sign;
    text += static_cast<char>('0' + part / 10);
    text += static_cast<char>('0' + part % 10);
  }
  return text + 'Z';
}

}  // namespace vitrine
