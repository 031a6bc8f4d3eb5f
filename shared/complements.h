// What goes with what by its attributes: how much more often than chance shoppers buy two
// departments, categories, colours or audiences in one order, and how often each product is bought.
// It speaks where too few shoppers have bought two products together, so also for a new product.
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
  // ln(how often a product is bought / how often the most bought one), in steps of 1/16 within
  // [-15.875, 0]; kTooFew for one that fewer shoppers bought than the floor asks for.
  std::vector<float> popularity;
  std::vector<uint32_t> shoppers;  // behind each popularity, 0 = kTooFew; not in the bundle
  float unknown_popularity = 0;    // what a product with kTooFew is taken to have

  static constexpr float kTooFew = 1;
  bool empty() const { return popularity.empty(); }
  uint32_t SmallestGroup() const;  // of shoppers behind any number; 0 = empty
};

// Nothing for empty data. REQUIRES: pairs ascending and distinct.
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
  // first: the mean over the cart of the weighted log-lifts of the attributes, plus weighted
  // popularity. O(distinct combinations of attributes), not O(items).
  // REQUIRES: items of the cart exist.
  std::vector<ScoredItem> Best(std::span<const ItemIndex> cart, size_t k,
                               std::span<const uint64_t> mask) const;
  // The product of the cart that `item` goes with best, the earlier one of equals.
  // REQUIRES: a cart that is not empty.
  ItemIndex GoesWith(std::span<const ItemIndex> cart, ItemIndex item) const;

 private:
  using Values = std::array<uint16_t, kPairedAttributes>;
  struct Cell {  // products with the same attributes
    Values values{};
    uint32_t begin = 0, end = 0;  // of items_
  };
  struct With {
    uint16_t value = 0;
    float log_lift = 0;
  };

  Values ValuesOf(ItemIndex item) const { return cells_[cell_[item]].values; }
  float LogLift(const Values& a, const Values& b) const;
  float PopularityOf(ItemIndex item) const;
  void ArrangeCells(const CatalogueData& catalogue);

  uint32_t smallest_group_ = 0;
  // Of attribute f and value v: with_[f][begin_[f][v] .. begin_[f][v + 1]), ascending.
  std::array<std::vector<uint32_t>, kPairedAttributes> begin_;
  std::array<std::vector<With>, kPairedAttributes> with_;
  std::vector<uint8_t> level_;  // popularity of each product, 0 = too few
  uint8_t unknown_level_ = 0;
  std::vector<Cell> cells_;
  std::vector<uint32_t> cell_;    // of each product
  std::vector<ItemIndex> items_;  // cell after cell, the most bought first
};

}  // namespace vitrine
