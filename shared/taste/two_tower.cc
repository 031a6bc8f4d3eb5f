#include "shared/taste/two_tower.h"

#include <array>
#include <cassert>

#include "shared/taste/matrix_bytes.h"

namespace vitrine {
namespace {

constexpr size_t d = kTableDimensions;

// out += scale * x
void AddScaled(std::span<const float> x, float scale, std::span<float> out) {
  for (size_t k = 0; k < x.size(); ++k) out[k] += scale * x[k];
}

float RowTimes(const float* row, std::span<const float> x) {
  float sum = 0;
  for (size_t k = 0; k < x.size(); ++k) sum += row[k] * x[k];
  return sum;
}

}  // namespace

Bytes EncodeTwoTower(const TwoTowerData& data) {
  assert(data.user.hidden.size() == size_t{kTowerHidden} * kTowerInputs);
  assert(data.user.output.size() == size_t{d} * kTowerHidden);
  ByteWriter out;
  out.Write(static_cast<uint32_t>(data.user.segments.size() / d));
  WriteMatrix(data.user.hidden, kTowerInputs, out);
  out.WriteArray(std::span<const float>(data.user.bias));
  WriteMatrix(data.user.output, kTowerHidden, out);
  WriteMatrix(data.user.segments, d, out);
  WriteItemTable(data.items, d, out);
  return out.Take();
}

Result<TwoTower> TwoTower::Open(ByteView part, uint32_t item_count) {
  TwoTower towers;
  ByteReader in(part);
  const uint32_t segments = in.Read<uint32_t>();
  if (!in.ok() || segments > in.remaining() / d) return Error{"taste section: towers truncated"};
  UserTower& user = towers.user_;
  ReadMatrix(in, kTowerHidden, kTowerInputs, user.hidden);
  user.bias = in.ReadArray<float>(kTowerHidden);
  ReadMatrix(in, d, kTowerHidden, user.output);
  ReadMatrix(in, segments, d, user.segments);
  if (!in.ok()) return Error{"taste section: towers truncated"};
  for (const auto* weights : {&user.hidden, &user.bias, &user.output, &user.segments}) {
    if (!AllSmall(*weights)) return Error{"taste section: a weight of a tower is not finite"};
  }
  VITRINE_ASSIGN(towers.table_, ItemTable::Read(in, item_count, d));
  if (in.remaining() != 0) return Error{"taste section: bytes left over after the towers"};
  return towers;
}

std::vector<float> TwoTower::User(std::span<const SessionEvent> newest_first,
                                  std::span<const uint32_t> profile) const {
  std::array<float, kTowerInputs> x{};
  std::array<float, d> unit;
  float decay = 1, total = 0, strong = 0;
  size_t known = 0;
  for (const SessionEvent& event : newest_first) {
    if (known == kTowerEvents) break;
    if (event.item >= table_.item_count() || !table_.Knows(event.item)) continue;
    table_.Decode(event.item, unit);
    if (known++ == 0) AddScaled(unit, 1, std::span(x).first(d));
    AddScaled(unit, decay, std::span(x).subspan(d, d));
    total += decay;
    decay *= kTowerDecay;
    if (event.kind >= InteractionKind::kWishlist) {
      AddScaled(unit, 1, std::span(x).subspan(2 * d, d));
      strong += 1;
    }
  }
  for (size_t k = 0; k < d; ++k) {
    if (total > 0) x[d + k] /= total;
    if (strong > 0) x[2 * d + k] /= strong;
  }
  for (uint32_t segment : profile) {
    if (segment >= segments()) continue;
    AddScaled(std::span(user_.segments).subspan(segment * d, d), 1, std::span(x).subspan(3 * d, d));
  }
  std::vector<float> user(d);
  std::array<float, kTowerHidden> hidden;
  for (size_t h = 0; h < kTowerHidden; ++h) {
    const float sum = user_.bias[h] + RowTimes(user_.hidden.data() + h * kTowerInputs, x);
    hidden[h] = sum > 0 ? sum : 0;
  }
  for (size_t k = 0; k < d; ++k) user[k] = RowTimes(user_.output.data() + k * kTowerHidden, hidden);
  return user;
}

}  // namespace vitrine
