#include "shared/taste/item_table.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstring>

namespace vitrine {
namespace {

constexpr size_t d = kTableDimensions;
constexpr size_t kLanes = 8;      // rows side by side in one register
constexpr size_t kRegisters = 4;  // that share the loading of the query
constexpr size_t kBlock = kLanes * kRegisters;
constexpr int kQueryMax = 63;  // |query code| x 7 x d stays within 16 bits

// Compilers do not find this by themselves.
typedef int8_t LaneCodes __attribute__((vector_size(kLanes)));
typedef int16_t LaneDots __attribute__((vector_size(2 * kLanes)));

int Round(float x) { return static_cast<int>(x < 0 ? x - 0.5f : x + 0.5f); }

bool IsZero(std::span<const float> row) {
  return std::all_of(row.begin(), row.end(), [](float value) { return value == 0; });
}

// The row of int4 codes that is nearest in direction to `row`, over a few step sizes.
// REQUIRES: not all of it is zero.
std::array<int8_t, d> QuantizeRow(std::span<const float> row) {
  std::array<int8_t, d> best{};
  float largest = 0;
  for (float value : row) largest = std::max(largest, std::abs(value));
  float best_cosine = -1;
  for (float range : {4.5f, 5.25f, 6.0f, 7.0f, 8.0f, 9.0f}) {
    std::array<int8_t, d> codes{};
    float dot = 0, square = 0;
    for (size_t i = 0; i < d; ++i) {
      codes[i] = static_cast<int8_t>(std::clamp(Round(row[i] / largest * range), -7, 7));
      dot += codes[i] * row[i];
      square += static_cast<float>(codes[i] * codes[i]);
    }
    const float cosine = dot / std::sqrt(square);
    if (cosine > best_cosine) best_cosine = cosine, best = codes;
  }
  return best;
}

}  // namespace

void WriteItemTable(std::span<const float> rows, uint32_t components, ByteWriter& out) {
  assert(IsTableDimensions(components));
  const size_t items = rows.size() / d;
  Bytes known((items + 7) / 8);
  for (size_t i = 0; i < items; ++i) {
    if (!IsZero(rows.subspan(i * d, d))) known[i / 8] |= static_cast<uint8_t>(1u << i % 8);
  }
  out.WriteBytes(known);
  for (size_t i = 0; i < items; ++i) {
    if ((known[i / 8] >> i % 8 & 1) == 0) continue;
    const std::array<int8_t, d> codes = QuantizeRow(rows.subspan(i * d, d));
    for (size_t k = 0; k < components; k += 2) {
      out.Write(static_cast<uint8_t>((codes[k] & 15) | (codes[k + 1] & 15) << 4));
    }
  }
}

Result<ItemTable> ItemTable::Read(ByteReader& in, uint32_t item_count, uint32_t components) {
  assert(IsTableDimensions(components));
  ItemTable table;
  const ByteView known = in.ReadBytes((size_t{item_count} + 7) / 8);
  if (!in.ok()) return Error{"taste section: item table truncated"};
  table.row_of_.assign(item_count, kNoItem);
  for (ItemIndex i = 0; i < item_count; ++i) {
    if ((known[i / 8] >> i % 8 & 1) == 0) continue;
    table.row_of_[i] = static_cast<uint32_t>(table.item_of_.size());
    table.item_of_.push_back(i);
  }
  const size_t rows = table.item_of_.size();
  const ByteView packed = in.ReadBytes(rows * (components / 2));
  if (!in.ok()) return Error{"taste section: item table truncated"};
  table.codes_.resize((rows + kBlock - 1) / kBlock * kBlock * d);
  for (size_t r = 0; r < rows; ++r) {
    int square = 0;
    for (size_t k = 0; k < components; ++k) {
      const uint8_t byte = packed[r * (components / 2) + k / 2];
      const int code =
          static_cast<int8_t>(static_cast<uint8_t>(k % 2 == 0 ? byte << 4 : byte)) >> 4;
      if (code == -8) return Error{"taste section: a code of an item table is out of range"};
      table.codes_[(r / kBlock * d + k) * kBlock + r % kBlock] = static_cast<int8_t>(code);
      square += code * code;
    }
    if (square == 0) return Error{"taste section: a known product has a row of zeros"};
    table.inverse_norm_.push_back(1 / std::sqrt(static_cast<float>(square)));
  }
  return table;
}

void ItemTable::Decode(ItemIndex item, std::span<float> unit) const {
  const uint32_t row = row_of_[item];
  if (row == kNoItem) return std::fill_n(unit.begin(), d, 0.0f), void();
  for (size_t k = 0; k < d; ++k) {
    unit[k] = inverse_norm_[row] *
              static_cast<float>(codes_[(row / kBlock * d + k) * kBlock + row % kBlock]);
  }
}

void ItemTable::Score(std::span<const float> query, float scale, std::span<float> scores) const {
  float largest = 0;
  for (float value : query) largest = std::max(largest, std::abs(value));
  std::array<int16_t, d> codes_of_query{};
  for (size_t k = 0; k < d && largest > 0; ++k) {
    codes_of_query[k] = static_cast<int16_t>(Round(query[k] / largest * kQueryMax));
  }
  scale *= largest / kQueryMax;
  std::fill(scores.begin(), scores.end(), 0.0f);
  const size_t rows = item_of_.size();
  for (size_t first = 0; first < rows; first += kBlock) {
    const int8_t* codes = codes_.data() + first * d;
    std::array<LaneDots, kRegisters> dots = {};
    for (size_t k = 0; k < d; ++k) {
      for (size_t r = 0; r < kRegisters; ++r) {
        LaneCodes lanes;
        std::memcpy(&lanes, codes + k * kBlock + r * kLanes, kLanes);
        dots[r] += __builtin_convertvector(lanes, LaneDots) * codes_of_query[k];
      }
    }
    std::array<int16_t, kBlock> dot;
    std::memcpy(dot.data(), dots.data(), sizeof(dot));
    const size_t count = std::min(kBlock, rows - first);
    for (size_t j = 0; j < count; ++j) {
      scores[item_of_[first + j]] = scale * static_cast<float>(dot[j]) * inverse_norm_[first + j];
    }
  }
}

}  // namespace vitrine
