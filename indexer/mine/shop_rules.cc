#include "indexer/mine/shop_rules.h"

#include <algorithm>
#include <map>
#include <string>

#include "indexer/mine/basket_index.h"
#include "indexer/mine/itemsets.h"
#include "indexer/mine/partners.h"

namespace vitrine {
namespace {

Rule MakeRule(std::vector<ItemIndex> antecedent, ItemIndex consequent, uint32_t count,
              double antecedent_count, double consequent_count, double baskets) {
  Rule rule;
  rule.antecedent = std::move(antecedent);
  rule.consequent = consequent;
  rule.count = count;
  rule.confidence = static_cast<float>(count / antecedent_count);
  rule.lift = static_cast<float>(count / antecedent_count * baskets / consequent_count);
  rule.score = static_cast<float>(ShrunkScore(count, antecedent_count, consequent_count, baskets));
  return rule;
}

// Rules with several products on the left, from the frequent itemsets.
class MultiRules {
 public:
  MultiRules(const Baskets& baskets, const BasketIndex& index, const BasketWeights& weights,
             const MineOptions& options, Console& console)
      : baskets_(baskets), index_(index), weights_(weights), options_(options), console_(console) {}

  Result<std::vector<Rule>> Mine() {
    ItemsetOptions itemset_options;
    itemset_options.min_count = std::max(options_.min_count_multi, options_.min_users);
    itemset_options.max_length = options_.max_antecedent + 1;
    itemset_options.max_itemsets = options_.max_itemsets;
    const BasketView view{baskets_.items, baskets_.offset, {}, index_.item_count()};
    while (!MineItemsets(view, itemset_options, itemsets_).ok()) {  // the items are in range
      itemset_options.min_count *= 2;
      itemsets_ = CollectItemsets();
    }
    if (itemset_options.min_count > std::max(options_.min_count_multi, options_.min_users)) {
      console_.Warn("mine: more than " + std::to_string(options_.max_itemsets) +
                    " sets of products were bought together; cart rules need " +
                    std::to_string(itemset_options.min_count) +
                    " baskets (mine.min_count_multi) instead");
    }
    for (size_t k = 0; k < itemsets_.size(); ++k) {
      const auto set = itemsets_.set(k);
      counts_[{set.begin(), set.end()}] = itemsets_.counts[k];
    }
    std::vector<Rule> rules;
    for (const auto& [set, count] : counts_) {
      if (set.size() > 2) AddRulesOf(set, count, rules);
    }
    return Best(std::move(rules));
  }

 private:
  using Set = std::vector<uint32_t>;

  static Set Without(const Set& set, size_t position) {
    Set rest = set;
    rest.erase(rest.begin() + static_cast<ptrdiff_t>(position));
    return rest;
  }

  void AddRulesOf(const Set& set, uint64_t count, std::vector<Rule>& rules) const {
    const size_t before = rules.size();
    const double weight = weights_.decayed() ? weights_.CountTogether(set) : 0;
    for (size_t c = 0; c < set.size(); ++c) {
      Set antecedent = Without(set, c);
      const double antecedent_count = static_cast<double>(counts_.at(antecedent));
      if (!Improves(set, c, static_cast<double>(count) / antecedent_count)) continue;
      rules.push_back(MakeRule(std::move(antecedent), set[c], static_cast<uint32_t>(count),
                               antecedent_count, index_.count(set[c]),
                               static_cast<double>(index_.basket_count())));
      if (!weights_.decayed()) continue;
      rules.back().score =
          static_cast<float>(ShrunkScore(weight, weights_.CountTogether(rules.back().antecedent),
                                         weights_.count(set[c]), weights_.baskets()));
    }
    if (rules.size() > before && options_.min_users > 1 &&
        index_.CountTogether(set).users < options_.min_users) {
      rules.resize(before);
    }
  }

  // Is set \ {c} => c more confident than every rule with one product less on the left?
  bool Improves(const Set& set, size_t c, double confidence) const {
    for (size_t drop = 0; drop < set.size(); ++drop) {
      if (drop == c) continue;
      const Set both = Without(set, drop);
      Set antecedent = both;
      antecedent.erase(std::find(antecedent.begin(), antecedent.end(), set[c]));
      const double simpler =
          static_cast<double>(counts_.at(both)) / static_cast<double>(counts_.at(antecedent));
      if (confidence < simpler * (1 + options_.min_improvement)) return false;
    }
    return true;
  }

  std::vector<Rule> Best(std::vector<Rule> rules) const {
    auto by_score = [](const Rule& a, const Rule& b) {
      if (a.score != b.score) return a.score > b.score;
      return std::tie(a.antecedent, a.consequent) < std::tie(b.antecedent, b.consequent);
    };
    std::sort(rules.begin(), rules.end(), by_score);
    std::map<Set, uint32_t> kept;
    std::erase_if(rules, [&](const Rule& rule) {
      return ++kept[rule.antecedent] > options_.consequents_multi;
    });
    if (rules.size() > options_.max_rules_multi) rules.resize(options_.max_rules_multi);
    return rules;
  }

  const Baskets& baskets_;
  const BasketIndex& index_;
  const BasketWeights& weights_;
  const MineOptions& options_;
  Console& console_;
  CollectItemsets itemsets_;
  std::map<Set, uint64_t> counts_;
};

}  // namespace

Result<std::vector<Rule>> MineShopRules(const Baskets& baskets, uint32_t item_count,
                                        const MineOptions& options, Console& console) {
  if (options.max_antecedent < 1 || options.max_antecedent > 8) {
    return UsageError("mine.max_antecedent must be 1..8, not " +
                      std::to_string(options.max_antecedent));
  }
  for (ItemIndex item : baskets.items) {
    if (item >= item_count) {
      return Error{"baskets: item " + std::to_string(item) + " of " + std::to_string(item_count) +
                   " does not exist; ingest catalogue and orders together"};
    }
  }
  const BasketIndex index(baskets, item_count);
  PartnerOptions partner_options;
  partner_options.partners = options.partners;
  partner_options.min_users = options.min_users;
  partner_options.threads = options.threads;
  partner_options.half_life_seconds = options.half_life_days * 24 * 60 * 60;
  const auto partners = TopPartners(baskets, item_count, partner_options);
  const BasketWeights weights(baskets, index, partner_options.half_life_seconds);
  std::vector<Rule> rules;
  size_t with_partner = 0, with_basket = 0;
  for (ItemIndex i = 0; i < item_count; ++i) {
    with_partner += !partners[i].empty();
    with_basket += index.count(i) > 0;
    for (const Partner& partner : partners[i]) {
      rules.push_back(MakeRule({i}, partner.item, partner.count, index.count(i),
                               index.count(partner.item),
                               static_cast<double>(index.basket_count())));
      rules.back().score = static_cast<float>(partner.score);
    }
  }
  const size_t single = rules.size();
  if (options.max_antecedent > 1) {
    VITRINE_ASSIGN(std::vector<Rule> multi,
                   MultiRules(baskets, index, weights, options, console).Mine());
    rules.insert(rules.end(), std::make_move_iterator(multi.begin()),
                 std::make_move_iterator(multi.end()));
  }
  std::stable_sort(rules.begin(), rules.end(), [](const Rule& a, const Rule& b) {
    if (a.antecedent != b.antecedent) return a.antecedent < b.antecedent;
    return a.score != b.score ? a.score > b.score : a.consequent < b.consequent;
  });
  console.Detail("mine: " + std::to_string(with_partner) + " of " + std::to_string(with_basket) +
                 " products that were bought have a partner; " + std::to_string(single) +
                 " pair rules, " + std::to_string(rules.size() - single) + " cart rules");
  return rules;
}

}  // namespace vitrine
