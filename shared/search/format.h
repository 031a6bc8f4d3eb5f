// The sections of search as values: what the indexer fills in and the device reads. Encoder and
// decoder of each stand side by side in format.cc; the byte layout is in docs/bundle_format.md.
//
//   SRCH  the words of the shop and its likely queries, as texts: enough for suggestions and to
//   know
//         what a query means. One file, fetched once.
//   POST  the products of some words: a query of words needs the shards of its words.
//   QURY  the answers of some likely queries, and their vectors: such a query needs one shard.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/bytes.h"
#include "shared/item.h"
#include "shared/result.h"
#include "shared/top_k.h"

namespace vitrine {

inline constexpr uint32_t kSearchVersion = 1;
inline constexpr uint32_t kMaxSearchWords = 1u << 18;
inline constexpr uint32_t kMaxQueries = 1u << 17;
inline constexpr uint32_t kMaxQueryDimensions = 8192;
inline constexpr size_t kMaxQueryText = 120;  // bytes
inline constexpr uint32_t kMaxAnswers = 255;

// Where a product has a word. The strongest place counts; the numbers are part of the format.
enum class WordPlace : uint8_t {
  kDescription = 0,
  kDetail = 1,  // attributes, department, the general parts of its category
  kTitle = 2,   // title, brand, colours of several words
  kHead = 3,    // what it is: kind, colour, audience
};

struct Posting {
  ItemIndex item = 0;
  WordPlace place = WordPlace::kDescription;
  friend bool operator==(const Posting&, const Posting&) = default;
};

struct SearchIndex {
  struct Query {
    std::string text;     // as it is suggested
    uint32_t weight = 0;  // higher = likelier
  };
  uint32_t items = 0;
  uint32_t dimensions = 0;             // of the queries' vectors; 0 = they have none
  std::vector<float> mean;             // of those vectors; `dimensions` values
  std::vector<std::string> words;      // ascending in byte order
  std::vector<uint32_t> documents;     // products that have the word; 0 = a filler like "the"
  std::vector<Query> queries;          // ascending by text
  std::vector<uint32_t> word_shards;   // first word of each shard of postings, ascending from 0
  std::vector<uint32_t> query_shards;  // first query of each shard of queries
};

struct PostingShard {
  uint32_t number = 0;
  std::vector<std::vector<Posting>> words;  // each ascending by item
};

struct QueryShard {
  struct Query {
    std::vector<ScoredItem> answers;  // best first, scores in 0..1 (kept in steps of 1/255)
    std::vector<float> vector;        // `dimensions` values, or none
  };
  uint32_t number = 0;
  uint32_t dimensions = 0;
  uint32_t bits = 8;  // of a vector's component, 2 to 8
  std::vector<Query> queries;
};

Bytes EncodeSearchIndex(const SearchIndex& index);
Result<SearchIndex> ReadSearchIndex(ByteView payload);

// Checked against the index they belong to: numbers, counts, products. Of a query's vector the
// difference to the index's mean is kept, in `bits` a component.
Bytes EncodePostingShard(const PostingShard& shard);
Result<PostingShard> ReadPostingShard(const SearchIndex& index, ByteView payload);

Bytes EncodeQueryShard(const SearchIndex& index, const QueryShard& shard);
Result<QueryShard> ReadQueryShard(const SearchIndex& index, ByteView payload);

// As many bits a component as `bytes` allow.
uint32_t QueryVectorBits(uint32_t dimensions, uint32_t bytes);

// The shard that holds word or query `entry`. REQUIRES: shards is not empty and starts with 0.
uint32_t ShardOf(const std::vector<uint32_t>& shards, uint32_t entry);
// One behind the last entry of a shard, of `entries` in all.
uint32_t ShardEnd(const std::vector<uint32_t>& shards, uint32_t shard, size_t entries);

}  // namespace vitrine
