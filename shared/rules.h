// Frequently bought together on the device: for each product its partners, and the rules with
// several products on the left for whole carts.
//
// The first part of section "RULE" (byte layout in docs/bundle_format.md).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "shared/bytes.h"
#include "shared/item.h"
#include "shared/result.h"

namespace vitrine {

// One association rule antecedent => consequent. Counts are baskets.
struct Rule {
  std::vector<ItemIndex> antecedent;  // ascending, at least one, at most 8
  ItemIndex consequent = kNoItem;
  uint32_t count = 0;    // baskets with antecedent and consequent
  float confidence = 0;  // count / baskets with the antecedent
  float lift = 0;        // confidence / share of baskets with the consequent
  float score = 0;       // the miner's ranking (shrunk towards chance for small counts)
};

// REQUIRES: antecedents as documented, items below item_count, no negative number, each
// antecedent => consequent once and the consequent not in its antecedent. The order of `rules` does
// not matter: the same set gives the same bytes. Lift and score keep 11 bits of precision.
Bytes EncodeRules(uint32_t item_count, std::span<const Rule> rules);

// Points into the payload, which must outlive it: a list is decoded when it is asked for.
class Rules {
 public:
  // Checks every byte once, so that queries cannot fail. O(payload). What stands behind the last
  // list is left to the caller: see rest().
  static Result<Rules> Open(ByteView payload);

  uint32_t item_count() const { return item_count_; }
  uint32_t rule_count() const { return rule_count_; }
  // The bytes of the payload behind the lists (shared/complements.h).
  ByteView rest() const { return payload_.subspan(size_); }

  struct Match {
    ItemIndex consequent = kNoItem;
    float score = 0;
    uint32_t count = 0;
    float lift = 0;
    ItemIndex because = kNoItem;        // the antecedent's first item; it is in the cart
    std::vector<ItemIndex> antecedent;  // all of it, ascending
  };
  // The best rule for each consequent whose whole antecedent is in `cart`, best first (equal
  // scores: the lower consequent first). Products of the cart are left out; numbers that are no
  // product are ignored. O(rules that start in the cart).
  std::vector<Match> Matches(std::span<const ItemIndex> cart) const;

  // Every rule of the section; confidence is not stored and left 0. Ordered by first item of the
  // antecedent, consequent, rest of the antecedent.
  std::vector<Rule> All() const;

 private:
  uint32_t item_count_ = 0;
  uint32_t rule_count_ = 0;
  ByteView payload_;
  size_t size_ = 0;  // of the lists and what stands before them
  // Where the list of antecedents whose smallest item is i begins in payload_.
  std::vector<uint32_t> begin_;
};

}  // namespace vitrine
