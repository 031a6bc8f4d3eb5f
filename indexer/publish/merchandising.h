// The shop's own hand on its lists: rules.toml.
//
//   [[rule]]
//   name = "new season first"
//   action = "boost"                      # pin, boost, bury or exclude
//   where = {department = "Coats", brand = ["Alba", "Quay"], price_min = 50}   # and/or ids =
//   ["d-1"] on = {audience = "women"}             # the pages it holds on; left out = all lists
//   lists = ["similar"]                   # similar, bought-together, popular; left out = all
//   factor = 1.5                          # boost (default 2) and bury (default 0.5)
//   position = 1                          # pin: the place in the list, from 1 (default)
//
// docs/merchandising.md is the guide. A rule never breaks an invariant: what may not stand beside a
// product is not pinned there.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "indexer/shop.h"
#include "shared/catalogue.h"
#include "shared/item.h"
#include "shared/result.h"

namespace vitrine {

enum class ListKind : uint8_t { kSimilar = 0, kBoughtTogether = 1, kPopular = 2 };

class Merchandising {
 public:
  // No rules.
  Merchandising() = default;

  // Reads a rules file against the shop's products. Fails, with the line, on a rule that cannot be
  // understood. O(rules x products).
  static Result<Merchandising> Read(const std::filesystem::path& path,
                                    std::span<const Product> products);

  bool empty() const { return rules_.empty() && excluded_.empty(); }

  struct Lint {
    std::string rule;     // its name, or "rule 3 (line 12)"
    size_t products = 0;  // that the rule is about
    size_t pages = 0;     // that it holds on
    std::string problem;  // why it never does anything; empty = it does
  };
  std::vector<Lint> Check() const;

  // May this product be recommended nowhere at all?
  bool Excluded(ItemIndex item) const { return item < excluded_.size() && excluded_[item]; }

  // How long a list Apply() wants to see in order to fill `length` lines.
  size_t Wanted(size_t length) const { return rules_.empty() ? length : 4 * length; }

  // Changes the list beside product `page` (kNoItem = beside none) and cuts it to `length`.
  void Apply(ListKind kind, ItemIndex page, std::vector<Recommendation>& list, size_t length) const;

  // Which pins may be set; called before Apply. The catalogue must outlive the object.
  void SetCatalogue(const Catalogue* catalogue) { catalogue_ = catalogue; }

 private:
  enum class Action : uint8_t { kPin, kBoost, kBury, kExclude };
  struct Rule {
    std::string name;
    Action action = Action::kBoost;
    uint8_t lists = 7;  // bit k: ListKind k
    float factor = 1;
    size_t position = 0;
    bool everywhere = true;         // no `on`
    std::vector<bool> about, on;    // by product
    std::vector<ItemIndex> pinned;  // the products of a pin, in the order of the file
  };
  friend class RulesReader;

  bool Holds(const Rule& rule, ListKind kind, ItemIndex page) const;
  bool MayPin(ItemIndex page, ItemIndex item, const std::vector<Recommendation>& list) const;

  std::vector<Rule> rules_;
  std::vector<bool> excluded_;
  const Catalogue* catalogue_ = nullptr;
};

}  // namespace vitrine
