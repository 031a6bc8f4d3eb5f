// Complements::Open on any bytes: what it accepts answers every cart with products of the catalogue
// that the mask lets through, and leaves none out that scores higher.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "shared/complements.h"

namespace {

constexpr float kRounding = 1e-3f;

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
  const Complements& complements = opened.value();
  for (ItemIndex item = 0; item < shop.size(); item += 9) {
    const ItemIndex cart[] = {item, 39 - item};
    const std::vector<ScoredItem> best = complements.Best(cart, 7, mask);
    if (best.size() != 7) std::abort();
    uint64_t others = mask[0];
    for (const ScoredItem& line : best) {
      if (line.item >= shop.size() || (mask[0] >> line.item & 1) == 0) std::abort();
      if (complements.GoesWith(cart, line.item) >= shop.size()) std::abort();
      if (!(complements.RootShare(line.item) <= 1)) std::abort();
      others &= ~(uint64_t{1} << line.item);
    }
    for (ItemIndex other = 0; other < shop.size(); ++other) {
      const bool let_through = (others >> other & 1) != 0;
      if (let_through && complements.Score(cart, other) > best.back().score + kRounding)
        std::abort();
    }
  }
  return 0;
}
