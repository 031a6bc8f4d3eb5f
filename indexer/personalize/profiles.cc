#include "indexer/personalize/profiles.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <map>
#include <optional>

namespace vitrine {
namespace {

std::optional<double> ToNumber(const std::string& text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || at != end) return std::nullopt;
  return number;
}

// The ranges that the numbers are cut into, by their text; empty when they should be left alone.
std::map<std::string, std::string> Ranges(const std::vector<std::string>& values, size_t most,
                                          size_t bins) {
  std::vector<std::pair<double, std::string>> numbers;
  for (const std::string& value : values) {
    if (value.empty()) continue;
    const std::optional<double> number = ToNumber(value);
    if (!number) return {};
    numbers.emplace_back(*number, value);
  }
  std::sort(numbers.begin(), numbers.end());
  size_t distinct = 0;
  for (size_t i = 0; i < numbers.size(); ++i) {
    distinct += i == 0 || numbers[i].first != numbers[i - 1].first;
  }
  if (distinct <= most) return {};
  std::map<std::string, std::string> range_of;
  for (size_t first = 0, bin = 1; first < numbers.size(); ++bin) {
    size_t end = std::max(first + 1, numbers.size() * bin / bins);
    while (end < numbers.size() && numbers[end].first == numbers[end - 1].first) ++end;
    const std::string range = numbers[first].second + ".." + numbers[end - 1].second;
    for (; first < end; ++first) range_of[numbers[first].second] = range;
  }
  return range_of;
}

}  // namespace

void Profiles::Add(std::string_view attribute, const std::vector<std::string>& value_of_user) {
  assert(value_of_user.size() == users_);
  const auto range_of = Ranges(value_of_user, kMaxNumbers, kBins);
  const auto shown = [&](const std::string& value) -> const std::string& {
    const auto range = range_of.find(value);
    return range == range_of.end() ? value : range->second;
  };
  std::map<std::string, uint32_t> number = {{"", kUnknown}};
  for (const std::string& value : value_of_user) number.emplace(shown(value), 0);
  std::vector<std::string> values;
  for (auto& [value, index] : number) {
    index = static_cast<uint32_t>(values.size());  // "" is the first of the order
    values.push_back(value);
  }
  std::vector<uint32_t> of;
  of.reserve(users_);
  for (const std::string& value : value_of_user) of.push_back(number.at(shown(value)));
  names_.emplace_back(attribute);
  values_.push_back(std::move(values));
  of_.push_back(std::move(of));
}

Profiles ProfilesOf(const Shop& shop) {
  Profiles profiles(shop.users.size());
  std::vector<std::string> age, city, region, audience(shop.users.size());
  for (const User& user : shop.users) {
    age.push_back(user.age_group);
    city.push_back(user.city);
    region.push_back(user.region);
  }
  std::vector<std::array<uint32_t, kAudiences>> touched(shop.users.size());
  for (const Interaction& event : shop.interactions) {
    ++touched[event.user][static_cast<size_t>(shop.products[event.item].audience)];
  }
  for (size_t u = 0; u < touched.size(); ++u) {
    touched[u][static_cast<size_t>(Audience::kUnknown)] = 0;
    const auto most = std::max_element(touched[u].begin(), touched[u].end());
    if (*most > 0) audience[u] = kAudienceNames[static_cast<size_t>(most - touched[u].begin())];
  }
  const auto known = [](const std::vector<std::string>& values) {
    return std::any_of(values.begin(), values.end(), [](const auto& v) { return !v.empty(); });
  };
  if (known(age)) profiles.Add("age_group", age);
  if (known(city)) profiles.Add("city", city);
  if (known(region)) profiles.Add("region", region);
  if (known(audience)) profiles.Add("audience", audience);
  return profiles;
}

}  // namespace vitrine
