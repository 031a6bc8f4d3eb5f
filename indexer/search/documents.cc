#include "indexer/search/documents.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "shared/search/words.h"

namespace vitrine {
namespace {

constexpr std::string_view kPathSeparator = " > ";
// Attributes beyond this length are prose.
constexpr size_t kLongestDetail = 80;
// A word that so many products have, and only in prose, says nothing ("the", "with").
constexpr double kFillerShare = 0.2;
constexpr size_t kTooFewForFillers = 50;

class Collector {
 public:
  void Product(ItemIndex item, const vitrine::Product& product) {
    item_ = item;
    const std::string_view leaf = CategoryLeaf(product.category);
    Add(leaf, WordPlace::kHead);
    Add(kAudienceNames[static_cast<size_t>(product.audience)], WordPlace::kHead);
    AddColour(product.colour);
    AddColour(product.colour_raw);
    Add(product.title, WordPlace::kTitle);
    Add(product.brand, WordPlace::kTitle);
    Add(product.department, WordPlace::kDetail);
    Add(std::string_view(product.category).substr(0, product.category.size() - leaf.size()),
        WordPlace::kDetail);
    for (const auto& [name, value] : product.attributes) {
      Add(value, value.size() > kLongestDetail ? WordPlace::kDescription : WordPlace::kDetail);
    }
    Add(product.description, WordPlace::kDescription);
  }

  // Ascending by word; each word's postings ascending by product, the strongest place of each.
  std::map<std::string, std::vector<Posting>>& words() { return words_; }

 private:
  void Add(std::string_view text, WordPlace place) {
    for (std::string& word : SearchWords(text)) {
      if (word.size() < 2) continue;
      std::vector<Posting>& postings = words_[std::move(word)];
      if (postings.empty() || postings.back().item != item_) {
        postings.push_back({item_, place});
      } else {
        postings.back().place = std::max(postings.back().place, place);
      }
    }
  }
  // "Light blue" is not what "blue" asks for first.
  void AddColour(std::string_view colour) {
    Add(colour, SearchWords(colour).size() > 1 ? WordPlace::kTitle : WordPlace::kHead);
  }

  ItemIndex item_ = 0;
  std::map<std::string, std::vector<Posting>> words_;
};

bool IsFiller(const std::vector<Posting>& postings, size_t products) {
  return products >= kTooFewForFillers &&
         static_cast<double>(postings.size()) > kFillerShare * static_cast<double>(products) &&
         std::all_of(postings.begin(), postings.end(), [](const Posting& posting) {
           return posting.place == WordPlace::kDescription;
         });
}

void Cut(size_t most, std::vector<Posting>& postings) {
  if (postings.size() <= most) return;
  std::stable_sort(postings.begin(), postings.end(),
                   [](const Posting& a, const Posting& b) { return a.place > b.place; });
  postings.resize(most);
  std::sort(postings.begin(), postings.end(),
            [](const Posting& a, const Posting& b) { return a.item < b.item; });
}

}  // namespace

std::string_view CategoryLeaf(std::string_view category) {
  const size_t at = category.rfind(kPathSeparator);
  return at == std::string_view::npos ? category : category.substr(at + kPathSeparator.size());
}

WordIndex IndexWords(std::span<const Product> products, std::span<const std::string> also,
                     const WordOptions& options) {
  Collector collector;
  for (ItemIndex i = 0; i < products.size(); ++i) {
    if (products[i].availability != Availability::kOutOfStock) collector.Product(i, products[i]);
  }
  auto& words = collector.words();
  if (words.size() > options.max_words) {
    std::vector<std::pair<size_t, const std::string*>> by_use;
    for (const auto& [word, postings] : words) by_use.emplace_back(postings.size(), &word);
    std::stable_sort(by_use.begin(), by_use.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<std::string> rare;
    for (size_t i = options.max_words; i < by_use.size(); ++i) rare.push_back(*by_use[i].second);
    for (const std::string& word : rare) words.erase(word);
  }
  for (const std::string& text : also) {
    for (std::string& word : SearchWords(text)) {
      if (word.size() > 1) words.try_emplace(std::move(word));
    }
  }
  WordIndex index;
  for (auto& [word, postings] : words) {
    const bool filler = IsFiller(postings, products.size());
    index.words.push_back(word);
    index.documents.push_back(filler ? 0 : std::max(1u, static_cast<uint32_t>(postings.size())));
    if (filler) postings.clear();
    Cut(options.max_postings, postings);
    index.postings.push_back(std::move(postings));
  }
  return index;
}

}  // namespace vitrine
