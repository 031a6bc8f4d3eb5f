#include <map>

#include "indexer/publish/bundle.h"

namespace vitrine {
namespace {

// Names in the order of their first appearance, 0 = unknown. A shop with more than 65,535 names of
// one kind loses the rarest to "unknown", which only makes reasons and filters coarser.
class Names {
 public:
  explicit Names(std::vector<std::string>& names) : names_(names) { names_.assign(1, ""); }

  uint16_t Code(const std::string& name) {
    if (name.empty() || name.size() > 0xFFFF) return 0;
    auto [at, inserted] = codes_.try_emplace(name, static_cast<uint16_t>(names_.size()));
    if (inserted) {
      if (names_.size() > 0xFFFF) {
        codes_.erase(at);
        return 0;
      }
      names_.push_back(name);
    }
    return at->second;
  }

 private:
  std::vector<std::string>& names_;
  std::map<std::string, uint16_t> codes_;
};

}  // namespace

uint32_t PriceMinor(std::string_view decimal) {
  uint64_t minor = 0;
  int decimals = -1;  // -1 = before the point
  if (decimal.empty()) return kNoPrice;
  for (char c : decimal) {
    if (c == '.' && decimals < 0) {
      decimals = 0;
    } else if (c < '0' || c > '9') {
      return kNoPrice;
    } else if (decimals < 2) {
      minor = minor * 10 + static_cast<uint64_t>(c - '0');
      if (decimals >= 0) ++decimals;
      if (minor >= kNoPrice) return kNoPrice;
    }
  }
  for (int d = decimals < 0 ? 0 : decimals; d < 2; ++d) minor *= 10;
  return minor < kNoPrice ? static_cast<uint32_t>(minor) : kNoPrice;
}

CatalogueData MakeCatalogueData(std::span<const Product> products) {
  CatalogueData data;
  Names departments(data.department_names), categories(data.category_names),
      colours(data.colour_names), brands(data.brand_names);
  std::map<std::string, uint32_t> groups;
  for (uint32_t i = 0; i < products.size(); ++i) {
    const Product& product = products[i];
    data.id_hash.push_back(Fnv1a64(product.id));
    // A group is named by its first member, so numbers stay below the number of products.
    data.group.push_back(
        product.group_id.empty() ? i : groups.try_emplace(product.group_id, i).first->second);
    data.price_minor.push_back(PriceMinor(product.price));
    data.department.push_back(departments.Code(product.department));
    data.category.push_back(categories.Code(product.category));
    data.colour.push_back(colours.Code(product.colour));
    data.brand.push_back(brands.Code(product.brand));
    data.audience.push_back(product.audience);
    data.availability.push_back(product.availability);
  }
  return data;
}

}  // namespace vitrine
