// A shop's data after cleaning: what ingest gives and every later room takes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/catalogue.h"
#include "shared/item.h"

namespace vitrine {

// A product with normalised fields. Empty text = unknown. Prices are plain decimals ("1299.00"),
// exact as the shop wrote them; they never pass through a binary float.
struct Product {
  std::string id;
  std::string group_id;  // variants of one product share it; empty = a group of its own
  std::string sku;
  std::string title;
  std::string description;  // plain text
  Audience audience = Audience::kUnknown;
  std::string audience_raw;
  std::string colour;  // standard vocabulary where it could be mapped, else as given
  std::string colour_raw;
  std::string department;
  std::string category;  // "Apparel > Topwear > Shirts" or a single word (article type last)
  std::string brand;
  std::string price;
  std::string original_price;
  std::string currency;  // ISO 4217
  Availability availability = Availability::kInStock;
  std::string rating;               // decimal
  std::string review_count;         // integer
  std::vector<std::string> images;  // URLs or paths
  std::string url;
  std::map<std::string, std::string> attributes;  // everything else, kept
};

// One action of one shopper with one product. Users and sessions are dense numbers: nothing
// downstream needs to know who they are.
struct Interaction {
  uint32_t user = 0;
  uint32_t session = 0;
  ItemIndex item = kNoItem;
  InteractionKind kind = InteractionKind::kView;
  float weight = 1;
  int64_t time_seconds = 0;
};

// Sets of products that were bought (or carted, or viewed) together. Basket b is
// items[offset[b]] .. items[offset[b+1]-1], ascending and distinct.
struct Baskets {
  std::vector<ItemIndex> items;
  std::vector<uint64_t> offset = {0};
  std::vector<uint32_t> user;         // whose basket; parallel to the baskets
  std::vector<int64_t> time_seconds;  // when; parallel to the baskets

  size_t size() const { return offset.size() - 1; }
};

struct User {
  std::string id;
  std::optional<int> age;
  bool age_estimated = false;
  std::string age_group;
  std::string city;
  std::string region;
};

struct Shop {
  std::vector<Product> products;          // dense: ItemIndex is the position
  std::vector<Interaction> interactions;  // ordered by (session, time, order of the file)
  Baskets baskets;                        // ordered by (time, order of the file)
  std::vector<User> users;                // dense: Interaction::user is the position
};

}  // namespace vitrine
