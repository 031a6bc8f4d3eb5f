// From values to places on an axis.
#pragma once

#include <string>
#include <vector>

namespace vitrine {

class Scale {
 public:
  // Values from low to high onto places from..to. Widened to round numbers when `round`.
  Scale(double low, double high, double from, double to, bool logarithmic = false,
        bool round = true);

  double operator()(double value) const;
  // Round values within the range, about `count` of them.
  std::vector<double> Ticks(int count) const;

 private:
  double low_, high_, from_, to_;
  bool logarithmic_;
};

// A tick's name: as short as it can be.
std::string TickText(double value, bool percent);

}  // namespace vitrine
