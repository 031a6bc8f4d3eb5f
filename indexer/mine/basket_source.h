// Where `vitrine mine` gets its baskets from. Formats (docs/data_formats.md): `fimi`, one basket a
// line, tokens separated by white space; `csv`, rows `basket_id,item_id`, grouped or not.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "indexer/mine/ranked.h"
#include "shared/result.h"

namespace vitrine {

enum class BasketFormat { kFimi, kCsv };

struct BasketFileOptions {
  BasketFormat format = BasketFormat::kFimi;
  // One integer per basket, a line each: weights, whose sums take the place of counts.
  std::filesystem::path weights = {};
  // One Unix time per basket, a line each: a basket's weight is kDecayUnit halved for every
  // `half_life_seconds` that it is older than the newest one, rounded.
  std::filesystem::path times = {};
  double half_life_seconds = 0;
  // Baskets that would take more than this are read again from the file and kept on disk. 0 = no
  // limit.
  uint64_t memory_bytes = 0;
  // Will closed or maximal itemsets be mined? Their parts on disk are larger.
  bool condensed = false;
};

class BasketSource {
 public:
  // Errors name file, line and field.
  static Result<std::unique_ptr<BasketSource>> Open(const std::filesystem::path& path,
                                                    const BasketFileOptions& options);
  virtual ~BasketSource() = default;

  uint64_t baskets() const { return baskets_; }  // empty ones included
  uint64_t empty_baskets() const { return empty_baskets_; }
  uint64_t items() const { return items_; }
  // The sum of the baskets' weights; their number when they have none.
  uint64_t total_weight() const { return total_weight_; }

  // The baskets by rank, of the itemsets that hold all of the `required` names and none of the
  // `forbidden` ones. RankedBaskets::item are positions in names(), which are in byte order, so
  // that ascending items are also in the order in which they are written.
  virtual Result<RankedBaskets> Rank(uint64_t min_count,
                                     const std::vector<std::string>& required = {},
                                     const std::vector<std::string>& forbidden = {}) = 0;
  // Valid after Rank().
  const std::vector<std::string>& names() const { return names_; }

 protected:
  uint64_t baskets_ = 0;
  uint64_t empty_baskets_ = 0;
  uint64_t items_ = 0;
  uint64_t total_weight_ = 0;
  std::vector<std::string> names_;
};

}  // namespace vitrine
