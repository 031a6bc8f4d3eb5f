#include "indexer/mine/basket_source.h"

#include <string>
#include <utility>

#include "indexer/mine/csv_baskets.h"
#include "indexer/mine/fimi.h"
#include "indexer/mine/weight_column.h"

namespace vitrine {

Result<std::unique_ptr<BasketSource>> BasketSource::Open(const std::filesystem::path& path,
                                                         const BasketFileOptions& options) {
  VITRINE_ASSIGN(auto weights, WeightColumn::Open(options));
  VITRINE_ASSIGN(MappedFile file, options.format == BasketFormat::kCsv
                                      ? GroupBasketRows(path, options.memory_bytes)
                                      : MappedFile::Open(path));
  return FimiSource::Open(std::move(file), path.string(), std::move(weights), options);
}

}  // namespace vitrine
