#include "indexer/pipeline.h"

#include <chrono>
#include <cstdio>

#include "indexer/mine/complements.h"
#include "indexer/mine/title_words.h"
#include "indexer/reorder.h"
#include "indexer/report_stage.h"
#include "indexer/search/space.h"
#include "indexer/search/towers.h"
#include "indexer/stage_cache.h"
#include "indexer/vectors/nearest.h"
#include "indexer/vectors/order.h"
#include "indexer/vectors/pca.h"

namespace vitrine {
namespace {

constexpr size_t kRecallSample = 200;
constexpr size_t kTextSample = 1000;   // titles that stand for queries in words
constexpr size_t kContentAxes = 64;    // of the embeddings, for the towers of attributes
constexpr size_t kPcaSample = 20'000;  // products that the axes are found on

class StageClock {
 public:
  StageClock(BuildSummary& summary, Console& console) : summary_(summary), console_(console) {}

  void Start(const std::string& stage) {
    Finish();
    console_.Info(stage + " …");
    stage_ = stage;
    start_ = std::chrono::steady_clock::now();
  }
  void Finish() {
    if (stage_.empty()) return;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
    summary_.times.push_back({stage_, seconds.count()});
    stage_.clear();
  }

 private:
  BuildSummary& summary_;
  Console& console_;
  std::string stage_;
  std::chrono::steady_clock::time_point start_;
};

constexpr int kTasteVersion = 11;       // a higher one makes kept tastes be learned again
constexpr int kComplementsVersion = 1;  // the same of what goes together
constexpr int kVectorsVersion = 4;      // of quantized vectors

// Of everything that the taste section is learned from.
std::string TasteKey(const Shop& shop, const std::string& vector_key, const TasteOptions& taste) {
  std::vector<std::string> texts;
  for (const Product& product : shop.products) {
    for (const auto* text :
         {&product.department, &product.category, &product.colour, &product.brand}) {
      texts.push_back(*text);
    }
    texts.emplace_back(kAudienceNames[static_cast<size_t>(product.audience)]);
  }
  for (const User& user : shop.users) {
    for (const auto* text : {&user.age_group, &user.city, &user.region}) texts.push_back(*text);
  }
  return StageCache::Digest(kTasteVersion, vector_key, shop.interactions, texts, taste.min_users,
                            taste.publish_sessions, taste.half_life_days, taste.bytes_per_item,
                            taste.list_size, taste.similarity, taste.two_tower,
                            taste.variety.diversity, taste.variety.exploration,
                            std::vector<float>(taste.kind_weight.begin(), taste.kind_weight.end()));
}

// The parts of the bundle that are learned, each behind the stage cache.
Status Learn(const Config& config, StageCache& cache, StageClock& clock, Console& console,
             ComputedShop& computed, BuildSummary& summary) {
  const Shop& shop = computed.shop;
  const Matrix& vectors = computed.vectors;
  BundleParts& parts = computed.parts;
  std::vector<Rule>& rules = computed.rules;
  const auto n = static_cast<uint32_t>(shop.products.size());

  clock.Start("mining what is bought together");
  const MineOptions& mine = config.mine;
  const std::string basket_key =
      StageCache::Digest(n, shop.baskets, mine.partners, mine.max_antecedent, mine.min_count_multi,
                         mine.consequents_multi, mine.min_improvement, mine.max_rules_multi,
                         mine.max_itemsets, mine.half_life_days, mine.min_users);
  VITRINE_ASSIGN(rules, cache.Run<std::vector<Rule>>("rules", basket_key, console, [&] {
    return MineShopRules(shop.baskets, n, mine, console);
  }));
  summary.rules = rules.size();
  for (const Rule& rule : rules) summary.rules_multi += rule.antecedent.size() > 1;
  const CatalogueData catalogue = MakeCatalogueData(shop.products);
  parts.catalogue = EncodeCatalogue(catalogue);
  std::vector<std::string> titles;
  titles.reserve(n);
  for (const Product& product : shop.products) titles.push_back(product.title);
  const std::vector<PairedWords> words = FindTitleWords(titles);
  const std::string complements_key =
      StageCache::Digest(kComplementsVersion, basket_key, catalogue.group, catalogue.department,
                         catalogue.category, catalogue.colour, catalogue.audience, words);
  VITRINE_ASSIGN(computed.complements,
                 cache.Run<ComplementsData>("complements", complements_key, console, [&] {
                   return MineComplements(shop.baskets, catalogue, words,
                                          ComplementOptionsOf(mine));
                 }));
  if (!rules.empty() || !computed.complements.empty()) {
    parts.rules = EncodeRules(n, rules);
    const Bytes complements = EncodeComplements(computed.complements);
    parts.rules.insert(parts.rules.end(), complements.begin(), complements.end());
  }

  clock.Start("finding each product's neighbours");
  const std::string vector_key = StageCache::Digest(vectors);
  using Lists = std::vector<std::vector<ScoredItem>>;
  VITRINE_ASSIGN(parts.neighbours,
                 cache.Run<Lists>("neighbours", StageCache::Digest(vector_key, config.neighbours),
                                  console, [&]() -> Result<Lists> {
                                    return NearestNeighbours(vectors.view(), config.neighbours,
                                                             static_cast<size_t>(config.threads));
                                  }));
  summary.neighbour_recall = MeasureRecall(vectors.view(), parts.neighbours, config.neighbours,
                                           kRecallSample, static_cast<size_t>(config.threads));

  clock.Start("quantizing the vectors");
  VITRINE_ASSIGN(
      parts.vectors,
      cache.Run<Bytes>(
          "vectors", StageCache::Digest(kVectorsVersion, vector_key, config.vectors.bytes_per_item),
          console, [&] { return BuildVectorSection(vectors.view(), config.vectors); }));

  clock.Start("learning tastes");
  const TasteOptions& taste = config.taste;
  VITRINE_ASSIGN(parts.taste,
                 cache.Run<Bytes>("taste", TasteKey(shop, vector_key, taste), console, [&] {
                   const auto threads = static_cast<size_t>(config.threads);
                   const Pca pca = ComputePca(vectors.view(), kContentAxes, kPcaSample, threads);
                   const Matrix content = Project(vectors.view(), pca, threads);
                   return BuildTasteSection(shop, content.view(), taste, console);
                 }));
  return Ok();
}

// Titles of at most `limit` products, evenly spaced: how the shop's queries sound.
std::vector<std::string> SpacedTitles(std::span<const Product> products, size_t limit) {
  const size_t count = std::min(limit, products.size());
  std::vector<std::string> titles;
  for (size_t i = 0; i < count; ++i) titles.push_back(products[i * products.size() / count].title);
  return titles;
}

// `rows` = the search encoder's, in the order of the products; none when it is empty.
Status MakeSearchable(const Config& config, std::span<const Product> products,
                      const std::string& encoder, const Matrix& rows, StageCache& cache,
                      Console& console, SearchParts& parts) {
  SearchSpace space;
  if (!encoder.empty()) {
    std::vector<uint8_t> availability;
    for (const Product& product : products) {
      availability.push_back(static_cast<uint8_t>(product.availability));
    }
    VITRINE_ASSIGN(const bool words, ReadsWords(encoder, config.embed));
    Matrix texts;
    if (words) {
      space.encode = [&](std::span<const std::string> queries) {
        return EncodeQueryTexts(encoder, queries, config.embed, console);
      };
      VITRINE_ASSIGN(texts, space.encode(SpacedTitles(products, kTextSample)));
    }
    const auto key = StageCache::Digest(rows, texts, availability, config.search.bytes_per_item);
    VITRINE_ASSIGN(space.section, cache.Run<Bytes>("space", key, console, [&] {
      return BuildSpaceSection(products, rows.view(), texts.view(), config.search);
    }));
  }
  VITRINE_ASSIGN(parts, BuildSearch(products, space, config.search, console));
  if (!encoder.empty() && config.search.towers) {
    VITRINE_ASSIGN(parts.towers, ExportTowers(encoder, config.embed, console));
  }
  return Ok();
}

// `published`: the folder of an earlier bundle, whose order of products is kept; empty = none.
Result<ComputedShop> Compute(const Config& config, const std::filesystem::path& published,
                             StageCache& cache, StageClock& clock, Console& console,
                             BuildSummary& summary) {
  ComputedShop computed;
  clock.Start("reading the shop's data");
  VITRINE_ASSIGN(IngestResult ingested, Ingest(config.ingest, console));
  computed.shop = std::move(ingested.shop);
  computed.session_ids = std::move(ingested.session_ids);
  const Shop& shop = computed.shop;
  summary.ingest = std::move(ingested.report);
  summary.products = shop.products.size();
  summary.interactions = shop.interactions.size();
  summary.baskets = shop.baskets.size();
  summary.users = shop.users.size();

  if (!config.labels.encoder.empty()) {
    clock.Start("inferring labels from photos");
    VITRINE_ASSIGN(const auto labels,
                   InferLabels(shop.products, config.labels, config.embed, console));
    ApplyLabels(labels, computed.shop.products);
  }

  clock.Start("embedding photos and texts");
  EmbedOptions embed = config.embed;
  VITRINE_ASSIGN(embed.keep, ChooseSearchEncoder(config.search, config.embed));
  VITRINE_ASSIGN(EmbedResult embedded, EmbedCatalogue(shop.products, embed, console));
  computed.vectors = std::move(embedded.vectors);
  computed.search_encoder = embed.keep;
  summary.dimensions = computed.vectors.cols;
  summary.without_photo = embedded.photos_missing;

  clock.Start("ordering the products");
  const auto order = NeighbourOrder(computed.vectors.view(), static_cast<size_t>(config.threads));
  const auto placed = config.keep_order && !published.empty()
                          ? StableOrder(PublishedOrder(published), shop.products, order)
                          : order;
  Reorder(placed, computed.shop, computed.vectors);
  ReorderRows(placed, embedded.kept);
  computed.search_rows = std::move(embedded.kept);
  ReorderRows(placed, embedded.kept_thumbs);
  computed.search_thumbs = std::move(embedded.kept_thumbs);
  VITRINE_RETURN_IF_ERROR(Learn(config, cache, clock, console, computed, summary));
  return computed;
}

}  // namespace

Result<BuildSummary> Build(const Config& config, const BuildFlags& flags,
                           const std::filesystem::path& folder, Console& console) {
  BuildSummary summary;
  StageClock clock(summary, console);
  StageCache cache(config.cache);
  VITRINE_ASSIGN(ComputedShop computed, Compute(config, folder, cache, clock, console, summary));
  computed.session_ids = {};  // of predictions, which a build does not write

  ReportStage report(config, console);
  if (report.wanted()) {
    clock.Start("evaluating on the shop's later sessions");
    VITRINE_RETURN_IF_ERROR(report.Measure(computed, summary.ingest, cache, false));
    VITRINE_RETURN_IF_ERROR(report.CompareWithPublished());
    VITRINE_RETURN_IF_ERROR(report.Gate(flags.accept_worse, computed.shop.products));
  }
  if (config.search.enabled) {
    clock.Start("making the shop searchable");
    SearchParts& search = computed.parts.search;
    VITRINE_RETURN_IF_ERROR(MakeSearchable(config, computed.shop.products, computed.search_encoder,
                                           computed.search_rows, cache, console, search));
    search.thumbs = BuildThumbsSection(computed.shop.products, computed.search_thumbs.view());
    summary.search_words = search.word_count;
    summary.search_queries = search.query_count;
  }
  clock.Start("writing the bundle");
  computed.parts.products = std::move(computed.shop.products);
  VITRINE_ASSIGN(summary.publish, WriteBundle(computed.parts, config.publish, folder, console));
  if (report.wanted()) {
    clock.Start("writing the report");
    VITRINE_RETURN_IF_ERROR(report.WritePublished(folder, computed.parts.products));
    summary.report = report.Summary();
  }
  clock.Finish();
  return summary;
}

Result<BuildSummary> EvaluateOnly(const Config& config, const EvaluateFlags& flags,
                                  Console& console) {
  BuildSummary summary;
  StageClock clock(summary, console);
  StageCache cache(config.cache);
  VITRINE_ASSIGN(ComputedShop computed, Compute(config, {}, cache, clock, console, summary));
  ReportStage report(config, console);
  clock.Start("evaluating on the shop's later sessions");
  VITRINE_RETURN_IF_ERROR(report.Measure(computed, summary.ingest, cache, true, flags.predictions));
  VITRINE_RETURN_IF_ERROR(flags.compare.empty() ? report.CompareWithPublished()
                                                : report.CompareWith(flags.compare));
  clock.Start("writing the report");
  VITRINE_RETURN_IF_ERROR(report.Write(computed.shop.products));
  clock.Finish();
  summary.report = report.Summary();
  return summary;
}

}  // namespace vitrine
