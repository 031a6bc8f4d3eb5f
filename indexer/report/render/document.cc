#include "indexer/report/render/document.h"

#include <cmath>
#include <cstdio>
#include <ctime>

namespace vitrine {

std::string DecimalText(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  const bool zero = std::string_view(text).find_first_of("123456789") == std::string_view::npos;
  return text + (zero && text[0] == '-');  // no "-0.0"
}

std::string CountText(double value) {
  std::string digits = DecimalText(std::fabs(value), 0);
  for (size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return value < 0 ? "-" + digits : digits;
}

std::string ChanceText(double p) { return p < 0.0005 ? "<0.001" : DecimalText(p); }

std::string PercentText(double share, int digits) {
  return DecimalText(share * 100, digits) + " %";
}

std::string BytesText(double bytes) {
  if (bytes < 1000) return DecimalText(bytes, 0) + " B";
  if (bytes < 1e6) return DecimalText(bytes / 1e3, bytes < 1e4 ? 1 : 0) + " kB";
  return DecimalText(bytes / 1e6, 2) + " MB";
}

std::string DateText(int64_t unix_seconds) {
  const std::time_t time = unix_seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

}  // namespace vitrine
