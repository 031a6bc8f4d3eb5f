// Complements::Open on any bytes: what it accepts answers every cart with products of the catalogue
// that the mask lets through.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "shared/complements.h"

namespace {

vitrine::CatalogueData Shop() {
  constexpr uint32_t kProducts = 40;
  vitrine::CatalogueData data;
  data.department_names = {"", "a", "b"};
  data.category_names = {"", "c", "d", "e"};
  data.colour_names = {"", "f"};
  data.brand_names = {""};
  for (uint32_t i = 0; i < kProducts; ++i) {
    data.id_hash.push_back(i);
    data.group.push_back(i / 2);
    data.price_minor.push_back(vitrine::kNoPrice);
    data.department.push_back(static_cast<uint16_t>(i % 3));
    data.category.push_back(static_cast<uint16_t>(i % 4));
    data.colour.push_back(static_cast<uint16_t>(i % 2));
    data.brand.push_back(0);
    data.audience.push_back(static_cast<vitrine::Audience>(i % vitrine::kAudiences));
    data.availability.push_back(vitrine::Availability::kInStock);
  }
  return data;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitrine;
  static const CatalogueData shop = Shop();
  const auto opened = Complements::Open({data, size}, shop);
  if (!opened.ok() || opened.value().empty()) return 0;
  const std::vector<uint64_t> mask = {0x5A5A5A5A5A};
  for (ItemIndex item = 0; item < shop.size(); ++item) {
    const ItemIndex cart[] = {item, 39 - item};
    for (const ScoredItem& line : opened.value().Best(cart, 7, mask)) {
      if (line.item >= shop.size() || (mask[0] >> line.item & 1) == 0) std::abort();
      if (opened.value().GoesWith(cart, line.item) >= shop.size()) std::abort();
    }
  }
  return 0;
}
