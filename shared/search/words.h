// The words of a product's text or of a shopper's query, in the form that search compares: lower
// case, without accents, "T-shirt" and "V-neck" as one word, "women's" as "women". Compiled
// natively and to WebAssembly, so that the index and the query agree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vitrine {

// Bounds of what a query may cost: the rest of a longer text or word is not looked at.
inline constexpr size_t kMaxQueryBytes = 512;
inline constexpr size_t kMaxQueryWords = 16;
inline constexpr size_t kMaxWordBytes = 60;

// UTF-8 in, UTF-8 out, in the order of the text; at most `most` words. Single letters are kept: the
// caller knows whether "t" belongs to the "shirt" behind it. O(size).
std::vector<std::string> SearchWords(std::string_view text, size_t most = SIZE_MAX);

}  // namespace vitrine
