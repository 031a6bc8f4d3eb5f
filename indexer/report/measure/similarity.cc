// Similar products: who stands beside whom, how well that fits, and whether any list breaks an
// invariant. Each encoder alone, on the same products.
#include <algorithm>
#include <array>
#include <map>
#include <numeric>

#include "indexer/embed/embed.h"
#include "indexer/embed/fusion.h"
#include "indexer/embed/profile.h"
#include "indexer/evaluate/bootstrap.h"
#include "indexer/report/measure/input.h"
#include "indexer/vectors/nearest.h"

namespace vitrine {
namespace {

constexpr size_t kGalleryRows = 6;
constexpr size_t kGalleryShown = 5;
constexpr size_t kQueries = 400;  // of precision@10
constexpr size_t kDepth = 10;
constexpr size_t kEncoderProducts = 3000;  // that encoders are compared on
constexpr size_t kSideBySide = 4;          // products whose neighbours are shown for each encoder
constexpr size_t kListsChecked = 5000;
constexpr size_t kViolationsShown = 4;  // of each invariant
constexpr uint32_t kListLength = 8;

// The last level of "Apparel > Topwear > Shirts": what kind of thing it is.
std::string_view ArticleType(const Product& product) {
  const size_t at = product.category.rfind('>');
  std::string_view type = product.category;
  if (at != std::string::npos) type.remove_prefix(at + 1);
  while (type.starts_with(' ')) type.remove_prefix(1);
  return type;
}

// The mean of one value a query, with its interval; null without any.
Json MeanJson(const std::vector<double>& values) {
  if (values.empty()) return nullptr;
  std::vector<uint32_t> query(values.size());
  std::iota(query.begin(), query.end(), 0u);
  return ToJson(Bootstrap(query).Mean(values));
}

// The share of a list that has the query's type, colour and audience; queries that do not say
// theirs are left out.
Json PrecisionOf(const std::vector<const Product*>& products, std::span<const ItemIndex> queries,
                 const std::vector<std::vector<ScoredItem>>& lists) {
  std::vector<double> of_type, of_colour, of_audience;
  for (size_t q = 0; q < queries.size(); ++q) {
    const Product& query = *products[queries[q]];
    if (lists[q].empty()) continue;
    double type = 0, colour = 0, audience = 0;
    for (const ScoredItem& near : lists[q]) {
      const Product& other = *products[near.item];
      type += ArticleType(other) == ArticleType(query);
      colour += other.colour == query.colour;
      audience += other.audience == query.audience;
    }
    const double size = static_cast<double>(lists[q].size());
    if (!ArticleType(query).empty()) of_type.push_back(type / size);
    if (!query.colour.empty()) of_colour.push_back(colour / size);
    if (query.audience != Audience::kUnknown) of_audience.push_back(audience / size);
  }
  return {{"type", MeanJson(of_type)},
          {"colour", MeanJson(of_colour)},
          {"audience", MeanJson(of_audience)}};
}

std::vector<const Product*> PointersTo(const std::vector<Product>& products) {
  std::vector<const Product*> pointers;
  for (const Product& product : products) pointers.push_back(&product);
  return pointers;
}

// ---- the gallery

struct Row {
  ItemIndex item;
  double quality;  // mean cosine of what is shown
  std::vector<Recommendation> shown;
};

Json RowJson(const Row& row, const std::vector<Product>& products) {
  Json shown = Json::array();
  for (const Recommendation& line : row.shown) {
    Json product = ProductJson(products[line.item], line.item);
    product["cosine"] = Rounded(line.strength);
    shown.push_back(std::move(product));
  }
  return {{"product", ProductJson(products[row.item], row.item)},
          {"mean_cosine", Rounded(row.quality)},
          {"similar", shown}};
}

Json Gallery(std::vector<Row> rows, const std::vector<Product>& products) {
  Json gallery = Json::object();
  Json random = Json::array(), best = Json::array(), worst = Json::array();
  for (uint32_t r : EvenSample(rows.size(), kGalleryRows)) {
    random.push_back(RowJson(rows[r], products));
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.quality > b.quality; });
  for (size_t r = 0; r < std::min(rows.size(), kGalleryRows); ++r) {
    best.push_back(RowJson(rows[r], products));
    worst.push_back(RowJson(rows[rows.size() - 1 - r], products));
  }
  gallery["best"] = best;
  gallery["worst"] = worst;
  gallery["random"] = random;
  return gallery;
}

// ---- invariants

// Counted anew from the products themselves, not from the section that the lists were made with.
class Violations {
 public:
  void Check(const std::vector<Product>& products, const char* list_name, ItemIndex item,
             const std::vector<Recommendation>& list) {
    ++lists_;
    const Product& a = products[item];
    for (const Recommendation& line : list) {
      ++entries_;
      const Product& b = products[line.item];
      const auto gate = kDefaultAudienceGate[static_cast<size_t>(a.audience)];
      const bool broken[] = {(gate >> static_cast<int>(b.audience) & 1) == 0,
                             b.availability == Availability::kOutOfStock,
                             line.item != item && !a.group_id.empty() && a.group_id == b.group_id,
                             line.item == item};
      for (size_t k = 0; k < std::size(kKinds); ++k) {
        if (!broken[k]) continue;
        if (count_[k]++ >= kViolationsShown) continue;
        examples_.push_back({{"invariant", kKinds[k]},
                             {"list", list_name},
                             {"product", ProductJson(a, item)},
                             {"shown", ProductJson(b, line.item)}});
      }
    }
  }
  uint64_t lists() const { return lists_; }
  uint64_t entries() const { return entries_; }
  Json Counts() const {
    Json counts = Json::object();
    for (size_t k = 0; k < std::size(kKinds); ++k) counts[kKinds[k]] = count_[k];
    return counts;
  }
  const Json& examples() const { return examples_; }

 private:
  static constexpr const char* kKinds[] = {"cross_audience", "out_of_stock", "same_group",
                                           "in_cart"};
  uint64_t lists_ = 0, entries_ = 0;
  uint64_t count_[std::size(kKinds)] = {};
  Json examples_ = Json::array();
};

// ---- encoders

// Products and vectors of one encoder, the same products for each.
struct Compared {
  std::vector<Product> products;
  std::vector<ItemIndex> index;  // in the bundle
  std::vector<ItemIndex> queries;
  std::vector<ItemIndex> shown;  // positions of the queries that are shown
};

Json EncoderJson(const std::string& name, const std::string& about, const Compared& compared,
                 MatrixView rows, size_t threads) {
  const auto lists = ExactNeighbours(rows, compared.queries, kDepth, threads);
  Json neighbours = Json::array();
  for (ItemIndex q : compared.shown) {
    Json list = Json::array();
    for (size_t r = 0; r < std::min(lists[q].size(), kGalleryShown); ++r) {
      const ItemIndex item = lists[q][r].item;
      list.push_back(ProductJson(compared.products[item], compared.index[item]));
    }
    neighbours.push_back(std::move(list));
  }
  return {{"name", name},
          {"about", about},
          {"present", true},
          {"dimensions", rows.cols},
          {"bytes_per_item_uncompressed", rows.cols * sizeof(float)},
          {"precision_10", PrecisionOf(PointersTo(compared.products), compared.queries, lists)},
          {"neighbours", neighbours}};
}

// Side by side: a few, spread over the catalogue.
Compared ChooseCompared(const ReportInput& input) {
  Compared compared;
  for (uint32_t i : EvenSample(input.shop.products.size(), kEncoderProducts)) {
    compared.products.push_back(input.shop.products[i]);
    compared.index.push_back(i);
  }
  compared.queries = EvenSample(compared.products.size(), kQueries);
  compared.shown = EvenSample(compared.queries.size(), kSideBySide);
  return compared;
}

Matrix RowsOf(MatrixView all, const std::vector<ItemIndex>& index) {
  Matrix rows(index.size(), all.cols);
  for (size_t i = 0; i < index.size(); ++i) {
    std::copy_n(all.row(index[i]).begin(), all.cols, rows.row(i).begin());
  }
  return rows;
}

bool Configured(const Config& config, const std::string& name) {
  const auto& names = config.embed.encoders;
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Every encoder that there is a profile of, and the fusions that the source system tried.
class EncoderComparison {
 public:
  EncoderComparison(const ReportInput& input, const Compared& compared)
      : input_(input), compared_(compared) {}

  Json Run() {
    const Matrix fused = RowsOf(input_.vectors, compared_.index);
    Add("fused", "what this build uses: all configured encoders together", fused.view());
    const auto profiles = ListProfiles(input_.config.embed.profile_dir);
    if (!profiles.ok()) return list_;
    for (const EncoderProfile& profile : profiles.value()) {
      if (profile.name != "product-words") AddAlone(profile);  // that one is a part of others
    }
    for (const auto& [words, photos] : kFusions) AddFusion(words, photos);
    return list_;
  }

 private:
  static constexpr std::array<const char*, 2> kFusions[] = {{"tfidf", "mobilenet-v2"},
                                                            {"roberta-large", "efficientnet-b5"}};
  struct Absent {
    std::string reason, how_to_add;
  };

  void Add(const std::string& name, const std::string& about, MatrixView rows) {
    list_.push_back(
        EncoderJson(name, about, compared_, rows, static_cast<size_t>(input_.config.threads)));
  }
  void Add(const std::string& name, const std::string& about, const Absent& absent) {
    list_.push_back({{"name", name},
                     {"about", about},
                     {"present", false},
                     {"reason", absent.reason},
                     {"how_to_add", absent.how_to_add}});
  }

  void AddAlone(const EncoderProfile& profile) {
    const bool needs_model = profile.kind == EncoderProfile::Kind::kOnnx;
    const bool asked = Configured(input_.config, profile.name) || input_.thorough;
    const auto is_absent = [&](const std::string& reason) {
      absent_[profile.name] = {reason, (needs_model && asked ? "vitrine model add " + profile.name +
                                                                   " --from FOLDER_OR_URL, then "
                                                             : std::string()) +
                                           "add " + profile.name + " to embed.encoders"};
      Add(profile.name, profile.about, absent_[profile.name]);
    };
    if (!asked) {
      return is_absent(std::string("not configured; `vitrine evaluate -c` compares it") +
                       (needs_model ? " when its model is there" : ""));
    }
    Console quiet(Console::Level::kQuiet);
    auto encoded = EncodeProducts(compared_.products, profile.name, input_.config.embed, quiet);
    if (!encoded.ok()) {  // the first line; others name every place that was looked at
      const std::string& message = encoded.error().message;
      constexpr std::string_view kMissing =
          "its model file is missing";  // how_to_add says the rest
      return is_absent(message.find(kMissing) != message.npos
                           ? std::string(kMissing)
                           : message.substr(0, message.find('\n')));
    }
    Matrix& rows = encoded.value().rows;
    if (std::all_of(rows.data.begin(), rows.data.end(), [](float value) { return value == 0; })) {
      return is_absent("no product has a photo or text that it can read");
    }
    Add(profile.name, profile.about, rows.view());
    for (const auto& fusion : kFusions) {
      if (profile.name == fusion[0] || profile.name == fusion[1]) {
        rows_[profile.name] = std::move(rows);
        break;
      }
    }
  }

  void AddFusion(const std::string& words, const std::string& photos) {
    const std::string name = words + " + " + photos,
                      about =
                          "both side by side, of equal weight, as the source system joined them";
    Absent absent;
    for (const std::string& part : {words, photos}) {
      if (!absent_.contains(part)) continue;
      const bool first = absent.reason.empty();
      absent.reason += (first ? "" : "; ") + part + ": " + absent_[part].reason;
      absent.how_to_add += (first ? "" : "; ") + absent_[part].how_to_add;
    }
    if (!rows_.contains(words) || !rows_.contains(photos)) return Add(name, about, absent);
    const uint32_t most = input_.config.embed.max_dimensions;
    const auto threads = static_cast<unsigned>(input_.config.threads);
    const Matrix blocks[] = {MakeBlock(std::move(rows_[words]), most, threads),
                             MakeBlock(std::move(rows_[photos]), most, threads)};
    constexpr float kEqual[] = {1, 1};
    Add(name, about, Fuse(blocks, kEqual).view());
  }

  const ReportInput& input_;
  const Compared& compared_;
  std::map<std::string, Matrix> rows_;  // of the parts of fusions
  std::map<std::string, Absent> absent_;
  Json list_ = Json::array();
};

}  // namespace

Json MeasureSimilarity(const ReportInput& input) {
  const std::vector<Product>& products = input.shop.products;
  std::vector<Row> rows;
  Violations violations;
  for (uint32_t i : EvenSample(products.size(), kListsChecked)) {
    std::vector<Recommendation> similar = input.recommender.Similar(i, {.limit = kListLength});
    violations.Check(products, "similar", i, similar);
    violations.Check(products, "bought together", i,
                     input.recommender.BoughtTogether(std::span(&i, 1), {.limit = kListLength}));
    if (similar.size() > kGalleryShown) similar.resize(kGalleryShown);
    if (similar.empty()) continue;
    double sum = 0;
    for (const Recommendation& line : similar) sum += static_cast<double>(line.strength);
    const double quality = sum / static_cast<double>(similar.size());
    rows.push_back({i, quality, std::move(similar)});
  }
  std::vector<ItemIndex> queries = EvenSample(products.size(), kQueries);
  std::vector<std::vector<ScoredItem>> lists;
  std::vector<std::vector<ScoredItem>> shown;
  for (ItemIndex q : queries) {
    std::vector<ScoredItem> list;
    for (const Recommendation& line : input.recommender.Similar(q, {.limit = kDepth})) {
      list.push_back({line.item, line.score});
    }
    shown.push_back(std::move(list));
  }
  const size_t answered = rows.size();
  const Compared compared = ChooseCompared(input);
  Json side_by_side = Json::array();
  for (ItemIndex q : compared.shown) {
    const ItemIndex position = compared.queries[q];
    side_by_side.push_back(ProductJson(compared.products[position], compared.index[position]));
  }
  return {{"dimensions", input.vectors.cols},
          {"lists_checked", violations.lists()},
          {"entries_checked", violations.entries()},
          {"products_answered", answered},
          {"products_asked", std::min(products.size(), kListsChecked)},
          {"violations", violations.Counts()},
          {"violation_examples", violations.examples()},
          {"precision_10_shown", PrecisionOf(PointersTo(products), queries, shown)},
          {"gallery", Gallery(std::move(rows), products)},
          {"compared_products", compared.products.size()},
          {"side_by_side", side_by_side},
          {"encoders", EncoderComparison(input, compared).Run()},
          {"map", MeasureMap(input)}};
}

}  // namespace vitrine
