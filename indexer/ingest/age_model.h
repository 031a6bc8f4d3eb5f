// Missing ages, estimated by linear regression on what else is known of a user.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace vitrine {

// Columns of a user table, one entry per user.
struct AgeFeatures {
  struct Numeric {
    std::vector<float> value;  // NaN = unknown
  };
  struct Category {
    std::vector<uint32_t> value;  // a dense number; kUnknown = unknown
    uint32_t count = 0;           // distinct values
  };
  static constexpr uint32_t kUnknown = 0xFFFFFFFFu;
  std::vector<Numeric> numeric;
  std::vector<Category> categories;
};

struct AgeEstimate {
  std::vector<int> age;            // by user; meaningful where the age was missing
  double mean_absolute_error = 0;  // in years, by 5-fold cross-validation on the known ages
};

// Ridge regression (lambda = 1 on standardised features) on numeric columns, with an indicator of
// "unknown", and on the frequent values of categories. Estimates stay within the range of the known
// ages. Nothing when fewer than 30 ages are known or no feature tells users apart. Same input, same
// result. Cost: users × features².
std::optional<AgeEstimate> EstimateAges(const AgeFeatures& features,
                                        const std::vector<std::optional<int>>& ages);

}  // namespace vitrine
