#include "indexer/reorder.h"

#include <doctest/doctest.h>

using namespace vitrine;

TEST_CASE("reordering moves products, vectors, events and baskets alike") {
  Shop shop;
  for (const char* id : {"a", "b", "c"}) {
    Product product;
    product.id = id;
    shop.products.push_back(product);
  }
  for (ItemIndex item : {0u, 2u, 1u}) {
    Interaction event;
    event.item = item;
    shop.interactions.push_back(event);
  }
  shop.baskets.items = {0, 1, 1, 2};
  shop.baskets.offset = {0, 2, 4};
  Matrix vectors(3, 1);
  vectors.data = {10, 11, 12};

  const uint32_t order[] = {2, 0, 1};  // c a b
  Reorder(order, shop, vectors);

  CHECK(shop.products[0].id == "c");
  CHECK(shop.products[1].id == "a");
  CHECK(shop.products[2].id == "b");
  CHECK(vectors.data == std::vector<float>{12, 10, 11});
  CHECK(shop.interactions[0].item == 1);                            // a
  CHECK(shop.interactions[1].item == 0);                            // c
  CHECK(shop.interactions[2].item == 2);                            // b
  CHECK(shop.baskets.items == std::vector<ItemIndex>{1, 2, 0, 2});  // {a, b}, {c, b} ascending
}
