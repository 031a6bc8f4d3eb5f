#include "indexer/mine/association.h"

#include <string>

#include "indexer/mine/itemset_index.h"

namespace vitrine {
namespace {

using Wide = unsigned __int128;

// Splits one itemset after the other.
class Splitter {
 public:
  Splitter(const CollectItemsets& itemsets, uint64_t total, const RuleOptions& options,
           RuleSink& sink)
      : itemsets_(itemsets),
        index_(itemsets),
        total_(total),
        options_(options),
        max_consequent_(options.max_consequent == 0 ? UINT32_MAX : options.max_consequent),
        sink_(sink) {}

  void Split(size_t k) {
    set_ = itemsets_.set(k);
    both_ = itemsets_.counts[k];
    in_consequent_.assign(set_.size(), false);
    hashes_.clear();
    uint64_t hash = 0;
    for (uint32_t item : set_) hash += hashes_.emplace_back(index_.HashOf(item));
    Extend(0, hash, 0, 0);
  }
  uint64_t rules() const { return rules_; }

 private:
  // Moves one more item, at `from` or later, to the consequent. A larger consequent leaves a
  // smaller antecedent, whose count is at least as high: once the confidence is too low it stays
  // so.
  void Extend(size_t from, uint64_t left_hash, uint64_t right_hash, uint32_t size) {
    if (size >= max_consequent_ || size + 1 >= set_.size()) return;
    for (size_t i = from; i < set_.size(); ++i) {
      const uint64_t left = itemsets_.counts[index_.Find(left_hash - hashes_[i])];
      if (!ConfidentEnough(left)) continue;
      in_consequent_[i] = true;
      const uint64_t right = itemsets_.counts[index_.Find(right_hash + hashes_[i])];
      if (LiftedEnough(left, right) &&
          (!options_.prune ||
           Improves(left, right, left_hash - hashes_[i], right_hash + hashes_[i]))) {
        Give(left, right);
      }
      Extend(i + 1, left_hash - hashes_[i], right_hash + hashes_[i], size + 1);
      in_consequent_[i] = false;
    }
  }

  bool ConfidentEnough(uint64_t left) const {
    return Wide{both_} * options_.min_confidence.denominator >=
           Wide{left} * options_.min_confidence.numerator;
  }
  // both * total / (left * right) >= numerator / denominator. Counts below 2^46 cannot overflow;
  // larger ones (weights) are compared after division, in which equality is still exact enough to
  // tell rules apart but is no longer proven.
  bool LiftedEnough(uint64_t left, uint64_t right) const {
    if (options_.min_lift.numerator == 0) return true;
    if ((both_ | left | right | total_) >> 46 == 0) {
      return Wide{both_} * total_ * options_.min_lift.denominator >=
             Wide{left} * right * options_.min_lift.numerator;
    }
    const long double lift = static_cast<long double>(both_) / static_cast<long double>(left) *
                             static_cast<long double>(total_) / static_cast<long double>(right);
    return lift * static_cast<long double>(options_.min_lift.denominator) >=
           static_cast<long double>(options_.min_lift.numerator);
  }

  // Is the rule's confidence above that of all rules with a smaller antecedent?
  bool Improves(uint64_t left, uint64_t right, uint64_t left_hash, uint64_t right_hash) {
    if (!Exceeds(left, right, total_)) return false;
    free_.clear();
    for (size_t i = 0; i < set_.size(); ++i) {
      if (!in_consequent_[i]) free_.push_back(hashes_[i]);
    }
    return ImprovesOnParts(left, 0, left_hash, right_hash, free_.size());
  }
  // Drops antecedent items from `from` on, in every combination that leaves one.
  bool ImprovesOnParts(uint64_t left, size_t from, uint64_t part_hash, uint64_t right_hash,
                       size_t size) {
    if (size < 2) return true;
    for (size_t i = from; i < free_.size(); ++i) {
      const uint64_t hash = part_hash - free_[i];
      const uint64_t both = itemsets_.counts[index_.Find(hash + right_hash)];
      if (!Exceeds(left, both, itemsets_.counts[index_.Find(hash)])) return false;
      if (!ImprovesOnParts(left, i + 1, hash, right_hash, size - 1)) return false;
    }
    return true;
  }
  // both_ / left - both / part >= min_improvement, and more than 0.
  bool Exceeds(uint64_t left, uint64_t both, uint64_t part) const {
    const auto gain = static_cast<__int128>(both_) * part - static_cast<__int128>(both) * left;
    if (gain <= 0) return false;
    const long double scale = static_cast<long double>(left) * static_cast<long double>(part);
    return static_cast<long double>(gain) *
               static_cast<long double>(options_.min_improvement.denominator) >=
           scale * static_cast<long double>(options_.min_improvement.numerator);
  }

  void Give(uint64_t left, uint64_t right) {
    antecedent_.clear();
    consequent_.clear();
    for (size_t i = 0; i < set_.size(); ++i) {
      (in_consequent_[i] ? consequent_ : antecedent_).push_back(set_[i]);
    }
    ++rules_;
    sink_.Rule(antecedent_, consequent_, {both_, left, right, total_});
  }

  const CollectItemsets& itemsets_;
  const ItemsetIndex index_;
  const uint64_t total_;
  const RuleOptions& options_;
  const uint32_t max_consequent_;
  RuleSink& sink_;
  std::span<const uint32_t> set_;
  uint64_t both_ = 0;
  uint64_t rules_ = 0;
  std::vector<bool> in_consequent_;
  std::vector<uint64_t> hashes_;
  std::vector<uint64_t> free_;  // hashes of the antecedent's items
  std::vector<uint32_t> antecedent_, consequent_;
};

}  // namespace

Status MineAssociations(const CollectItemsets& itemsets, uint64_t total, const RuleOptions& options,
                        RuleSink& sink) {
  Splitter splitter(itemsets, total, options, sink);
  for (size_t k = 0; k < itemsets.size(); ++k) {
    splitter.Split(k);
    if (options.max_rules > 0 && splitter.rules() > options.max_rules) {
      return Error{
          "more than " + std::to_string(options.max_rules) +
          " rules; raise the minimum support, confidence or lift, limit the consequent, or "
          "raise the limit"};
    }
  }
  return Ok();
}

}  // namespace vitrine
