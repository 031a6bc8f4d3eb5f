#include "indexer/embed/texts.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "indexer/embed/bag_of_words.h"
#include "indexer/embed/feature_cache.h"
#include "indexer/embed/parallel.h"

namespace vitrine {
namespace {

// Distinct texts, in batches of one token length.
std::vector<std::vector<std::string>> Batches(const std::map<ContentKey, std::string>& missing,
                                              const TextEncoder& encoder, size_t batch,
                                              unsigned threads) {
  std::vector<const std::string*> texts;
  for (const auto& entry : missing) texts.push_back(&entry.second);
  std::vector<size_t> lengths(texts.size());
  ForEachPiece(encoder.one_length() ? 0 : texts.size(), threads,
               [&](size_t i) { lengths[i] = encoder.Tokens(*texts[i]).ids.size(); });
  std::map<size_t, std::vector<std::vector<std::string>>> by_length;
  for (size_t i = 0; i < texts.size(); ++i) {
    auto& batches = by_length[lengths[i]];
    if (batches.empty() || batches.back().size() == batch) batches.emplace_back();
    batches.back().push_back(*texts[i]);
  }
  std::vector<std::vector<std::string>> all;
  for (auto& entry : by_length)
    std::move(entry.second.begin(), entry.second.end(), std::back_inserter(all));
  return all;
}

struct TokenBatch {
  std::vector<ContentKey> keys;
  std::vector<TokenRow> tokens;
};

}  // namespace

Result<EncodedRows> EncodeTexts(std::span<const Product> products, const TextEncoder& encoder,
                                const EncoderProfile& profile, const EmbedOptions& options,
                                Console& console) {
  VITRINE_ASSIGN(
      const auto cache,
      FeatureCache::Open(options.CacheFile(profile.name, encoder.digest()), encoder.dimensions()));
  std::vector<std::string> texts;
  std::map<ContentKey, std::string> missing;
  for (const Product& product : products) {
    texts.push_back(TextOf(product, profile.text->fields));
    if (texts.back().empty()) continue;
    const ContentKey key = KeyOf(AsBytes(texts.back()));
    if (!cache->Has(key)) missing.emplace(key, texts.back());
  }
  const auto batches = Batches(missing, encoder, profile.batch, options.threads);
  Progress progress(console, profile.name + " texts", missing.size(), "texts");
  std::mutex mutex;
  size_t done = 0;
  const auto tokenise = [&](size_t piece) {
    TokenBatch batch;
    for (const std::string& text : batches[piece]) {
      batch.tokens.push_back(encoder.Tokens(text));
      batch.keys.push_back(KeyOf(AsBytes(text)));
    }
    return batch;
  };
  const auto encode = [&](const TokenBatch& batch) -> Status {
    VITRINE_ASSIGN(const std::vector<float> rows, encoder.Encode(batch.tokens));
    VITRINE_RETURN_IF_ERROR(cache->Put(batch.keys, rows));
    const std::lock_guard lock(mutex);
    progress.Update(done += batch.keys.size());
    return Ok();
  };
  VITRINE_RETURN_IF_ERROR(RunStages<TokenBatch>(batches.size(), options.threads, tokenise, encode));
  EncodedRows result;
  result.name = profile.name;
  result.rows = Matrix(products.size(), encoder.dimensions());
  for (size_t i = 0; i < products.size(); ++i) {
    if (!texts[i].empty()) cache->Get(KeyOf(AsBytes(texts[i])), result.rows.row(i));
  }
  result.encoded = missing.size();
  result.reused = products.size() - std::min(products.size(), missing.size());
  return result;
}

}  // namespace vitrine
