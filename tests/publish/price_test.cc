#include <doctest/doctest.h>

#include "indexer/publish/bundle.h"

using namespace vitrine;

TEST_CASE("prices become exact hundredths") {
  CHECK(PriceMinor("49.90") == 4990);
  CHECK(PriceMinor("49.9") == 4990);
  CHECK(PriceMinor("49") == 4900);
  CHECK(PriceMinor("0.29") == 29);  // 0.29 * 100 is 28.999… in binary floating point
  CHECK(PriceMinor("1299.999") == 129999);
  CHECK(PriceMinor("") == kNoPrice);
  CHECK(PriceMinor("-3") == kNoPrice);
  CHECK(PriceMinor("12.3.4") == kNoPrice);
  CHECK(PriceMinor("99999999999999999999") == kNoPrice);
}

TEST_CASE("variants share a group number below the number of products") {
  std::vector<Product> products(4);
  products[0].id = "a";
  products[1].id = "b";
  products[2].id = "c";
  products[3].id = "d";
  products[1].group_id = products[3].group_id = "g";
  const CatalogueData data = MakeCatalogueData(products);
  CHECK(data.group == std::vector<uint32_t>{0, 1, 2, 1});
  CHECK(Catalogue::Open(EncodeCatalogue(data)).ok());
}
