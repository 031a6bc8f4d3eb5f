// Publishes a generated shop of any size and says what that took. The shop is made up, but not
// small: titles are put together from words of the trade, products come in designs of three
// colours, and the lists, rules and vectors have the shape of a real shop's. The same number gives
// the same bytes.
//
//   bench_publish [PRODUCTS [DIR [ENGINE.wasm [PACKAGE_DIST]]]]     default: 100000, a temporary
//   folder
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>

#include "indexer/publish/bundle.h"
#include "indexer/vectors/quantizer.h"
#include "shared/rules.h"
#include "shared/taste.h"

namespace vitrine {
namespace {

constexpr size_t kDimensions = 64;
constexpr size_t kNeighbours = 48;
constexpr size_t kColoursPerDesign = 3;
constexpr size_t kBlocks = 120;  // of one kind of garment for one audience
constexpr uint32_t kMinUsers = 5;

constexpr const char* kBrands[] = {
    "Alba",        "Nordlicht", "Quay",    "Maison Verte", "Brixton Row", "Lumen", "Otto & Ines",
    "Field Notes", "Sable",     "Harbour", "Kite",         "Mirador",     "Tide",  "Oakley Street"};
constexpr const char* kColours[] = {"Navy Blue", "Black", "White",        "Red",
                                    "Olive",     "Beige", "Grey Melange", "Pink",
                                    "Mustard",   "Teal",  "Burgundy",     "Brown"};
constexpr const char* kStyles[] = {"Printed", "Striped",  "Solid",     "Checked",     "Floral",
                                   "Ribbed",  "Slim Fit", "Oversized", "Regular Fit", "Cropped",
                                   "Pleated", "Quilted",  "Washed",    "Relaxed",     "Tailored"};
constexpr const char* kMaterials[] = {"Cotton", "Linen",  "Wool",    "Denim",  "Jersey",
                                      "Satin",  "Fleece", "Leather", "Viscose"};
constexpr const char* kGarments[] = {"T-Shirt", "Shirt",  "Dress",   "Jeans",    "Trousers",
                                     "Skirt",   "Jacket", "Coat",    "Jumper",   "Sneakers",
                                     "Sandals", "Boots",  "Handbag", "Backpack", "Belt",
                                     "Scarf",   "Watch",  "Socks",   "Blouse",   "Shorts"};
constexpr const char* kDepartments[] = {
    "Tops",        "Tops",        "Dresses",     "Bottoms",     "Bottoms", "Bottoms", "Outerwear",
    "Outerwear",   "Knitwear",    "Shoes",       "Shoes",       "Shoes",   "Bags",    "Bags",
    "Accessories", "Accessories", "Accessories", "Accessories", "Tops",    "Bottoms"};
constexpr Audience kFor[] = {Audience::kWomen, Audience::kMen, Audience::kGirls};

template <size_t N>
const char* Pick(const char* const (&words)[N], std::mt19937& random) {
  return words[random() % N];
}

class Shop {
 public:
  explicit Shop(size_t products) : n_(products), block_(products / kBlocks + 1) {}

  BundleParts Make() {
    BundleParts parts;
    MakeProducts(parts.products);
    MakeNeighbours(parts.neighbours);
    parts.rules = MakeRules();
    parts.taste = MakeTaste();
    parts.vectors = MakeVectors();
    return parts;
  }

 private:
  void MakeProducts(std::vector<Product>& products) {
    std::mt19937 random(1);
    products.resize(n_);
    std::string design, price, brand;
    for (size_t i = 0; i < n_; ++i) {
      Product& product = products[i];
      const size_t kind = i / block_ % std::size(kGarments);
      const Audience audience = kFor[i / block_ / std::size(kGarments) % std::size(kFor)];
      if (i % kColoursPerDesign == 0) {
        brand = Pick(kBrands, random);
        design = std::string(Pick(kStyles, random)) + " " + Pick(kMaterials, random) + " " +
                 kGarments[kind];
        price = std::to_string(9 + random() % 190) + (random() % 4 == 0 ? ".50" : ".99");
      }
      product.colour = Pick(kColours, random);
      product.id = std::to_string(10'000'000 + i * 7 + random() % 7);
      product.group_id = std::to_string(i / kColoursPerDesign);
      product.audience = audience;
      product.title = brand + " " +
                      (audience == Audience::kWomen ? "Women "
                       : audience == Audience::kMen ? "Men "
                                                    : "Girls ") +
                      product.colour + " " + design;
      product.brand = brand;
      product.department = kDepartments[kind];
      product.category = kGarments[kind];
      product.price = price;
      product.original_price =
          random() % 5 == 0 ? std::to_string(200 + random() % 50) + ".00" : price;
      product.currency = "EUR";
      product.images = {"https://img.shop.example/p/" + product.id + "/front.jpg"};
      product.url = "/p/" + product.id;
      if (random() % 25 == 0) product.availability = Availability::kOutOfStock;
    }
  }

  // Products stand in the order of likeness, so a product's neighbours are around it.
  void MakeNeighbours(std::vector<std::vector<ScoredItem>>& neighbours) const {
    std::mt19937 random(2);
    neighbours.resize(n_);
    for (size_t i = 0; i < n_; ++i) {
      const size_t begin = i < kNeighbours ? 0 : i - kNeighbours;
      float score = 0.98f;
      auto& list = neighbours[i];
      list.reserve(kNeighbours);
      size_t at = begin + random() % 3;
      for (; list.size() < kNeighbours && at < n_; at += 1 + random() % 3) {
        if (at == i) continue;
        score -= 0.002f + 0.001f * static_cast<float>(random() % 8);
        list.push_back({static_cast<ItemIndex>(at), score});
      }
    }
  }

  Bytes MakeRules() const {
    std::mt19937 random(3);
    std::vector<Rule> rules;
    const size_t stride = block_ * std::size(kGarments) * std::size(kFor);  // keeps the audience
    for (size_t i = 0; i < n_; ++i) {
      if (random() % 10 < 4) continue;  // the long tail has no partners
      std::set<size_t> others = {i};
      for (size_t k = 1; k <= 6; ++k) {
        const size_t other = (i + stride + k * 7 * block_ / 3 + random() % 50) % n_;
        if (!others.insert(other).second) continue;
        rules.push_back({{static_cast<ItemIndex>(i)},
                         static_cast<ItemIndex>(other),
                         kMinUsers + static_cast<uint32_t>(random() % 60),
                         0.1f,
                         1.5f + static_cast<float>(random() % 80) / 10,
                         0.9f / static_cast<float>(k)});
      }
    }
    return n_ == 0 ? Bytes() : EncodeRules(static_cast<uint32_t>(n_), rules);
  }

  Bytes MakeTaste() const {
    std::mt19937 random(4);
    TasteData data;
    data.item_count = static_cast<uint32_t>(n_);
    data.min_users = kMinUsers;
    PopularityData& popularity = data.popularity.emplace();
    ItemListsData& lists = data.lists.emplace();
    for (size_t i = 0; i < n_; ++i) {
      const uint32_t shoppers = kMinUsers + static_cast<uint32_t>(2000 / (1 + random() % 1000));
      popularity.shoppers.push_back(shoppers);
      popularity.score.push_back(static_cast<float>(shoppers) * 0.7f);
      size_t at = i < 20 ? 0 : i - 20;
      for (size_t k = 0; k < 8 && (at += 1 + random() % 5) < n_; ++k) {
        if (at != i)
          lists.entries.push_back(
              {static_cast<ItemIndex>(at), 0.02f * static_cast<float>(1 + random() % 9)});
      }
      lists.begin.push_back(lists.entries.size());
    }
    MakeEncoder(data.encoder.emplace(), random);
    return EncodeTaste(data);
  }

  // An encoder of the size of a learned one; what it says is noise.
  void MakeEncoder(SessionEncoderData& encoder, std::mt19937& random) const {
    std::normal_distribution<float> normal(0, 0.1f);
    auto fill = [&](std::vector<float>& values, size_t size) {
      values.resize(size);
      for (float& value : values) value = normal(random);
    };
    constexpr size_t d = kEncoderDimensions;
    EncoderNetwork& network = encoder.network;
    for (auto* matrix :
         {&network.direct, &network.hidden_last, &network.hidden_mean, &network.hidden_out})
      fill(*matrix, d * d);
    for (auto* matrices : {&network.keys, &network.values}) fill(*matrices, network.heads * d * d);
    fill(network.key_bias, network.heads * d);
    fill(network.position_bias, network.heads * network.max_events);
    fill(encoder.items, n_ * d);
  }

  Bytes MakeVectors() const {
    std::mt19937 random(5);
    std::normal_distribution<float> normal;
    Matrix rows(n_, kDimensions);
    std::vector<float> kind(kDimensions), design(kDimensions);
    for (size_t i = 0; i < n_; ++i) {
      if (i % block_ == 0)
        for (float& value : kind) value = normal(random);
      if (i % kColoursPerDesign == 0)
        for (float& value : design) value = normal(random);
      auto row = rows.row(i);
      for (size_t d = 0; d < kDimensions; ++d) {
        row[d] = (1.5f + kind[d] + 0.5f * design[d] + 0.15f * normal(random)) /
                 (1 + 0.1f * static_cast<float>(d));
      }
    }
    auto section = BuildVectorSection(rows.view(), {});
    if (!section.ok()) std::fprintf(stderr, "%s\n", section.error().message.c_str());
    return section.ok() ? std::move(section.value()) : Bytes();
  }

  size_t n_;
  size_t block_;
};

double Seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int Main(int argc, char** argv) {
  const size_t products = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
  const std::filesystem::path folder =
      argc > 2 ? std::filesystem::path(argv[2])
               : std::filesystem::temp_directory_path() / "vitrine_bench_publish";
  PublishOptions options;
  options.shop_name = "Generated";
  options.currency = "EUR";
  options.min_users = kMinUsers;
  if (argc > 3) options.wasm = argv[3];
  if (argc > 4) options.package = argv[4];
  double before = Seconds();
  const BundleParts parts = Shop(products).Make();
  const double made = Seconds() - before;
  before = Seconds();
  const auto start = std::chrono::steady_clock::now();
  Console console;
  auto summary = WriteBundle(parts, options, folder, console);
  if (!summary.ok()) return std::fprintf(stderr, "error: %s\n", summary.error().message.c_str()), 1;
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "products %zu\nmade up, quantized: CPU seconds %.1f\npublished: CPU seconds %.1f, seconds "
      "%.1f\n"
      "peak memory MiB %ld\nfiles %zu\nbytes %llu\nbytes/product %.0f\n",
      products, made, Seconds() - before, wall.count(), usage.ru_maxrss / 1024,
      summary.value().files, static_cast<unsigned long long>(summary.value().size_bytes),
      static_cast<double>(summary.value().size_bytes) /
          static_cast<double>(products ? products : 1));
  for (const auto& [part, size] : summary.value().size_bytes_by_part)
    std::printf("  %-12s %llu\n", part.c_str(), static_cast<unsigned long long>(size));
  if (argc <= 2) std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace vitrine

int main(int argc, char** argv) { return vitrine::Main(argc, argv); }
