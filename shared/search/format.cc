#include "shared/search/format.h"

#include <algorithm>
#include <cmath>

#include "shared/search/words.h"
#include "shared/taste/varint.h"

namespace vitrine {
namespace {

constexpr float kScoreSteps = 255;

Error Broken(const std::string& what) { return Error{"search section: " + what}; }

// Ascending texts, each as what it shares with the one before it and the rest.
void WriteTexts(const std::vector<std::string>& texts, ByteWriter& out) {
  std::string_view before;
  for (const std::string& text : texts) {
    const size_t most = std::min({before.size(), text.size(), size_t{255}});
    size_t shared = 0;
    while (shared < most && before[shared] == text[shared]) ++shared;
    out.Write(static_cast<uint8_t>(shared));
    out.Write(static_cast<uint8_t>(text.size() - shared));
    out.WriteBytes(AsBytes(std::string_view(text).substr(shared)));
    before = text;
  }
}

Result<std::vector<std::string>> ReadTexts(uint32_t count, size_t longest, ByteReader& in) {
  std::vector<std::string> texts;
  if (count > in.remaining() / 2) return Broken("more texts than bytes");
  texts.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    const size_t shared = in.Read<uint8_t>();
    const ByteView rest = in.ReadBytes(in.Read<uint8_t>());
    if (!in.ok()) return Broken("truncated texts");
    if (shared > (i > 0 ? texts.back().size() : 0)) return Broken("a text shares too much");
    std::string text = i > 0 ? texts.back().substr(0, shared) : std::string();
    text.append(rest.begin(), rest.end());
    if (text.empty() || text.size() > longest) return Broken("a text of a wrong size");
    if (i > 0 && texts.back() >= text) return Broken("texts out of order");
    texts.push_back(std::move(text));
  }
  return texts;
}

void WriteShards(const std::vector<uint32_t>& shards, size_t entries, ByteWriter& out) {
  for (uint32_t s = 0; s < shards.size(); ++s) {
    WriteVarint(out, ShardEnd(shards, s, entries) - shards[s]);
  }
}

Result<std::vector<uint32_t>> ReadShards(uint32_t count, uint32_t entries, ByteReader& in) {
  if (count > in.remaining()) return Broken("more shards than bytes");
  std::vector<uint32_t> shards;
  uint64_t first = 0;
  for (uint32_t s = 0; s < count; ++s) {
    shards.push_back(static_cast<uint32_t>(first));
    const uint32_t size = ReadVarint(in);
    first += size;
    if (size == 0 || first > entries) return Broken("shards do not fit their entries");
  }
  if (!in.ok() || first != entries) return Broken("shards do not fit their entries");
  return shards;
}

}  // namespace

uint32_t ShardOf(const std::vector<uint32_t>& shards, uint32_t entry) {
  return static_cast<uint32_t>(std::upper_bound(shards.begin(), shards.end(), entry) -
                               shards.begin() - 1);
}

uint32_t ShardEnd(const std::vector<uint32_t>& shards, uint32_t shard, size_t entries) {
  return shard + 1 < shards.size() ? shards[shard + 1] : static_cast<uint32_t>(entries);
}

Bytes EncodeSearchIndex(const SearchIndex& index) {
  ByteWriter out;
  for (size_t count : {size_t{index.items}, size_t{index.dimensions}, index.words.size(),
                       index.queries.size(), index.word_shards.size(), index.query_shards.size()}) {
    out.Write(static_cast<uint32_t>(count));
  }
  out.WriteArray(std::span<const float>(index.mean));
  WriteTexts(index.words, out);
  for (uint32_t documents : index.documents) WriteVarint(out, documents);
  WriteShards(index.word_shards, index.words.size(), out);
  std::vector<std::string> texts;
  for (const SearchIndex::Query& query : index.queries) texts.push_back(query.text);
  WriteTexts(texts, out);
  for (const SearchIndex::Query& query : index.queries) WriteVarint(out, query.weight);
  WriteShards(index.query_shards, index.queries.size(), out);
  return out.Take();
}

Result<SearchIndex> ReadSearchIndex(ByteView payload) {
  ByteReader in(payload);
  SearchIndex index;
  index.items = in.Read<uint32_t>();
  index.dimensions = in.Read<uint32_t>();
  const uint32_t words = in.Read<uint32_t>(), queries = in.Read<uint32_t>();
  const uint32_t word_shards = in.Read<uint32_t>(), query_shards = in.Read<uint32_t>();
  if (!in.ok() || words > kMaxSearchWords || queries > kMaxQueries ||
      index.dimensions > kMaxQueryDimensions) {
    return Broken("impossible sizes");
  }
  index.mean = in.ReadArray<float>(index.dimensions);
  for (float value : index.mean) {
    if (!(value > -1e6f && value < 1e6f)) return Broken("a mean that is no number");
  }
  VITRINE_ASSIGN(index.words, ReadTexts(words, kMaxWordBytes, in));
  for (uint32_t w = 0; w < words && in.ok(); ++w) {
    index.documents.push_back(ReadVarint(in));
    if (index.documents.back() > index.items)
      return Broken("a word in more products than there are");
  }
  VITRINE_ASSIGN(index.word_shards, ReadShards(word_shards, words, in));
  VITRINE_ASSIGN(std::vector<std::string> texts, ReadTexts(queries, kMaxQueryText, in));
  for (std::string& text : texts) index.queries.push_back({std::move(text), ReadVarint(in)});
  VITRINE_ASSIGN(index.query_shards, ReadShards(query_shards, queries, in));
  if (!in.ok() || in.remaining() != 0) return Broken("not as long as its content");
  return index;
}

Bytes EncodePostingShard(const PostingShard& shard) {
  ByteWriter out;
  out.Write(shard.number);
  out.Write(static_cast<uint32_t>(shard.words.size()));
  for (const std::vector<Posting>& postings : shard.words) {
    WriteVarint(out, static_cast<uint32_t>(postings.size()));
    uint32_t next = 0;
    for (const Posting& posting : postings) {
      WriteVarint(out, (posting.item - next) << 2 | static_cast<uint32_t>(posting.place));
      next = posting.item + 1;
    }
  }
  return out.Take();
}

Result<PostingShard> ReadPostingShard(const SearchIndex& index, ByteView payload) {
  ByteReader in(payload);
  PostingShard shard;
  shard.number = in.Read<uint32_t>();
  const uint32_t words = in.Read<uint32_t>();
  if (!in.ok() || shard.number >= index.word_shards.size())
    return Broken("no such shard of postings");
  const uint32_t first = index.word_shards[shard.number];
  if (words != ShardEnd(index.word_shards, shard.number, index.documents.size()) - first) {
    return Broken("a shard of postings of another build");
  }
  for (uint32_t w = 0; w < words; ++w) {
    const uint32_t count = ReadVarint(in);
    if (!in.ok() || count > in.remaining() || count > index.documents[first + w]) {
      return Broken("more postings than the word has products");
    }
    std::vector<Posting>& postings = shard.words.emplace_back();
    postings.reserve(count);
    uint64_t next = 0;
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t code = ReadVarint(in);
      next += code >> 2;
      if (!in.ok() || next >= index.items) return Broken("a posting of no product");
      postings.push_back({static_cast<ItemIndex>(next++), static_cast<WordPlace>(code & 3)});
    }
  }
  if (!in.ok() || in.remaining() != 0) return Broken("not as long as its content");
  return shard;
}

uint32_t QueryVectorBits(uint32_t dimensions, uint32_t bytes) {
  return dimensions == 0 ? 8 : std::clamp<uint32_t>(8 * bytes / dimensions, 2, 8);
}

namespace {

// Codes 0 … 2^bits - 1 in the middle of equal steps around 0; the step at which the error is least
// among a few that are tried.
struct Quantized {
  float step = 0;
  std::vector<uint8_t> codes;
};

Quantized QuantizeWith(const std::vector<float>& vector, uint32_t bits, float step) {
  const int half = 1 << (bits - 1);
  Quantized result{step, {}};
  for (float value : vector) {
    const int code = static_cast<int>(std::floor(value / step)) + half;
    result.codes.push_back(static_cast<uint8_t>(std::clamp(code, 0, 2 * half - 1)));
  }
  return result;
}

float Dequantize(uint8_t code, uint32_t bits, float step) {
  return (static_cast<float>(code) - static_cast<float>(1 << (bits - 1)) + 0.5f) * step;
}

Quantized Quantize(const std::vector<float>& vector, uint32_t bits) {
  constexpr int kTried = 12;
  float largest = 0;
  for (float value : vector) largest = std::max(largest, std::abs(value));
  if (largest == 0) largest = 1;
  Quantized best;
  double least = 0;
  for (int i = 0; i < kTried; ++i) {
    const float share = 1 - static_cast<float>(i) / (kTried + 2);
    Quantized tried =
        QuantizeWith(vector, bits, share * largest / static_cast<float>(1 << (bits - 1)));
    double error = 0;
    for (size_t j = 0; j < vector.size(); ++j) {
      const double off = vector[j] - Dequantize(tried.codes[j], bits, tried.step);
      error += off * off;
    }
    if (i == 0 || error < least) {
      least = error;
      best = std::move(tried);
    }
  }
  return best;
}

void WriteVector(const std::vector<float>& vector, uint32_t bits, ByteWriter& out) {
  const Quantized quantized = Quantize(vector, bits);
  out.Write(quantized.step);
  uint32_t held = 0, have = 0;
  for (uint8_t code : quantized.codes) {
    held |= static_cast<uint32_t>(code) << have;
    for (have += bits; have >= 8; have -= 8, held >>= 8) out.Write(static_cast<uint8_t>(held));
  }
  if (have > 0) out.Write(static_cast<uint8_t>(held));
}

std::vector<float> ReadVector(uint32_t dimensions, uint32_t bits, ByteReader& in) {
  const float step = in.Read<float>();
  const ByteView bytes = in.ReadBytes((size_t{dimensions} * bits + 7) / 8);
  std::vector<float> vector;
  if (!in.ok() || !(step > 0 && step < 1e6f)) return vector;
  uint32_t held = 0, have = 0;
  size_t next = 0;
  for (uint32_t d = 0; d < dimensions; ++d) {
    for (; have < bits; have += 8) held |= static_cast<uint32_t>(bytes[next++]) << have;
    vector.push_back(Dequantize(static_cast<uint8_t>(held & ((1u << bits) - 1)), bits, step));
    held >>= bits;
    have -= bits;
  }
  return vector;
}

}  // namespace

Bytes EncodeQueryShard(const SearchIndex& index, const QueryShard& shard) {
  ByteWriter out;
  out.Write(shard.number);
  out.Write(static_cast<uint32_t>(shard.queries.size()));
  out.Write(shard.dimensions);
  out.Write(shard.bits);
  for (const QueryShard::Query& query : shard.queries) {
    out.Write(static_cast<uint8_t>(query.answers.size()));
    for (const ScoredItem& answer : query.answers) WriteVarint(out, answer.item);
    for (const ScoredItem& answer : query.answers) {
      out.Write(
          static_cast<uint8_t>(std::lround(std::clamp(answer.score, 0.0f, 1.0f) * kScoreSteps)));
    }
    if (shard.dimensions == 0) continue;
    std::vector<float> rest = query.vector;
    for (size_t d = 0; d < rest.size(); ++d) rest[d] -= index.mean[d];
    WriteVector(rest, shard.bits, out);
  }
  return out.Take();
}

Result<QueryShard> ReadQueryShard(const SearchIndex& index, ByteView payload) {
  ByteReader in(payload);
  QueryShard shard;
  shard.number = in.Read<uint32_t>();
  const uint32_t queries = in.Read<uint32_t>();
  shard.dimensions = in.Read<uint32_t>();
  shard.bits = in.Read<uint32_t>();
  if (!in.ok() || shard.number >= index.query_shards.size())
    return Broken("no such shard of queries");
  const uint32_t first = index.query_shards[shard.number];
  if (queries != ShardEnd(index.query_shards, shard.number, index.queries.size()) - first ||
      shard.dimensions != index.dimensions || shard.bits < 2 || shard.bits > 8) {
    return Broken("a shard of queries of another build");
  }
  for (uint32_t q = 0; q < queries; ++q) {
    QueryShard::Query& query = shard.queries.emplace_back();
    query.answers.resize(in.Read<uint8_t>());
    for (ScoredItem& answer : query.answers) {
      answer.item = ReadVarint(in);
      if (answer.item >= index.items) return Broken("an answer that is no product");
    }
    for (ScoredItem& answer : query.answers) {
      answer.score = static_cast<float>(in.Read<uint8_t>()) / kScoreSteps;
    }
    if (index.dimensions > 0) {
      query.vector = ReadVector(index.dimensions, shard.bits, in);
      if (query.vector.empty()) return Broken("a broken vector of a query");
      for (size_t d = 0; d < query.vector.size(); ++d) query.vector[d] += index.mean[d];
    }
    if (!in.ok()) return Broken("a truncated shard of queries");
  }
  if (in.remaining() != 0) return Broken("not as long as its content");
  return shard;
}

}  // namespace vitrine
