#include "indexer/publish/merchandising.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "indexer/publish/bundle.h"
#include "indexer/support/files.h"

using namespace vitrine;

namespace {

namespace fs = std::filesystem;

std::vector<Product> Shop() {
  std::vector<Product> products;
  for (int i = 0; i < 12; ++i) {
    Product product;
    product.id = "p" + std::to_string(i);
    product.brand = i % 3 == 0 ? "Alba" : "Quay";
    product.department = i < 6 ? "Coats" : "Bags";
    product.audience = i == 11 ? Audience::kMen : Audience::kWomen;
    product.price = std::to_string(10 * i) + ".00";
    product.attributes["season"] = i % 2 == 0 ? "summer" : "winter";
    products.push_back(product);
  }
  products[10].availability = Availability::kOutOfStock;
  return products;
}

struct Fixture {
  std::vector<Product> products = Shop();
  Catalogue catalogue = Catalogue::Open(EncodeCatalogue(MakeCatalogueData(products))).value();
  fs::path file = fs::temp_directory_path() / "vitrine_rules_test.toml";

  ~Fixture() { fs::remove(file); }
  Result<Merchandising> Read(const std::string& text) {
    REQUIRE(WriteFileAtomically(file, text).ok());
    return Merchandising::Read(file, products);
  }
  Merchandising Rules(const std::string& text) {
    auto rules = Read(text);
    REQUIRE_MESSAGE(rules.ok(), (rules.ok() ? "" : rules.error().message));
    rules.value().SetCatalogue(&catalogue);
    return std::move(rules.value());
  }
  // The list beside p0 after the rules, of p1 … p8 with falling scores.
  std::vector<ItemIndex> Listed(const std::string& text, ListKind kind = ListKind::kSimilar) {
    std::vector<Recommendation> list;
    for (ItemIndex i = 1; i < 9; ++i)
      list.push_back({i, 1.0f - 0.1f * static_cast<float>(i), ReasonKind::kSimilar});
    Rules(text).Apply(kind, 0, list, 5);
    std::vector<ItemIndex> items;
    for (const Recommendation& line : list) items.push_back(line.item);
    return items;
  }
};

using Items = std::vector<ItemIndex>;

}  // namespace

TEST_CASE_FIXTURE(Fixture, "rules pin, boost, bury and exclude, by id and by attribute") {
  CHECK(Listed("") == Items{1, 2, 3, 4, 5});
  CHECK(Listed("[[rule]]\naction = \"exclude\"\nids = [\"p2\", \"p4\"]") == Items{1, 3, 5, 6, 7});
  CHECK(Listed("[[rule]]\naction = \"boost\"\nwhere = {brand = \"alba\"}\nfactor = 100") ==
        Items{3, 6, 1, 2, 4});
  CHECK(Listed("[[rule]]\naction = \"bury\"\nwhere = {season = \"winter\"}\nfactor = 0.01") ==
        Items{2, 4, 6, 8, 1});
  CHECK(Listed("[[rule]]\naction = \"pin\"\nids = [\"p9\", \"p3\"]") == Items{9, 3, 1, 2, 4});
  CHECK(Listed("[[rule]]\naction = \"pin\"\nids = \"p9\"\nposition = 3") == Items{1, 2, 9, 3, 4});
  CHECK(Listed("[[rule]]\naction = \"exclude\"\nwhere = {price_min = 35, price_max = 65}") ==
        Items{1, 2, 3, 7, 8});
}

TEST_CASE_FIXTURE(Fixture, "values are compared without regard to case, in any alphabet") {
  products[2].attributes["season"] = "FRÜHLING";
  products[3].attributes["season"] = "ЛЕТО";
  const std::string exclude = "[[rule]]\naction = \"exclude\"\n";
  CHECK(Listed(exclude + "where = {season = \"frühling\"}") == Items{1, 3, 4, 5, 6});
  CHECK(Listed(exclude + "where = {season = \"Лето\"}") == Items{1, 2, 4, 5, 6});
}

TEST_CASE_FIXTURE(Fixture, "a rule holds only in its lists and on its pages") {
  const std::string pin = "[[rule]]\naction = \"pin\"\nids = \"p9\"\n";
  CHECK(Listed(pin + "lists = [\"popular\"]") == Items{1, 2, 3, 4, 5});
  CHECK(Listed(pin + "lists = [\"popular\"]", ListKind::kPopular) == Items{9, 1, 2, 3, 4});
  CHECK(Listed(pin + "on = {department = \"Coats\"}") == Items{9, 1, 2, 3, 4});
  CHECK(Listed(pin + "on = {department = \"Bags\"}") == Items{1, 2, 3, 4, 5});
}

TEST_CASE_FIXTURE(Fixture,
                  "no pin breaks an invariant: sold out, of another audience, the product itself") {
  CHECK(Listed("[[rule]]\naction = \"pin\"\nids = \"p10\"") == Items{1, 2, 3, 4, 5});
  CHECK(Listed("[[rule]]\naction = \"pin\"\nids = \"p11\"") == Items{1, 2, 3, 4, 5});
  CHECK(Listed("[[rule]]\naction = \"pin\"\nids = \"p0\"") == Items{1, 2, 3, 4, 5});
}

TEST_CASE_FIXTURE(Fixture, "what is excluded everywhere is known as such") {
  CHECK(Rules("[[rule]]\naction = \"exclude\"\nids = \"p2\"").Excluded(2));
  CHECK_FALSE(
      Rules("[[rule]]\naction = \"exclude\"\nids = \"p2\"\nlists = \"similar\"").Excluded(2));
}

TEST_CASE_FIXTURE(Fixture, "the linter names rules that do nothing") {
  const auto lints =
      Rules(
          "[[rule]]\nname = \"old\"\naction = \"boost\"\nids = [\"gone\"]\n"
          "[[rule]]\naction = \"boost\"\nwhere = {brand = \"Alba\"}\n"
          "[[rule]]\naction = \"boost\"\nwhere = {brand = \"Alba\"}\non = {colour = \"mauve\"}\n")
          .Check();
  REQUIRE(lints.size() == 3);
  CHECK(lints[0].rule == "old");
  CHECK(lints[0].products == 0);
  CHECK_FALSE(lints[0].problem.empty());
  CHECK(lints[1].products == 4);
  CHECK(lints[1].problem.empty());
  CHECK(lints[2].rule == "rule 3 (line 8)");
  CHECK(lints[2].pages == 0);
  CHECK_FALSE(lints[2].problem.empty());
}

TEST_CASE_FIXTURE(Fixture, "a rule that cannot be understood is refused with its line") {
  const std::pair<const char*, const char*> wrong[] = {
      {"[[rule]]\naction = \"push\"\nids = \"p1\"", ":1: action must be"},
      {"[[rule]]\naction = \"pin\"", "names no products"},
      {"[[rule]]\naction = \"pin\"\nids = 3", ":3: ids must be"},
      {"[[rule]]\naction = \"pin\"\nids = \"p1\"\nfactor = 2", "factor belongs to"},
      {"[[rule]]\naction = \"boost\"\nids = \"p1\"\nfactor = 0.5", "above 1"},
      {"[[rule]]\naction = \"bury\"\nids = \"p1\"\nfactor = 3", "between 0 and 1"},
      {"[[rule]]\naction = \"boost\"\nwhere = {sison = \"x\"}", "attribute \"sison\""},
      {"[[rule]]\naction = \"boost\"\nwhere = {}", "must be a table"},
      {"[[rule]]\naction = \"boost\"\nids = \"p1\"\nlists = \"for-you\"", "lists may be"},
      {"[[rules]]\naction = \"boost\"", "unknown key \"rules\""},
      {"[[rule]]\naction = ", ":2:"}};
  for (const auto& [text, message] : wrong) {
    auto rules = Read(text);
    REQUIRE_FALSE(rules.ok());
    CHECK_MESSAGE(rules.error().message.find(message) != std::string::npos, rules.error().message);
    CHECK(rules.error().kind == ErrorKind::kUsage);
  }
}
