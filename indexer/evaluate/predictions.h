// The lists that figures are counted from, written so that others can count them again: one case a
// line, `session_id<TAB>t<TAB>item item item…`, best first, where t events of the session are
// known.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "indexer/evaluate/shop_evaluation.h"
#include "shared/item.h"
#include "shared/result.h"

namespace vitrine {

// Adds a line to `lines`; `name(item)` is what the file calls the item.
template <typename Name>
void AppendPrediction(std::string_view session_id, uint32_t t, std::span<const ItemIndex> list,
                      const Name& name, std::string& lines) {
  lines.append(session_id).append("\t").append(std::to_string(t)).append("\t");
  for (size_t i = 0; i < list.size(); ++i) lines.append(i == 0 ? "" : " ").append(name(list[i]));
  lines += '\n';
}

// Writes <file>.<strategy> for every strategy, and <file>.<strategy>.newest-<interactions> and
// <file>.<strategy>.floor-<min_users> for the points of the curves; <file>.<strategy>.confidence
// (`session_id<TAB>t<TAB>probability` of the first product) where a strategy has one.
// `session_ids`: by ShopCase::session.
Status WritePredictions(const ShopEvaluation& evaluation, std::span<const Product> products,
                        std::span<const std::string> session_ids,
                        const std::filesystem::path& file);

}  // namespace vitrine
