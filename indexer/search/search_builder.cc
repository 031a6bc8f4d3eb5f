#include "indexer/search/search_builder.h"

#include <algorithm>
#include <cmath>

#include "shared/search/searcher.h"

namespace vitrine {
namespace {

// A shard is one request; smaller ones would spend more on headers than on content.
constexpr size_t kShardBytes = 12 << 10;
// Of a likely query's vector: 5,000 queries stay below 1.5 MB with their texts and answers.
constexpr uint32_t kQueryVectorBytes = 192;
constexpr size_t kBytesPerPosting = 2, kBytesPerAnswer = 3;

// First entry of each shard, where entry i takes size(i) bytes.
template <typename Size>
std::vector<uint32_t> Shard(size_t entries, Size&& size) {
  std::vector<uint32_t> first;
  size_t held = kShardBytes;
  for (uint32_t i = 0; i < entries; ++i) {
    const size_t bytes = size(i);
    if (held + bytes > kShardBytes) {
      first.push_back(i);
      held = 0;
    }
    held += bytes;
  }
  return first;
}

Bytes Framed(SectionKind kind, const Bytes& payload) {
  return FrameSection(kind, kSearchVersion, payload);
}

std::vector<Bytes> EncodePostings(const SearchIndex& index, WordIndex& words) {
  std::vector<Bytes> shards;
  for (uint32_t s = 0; s < index.word_shards.size(); ++s) {
    PostingShard shard{.number = s, .words = {}};
    const uint32_t end = ShardEnd(index.word_shards, s, index.words.size());
    for (uint32_t w = index.word_shards[s]; w < end; ++w) {
      shard.words.push_back(std::move(words.postings[w]));
    }
    shards.push_back(EncodePostingShard(shard));
  }
  return shards;
}

void Normalise(std::span<float> row) {
  double square = 0;
  for (float value : row) square += static_cast<double>(value) * value;
  if (square == 0) return;
  for (float& value : row) value = static_cast<float>(value / std::sqrt(square));
}

std::vector<float> MeanOf(const Matrix& rows) {
  std::vector<double> sum(rows.cols, 0);
  for (size_t i = 0; i < rows.rows; ++i) {
    for (size_t j = 0; j < rows.cols; ++j) sum[j] += rows.row(i)[j];
  }
  std::vector<float> mean;
  for (double value : sum)
    mean.push_back(static_cast<float>(value / static_cast<double>(rows.rows)));
  return mean;
}

// The answers of every likely query by the searcher; `vectors` may have no rows.
std::vector<Bytes> EncodeQueries(Searcher& searcher, const SearchIndex& index,
                                 const Matrix& vectors, size_t answers) {
  std::vector<Bytes> shards;
  for (uint32_t s = 0; s < index.query_shards.size(); ++s) {
    QueryShard shard;
    shard.number = s;
    shard.dimensions = index.dimensions;
    shard.bits = QueryVectorBits(index.dimensions, kQueryVectorBytes);
    const uint32_t end = ShardEnd(index.query_shards, s, index.queries.size());
    for (uint32_t q = index.query_shards[s]; q < end; ++q) {
      QueryShard::Query& query = shard.queries.emplace_back();
      searcher.Ask(index.queries[q].text);
      if (vectors.rows > 0) query.vector.assign(vectors.row(q).begin(), vectors.row(q).end());
      for (const SearchHit& hit : vectors.rows > 0 ? searcher.ByVector(vectors.row(q), answers)
                                                   : searcher.ByWords(answers)) {
        query.answers.push_back({hit.item, hit.score});
      }
    }
    shards.push_back(EncodeQueryShard(index, shard));
  }
  return shards;
}

}  // namespace

Result<SearchParts> BuildSearch(std::span<const Product> products, const SearchSpace& space,
                                const SearchOptions& options, Console& console) {
  if (space.encode && space.section.empty()) {
    return Error{"search: there are vectors of words but no space to compare them in"};
  }
  SearchParts parts;
  SearchIndex index;
  VITRINE_ASSIGN(index.queries, LikelyQueries(products, options.queries));
  std::vector<std::string> texts;
  for (const SearchIndex::Query& query : index.queries) texts.push_back(query.text);
  WordIndex words = IndexWords(products, texts, options.words);

  Matrix vectors;
  if (space.encode && !texts.empty()) {
    VITRINE_ASSIGN(vectors, space.encode(texts));
    for (size_t i = 0; i < vectors.rows; ++i) Normalise(vectors.row(i));
    index.mean = MeanOf(vectors);
  }
  index.items = static_cast<uint32_t>(products.size());
  index.dimensions = static_cast<uint32_t>(vectors.rows > 0 ? vectors.cols : 0);
  index.words = std::move(words.words);
  index.documents = std::move(words.documents);
  index.word_shards = Shard(index.words.size(), [&](uint32_t w) {
    return 1 + kBytesPerPosting * words.postings[w].size();
  });
  const size_t answers = std::min<size_t>(options.answers, kMaxAnswers);
  index.query_shards = Shard(index.queries.size(), [&](uint32_t) {
    return kBytesPerAnswer * answers + (index.dimensions > 0 ? kQueryVectorBytes : 0);
  });
  parts.query_count = index.queries.size();
  parts.word_count = index.words.size();
  parts.index = EncodeSearchIndex(index);
  parts.postings = EncodePostings(index, words);
  parts.space = space.section;

  Searcher searcher;
  VITRINE_RETURN_IF_ERROR(searcher.AddSection(Framed(SectionKind::kSearch, parts.index)));
  for (const Bytes& shard : parts.postings) {
    VITRINE_RETURN_IF_ERROR(searcher.AddSection(Framed(SectionKind::kPostings, shard)));
  }
  if (!parts.space.empty()) {
    VITRINE_RETURN_IF_ERROR(searcher.AddSection(Framed(SectionKind::kVectors, parts.space)));
  }
  parts.queries = EncodeQueries(searcher, index, vectors, answers);
  console.Detail("search: " + std::to_string(parts.word_count) + " words, " +
                 std::to_string(parts.query_count) + " likely queries");
  return parts;
}

}  // namespace vitrine
