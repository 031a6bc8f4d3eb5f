#include "shared/vectors/code_rows.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace vitrine {
namespace {

// A model with nothing but the tables of its codes: `wide` axes of [-100, 100], then [-8, 7], all
// values as often.
VectorModel ModelOf(uint32_t axes, uint32_t wide) {
  VectorModel model;
  model.axes = axes;
  model.step_code.assign(axes, 100);
  model.tables = {FrequencyTable::FromCounts(-100, std::vector<double>(201, 1.0)),
                  FrequencyTable::FromCounts(-8, std::vector<double>(16, 1.0))};
  model.code_table.assign(axes, 1);
  std::fill_n(model.code_table.begin(), wide, uint8_t{0});
  return model;
}

// As many axes, at least 64, as leave a tenth of how products vary: of an item and a query like it
// these go with the square of what codes vary.
uint32_t AxesThatTell(uint32_t axes, uint32_t wide) {
  const double wide_square = (201.0 * 201 - 1) / 12, narrow_square = (16.0 * 16 - 1) / 12 + 0.25;
  auto spread = [&](uint32_t a) { return std::pow(a < wide ? wide_square : narrow_square, 2); };
  double all = 0, told = 0;
  for (uint32_t a = 0; a < axes; ++a) all += spread(a);
  uint32_t count = 0;
  while (count < axes && (count < 64 || told < 0.9 * all)) told += spread(count++);
  return count;
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
      const uint32_t least = AxesThatTell(axes, wide);
      const uint32_t leading = rows.GroupOf(least - 1).axis_end;  // they end with a group
      REQUIRE(rows.AllLead() == (leading == axes));
      int32_t leading_sums[4];
      const uint32_t four[4] = {4, 1, 0, 4};
      rows.DotLeading(four, weights.data(), leading_sums);
      for (uint32_t row = 0; row < 5; ++row) {
        copy.CopyRow(rows, row, 0);
        int32_t sum = 0, leading_sum = 0;
        for (uint32_t a = 0; a < axes; ++a) {
          REQUIRE(rows.At(row, a) == expected[row][a]);
          sum += expected[row][a] * weights[a];
          if (a < leading) leading_sum += expected[row][a] * weights[a];
        }
        for (size_t i = 0; i < 4; ++i) {
          if (four[i] == row) CHECK(leading_sums[i] == leading_sum);
        }
        CHECK(rows.Dot(row, weights.data()) == sum);
        CHECK(copy.Dot(0, weights.data()) == sum);
      }
    }
  }
}

}  // namespace
}  // namespace vitrine
