// Search on the device: what the shopper's page asks and what `vitrine recommend --text` asks. One
// class, compiled natively and to WebAssembly, so that both give the same bytes.
//
//   Searcher searcher;
//   VITRINE_RETURN_IF_ERROR(searcher.AddSection(search_index_bytes));   // SRCH, first
//   searcher.Ask("red striped dress");
//   for (const ShardName& shard : searcher.Missing(false)) AddSection(fetched(shard));
//   std::vector<SearchHit> hits = searcher.ByWords(20);
//
// An answer uses what is there: without a vector section there are words only, without the
// catalogue section no filter.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "shared/bytes.h"
#include "shared/catalogue.h"
#include "shared/item.h"
#include "shared/result.h"
#include "shared/search/thumbs.h"
#include "shared/search/understanding.h"
#include "shared/section.h"
#include "shared/vectors/index.h"

namespace vitrine {

// One line of an answer; also its wire form in wasm/search_api.h (four little-endian words).
struct SearchHit {
  ItemIndex item = kNoItem;
  float score = 0;     // higher is better; comparable within one answer only
  float words = 0;     // 0..1: how much of what was said the product's words have
  float likeness = 0;  // cosine to the query's vector, 0 when there was none
  friend bool operator==(const SearchHit&, const SearchHit&) = default;
};
static_assert(sizeof(SearchHit) == 16);

struct ShardName {
  SectionKind kind{};  // kPostings or kQueries
  uint32_t number = 0;
  friend bool operator==(const ShardName&, const ShardName&) = default;
};

// What may be shown. Empty lists = anything.
struct SearchFilter {
  uint32_t price_min_minor = 0;
  uint32_t price_max_minor = kNoPrice;  // products without a price pass
  std::vector<std::string> audiences, departments, colours, brands;  // names as in the catalogue
  bool empty() const {
    return price_min_minor == 0 && price_max_minor == kNoPrice && audiences.empty() &&
           departments.empty() && colours.empty() && brands.empty();
  }
};

class Searcher {
 public:
  // Takes the bytes of one section file: SRCH first, then CATL, POST, QURY, THMB, VECT in any
  // order. The first VECT is the space of photos and words; see AddLooks() for another. Fails on
  // corrupt bytes and on sections of another build.
  Status AddSection(Bytes file);
  // The recommender's own vectors, for ByShift() where there is no space of photos and words.
  Status AddLooks(Bytes file);

  const Language* language() const { return language_ ? &*language_ : nullptr; }
  const VectorIndex* space() const { return space_ ? &*space_ : nullptr; }
  const Catalogue* catalogue() const { return catalogue_ ? &*catalogue_ : nullptr; }

  // What later answers are about. REQUIRES of all below: the SRCH section.
  void Ask(std::string_view text);
  const Understanding& understanding() const { return said_; }
  void SetFilter(SearchFilter filter) { filter_ = std::move(filter); }

  // Shards that the next ByWords() (or, with `all_words`, the others) would use and that are not
  // there: for a likely query without a filter its one shard, else those of the words.
  std::vector<ShardName> Missing(bool all_words) const;

  // From the answers of the likely query that says the same, else by the products' words alone.
  std::vector<SearchHit> ByWords(size_t limit) const;
  // The vector of the likely query that was asked, empty when there is none.
  std::span<const float> QueryVector() const;
  // Nearest to a vector of the space (a text's or a photo's), joined with the words that were asked
  // (after Ask("") by the vector alone). REQUIRES: space(), vector.size() == its dimensions.
  std::vector<SearchHit> ByVector(std::span<const float> vector, size_t limit) const;
  // The same for a photo: products that show this very photo, by the thumbs of its views
  // (ThumbViews()), come before those that are near to its vector, the likest first. Without the
  // THMB section as ByVector().
  std::vector<SearchHit> ByPhoto(std::span<const float> vector, std::span<const uint8_t> views,
                                 size_t limit) const;
  // Like `item` but as asked: "red", "longer", "cheaper". The item's vector is moved by `direction`
  // (a text's vector; needs the space), or where that is empty towards the products that have the
  // words. Never `item` itself. REQUIRES: catalogue(), item < its size.
  std::vector<SearchHit> ByShift(ItemIndex item, std::span<const float> direction,
                                 size_t limit) const;
  // Which of `vectors` (n x d: labels' vectors) is nearest to `vector`: softmax of 100 x cosine, as
  // CLIP is trained. Uses exp, so the last bits may differ between machines.
  static std::vector<float> ZeroShot(std::span<const float> vector, std::span<const float> vectors);

 private:
  using Mask = std::vector<uint64_t>;
  Mask FilterMask() const;
  std::vector<float> WordScores() const;  // 0..1 of every product
  std::vector<SearchHit> FromQuery(size_t limit) const;
  std::vector<SearchHit> Joined(const VectorIndex& vectors, std::span<const float> query,
                                const std::vector<float>& words, const Mask& mask,
                                size_t limit) const;
  const QueryShard::Query* AskedQuery() const;
  std::vector<float> DirectionOfWords(const VectorIndex& vectors,
                                      const std::vector<float>& words) const;
  Status AddVectors(ByteView payload, std::optional<VectorIndex>& place);

  std::optional<Language> language_;
  std::optional<Catalogue> catalogue_;
  std::optional<VectorIndex> space_, looks_;
  std::optional<Thumbs> thumbs_;
  std::map<uint32_t, PostingShard> postings_;
  std::map<uint32_t, QueryShard> queries_;
  Understanding said_;
  SearchFilter filter_;
};

}  // namespace vitrine
