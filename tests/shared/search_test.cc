// Search on the device: words, vocabulary, sections, answers.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "shared/search/searcher.h"
#include "shared/search/words.h"

namespace vitrine {
namespace {

using Words = std::vector<std::string>;

TEST_CASE("words are lower case, without accents, T-shirt and women's in one piece") {
  CHECK(SearchWords("Red T-Shirt, V‑neck") == Words{"red", "tshirt", "vneck"});
  CHECK(SearchWords("Women's Café-crème 7/8 jeans") ==
        Words{"women", "cafe", "creme", "7", "8", "jeans"});
  CHECK(SearchWords("block-striped") == Words{"block", "striped"});
  CHECK(SearchWords("ПЛАТЬЕ Ärmel") == Words{"платье", "armel"});
  CHECK(SearchWords(" -- ").empty());
  CHECK(SearchWords("a b c", 2) == Words{"a", "b"});
  CHECK(SearchWords(std::string(200, 'x'))[0].size() == kMaxWordBytes);
  CHECK(SearchWords("\xFF\xFE red").back() == "red");
}

// Levenshtein's table with swaps (Wagner and Fischer 1974), whole.
size_t SlowDistance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] =
          std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

TEST_CASE("the edit distance is that of the whole table, cut at the most that is asked") {
  uint32_t state = 7;
  const auto next = [&state](uint32_t n) { return (state = state * 1664525u + 1013904223u) % n; };
  for (int round = 0; round < 3000; ++round) {
    std::string a, b;
    for (uint32_t i = next(9); i > 0; --i) a += static_cast<char>('a' + next(3));
    for (uint32_t i = next(9); i > 0; --i) b += static_cast<char>('a' + next(3));
    const size_t most = next(4);
    CHECK(EditDistance(a, b, most) == std::min(SlowDistance(a, b), most + 1));
  }
}

TEST_CASE("forms of one word share a stem, other words do not") {
  for (auto [a, b] : {std::pair{"dress", "dresses"},
                      {"stripe", "striped"},
                      {"stripes", "striped"},
                      {"long", "longer"},
                      {"knit", "knitted"},
                      {"party", "parties"},
                      {"shoe", "shoes"}}) {
    CHECK_MESSAGE(SameStem(a, b), a << " " << b);
    CHECK(SameStem(b, a));
  }
  for (auto [a, b] : {std::pair{"red", "bed"},
                      {"black", "block"},
                      {"short", "shirt"},
                      {"men", "women"},
                      {"skirt", "shirt"},
                      {"tan", "tank"},
                      {"belt", "bell"}}) {
    CHECK_MESSAGE(!SameStem(a, b), a << " " << b);
  }
}

TEST_CASE("a word stands for itself and its forms, else for its beginnings, else for the nearest") {
  const Vocabulary words(
      {"black", "block", "dress", "dresses", "red", "shirt", "skirt", "striped"});
  const auto meant = [&words](std::string_view word) {
    std::set<std::string> found;
    for (const WordMatch& match : words.Match(word)) found.insert(words[match.word]);
    return found;
  };
  using Set = std::set<std::string>;
  CHECK(meant("black") == Set{"black"});  // not "block", which is known too
  CHECK(meant("dress") == Set{"dress", "dresses"});
  CHECK(meant("stripes") == Set{"striped"});
  CHECK(meant("dre") == Set{"dress", "dresses"});
  CHECK(meant("drses") == Set{"dress"});
  CHECK(meant("blakc") == Set{"black"});
  CHECK(meant("stirped") == Set{"striped"});
  CHECK(meant("zzz").empty());
  CHECK(meant("").empty());
  CHECK(words.Match("dress")[0].quality == 1);
}

// A small shop: colour x kind, each product with its words in the title and as head.
struct SmallShop {
  SearchIndex index;
  std::vector<Bytes> sections;  // framed: SRCH, POST…, QURY…

  SmallShop() {
    const Words colours = {"black", "blue", "red"}, kinds = {"dresses", "shirts", "skirts"};
    std::map<std::string, std::vector<Posting>> postings;
    for (const std::string& colour : colours) {
      for (const std::string& kind : kinds) {
        for (int copy = 0; copy < 3; ++copy) {
          postings[colour].push_back({index.items, WordPlace::kHead});
          postings[kind].push_back(
              {index.items, copy == 2 ? WordPlace::kDescription : WordPlace::kHead});
          ++index.items;
        }
        index.queries.push_back({colour + " " + kind, 3});
      }
    }
    postings["with"] = {};
    index.queries.push_back({"red", 9});
    std::sort(index.queries.begin(), index.queries.end(),
              [](const auto& a, const auto& b) { return a.text < b.text; });
    PostingShard shard;
    for (auto& [word, list] : postings) {
      index.words.push_back(word);
      index.documents.push_back(static_cast<uint32_t>(list.size()));
      shard.words.push_back(list);
    }
    index.word_shards = {0};
    index.query_shards = {0, 4};
    Add(SectionKind::kSearch, EncodeSearchIndex(index));
    Add(SectionKind::kPostings, EncodePostingShard(shard));
    for (uint32_t s = 0; s < 2; ++s) {
      QueryShard queries{.number = s, .queries = {}};
      for (uint32_t q = index.query_shards[s];
           q < ShardEnd(index.query_shards, s, index.queries.size()); ++q) {
        queries.queries.push_back({{{q, 1.0f}, {26 - q, 0.5f}}, {}});
      }
      Add(SectionKind::kQueries, EncodeQueryShard(index, queries));
    }
  }
  void Add(SectionKind kind, const Bytes& payload) {
    sections.push_back(FrameSection(kind, 1, payload));
  }

  Searcher Open(bool queries = true) const {
    Searcher searcher;
    for (size_t s = 0; s < (queries ? sections.size() : 2); ++s) {
      REQUIRE(searcher.AddSection(sections[s]).ok());
    }
    return searcher;
  }
};

TEST_CASE("what was encoded is decoded, and a shard is read against its index") {
  const SmallShop shop;
  const Section section = OpenSection(shop.sections[0]).value();
  const SearchIndex read = ReadSearchIndex(section.payload).value();
  CHECK(read.words == shop.index.words);
  CHECK(read.documents == shop.index.documents);
  CHECK(read.query_shards == shop.index.query_shards);
  REQUIRE(read.queries.size() == shop.index.queries.size());
  for (size_t q = 0; q < read.queries.size(); ++q) {
    CHECK(read.queries[q].text == shop.index.queries[q].text);
    CHECK(read.queries[q].weight == shop.index.queries[q].weight);
  }
  const PostingShard postings =
      ReadPostingShard(read, OpenSection(shop.sections[1]).value().payload).value();
  CHECK(postings.words[0].size() == 9);
  CHECK(postings.words[0][8] == Posting{8, WordPlace::kHead});
  SearchIndex other = read;
  other.items = 20;
  CHECK(!ReadPostingShard(other, OpenSection(shop.sections[1]).value().payload).ok());
}

TEST_CASE("a query's vector keeps its direction in the bytes it is given") {
  SearchIndex index;
  index.items = 1;
  index.dimensions = 512;
  index.queries = {{"a", 1}};
  index.query_shards = {0};
  uint32_t state = 3;
  std::vector<float> vector;
  for (int d = 0; d < 512; ++d) {
    index.mean.push_back(d == 133 ? 8.0f : 0.0f);  // CLIP has such dimensions
    float sum = 0;                                 // about normal: Irwin and Hall's sum of twelve
    for (int i = 0; i < 12; ++i)
      sum += static_cast<float>((state = state * 1664525u + 1013904223u) >> 8) / (1 << 24);
    vector.push_back(index.mean.back() + sum - 6);
  }
  QueryShard shard{
      .number = 0, .dimensions = 512, .bits = QueryVectorBits(512, 192), .queries = {{{}, vector}}};
  CHECK(shard.bits == 3);
  const Bytes bytes = EncodeQueryShard(index, shard);
  CHECK(bytes.size() <= 16 + 1 + 4 + 192);
  const std::vector<float> read = ReadQueryShard(index, bytes).value().queries[0].vector;
  double dot = 0, a = 0, b = 0;
  for (size_t d = 0; d < 512; ++d) {
    const double x = vector[d] - index.mean[d], y = read[d] - index.mean[d];
    dot += x * y, a += x * x, b += y * y;
  }
  CHECK(dot / std::sqrt(a * b) > 0.97);
}

TEST_CASE("a likely query is known in any order, form and spelling, and needs one shard") {
  const SmallShop shop;
  Searcher searcher;
  REQUIRE(searcher.AddSection(shop.sections[0]).ok());
  const auto& queries = searcher.language()->index().queries;
  for (const char* text :
       {"red dresses", "dresses RED", "red dress", "red dreses", "dress with red"}) {
    searcher.Ask(text);
    REQUIRE_MESSAGE(searcher.understanding().query != kNoQuery, text);
    CHECK(queries[searcher.understanding().query].text == "red dresses");
    CHECK(searcher.Missing(false).size() == 1);
    CHECK(searcher.Missing(false)[0].kind == SectionKind::kQueries);
  }
  searcher.Ask("red dresses");
  CHECK(searcher.understanding().likeness == 1);
  CHECK(searcher.Missing(true).size() == 2);
  searcher.Ask("red unicorn");
  CHECK(searcher.understanding().query == kNoQuery);
  CHECK(searcher.understanding().unknown == 1);
  CHECK(searcher.Missing(false) == std::vector<ShardName>{{SectionKind::kPostings, 0}});
}

TEST_CASE(
    "the answers of a likely query are its own, else products with all the words come first") {
  const SmallShop shop;
  Searcher searcher = shop.Open();
  searcher.Ask("blue shirts");
  const auto prepared = searcher.ByWords(5);
  REQUIRE(prepared.size() == 2);
  CHECK(prepared[0].item == searcher.understanding().query);

  Searcher words = shop.Open(false);
  words.Ask("blue shirts");
  const auto hits = words.ByWords(10);
  REQUIRE(hits.size() >= 3);
  CHECK(hits[0].item == 12);  // blue is 9..17, its shirts 12..14, the last only in prose
  CHECK(hits[1].item == 13);
  CHECK(hits[2].item == 14);
  CHECK(hits[0].score == 1);
  CHECK(hits[1].score == hits[0].score);
  CHECK(hits[2].score < hits[1].score);
  words.Ask("");
  CHECK(words.ByWords(10).empty());
}

TEST_CASE("suggestions go on from what is typed, the likeliest first") {
  const SmallShop shop;
  const Searcher searcher = shop.Open();
  const Language& language = *searcher.language();
  CHECK(language.Suggest("re", 9)[0] == "red");
  CHECK(language.Suggest("red sk", 9) == Words{"red skirts"});
  CHECK(language.Suggest("shirt bl", 9) == Words{"black shirts", "blue shirts"});
  CHECK(language.Suggest("", 2) == Words{"red", "black dresses"});
  CHECK(language.Suggest("zebra", 9).empty());
}

TEST_CASE(
    "every prefix and every flipped byte of a search section is refused or read, never worse") {
  const SmallShop shop;
  for (size_t s = 0; s < shop.sections.size(); ++s) {
    const Section section = OpenSection(shop.sections[s]).value();
    const auto read = [&](ByteView payload) {
      if (section.kind == SectionKind::kSearch) return ReadSearchIndex(payload).ok();
      if (section.kind == SectionKind::kPostings) return ReadPostingShard(shop.index, payload).ok();
      return ReadQueryShard(shop.index, payload).ok();
    };
    CHECK(read(section.payload));
    for (size_t size = 0; size < section.payload.size(); ++size)
      CHECK(!read(section.payload.first(size)));
    Bytes bytes(section.payload.begin(), section.payload.end());
    for (size_t i = 0; i < bytes.size(); ++i) {
      for (uint8_t flip : {uint8_t{1}, uint8_t{0x80}, uint8_t{0xFF}}) {
        bytes[i] ^= flip;
        (void)read(bytes);
        bytes[i] ^= flip;
      }
    }
  }
}

TEST_CASE("zero-shot gives probabilities, highest for the nearest label") {
  const std::vector<float> vector = {1, 0}, labels = {0.9f, 0.1f, 0, 1, 1, 1};
  const auto probability = Searcher::ZeroShot(vector, labels);
  REQUIRE(probability.size() == 3);
  CHECK(probability[0] + probability[1] + probability[2] == doctest::Approx(1));
  CHECK(probability[0] > probability[2]);
  CHECK(probability[2] > probability[1]);
}

}  // namespace
}  // namespace vitrine
