// What the device knows of each product: enough to filter, to keep the fashion invariants and to
// find a product by its id. Titles and pictures are in the card shards, not here.
//
// Section "CATL", version 1 (byte layout in docs/bundle_format.md).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/bytes.h"
#include "shared/item.h"
#include "shared/result.h"

namespace vitrine {

// For whom a product is made. The numbers are part of the bundle format.
enum class Audience : uint8_t {
  kUnknown = 0,
  kWomen = 1,
  kMen = 2,
  kUnisex = 3,
  kGirls = 4,
  kBoys = 5,
  kKids = 6,  // girls and boys
  kBaby = 7,
};
inline constexpr int kAudiences = 8;
inline constexpr std::array<std::string_view, kAudiences> kAudienceNames = {
    "", "women", "men", "unisex", "girls", "boys", "kids", "baby"};

// May a product for `b` be shown beside a product for `a`? Bit b of byte a. Unknown goes with
// everything, unisex with adults, kids with girls and boys.
inline constexpr std::array<uint8_t, kAudiences> kDefaultAudienceGate = {0xFF, 0x0B, 0x0D, 0x0F,
                                                                         0x51, 0x61, 0x71, 0x81};

enum class Availability : uint8_t { kInStock = 0, kOutOfStock = 1, kPreorder = 2, kBackorder = 3 };

inline constexpr uint32_t kNoPrice = 0xFFFFFFFFu;

// Structure of arrays; every array has one entry per product.
struct CatalogueData {
  std::vector<uint64_t> id_hash;      // Fnv1a64 of the product id; distinct
  std::vector<uint32_t> group;        // products with the same number (< size()) are variants
  std::vector<uint32_t> price_minor;  // in 1/100 of the shop's currency, kNoPrice when unknown
  std::vector<uint16_t> department;   // index into department_names; 0 = unknown ("")
  std::vector<uint16_t> category;
  std::vector<uint16_t> colour;
  std::vector<uint16_t> brand;
  std::vector<Audience> audience;
  std::vector<Availability> availability;
  std::array<uint8_t, kAudiences> audience_gate = kDefaultAudienceGate;
  std::vector<std::string> department_names, category_names, colour_names, brand_names;

  size_t size() const { return id_hash.size(); }
};

// REQUIRES: all arrays of one size; name indices in range.
Bytes EncodeCatalogue(const CatalogueData& data);

class Catalogue {
 public:
  // Validates everything once: queries on an opened catalogue cannot fail.
  static Result<Catalogue> Open(ByteView payload);

  size_t size() const { return data_.size(); }
  const CatalogueData& data() const { return data_; }

  // The product with this id, or kNoItem. O(log n).
  ItemIndex Find(std::string_view id) const;

  // All variants of `item`, itself included, ascending.
  std::span<const ItemIndex> Variants(ItemIndex item) const { return Group(data_.group[item]); }
  // All products of a group number (< size()), ascending.
  std::span<const ItemIndex> Group(uint32_t group) const {
    return std::span(by_group_).subspan(group_begin_[group],
                                        group_begin_[group + 1] - group_begin_[group]);
  }

  // The three invariants of every list beside product `a`: `b` is another group, for a compatible
  // audience, and can be bought. Not symmetric in availability.
  bool MayStandBeside(ItemIndex a, ItemIndex b) const {
    return data_.group[a] != data_.group[b] && AudienceFits(a, b) && Available(b);
  }
  bool AudienceFits(ItemIndex a, ItemIndex b) const {
    return data_.audience_gate[static_cast<int>(data_.audience[a])] >>
               static_cast<int>(data_.audience[b]) &
           1;
  }
  bool Available(ItemIndex item) const {
    return data_.availability[item] != Availability::kOutOfStock;
  }

 private:
  CatalogueData data_;
  void IndexIds();
  void IndexGroups();

  std::vector<uint32_t> by_hash_;      // items sorted by id_hash
  std::vector<ItemIndex> by_group_;    // items sorted by group
  std::vector<uint32_t> group_begin_;  // group g is by_group_[group_begin_[g], group_begin_[g+1])
};

}  // namespace vitrine
