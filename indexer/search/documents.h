// What words can be searched for, and which products have them where.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/shop.h"
#include "shared/search/format.h"

namespace vitrine {

struct WordIndex {
  std::vector<std::string> words;              // ascending
  std::vector<uint32_t> documents;             // products with the word; 0 = a filler
  std::vector<std::vector<Posting>> postings;  // of each word, ascending by product
};

struct WordOptions {
  size_t max_words = 50'000;     // the rarest beyond are not searchable
  size_t max_postings = 20'000;  // of one word; its weakest places beyond are not found by it
};

// Products that cannot be bought are left out. `also` are texts whose words must be in the index
// whether products have them or not. Deterministic; O(words of all texts).
WordIndex IndexWords(std::span<const Product> products, std::span<const std::string> also,
                     const WordOptions& options);

// The last part of "Apparel > Tops > T-shirts": what a product is.
std::string_view CategoryLeaf(std::string_view category);

}  // namespace vitrine
