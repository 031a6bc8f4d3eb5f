#include "shared/vectors/code_rows.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace vitrine {
namespace {

// A model with nothing but the tables of its codes: `wide` axes of [-100, 100], then [-8, 7].
VectorModel ModelOf(uint32_t axes, uint32_t wide) {
  VectorModel model;
  model.axes = axes;
  model.tables = {FrequencyTable::FromCounts(-100, std::vector<double>(201, 1.0)),
                  FrequencyTable::FromCounts(-8, std::vector<double>(16, 1.0))};
  model.code_table.assign(axes, 1);
  std::fill_n(model.code_table.begin(), wide, uint8_t{0});
  return model;
}

TEST_CASE("code rows hold what was put into them, in any order of axes, and sum it up") {
  std::mt19937 random(46);
  for (uint32_t axes : {1u, 15u, 16u, 33u, 96u, 267u}) {
    for (uint32_t wide : {0u, 1u, 16u, 17u, axes}) {
      if (wide > axes) continue;
      CAPTURE(axes);
      CAPTURE(wide);
      const VectorModel model = ModelOf(axes, wide);
      CodeRows rows(model);
      const std::vector<uint32_t> order = {4, 0, 2};  // rows 1 and 3 stay 0
      rows.Resize(5);
      std::vector<std::vector<int>> expected(5, std::vector<int>(axes, 0));
      for (uint32_t i : order) {
        for (uint32_t a = 0; a < axes; ++a) {
          expected[i][a] = a < wide ? static_cast<int>(random() % 201) - 100
                                    : static_cast<int>(random() % 16) - 8;
        }
      }
      // As of a base and a refinement that meet in the middle of a group, the refinement first.
      const uint32_t middle = axes * 2 / 3;
      for (const auto& [begin, end] : {std::pair{middle, axes}, std::pair{0u, middle}}) {
        for (uint32_t a = begin; a < end;) {
          const CodeRows::Group group = rows.GroupOf(a);
          REQUIRE(group.axis_begin <= a);
          REQUIRE(group.axis_end > a);
          std::vector<int8_t> tile(CodeRows::kGroupAxes * kBlockItems, 0);
          for (; a < std::min(end, group.axis_end); ++a) {
            for (size_t i = 0; i < order.size(); ++i) {
              tile[(a - group.axis_begin) * kBlockItems + i] =
                  static_cast<int8_t>(expected[order[i]][a]);
            }
          }
          rows.Add(group, tile, order);
        }
      }
      REQUIRE(rows.weight_count() >= axes);
      std::vector<int16_t> weights(rows.weight_count(), 0);
      for (uint32_t a = 0; a < axes; ++a) weights[a] = static_cast<int16_t>(random());
      CodeRows copy(model);
      copy.Resize(1);
      for (uint32_t row = 0; row < 5; ++row) {
        copy.CopyRow(rows, row, 0);
        // The leading axes end with a group, and hold all that have a byte each.
        const uint32_t least = std::min(axes, std::max(kLeadingAxes, wide));
        const uint32_t leading = rows.GroupOf(least - 1).axis_end;
        REQUIRE(leading >= least);
        REQUIRE(rows.AllLead() == (leading == axes));
        int32_t sum = 0, leading_sum = 0;
        for (uint32_t a = 0; a < axes; ++a) {
          REQUIRE(rows.At(row, a) == expected[row][a]);
          sum += expected[row][a] * weights[a];
          if (a < leading) leading_sum += expected[row][a] * weights[a];
        }
        CHECK(rows.DotLeading(row, weights.data()) == leading_sum);
        CHECK(rows.Dot(row, weights.data()) == sum);
        CHECK(copy.Dot(0, weights.data()) == sum);
      }
    }
  }
}

}  // namespace
}  // namespace vitrine
