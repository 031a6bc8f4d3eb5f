#include "shared/search/searcher.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace vitrine {
namespace {

// What a word counts for, by where a product has it.
constexpr std::array<float, 4> kPlaceWeight = {0.3f, 0.6f, 0.85f, 1.0f};
// Products that have less of what was said than this share of the best one's are no answer.
constexpr float kWorthShowing = 0.5f;
// Of a joined score the meaning's share; the rest is the words'.
constexpr float kMeaningShare = 0.6f;
constexpr size_t kCandidates = 200;
// How far "but red" moves away from the product itself, and how many red products say where to.
constexpr float kShift = 0.8f;
constexpr size_t kExamples = 128;
constexpr float kGoodExample = 0.8f;

bool Passes(const std::vector<std::string>& wanted, std::string_view name) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), name) != wanted.end();
}

bool Holds(std::span<const uint64_t> mask, ItemIndex item) {
  return mask.empty() || (mask[item / 64] >> item % 64 & 1) != 0;
}

void Scale(std::span<float> vector) {
  double square = 0;
  for (float value : vector) square += static_cast<double>(value) * value;
  if (square == 0) return;
  const double scale = 1 / std::sqrt(square);
  for (float& value : vector) value = static_cast<float>(value * scale);
}

std::vector<SearchHit> Best(std::vector<SearchHit> hits, size_t limit) {
  const auto better = [](const SearchHit& a, const SearchHit& b) {
    return a.score != b.score ? a.score > b.score : a.item < b.item;
  };
  limit = std::min(limit, hits.size());
  std::partial_sort(hits.begin(), hits.begin() + static_cast<ptrdiff_t>(limit), hits.end(), better);
  hits.resize(limit);
  return hits;
}

}  // namespace

Status Searcher::AddVectors(ByteView payload, std::optional<VectorIndex>& place) {
  VITRINE_ASSIGN(VectorIndex vectors, VectorIndex::Open(payload));
  if (vectors.size() != language_->index().items) {
    return Error{"vectors section: made for " + std::to_string(vectors.size()) +
                 " products, but the search section has " +
                 std::to_string(language_->index().items) + "; the files are of different builds"};
  }
  vectors.SetScanShare(1);
  place.emplace(std::move(vectors));
  return Ok();
}

Status Searcher::AddLooks(Bytes file) {
  VITRINE_ASSIGN(const Section section, OpenSection(file));
  if (section.kind != SectionKind::kVectors || !language_) return Error{"not a vectors section"};
  return AddVectors(section.payload, looks_);
}

Status Searcher::AddSection(Bytes file) {
  VITRINE_ASSIGN(const Section section, OpenSection(file));
  if (section.version != 1) {
    return Error{"a section of version " + std::to_string(section.version) +
                 " is newer than this search"};
  }
  if (section.kind == SectionKind::kSearch) {
    if (language_) return Error{"search section: there is one already"};
    VITRINE_ASSIGN(SearchIndex index, ReadSearchIndex(section.payload));
    language_.emplace(std::move(index));
    return Ok();
  }
  if (!language_) return Error{"the search section must be added first"};
  const SearchIndex& index = language_->index();
  switch (section.kind) {
    case SectionKind::kCatalogue: {
      VITRINE_ASSIGN(Catalogue catalogue, Catalogue::Open(section.payload));
      if (catalogue.size() != index.items) {
        return Error{"catalogue section: of another build than the search section"};
      }
      catalogue_.emplace(std::move(catalogue));
      return Ok();
    }
    case SectionKind::kPostings: {
      VITRINE_ASSIGN(PostingShard shard, ReadPostingShard(index, section.payload));
      postings_[shard.number] = std::move(shard);
      return Ok();
    }
    case SectionKind::kQueries: {
      VITRINE_ASSIGN(QueryShard shard, ReadQueryShard(index, section.payload));
      queries_[shard.number] = std::move(shard);
      return Ok();
    }
    case SectionKind::kThumbs: {
      VITRINE_ASSIGN(Thumbs thumbs, Thumbs::Open(section.payload));
      if (thumbs.size() != index.items) return Error{"thumbs section: of another build"};
      thumbs_.emplace(std::move(thumbs));
      return Ok();
    }
    case SectionKind::kVectors:
      return AddVectors(section.payload, space_);
    default:
      return Error{"a section of a kind that search does not know"};
  }
}

void Searcher::Ask(std::string_view text) { said_ = language_->Understand(text); }

std::vector<ShardName> Searcher::Missing(bool all_words) const {
  const SearchIndex& index = language_->index();
  std::vector<ShardName> missing;
  if (said_.query != kNoQuery) {
    const uint32_t shard = ShardOf(index.query_shards, said_.query);
    if (!queries_.contains(shard)) missing.push_back({SectionKind::kQueries, shard});
    if (!all_words && filter_.empty()) return missing;
  }
  std::vector<uint32_t> shards;
  for (const auto& word : said_.words) {
    for (const WordMatch& match : word) shards.push_back(ShardOf(index.word_shards, match.word));
  }
  std::sort(shards.begin(), shards.end());
  shards.erase(std::unique(shards.begin(), shards.end()), shards.end());
  for (uint32_t shard : shards) {
    if (!postings_.contains(shard)) missing.push_back({SectionKind::kPostings, shard});
  }
  return missing;
}

const QueryShard::Query* Searcher::AskedQuery() const {
  if (said_.query == kNoQuery) return nullptr;
  const SearchIndex& index = language_->index();
  const auto shard = queries_.find(ShardOf(index.query_shards, said_.query));
  if (shard == queries_.end()) return nullptr;
  return &shard->second.queries[said_.query - index.query_shards[shard->first]];
}

std::span<const float> Searcher::QueryVector() const {
  const QueryShard::Query* query = AskedQuery();
  return query != nullptr ? std::span<const float>(query->vector) : std::span<const float>();
}

Searcher::Mask Searcher::FilterMask() const {
  if (filter_.empty() || !catalogue_) return {};
  const CatalogueData& data = catalogue_->data();
  Mask mask((data.size() + 63) / 64, 0);
  for (ItemIndex i = 0; i < data.size(); ++i) {
    const uint32_t price = data.price_minor[i];
    const bool priced =
        price == kNoPrice || (price >= filter_.price_min_minor && price <= filter_.price_max_minor);
    if (priced &&
        Passes(filter_.audiences, kAudienceNames[static_cast<size_t>(data.audience[i])]) &&
        Passes(filter_.departments, data.department_names[data.department[i]]) &&
        Passes(filter_.colours, data.colour_names[data.colour[i]]) &&
        Passes(filter_.brands, data.brand_names[data.brand[i]])) {
      mask[i / 64] |= uint64_t{1} << i % 64;
    }
  }
  return mask;
}

std::vector<float> Searcher::WordScores() const {
  const SearchIndex& index = language_->index();
  std::vector<float> total(index.items, 0), best(index.items, 0);
  std::vector<ItemIndex> touched;
  float most = 0;
  for (const std::vector<WordMatch>& word : said_.words) {
    touched.clear();
    for (const WordMatch& match : word) {
      const auto shard = postings_.find(ShardOf(index.word_shards, match.word));
      if (shard == postings_.end()) continue;
      for (const Posting& posting :
           shard->second.words[match.word - index.word_shards[shard->first]]) {
        const float score = match.quality * kPlaceWeight[static_cast<size_t>(posting.place)];
        if (best[posting.item] == 0) touched.push_back(posting.item);
        best[posting.item] = std::max(best[posting.item], score);
      }
    }
    const float weight = language_->Weight(word);
    most += weight;
    for (ItemIndex item : touched) {
      total[item] += weight * best[item];
      best[item] = 0;
    }
  }
  if (most > 0) {
    for (float& score : total) score /= most;
  }
  return total;
}

std::vector<SearchHit> Searcher::FromQuery(size_t limit) const {
  std::vector<SearchHit> hits;
  for (const ScoredItem& answer : AskedQuery()->answers) {
    if (hits.size() == limit) break;
    hits.push_back({answer.item, answer.score, answer.score, 0});
  }
  return hits;
}

std::vector<SearchHit> Searcher::ByWords(size_t limit) const {
  if (filter_.empty() && AskedQuery() != nullptr) return FromQuery(limit);
  const Mask mask = FilterMask();
  const std::vector<float> scores = WordScores();
  std::vector<SearchHit> hits;
  float best = 0;
  for (ItemIndex i = 0; i < scores.size(); ++i) {
    if (scores[i] <= 0 || !Holds(mask, i)) continue;
    hits.push_back({i, scores[i], scores[i], 0});
    best = std::max(best, scores[i]);
  }
  std::erase_if(hits, [best](const SearchHit& hit) { return hit.score < kWorthShowing * best; });
  return Best(std::move(hits), limit);
}

std::vector<SearchHit> Searcher::Joined(const VectorIndex& vectors, std::span<const float> query,
                                        const std::vector<float>& words, const Mask& mask,
                                        size_t limit) const {
  const std::vector<ScoredItem> near = vectors.Search(query, std::max(kCandidates, limit), mask);
  std::vector<SearchHit> hits;
  if (near.empty()) return hits;
  if (said_.words.empty()) {
    for (const ScoredItem& item : near) hits.push_back({item.item, item.score, 0, item.score});
    hits.resize(std::min(hits.size(), limit));
    return hits;
  }
  // The vector's part from 1 (nearest) to 0 (the last candidate), so that it can be joined.
  const float low = near.back().score, range = near.front().score - low;
  std::vector<float> meaning(words.size(), 0), cosine(words.size(), 0);
  for (const ScoredItem& item : near) {
    meaning[item.item] = range > 0 ? (item.score - low) / range : 1;
    cosine[item.item] = item.score;
  }
  for (ItemIndex i = 0; i < words.size(); ++i) {
    const float score = kMeaningShare * meaning[i] + (1 - kMeaningShare) * words[i];
    if (score > 0 && Holds(mask, i)) hits.push_back({i, score, words[i], cosine[i]});
  }
  return Best(std::move(hits), limit);
}

std::vector<SearchHit> Searcher::ByVector(std::span<const float> vector, size_t limit) const {
  return Joined(*space_, vector, WordScores(), FilterMask(), limit);
}

std::vector<SearchHit> Searcher::ByPhoto(std::span<const float> vector,
                                         std::span<const uint8_t> views, size_t limit) const {
  std::vector<SearchHit> hits = ByVector(vector, std::max(kCandidates, limit));
  if (!thumbs_) {
    hits.resize(std::min(hits.size(), limit));
    return hits;
  }
  const Mask mask = FilterMask();
  std::map<ItemIndex, size_t> place;
  for (size_t i = 0; i < hits.size(); ++i) place[hits[i].item] = i;
  for (const Thumbs::Match& match : thumbs_->Matches(views)) {
    if (!Holds(mask, match.item)) continue;
    const auto [at, fresh] = place.try_emplace(match.item, hits.size());
    if (fresh) hits.push_back({match.item, 0, 0, 0});
    // Any photo that is the same stands before all that are alike, whose scores are at most 1.
    hits[at->second].score += 2 - match.distance / Thumbs::kSame;
  }
  return Best(std::move(hits), limit);
}

// Mean of the products that have the words, minus the mean of as many from all over the shop.
std::vector<float> Searcher::DirectionOfWords(const VectorIndex& vectors,
                                              const std::vector<float>& words) const {
  std::vector<ScoredItem> examples;
  for (ItemIndex i = 0; i < words.size(); ++i) {
    if (words[i] >= kGoodExample * kPlaceWeight[2] && vectors.HasVector(i)) {
      examples.push_back({i, words[i]});
    }
  }
  std::sort(examples.begin(), examples.end(), RanksBefore);
  examples.resize(std::min(examples.size(), kExamples));
  const size_t d = vectors.dimensions();
  std::vector<float> direction(d, 0), row(d);
  if (examples.empty()) return direction;
  const auto add = [&](ItemIndex item, float weight) {
    vectors.Decode(item, row);
    for (size_t j = 0; j < d; ++j) direction[j] += weight * row[j];
  };
  for (const ScoredItem& example : examples)
    add(example.item, 1.0f / static_cast<float>(examples.size()));
  const size_t others = std::min<size_t>(kExamples, words.size());
  for (size_t i = 0; i < others; ++i) {
    add(static_cast<ItemIndex>(i * words.size() / others), -1.0f / static_cast<float>(others));
  }
  return direction;
}

std::vector<SearchHit> Searcher::ByShift(ItemIndex item, std::span<const float> direction,
                                         size_t limit) const {
  const bool meant = !direction.empty() && space_ && direction.size() == space_->dimensions();
  const VectorIndex* vectors = looks_ && !meant ? &*looks_ : space_ ? &*space_ : nullptr;
  if (vectors == nullptr) return {};
  const std::vector<float> words = WordScores();
  std::vector<float> towards = meant ? std::vector<float>(direction.begin(), direction.end())
                                     : DirectionOfWords(*vectors, words);
  Scale(towards);
  std::vector<float> query(vectors->dimensions());
  vectors->Decode(item, query);
  for (size_t j = 0; j < query.size(); ++j) query[j] += kShift * towards[j];
  Mask mask = FilterMask();
  if (mask.empty()) mask.assign((words.size() + 63) / 64, ~uint64_t{0});
  for (ItemIndex i = 0; i < words.size(); ++i) {
    if (i == item || !catalogue_->Available(i) || !catalogue_->AudienceFits(item, i)) {
      mask[i / 64] &= ~(uint64_t{1} << i % 64);
    }
  }
  if (words.size() % 64 != 0) mask.back() &= (uint64_t{1} << words.size() % 64) - 1;
  return Joined(*vectors, query, words, mask, limit);
}

std::vector<float> Searcher::ZeroShot(std::span<const float> vector,
                                      std::span<const float> vectors) {
  constexpr float kTemperature = 100;
  std::vector<float> probability;
  std::vector<float> unit(vector.begin(), vector.end());
  Scale(unit);
  float highest = -kTemperature;
  for (size_t begin = 0; !unit.empty() && begin + unit.size() <= vectors.size();
       begin += unit.size()) {
    std::vector<float> label(vectors.begin() + static_cast<ptrdiff_t>(begin),
                             vectors.begin() + static_cast<ptrdiff_t>(begin + unit.size()));
    Scale(label);
    float cosine = 0;
    for (size_t j = 0; j < unit.size(); ++j) cosine += unit[j] * label[j];
    probability.push_back(kTemperature * cosine);
    highest = std::max(highest, probability.back());
  }
  float sum = 0;
  for (float& value : probability) sum += value = std::exp(value - highest);
  for (float& value : probability) value /= sum;
  return probability;
}

}  // namespace vitrine
