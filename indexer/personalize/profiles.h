// What shoppers told of themselves: for each shopper one value of each attribute (age group, city,
// region, …), or none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/shop.h"

namespace vitrine {

class Profiles {
 public:
  static constexpr uint32_t kUnknown = 0;

  explicit Profiles(size_t users = 0) : users_(users) {}

  size_t users() const { return users_; }
  size_t attributes() const { return names_.size(); }
  const std::string& Attribute(size_t a) const { return names_[a]; }
  // Values of attribute a are numbered from 1; number 0 is "unknown".
  size_t Values(size_t a) const { return values_[a].size(); }
  const std::string& Value(size_t a, uint32_t value) const { return values_[a][value]; }
  uint32_t Of(uint32_t user, size_t a) const { return of_[a][user]; }

  // Adds an attribute with each shopper's value ("" = unknown). Values that are numbers, when more
  // than kMaxNumbers different ones, become kBins ranges with equally many shoppers ("61..64").
  // REQUIRES: value_of_user.size() == users().
  void Add(std::string_view attribute, const std::vector<std::string>& value_of_user);

 private:
  static constexpr size_t kMaxNumbers = 12, kBins = 8;

  size_t users_;
  std::vector<std::string> names_;
  std::vector<std::vector<std::string>> values_;  // [attribute][number]
  std::vector<std::vector<uint32_t>> of_;         // [attribute][user]
};

// Age group, city, region, and the audience of most of what the shopper touched.
Profiles ProfilesOf(const Shop& shop);

}  // namespace vitrine
