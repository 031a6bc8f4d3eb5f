#include "indexer/embed/bag_of_words.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <unordered_map>
#include <utility>

#include "shared/text/words.h"

namespace vitrine {
namespace {

// Term counts of one text as (term, count), terms ascending.
std::vector<std::pair<uint32_t, uint32_t>> Counts(std::vector<uint32_t> terms) {
  std::sort(terms.begin(), terms.end());
  std::vector<std::pair<uint32_t, uint32_t>> counts;
  for (uint32_t term : terms) {
    if (!counts.empty() && counts.back().first == term)
      ++counts.back().second;
    else
      counts.emplace_back(term, 1);
  }
  return counts;
}

struct Term {
  std::string word;
  uint64_t occurrences = 0;
  uint64_t documents = 0;
};

std::vector<Term> CountTerms(std::span<const std::string> texts) {
  std::vector<Term> terms;
  std::unordered_map<std::string, uint32_t> ids;
  for (const std::string& text : texts) {
    std::vector<uint32_t> found;
    for (std::string& word : Words(text)) {
      const auto [at, is_new] = ids.try_emplace(word, static_cast<uint32_t>(terms.size()));
      if (is_new) terms.push_back({std::move(word), 0, 0});
      found.push_back(at->second);
    }
    for (const auto& [term, count] : Counts(std::move(found))) {
      terms[term].occurrences += count;
      ++terms[term].documents;
    }
  }
  return terms;
}

}  // namespace

std::string_view FieldOf(const Product& product, std::string_view field) {
  if (field == "title") return product.title;
  if (field == "description") return product.description;
  if (field == "audience") {
    return product.audience != Audience::kUnknown
               ? kAudienceNames[static_cast<size_t>(product.audience)]
               : std::string_view(product.audience_raw);
  }
  if (field == "colour") return product.colour.empty() ? product.colour_raw : product.colour;
  if (field == "department") return product.department;
  if (field == "category") return product.category;
  if (field == "brand") return product.brand;
  const auto at = product.attributes.find(std::string(field));
  return at != product.attributes.end() ? std::string_view(at->second) : std::string_view();
}

std::string TextOf(const Product& product, std::span<const std::string> fields) {
  std::string text;
  for (const std::string& field : fields) {
    const std::string_view part = FieldOf(product, field);
    if (part.empty()) continue;
    if (!text.empty()) text += ' ';
    text += part;
  }
  return text;
}

TfidfVectorizer TfidfVectorizer::Fit(std::span<const std::string> texts,
                                     const BagOfWords& options) {
  std::vector<Term> terms = CountTerms(texts);
  std::erase_if(terms, [&](const Term& t) { return t.documents < options.min_documents; });
  if (terms.size() > options.max_features) {
    std::sort(terms.begin(), terms.end(), [](const Term& a, const Term& b) {
      return a.occurrences != b.occurrences ? a.occurrences > b.occurrences : a.word < b.word;
    });
    terms.resize(options.max_features);
  }
  std::sort(terms.begin(), terms.end(),
            [](const Term& a, const Term& b) { return a.word < b.word; });
  TfidfVectorizer vectorizer;
  vectorizer.sublinear_ = options.sublinear_tf;
  const double smooth = options.smooth_idf ? 1 : 0;
  for (Term& term : terms) {
    const double n = static_cast<double>(texts.size()) + smooth;
    vectorizer.idf_.push_back(std::log(n / (static_cast<double>(term.documents) + smooth)) + 1);
    vectorizer.vocabulary_.push_back(std::move(term.word));
  }
  return vectorizer;
}

void TfidfVectorizer::AppendRow(std::string_view text, SparseMatrix& out) const {
  std::vector<uint32_t> terms;
  for (const std::string& word : Words(text)) {
    const auto at = std::lower_bound(vocabulary_.begin(), vocabulary_.end(), word);
    if (at == vocabulary_.end() || *at != word) continue;
    terms.push_back(static_cast<uint32_t>(at - vocabulary_.begin()));
  }
  std::vector<std::pair<uint32_t, double>> row;
  double square = 0;
  for (const auto& [term, count] : Counts(std::move(terms))) {
    const double tf = sublinear_ ? 1 + std::log(static_cast<double>(count)) : count;
    row.emplace_back(term, tf * idf_[term]);
    square += row.back().second * row.back().second;
  }
  const double norm = std::sqrt(square);
  for (const auto& [term, weight] : row) {
    out.column.push_back(term);
    out.value.push_back(static_cast<float>(weight / norm));
  }
  out.offset.push_back(out.column.size());
}

BagOfWordsResult MakeBagOfWords(std::span<const Product> products, const BagOfWords& options) {
  std::vector<std::string> texts;
  texts.reserve(products.size());
  for (const Product& product : products) texts.push_back(TextOf(product, options.fields));
  const TfidfVectorizer vectorizer = TfidfVectorizer::Fit(texts, options);

  BagOfWordsResult result;
  result.columns = vectorizer.vocabulary();
  std::vector<std::pair<size_t, std::vector<std::string_view>>> blocks;  // first column, values
  for (const std::string& field : options.one_hot) {
    std::set<std::string_view> values;
    for (const Product& product : products) values.insert(FieldOf(product, field));
    if (!options.unknown_is_a_value) values.erase("");
    blocks.emplace_back(result.columns.size(), std::vector(values.begin(), values.end()));
    for (std::string_view value : values)
      result.columns.push_back(field + "=" + std::string(value));
  }
  result.rows.cols = result.columns.size();
  for (size_t i = 0; i < products.size(); ++i) {
    vectorizer.AppendRow(texts[i], result.rows);
    for (size_t b = 0; b < blocks.size(); ++b) {
      const auto& [first, values] = blocks[b];
      const std::string_view value = FieldOf(products[i], options.one_hot[b]);
      const auto at = std::lower_bound(values.begin(), values.end(), value);
      if (at == values.end() || *at != value) continue;
      result.rows.column.push_back(static_cast<uint32_t>(first + (at - values.begin())));
      result.rows.value.push_back(options.one_hot_weights.empty() ? 1.0f
                                                                  : options.one_hot_weights[b]);
    }
    result.rows.offset.back() = result.rows.column.size();
  }
  return result;
}

}  // namespace vitrine
