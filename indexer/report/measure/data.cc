// What came in, what was left out, and how well the parts of the data fit together.
#include <algorithm>
#include <cstdlib>
#include <map>

#include "indexer/ingest/report.h"
#include "indexer/publish/bundle.h"
#include "indexer/report/measure/input.h"

namespace vitrine {
namespace {

constexpr size_t kSamplesPerReason = 5;
constexpr size_t kDuplicateSamples = 8;
constexpr size_t kPriceBars = 20;
constexpr int64_t kTimeBars = 200;

// The first rows of each reason of each file.
Json Samples(const IngestReport& report) {
  std::map<std::tuple<std::string, std::string, bool>, size_t> taken;
  Json samples = Json::array();
  for (const RejectedRow& row : report.rejected) {
    if (taken[{row.file, row.reason, row.row_kept}]++ >= kSamplesPerReason) continue;
    samples.push_back({{"file", row.file},
                       {"line", row.line},
                       {"field", row.field},
                       {"reason", row.reason},
                       {"row_kept", row.row_kept},
                       {"detail", row.detail}});
  }
  return samples;
}

double Quantile(const std::vector<double>& ascending, double share) {
  return ascending.empty()
             ? 0
             : ascending[static_cast<size_t>(share * static_cast<double>(ascending.size() - 1))];
}

Json Prices(const std::vector<Product>& products) {
  std::map<std::string, std::vector<double>> by_currency;
  size_t missing = 0;
  for (const Product& product : products) {
    const uint32_t minor = PriceMinor(product.price);
    if (minor == kNoPrice) {
      ++missing;
    } else {
      by_currency[product.currency].push_back(minor / 100.0);
    }
  }
  Json ranges = Json::array();
  for (auto& [currency, prices] : by_currency) {
    std::sort(prices.begin(), prices.end());
    // Bars up to the 98th percentile; the last one has what is above, too.
    const double low = prices.front(), high = std::max(Quantile(prices, 0.98), low + 0.01);
    std::vector<uint64_t> bars(kPriceBars);
    for (double price : prices) {
      const double at = (price - low) / (high - low) * static_cast<double>(kPriceBars);
      ++bars[std::min(kPriceBars - 1, static_cast<size_t>(at))];
    }
    ranges.push_back({{"currency", currency},
                      {"products", prices.size()},
                      {"min", prices.front()},
                      {"quartile_1", Quantile(prices, 0.25)},
                      {"median", Quantile(prices, 0.5)},
                      {"quartile_3", Quantile(prices, 0.75)},
                      {"max", prices.back()},
                      {"bar_width", Rounded((high - low) / static_cast<double>(kPriceBars))},
                      {"bars", bars}});
  }
  return {{"missing", missing}, {"ranges", ranges}};
}

Json Times(const Shop& shop) {
  if (shop.interactions.empty()) return nullptr;
  int64_t first = shop.interactions.front().time_seconds, last = first;
  for (const Interaction& event : shop.interactions) {
    first = std::min(first, event.time_seconds);
    last = std::max(last, event.time_seconds);
  }
  const int64_t days = (last - first) / 86400 + 1;
  // Days, or whole weeks: else the days of the week would show as waves.
  const int64_t weeks = (days + 7 * kTimeBars - 1) / (7 * kTimeBars);
  const int64_t days_per_bar = days <= kTimeBars ? 1 : 7 * weeks;
  std::vector<uint64_t> bars(static_cast<size_t>((days + days_per_bar - 1) / days_per_bar));
  for (const Interaction& event : shop.interactions) {
    ++bars[static_cast<size_t>((event.time_seconds - first) / 86400 / days_per_bar)];
  }
  return {{"first_seconds", first},
          {"last_seconds", last},
          {"days_per_bar", days_per_bar},
          {"bars", bars}};
}

// Products that look like one product given twice: the same value in `key`, different groups.
template <typename Key>
Json Duplicates(const std::vector<Product>& products, const Key& key) {
  std::map<std::string, std::vector<const Product*>> same;
  for (const Product& product : products) {
    const std::string value = key(product);
    if (!value.empty()) same[value].push_back(&product);
  }
  size_t sets = 0, involved = 0;
  Json samples = Json::array();
  for (const auto& [value, members] : same) {
    const bool one_group = std::all_of(members.begin(), members.end(), [&](const Product* product) {
      return !product->group_id.empty() && product->group_id == members.front()->group_id;
    });
    if (members.size() < 2 || one_group) continue;
    ++sets;
    involved += members.size();
    if (samples.size() == kDuplicateSamples) continue;
    Json ids = Json::array();
    for (size_t m = 0; m < std::min<size_t>(members.size(), 6); ++m) ids.push_back(members[m]->id);
    samples.push_back({{"value", value}, {"products", members.size()}, {"ids", ids}});
  }
  return {{"sets", sets}, {"products", involved}, {"samples", samples}};
}

Json Counts(const std::vector<Product>& products, std::string (*field)(const Product&)) {
  std::map<std::string, size_t> counts;
  for (const Product& product : products) ++counts[field(product)];
  Json list = Json::array();
  for (const auto& [value, count] : counts) list.push_back({{"value", value}, {"products", count}});
  std::stable_sort(list.begin(), list.end(), [](const Json& a, const Json& b) {
    return a["products"].get<size_t>() > b["products"].get<size_t>();
  });
  return list;
}

}  // namespace

Json MeasureData(const ReportInput& input) {
  const std::vector<Product>& products = input.shop.products;
  Json data = Json::parse(ReportToJson(input.ingest), nullptr, false);
  data.erase("rejected");
  data["samples"] = Samples(input.ingest);
  data["prices"] = Prices(products);
  data["times"] = Times(input.shop);
  data["duplicates"] = {{"title_and_colour", Duplicates(products,
                                                        [](const Product& product) {
                                                          return product.title.empty()
                                                                     ? std::string()
                                                                     : product.title + " / " +
                                                                           product.colour + " / " +
                                                                           product.brand;
                                                        })},
                        {"photo", Duplicates(products, [](const Product& product) {
                           return product.images.empty() ? std::string() : product.images.front();
                         })}};
  data["departments"] = Counts(products, [](const Product& product) { return product.department; });
  data["audiences"] = Counts(products, [](const Product& product) {
    return std::string(kAudienceNames[static_cast<size_t>(product.audience)]);
  });
  size_t available = 0;
  for (const Product& product : products) {
    available += product.availability != Availability::kOutOfStock;
  }
  data["available"] = available;
  size_t with_interaction = 0;
  const std::vector<uint32_t> demand = DemandOf(input.shop);
  for (uint32_t count : demand) with_interaction += count > 0;
  data["products_with_demand"] = with_interaction;
  return data;
}

}  // namespace vitrine
