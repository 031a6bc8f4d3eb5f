// Cards: what a page needs to paint one product. Encoder and decoder of the table of cards that
// every JSON file of a bundle holds (docs/bundle_format.md, "Tables of cards").
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "indexer/publish/bundle.h"
#include "indexer/publish/manifest.h"

namespace vitrine {

using Json = nlohmann::ordered_json;

// Empty text = unknown.
struct Card {
  std::string id, title, price, original_price, currency, image, url, availability, brand, audience,
      colour, department;
  std::map<std::string, std::string> attributes;  // of [publish] card_attributes; none is empty

  friend bool operator==(const Card&, const Card&) = default;
};

inline constexpr const char* kOutOfStock = "out_of_stock";

// Only http(s) and relative addresses: a feed must not put `javascript:` into a shop's page.
bool IsSafeUrl(std::string_view url);

// `pattern` with every {id} replaced.
std::string FillTemplate(const std::string& pattern, const std::string& id);

// "https://shop/p/{id}.html" when all but a few of the addresses are made from their product's id
// in one way; else "".
std::string CommonTemplate(std::span<const Product> products,
                           const std::string& (*address)(const Product&));

Card CardOf(const Product& product, const PublishOptions& options);

// A table: an object of columns. Addresses that the manifest's templates give are left out.
Json EncodeCards(const std::vector<Card>& cards, const CardTemplates& templates);
// nullopt when the JSON is no such table.
std::optional<std::vector<Card>> DecodeCards(const Json& table, const CardTemplates& templates);

// JSON as the bundle's text. UTF-8 was checked when the catalogue was read; should a byte have
// slipped through, it is replaced rather than thrown at the caller.
std::string JsonText(const Json& json);

}  // namespace vitrine
