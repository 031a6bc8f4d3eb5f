// What goes with what by its content: how much more often than chance shoppers buy two departments,
// categories, colours, audiences or words of titles in one order, and how often each product is
// bought. It speaks where too few shoppers have bought two products together, so also for a new
// product.
//
// The second part of section "RULE" (byte layout in docs/bundle_format.md, method in
// docs/mining.md).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "shared/bytes.h"
#include "shared/catalogue.h"
#include "shared/item.h"
#include "shared/result.h"
#include "shared/top_k.h"

namespace vitrine {

// The attributes that are looked at: department, category, colour, audience.
inline constexpr size_t kPairedAttributes = 4;
// The number of a product's value of each in the catalogue's tables; 0 = unknown.
std::array<uint16_t, kPairedAttributes> PairedValues(const CatalogueData& data, ItemIndex item);

// The words of a title that are looked at, as numbers of the bundle; 0 = none. Which words these
// are is decided where they are numbered (indexer/mine/title_words.h).
inline constexpr size_t kPairedWords = 2;
using PairedWords = std::array<uint16_t, kPairedWords>;

struct ComplementsData {
  // That a product with `with` is bought by those who buy one with `value`.
  struct Pair {
    uint16_t value = 0;
    uint16_t with = 0;
    float log_lift = 0;     // ln(observed / expected), kept in steps of 1/16 within [-4, 4)
    uint32_t shoppers = 0;  // distinct ones behind it; not in the bundle
  };
  // Of each attribute, ascending by (value, with).
  std::array<std::vector<Pair>, kPairedAttributes> pairs;
  // Of the words, in the same order.
  std::vector<Pair> word_pairs;
  std::vector<PairedWords> words;  // of each product, different ones; empty = none has any
  // ln(how often a product is bought / how often the most bought one), in steps of 1/16 within
  // [-15.875, 0]; kTooFew for one that fewer shoppers bought than the floor asks for.
  std::vector<float> popularity;
  std::vector<uint32_t> shoppers;  // behind each popularity, 0 = kTooFew; not in the bundle
  float unknown_popularity = 0;    // what a product with kTooFew is taken to have

  static constexpr float kTooFew = 1;
  bool empty() const { return popularity.empty(); }
  // Calls visit(shoppers) for every number that is learned from shoppers.
  template <typename Visit>
  void ForEachGroup(const Visit& visit) const {
    for (const auto& of_attribute : pairs) {
      for (const Pair& pair : of_attribute) visit(pair.shoppers);
    }
    for (const Pair& pair : word_pairs) visit(pair.shoppers);
    for (uint32_t group : shoppers) {
      if (group > 0) visit(group);
    }
  }
  uint32_t SmallestGroup() const;  // of shoppers behind any number; 0 = empty
};

// Nothing for empty data. REQUIRES: pairs ascending and distinct, of words that a product has.
Bytes EncodeComplements(const ComplementsData& data);

class Complements {
 public:
  Complements() = default;
  // No bytes = none. Checks every byte once against the catalogue, so that queries cannot fail.
  // O(payload + items log items).
  static Result<Complements> Open(ByteView payload, const CatalogueData& catalogue);

  bool empty() const { return level_.empty(); }
  uint32_t smallest_group() const { return smallest_group_; }

  // The k products that go best with the cart among those of `mask` (one bit a product), best
  // first, by Score(). O(distinct combinations of attributes + products of those that may be among
  // the best), at most O(items). REQUIRES: items of the cart exist.
  std::vector<ScoredItem> Best(std::span<const ItemIndex> cart, size_t k,
                               std::span<const uint64_t> mask) const;
  // ln(lift of `item` beside the cart × RootShare(item)); the lift is a mean over the cart of the
  // weighted log-lifts of attributes and words. O(cart log pairs). REQUIRES: a cart that is not
  // empty.
  float Score(std::span<const ItemIndex> cart, ItemIndex item) const;
  // The square root of how often `item` is bought, in parts of the most bought product: (0, 1].
  float RootShare(ItemIndex item) const;
  // The product of the cart that `item` goes with best, the earlier one of equals.
  // REQUIRES: a cart that is not empty.
  ItemIndex GoesWith(std::span<const ItemIndex> cart, ItemIndex item) const;

 private:
  using Values = std::array<uint16_t, kPairedAttributes>;
  struct Cell {  // products with the same attributes
    Values values{};
    uint32_t begin = 0, end = 0;  // positions
  };
  // Of value v: with[begin[v] .. begin[v + 1]), ascending.
  struct Lifts {
    struct With {
      uint16_t value = 0;
      float log_lift = 0;
    };
    std::vector<uint32_t> begin;
    std::vector<With> with;

    // `stranger` when the pair is not there.
    float Of(uint16_t a, uint16_t b, float stranger) const;
    // Adds weight * Of(value, b, stranger) to sum[b] for every b.
    void AddTo(uint16_t value, float weight, float stranger, std::vector<float>& sum) const;
  };

  static bool ReadLifts(ByteReader& in, size_t values, Lifts& lifts);
  bool ReadWords(ByteReader& in);
  const Values& ValuesAt(uint32_t position) const;
  float LogLift(ItemIndex a, ItemIndex b) const;
  float PopularityAt(uint32_t position) const;
  void ArrangeCells(const CatalogueData& catalogue);

  uint32_t smallest_group_ = 0;
  std::array<Lifts, kPairedAttributes> attributes_;
  Lifts word_lifts_;
  uint8_t unknown_level_ = 0;
  // Products stand cell after cell, in each the most bought first, so that a scan reads what it
  // needs in a row. At each position:
  std::vector<ItemIndex> items_;
  std::vector<PairedWords> words_;
  std::vector<uint8_t> level_;      // popularity, 0 = too few
  std::vector<uint32_t> position_;  // of each product
  std::vector<Cell> cells_;         // in the order of their positions
};

}  // namespace vitrine
