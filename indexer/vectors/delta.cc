#include "indexer/vectors/delta.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "indexer/vectors/cells.h"
#include "indexer/vectors/nearest.h"
#include "indexer/vectors/pca.h"
#include "indexer/vectors/plan.h"
#include "shared/vectors/index.h"

namespace vitrine {
namespace {

constexpr size_t kSpreadFactor = 4;  // times the usual distance: another vector

// A published section as what CodeItems() needs.
struct Recoder {
  Plan plan;
  uint64_t model_id = 0;
};

// The loss that the section was tuned for: weight x step^2, the weight being about the variance of
// what is coded, which the frequency tables tell. The middle axis is as good as any.
double LossOf(const VectorModel& model) {
  std::vector<double> losses;
  for (uint32_t a = 0; a < model.axes; ++a) {
    const FrequencyTable& table = model.tables[model.code_table[a]];
    double squares = 0;
    for (size_t i = 0; i < table.frequency.size(); ++i) {
      const double value = table.low + static_cast<double>(i);
      squares += value * value * table.frequency[i] / kRansTotal;
    }
    losses.push_back(squares * std::pow(model.step(a), 4));
  }
  if (losses.empty()) return 0;
  std::nth_element(losses.begin(), losses.begin() + losses.size() / 2, losses.end());
  return losses[losses.size() / 2];
}

Result<Recoder> OpenForCoding(ByteView section) {
  ByteReader in(section);
  Recoder out;
  VITRINE_ASSIGN(out.plan.model, ReadModel(in));
  out.model_id = ModelId(section.first(section.size() - in.remaining()));
  const VectorModel& model = out.plan.model;
  const size_t k = model.axes;
  out.plan.frame = MakeFrame(model);
  SetGeometry({}, out.plan);
  const double loss = LossOf(model);
  for (const FrequencyTable& table : model.tables) out.plan.costs.emplace_back(table);
  for (uint32_t a = 0; a < k; ++a) {
    const float step = model.step(a);
    out.plan.settings.step.push_back(step);
    out.plan.settings.weight.push_back(static_cast<float>(loss / (step * step)));
  }
  for (uint8_t table : model.code_table) out.plan.settings.cost.push_back(&out.plan.costs[table]);
  out.plan.settings.lambda = static_cast<float>(kBitPrice * loss);
  return out;
}

// Codes of one block of fresh rows, and their cells; rows without a vector get those of the mean.
Bytes CodeBlock(const Recoder& recoder, MatrixView rows, std::span<const uint32_t> fresh,
                size_t threads, std::vector<uint16_t>& cell) {
  const size_t k = recoder.plan.model.axes;
  const FramedVectors pool =
      InFrame(recoder.plan.frame, FromMean(rows, fresh, recoder.plan.mean), threads);
  const ItemsToCode items{
      pool, 0, NearestCells(pool.coordinates.view(), recoder.plan.centroids.view(), k, 1), {}};
  cell.insert(cell.end(), items.cell.begin(), items.cell.end());
  const std::vector<int8_t> codes = CodeItems(recoder.plan, items, threads);
  return EncodeBlock(recoder.plan.model, 0, static_cast<uint32_t>(k), codes);
}

}  // namespace

Result<DayOrder> OrderForDelta(ByteView section, std::span<const std::string> base_ids,
                               MatrixView rows, std::span<const std::string> ids) {
  VITRINE_ASSIGN(const VectorIndex index, VectorIndex::Open(section));
  assert(base_ids.size() == index.size() && ids.size() == rows.rows);
  if (rows.rows > 0 && rows.cols != index.dimensions()) {
    return Error{"the vectors have " + std::to_string(rows.cols) + " dimensions, the section has " +
                 std::to_string(index.dimensions()) + "; build a new section"};
  }
  std::unordered_map<std::string_view, uint32_t> row_of;
  for (uint32_t r = 0; r < ids.size(); ++r) row_of[ids[r]] = r;
  // How far each item's vector lies from what the section has for it.
  std::vector<double> distance(rows.rows, INFINITY);
  std::vector<double> known;
  std::vector<float> decoded(index.dimensions());
  for (ItemIndex i = 0; i < base_ids.size(); ++i) {
    const auto at = row_of.find(base_ids[i]);
    if (at == row_of.end()) continue;
    const bool blank = IsBlank(rows.row(at->second));
    if (blank != !index.HasVector(i)) continue;
    index.Decode(i, decoded);
    distance[at->second] = blank ? 0 : 1 - Cosine(decoded, rows.row(at->second));
    if (!blank) known.push_back(distance[at->second]);
  }
  double usual = 0;
  if (!known.empty()) {
    std::nth_element(known.begin(), known.begin() + known.size() / 2, known.end());
    usual = known[known.size() / 2];
  }
  DayOrder day;
  std::vector<bool> kept(rows.rows, false);
  for (ItemIndex i = 0; i < base_ids.size(); ++i) {
    const auto at = row_of.find(base_ids[i]);
    day.gone += at == row_of.end();
    if (at == row_of.end() || distance[at->second] > kSpreadFactor * usual + 1e-6) continue;
    kept[at->second] = true;
    day.row.push_back(at->second);
    day.origin.push_back(i);
  }
  for (uint32_t r = 0; r < rows.rows; ++r) {
    if (kept[r]) continue;
    day.row.push_back(r);
    day.origin.push_back(kNoItem);
  }
  return day;
}

Result<Bytes> BuildVectorDelta(ByteView section, MatrixView rows, const DayOrder& day,
                               size_t threads) {
  VITRINE_ASSIGN(const Recoder recoder, OpenForCoding(section));
  VectorDelta delta;
  delta.model_id = recoder.model_id;
  std::vector<uint32_t> fresh;
  for (size_t i = 0; i < day.row.size(); ++i) {
    const ItemIndex origin = day.origin[i];
    if (origin == kNoItem) {
      if (IsBlank(rows.row(day.row[i]))) delta.blank.push_back(static_cast<uint32_t>(fresh.size()));
      fresh.push_back(day.row[i]);
    }
    VectorDelta::Run* last = delta.runs.empty() ? nullptr : &delta.runs.back();
    const bool continues =
        last != nullptr &&
        (origin == kNoItem ? last->from == kNoItem
                           : last->from != kNoItem && origin == last->from + last->count);
    if (continues) {
      ++last->count;
    } else {
      delta.runs.push_back({1, origin});
    }
  }
  if (!fresh.empty() && recoder.plan.model.items == 0) {
    return Error{"a section without items has no model to code new ones with; build a new section"};
  }
  std::vector<Bytes> streams;
  for (size_t at = 0; at < fresh.size(); at += kBlockItems) {
    const size_t count = std::min<size_t>(kBlockItems, fresh.size() - at);
    streams.push_back(
        CodeBlock(recoder, rows, std::span(fresh).subspan(at, count), threads, delta.cell));
  }
  delta.streams.assign(streams.begin(), streams.end());
  ByteWriter out;
  WriteDelta(delta, out);
  return out.Take();
}

}  // namespace vitrine
