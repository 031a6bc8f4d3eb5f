#include "indexer/report/render/scale.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace vitrine {
namespace {

// The step of 1, 2 or 5 times a power of ten that gives about `count` ticks.
double StepOf(double range, int count) {
  const double rough = range / std::max(1, count);
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (double factor : {1.0, 2.0, 5.0}) {
    if (rough <= factor * power) return factor * power;
  }
  return 10 * power;
}

}  // namespace

Scale::Scale(double low, double high, double from, double to, bool logarithmic, bool round)
    : low_(low), high_(high), from_(from), to_(to), logarithmic_(logarithmic && low > 0) {
  if (!(high_ > low_)) {
    const double margin = low_ == 0 ? 1 : std::fabs(low_) * 0.1;
    high_ = low_ + margin;
    if (low_ > 0 && !logarithmic_) low_ -= std::min(margin, low_);
  }
  if (!round || logarithmic_) return;
  const double step = StepOf(high_ - low_, 5);
  low_ = std::floor(low_ / step + 1e-9) * step;
  high_ = std::ceil(high_ / step - 1e-9) * step;
}

double Scale::operator()(double value) const {
  const double share = logarithmic_ ? std::log(value / low_) / std::log(high_ / low_)
                                    : (value - low_) / (high_ - low_);
  return from_ + share * (to_ - from_);
}

std::vector<double> Scale::Ticks(int count) const {
  std::vector<double> ticks;
  if (logarithmic_) {
    for (double power = std::pow(10, std::floor(std::log10(low_))); power <= high_ * 1.0001;
         power *= 10) {
      for (double factor : {1.0, 2.0, 5.0}) {
        const double tick = power * factor;
        if (tick >= low_ * 0.9999 && tick <= high_ * 1.0001) ticks.push_back(tick);
      }
    }
    if (ticks.size() > static_cast<size_t>(count) * 2) {
      std::erase_if(ticks, [](double tick) {
        const double power = std::log10(tick);
        return std::fabs(power - std::round(power)) > 1e-6;
      });
    }
    if (ticks.size() > 2) return ticks;
    ticks.clear();  // a short stretch is named as if it were not logarithmic
  }
  const double step = StepOf(high_ - low_, count);
  for (double tick = std::ceil(low_ / step - 1e-9) * step; tick <= high_ + step * 1e-6;
       tick += step) {
    ticks.push_back(std::fabs(tick) < step * 1e-6 ? 0 : tick);
  }
  return ticks;
}

std::string TickText(double value, bool percent) {
  char text[32];
  if (percent) {
    std::snprintf(text, sizeof text, "%.3g %%", value * 100);
  } else if (std::fabs(value) >= 1e6) {
    std::snprintf(text, sizeof text, "%.3gM", value / 1e6);
  } else if (std::fabs(value) >= 1e4) {
    std::snprintf(text, sizeof text, "%.3gk", value / 1e3);
  } else {
    std::snprintf(text, sizeof text, "%.4g", value);
  }
  return text;
}

}  // namespace vitrine
