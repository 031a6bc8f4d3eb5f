#include "shared/catalogue.h"

#include <doctest/doctest.h>

using namespace vitrine;

namespace {

// Three dresses (two of one design), a man's shirt out of stock, and a unisex hat.
CatalogueData SmallShop() {
  CatalogueData data;
  data.department_names = {"", "dresses", "shirts", "hats"};
  data.category_names = data.colour_names = data.brand_names = {""};
  const char* ids[] = {"d1", "d2", "d3", "s1", "h1"};
  for (const char* id : ids) data.id_hash.push_back(Fnv1a64(id));
  data.group = {0, 0, 2, 3, 4};
  data.price_minor = {4990, 4990, 7900, 2500, kNoPrice};
  data.department = {1, 1, 1, 2, 3};
  data.category = data.colour = data.brand = std::vector<uint16_t>(5, 0);
  data.audience = {Audience::kWomen, Audience::kWomen, Audience::kWomen, Audience::kMen,
                   Audience::kUnisex};
  data.availability.assign(5, Availability::kInStock);
  data.availability[3] = Availability::kOutOfStock;
  return data;
}

}  // namespace

TEST_CASE("a catalogue finds products by id and keeps the invariants") {
  const Bytes payload = EncodeCatalogue(SmallShop());
  auto opened = Catalogue::Open(payload);
  REQUIRE(opened.ok());
  const Catalogue& catalogue = opened.value();
  CHECK(catalogue.Find("s1") == 3);
  CHECK(catalogue.Find("h1") == 4);
  CHECK(catalogue.Find("nothing") == kNoItem);
  CHECK_FALSE(catalogue.MayStandBeside(0, 1));  // variants
  CHECK(catalogue.MayStandBeside(0, 2));
  CHECK_FALSE(catalogue.MayStandBeside(0, 3));  // a man's, and out of stock
  CHECK(catalogue.MayStandBeside(0, 4));        // unisex goes with women
  CHECK(catalogue.MayStandBeside(3, 4));        // and with men
  const auto variants = catalogue.Variants(1);
  CHECK(std::vector<ItemIndex>(variants.begin(), variants.end()) == std::vector<ItemIndex>{0, 1});
}

TEST_CASE("the audience gate is symmetric and everyone fits their own") {
  for (int a = 0; a < kAudiences; ++a) {
    CHECK((kDefaultAudienceGate[a] >> a & 1) == 1);
    for (int b = 0; b < kAudiences; ++b) {
      CHECK((kDefaultAudienceGate[a] >> b & 1) == (kDefaultAudienceGate[b] >> a & 1));
    }
  }
}

TEST_CASE("no truncation of a catalogue is opened, and no flipped byte is unsafe") {
  const Bytes payload = EncodeCatalogue(SmallShop());
  for (size_t size = 0; size < payload.size(); ++size) {
    CHECK_FALSE(Catalogue::Open(ByteView(payload).first(size)).ok());
  }
  for (size_t i = 0; i < payload.size(); ++i) {
    for (uint8_t flip : {0x01, 0x80, 0xFF}) {
      Bytes changed = payload;
      changed[i] ^= flip;
      auto opened = Catalogue::Open(changed);
      if (!opened.ok()) continue;
      // What opens can be asked everything.
      const Catalogue& catalogue = opened.value();
      for (ItemIndex a = 0; a < catalogue.size(); ++a) {
        CHECK(catalogue.Variants(a).size() >= 1);
        for (ItemIndex b = 0; b < catalogue.size(); ++b) (void)catalogue.MayStandBeside(a, b);
      }
    }
  }
}

TEST_CASE("two products with one id hash are refused") {
  CatalogueData data = SmallShop();
  data.id_hash[1] = data.id_hash[0];
  CHECK_FALSE(Catalogue::Open(EncodeCatalogue(data)).ok());
}
