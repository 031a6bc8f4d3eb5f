#include "indexer/evaluate/shop_metrics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

namespace vitrine {
namespace {

constexpr size_t kDiversityDepth = 10;

std::string LengthName(uint32_t events) {
  if (events <= 2) return std::to_string(events);
  return events <= 4 ? "3-4" : events <= 9 ? "5-9" : "10+";
}

// Position of each product among all by earlier interactions, as a decile: 1 = the most popular.
std::vector<uint32_t> DecilesOf(const std::vector<Interaction>& earlier, size_t products) {
  std::vector<uint32_t> count(products), order(products), decile(products);
  for (const Interaction& event : earlier) ++count[event.item];
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return count[a] > count[b]; });
  for (size_t r = 0; r < products; ++r) {
    decile[order[r]] = static_cast<uint32_t>(r * 10 / products) + 1;
  }
  return decile;
}

}  // namespace

std::vector<CaseGroup> GroupsOf(const ShopSplit& split) {
  const std::vector<uint32_t> decile =
      DecilesOf(split.earlier.interactions, split.earlier.products.size());
  // Sorted by dimension, then by what orders its values.
  std::map<std::tuple<int, std::string, std::string>, CaseGroup> groups;
  const auto add = [&](int rank, const char* dimension, const std::string& order,
                       const std::string& value, uint32_t c) {
    CaseGroup& group = groups[{rank, dimension, order}];
    group.dimension = dimension;
    group.value = value;
    group.cases.push_back(c);
  };
  for (uint32_t c = 0; c < split.cases.size(); ++c) {
    const ShopCase& one = split.cases[c];
    const Product& product = split.earlier.products[one.target()];
    const auto slice = static_cast<size_t>(one.slice);
    const std::string length = LengthName(one.session_events);
    const std::string popularity = std::to_string(decile[one.target()]);
    add(0, "all", "", "all", c);
    add(1, "slice", std::to_string(slice), std::string(kShopperSliceNames[slice]), c);
    add(2, "session length", (length == "10+" ? "" : "0") + length, length, c);
    add(3, "popularity decile", (popularity.size() < 2 ? "0" : "") + popularity, popularity, c);
    const std::string audience(kAudienceNames[static_cast<size_t>(product.audience)]);
    add(4, "audience", audience, audience.empty() ? "unknown" : audience, c);
    add(5, "department", product.department,
        product.department.empty() ? "unknown" : product.department, c);
  }
  std::vector<CaseGroup> result;
  for (auto& [key, group] : groups) result.push_back(std::move(group));
  return result;
}

ShopMeter::ShopMeter(const ShopSplit& split, MatrixView vectors)
    : split_(split), vectors_(vectors), interactions_(split.earlier.products.size()) {
  for (const Interaction& event : split.earlier.interactions) ++interactions_[event.item];
  // One more for each product, so that those without interactions have a share, too.
  const double total =
      static_cast<double>(split.earlier.interactions.size() + interactions_.size());
  for (uint32_t count : interactions_) novelty_bits_.push_back(-std::log2((count + 1) / total));
}

Bootstrap ShopMeter::BootstrapOf(const CaseGroup& group) const {
  std::vector<uint32_t> session;
  for (uint32_t c : group.cases) session.push_back(split_.cases[c].session);
  return Bootstrap(session);
}

ShopMeter::Outcome ShopMeter::OutcomeOf(const CaseGroup& group, const RankedLists& lists) const {
  Outcome outcome;
  for (uint32_t c : group.cases) {
    const ShopCase& one = split_.cases[c];
    const auto& list = lists[c];
    const auto found = std::find(list.begin(), list.end(), one.target());
    const bool hit = found != list.end();
    const double rank = static_cast<double>(found - list.begin() + 1);
    for (size_t k = 0; k < kCutoffs.size(); ++k) {
      outcome.at_cutoff[k].push_back(hit && rank <= kCutoffs[k]);
    }
    outcome.reciprocal.push_back(hit ? 1 / rank : 0);
    outcome.gain.push_back(hit ? 1 / std::log2(rank + 1) : 0);
    const std::set<ItemIndex> later(one.later.begin(), one.later.end());
    const auto wanted = std::count_if(list.begin(), list.end(),
                                      [&](ItemIndex item) { return later.contains(item); });
    outcome.recall.push_back(static_cast<double>(wanted) / static_cast<double>(later.size()));
  }
  return outcome;
}

double ShopMeter::Diversity(std::span<const ItemIndex> list) const {
  const auto top = list.first(std::min(list.size(), kDiversityDepth));
  if (top.size() < 2 || vectors_.rows == 0) return 0;
  double sum = 0;
  for (size_t a = 0; a < top.size(); ++a) {
    for (size_t b = a + 1; b < top.size(); ++b) {
      const auto x = vectors_.row(top[a]), y = vectors_.row(top[b]);
      sum += 1 - std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
    }
  }
  return sum * 2 / static_cast<double>(top.size() * (top.size() - 1));
}

ShopMetrics ShopMeter::Measure(const CaseGroup& group, const Bootstrap& bootstrap,
                               const RankedLists& lists, const RankedLists& reference) const {
  ShopMetrics metrics;
  metrics.cases = bootstrap.cases();
  metrics.sessions = bootstrap.clusters();
  const Outcome outcome = OutcomeOf(group, lists), other = OutcomeOf(group, reference);
  for (size_t k = 0; k < kCutoffs.size(); ++k) {
    metrics.hit_rate[k] = bootstrap.Mean(outcome.at_cutoff[k]);
  }
  metrics.mrr = bootstrap.Mean(outcome.reciprocal);
  metrics.ndcg = bootstrap.Mean(outcome.gain);
  metrics.recall = bootstrap.Mean(outcome.recall);
  metrics.hit_rate_gain = bootstrap.Difference(outcome.at_cutoff[kCutoffs.size() - 1],
                                               other.at_cutoff[kCutoffs.size() - 1]);
  metrics.mrr_gain = bootstrap.Difference(outcome.reciprocal, other.reciprocal);

  std::vector<uint64_t> recommended(interactions_.size());
  std::vector<double> novelty, diversity;
  for (uint32_t c : group.cases) {
    double bits = 0;
    for (ItemIndex item : lists[c]) {
      ++recommended[item];
      bits += novelty_bits_[item];
    }
    novelty.push_back(bits / static_cast<double>(std::max<size_t>(1, lists[c].size())));
    diversity.push_back(Diversity(lists[c]));
  }
  const auto shown = recommended.size() -
                     static_cast<size_t>(std::count(recommended.begin(), recommended.end(), 0u));
  metrics.coverage = static_cast<double>(shown) / static_cast<double>(recommended.size());
  metrics.novelty_bits = bootstrap.Mean(novelty);
  metrics.diversity = bootstrap.Mean(diversity);
  metrics.gini = Gini(std::move(recommended));
  return metrics;
}

}  // namespace vitrine
