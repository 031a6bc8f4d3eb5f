#include "shared/vectors/index.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <utility>

#include "shared/vectors/kernel.h"

namespace vitrine {
namespace {

constexpr size_t kMinimumScan = 4096;  // items that any search scans
// In a shop of at most so many items the scan is so short that it may be a longer one.
constexpr size_t kSmallShop = 32768, kSmallShopScan = 6144;
constexpr size_t kScanPerAnswer = 20;  // and per item asked for
// How many of the best by their leading axes are ranked by all of them: at least, and for each item
// asked for.
constexpr size_t kFinalists = 256, kFinalistsPerAnswer = 15;
constexpr float kLargestWeight = 32767;

bool Finite(float x) { return x - x == 0; }

// Values as 16-bit integers times the unit that is returned. 0 where there is none: a forged
// section's steps can be of any size.
float Quantize(std::span<const float> values, float largest_integer, std::span<int16_t> out) {
  float largest = 0;
  bool finite = true;
  for (float x : values) {
    finite = finite && Finite(x);
    largest = std::max(largest, x < 0 ? -x : x);
  }
  const float scale = largest_integer / largest;
  if (!finite || !Finite(scale)) return 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const float x = values[i] * scale;
    out[i] = static_cast<int16_t>(x < 0 ? x - 0.5f : x + 0.5f);
  }
  return largest / largest_integer;
}

std::vector<DecodeTable> DecodeTablesOf(const VectorModel& model) {
  return {model.tables.begin(), model.tables.end()};
}

// Reads the codes of axes [axis_begin, axis_end) of a block, whose items have rows `items` in
// `rows`; they are put there when `write`. False when the stream is corrupt.
bool DecodeBlock(ByteView stream, std::span<const DecodeTable> tables,
                 std::span<const uint8_t> code_table, uint32_t axis_begin, uint32_t axis_end,
                 std::span<const uint32_t> items, CodeRows& rows, bool write) {
  RansDecoder decoder(stream);
  std::vector<int8_t> tile(CodeRows::kGroupAxes * kBlockItems);
  for (uint32_t a = axis_begin; a < axis_end;) {
    const CodeRows::Group group = rows.GroupOf(a);
    std::fill(tile.begin(), tile.end(), int8_t{0});
    for (const uint32_t end = std::min(group.axis_end, axis_end); a < end; ++a) {
      const size_t at = static_cast<size_t>(a - group.axis_begin) * kBlockItems;
      decoder.Read(tables[code_table[a]], std::span(tile).subspan(at, items.size()));
    }
    if (write) rows.Add(group, tile, items);
  }
  return decoder.Finished();
}

bool Usable(float squared_length) { return squared_length > 0 && Finite(squared_length); }

}  // namespace

Result<VectorIndex> VectorIndex::Open(ByteView payload) {
  ByteReader in(payload);
  VITRINE_ASSIGN(VectorModel model, ReadModel(in));
  const size_t model_bytes = payload.size() - in.remaining();
  VITRINE_ASSIGN(const std::vector<VectorPart> parts, ReadParts(model, in));
  VectorIndex index;
  index.model_id_ = ModelId(payload.first(model_bytes));
  index.size_ = model.items;
  index.dimensions_ = model.dimensions;
  index.axes_ = model.axes;
  index.centroid_stride_ = RoundUp(model.axes, kKernelWidth);
  index.rows_ = CodeRows(model);
  index.rotation_stride_ = RoundUp(model.dimensions, kKernelWidth);
  for (int16_t x : model.mean) index.mean_.push_back(x * model.mean_step);
  index.rotation_.assign(static_cast<size_t>(model.axes) * index.rotation_stride_, 0);
  index.dimension_.assign(static_cast<size_t>(model.dimensions) * index.centroid_stride_, 0);
  for (uint32_t a = 0; a < model.axes; ++a) {
    std::copy_n(model.rotation.begin() + static_cast<size_t>(a) * model.dimensions,
                model.dimensions,
                index.rotation_.begin() + static_cast<size_t>(a) * index.rotation_stride_);
    for (uint32_t j = 0; j < model.dimensions; ++j) {
      index.dimension_[static_cast<size_t>(j) * index.centroid_stride_ + a] =
          model.rotation[static_cast<size_t>(a) * model.dimensions + j];
    }
    index.rotation_step_.push_back(model.rotation_step(a));
    index.centroid_step_.push_back(model.centroid_step(a));
    index.step_.push_back(model.step(a));
  }
  index.centroids_.assign(static_cast<size_t>(model.cells) * index.centroid_stride_, 0);
  for (uint32_t c = 0; c < model.cells; ++c) {
    std::copy_n(model.centroids.begin() + static_cast<size_t>(c) * model.axes, model.axes,
                index.centroids_.begin() + static_cast<size_t>(c) * index.centroid_stride_);
  }
  index.ArrangeRows(model);
  VITRINE_RETURN_IF_ERROR(index.AddParts(model, parts, true));
  index.model_ = std::move(model);
  index.model_.rotation = {};
  index.model_.centroids = {};
  index.model_.cell = {};
  index.model_.mean = {};
  return index;
}

// Rows stand cell after cell, in the order of their items; rows of blank items come last.
void VectorIndex::ArrangeRows(const VectorModel& model) {
  std::vector<bool> blank(size_, false);
  for (ItemIndex item : model.blank) blank[item] = true;
  usable_ = size_ - static_cast<uint32_t>(model.blank.size());
  cell_begin_.assign(model.cells + 1, 0);
  for (ItemIndex i = 0; i < size_; ++i) {
    if (!blank[i]) ++cell_begin_[model.cell[i] + 1];
  }
  for (uint32_t c = 0; c < model.cells; ++c) cell_begin_[c + 1] += cell_begin_[c];
  std::vector<uint32_t> next(cell_begin_.begin(), cell_begin_.end());
  uint32_t next_blank = usable_;
  row_.resize(size_);
  item_.resize(size_);
  cell_.resize(size_);
  for (ItemIndex i = 0; i < size_; ++i) {
    const uint32_t row = blank[i] ? next_blank++ : next[model.cell[i]]++;
    row_[i] = row;
    item_[row] = i;
    cell_[row] = model.cell[i];
  }
  rows_.Resize(size_);
  first_fresh_ = size_;
}

Status VectorIndex::AddParts(const VectorModel& model, std::span<const VectorPart> parts,
                             bool write) {
  const std::vector<DecodeTable> tables = DecodeTablesOf(model);
  const std::span<const uint32_t> rows = base_row_.empty() ? row_ : base_row_;
  for (const VectorPart& part : parts) {
    for (uint32_t b = part.block_begin; b < part.block_end; ++b) {
      const uint32_t first = b * kBlockItems;
      const uint32_t count = std::min(kBlockItems, model.items - first);
      if (!DecodeBlock(part.streams[b - part.block_begin], tables, model.code_table,
                       part.axis_begin, part.axis_end, rows.subspan(first, count), rows_, write)) {
        return Error{"vector section: corrupt codes"};
      }
    }
  }
  return Ok();
}

Status VectorIndex::Refine(ByteView payload) {
  ByteReader in(payload);
  const uint64_t id = in.Read<uint64_t>();
  if (!in.ok() || id != model_id_) {
    return Error{"vector refinement: made for another vector section"};
  }
  VITRINE_ASSIGN(const std::vector<VectorPart> parts, ReadParts(model_, in));
  VITRINE_RETURN_IF_ERROR(AddParts(model_, parts, false));  // so that a failure changes nothing
  return AddParts(model_, parts, true);
}

Status VectorIndex::Apply(ByteView payload) {
  if (!base_row_.empty()) return Error{"vector delta: there is one already"};
  VITRINE_ASSIGN(const VectorDelta delta, ReadDelta(size_, model_.cells, payload));
  if (delta.model_id != model_id_) return Error{"vector delta: made for another vector section"};
  CodeRows fresh(model_);
  fresh.Resize(delta.fresh());
  std::vector<uint32_t> order(delta.fresh());
  std::iota(order.begin(), order.end(), 0u);
  const std::vector<DecodeTable> tables = DecodeTablesOf(model_);
  for (size_t b = 0; b < delta.streams.size(); ++b) {
    const size_t first = b * kBlockItems;
    const size_t count = std::min<size_t>(kBlockItems, delta.fresh() - first);
    if (!DecodeBlock(delta.streams[b], tables, model_.code_table, 0, axes_,
                     std::span(order).subspan(first, count), fresh, true)) {
      return Error{"vector delta: corrupt codes"};
    }
  }
  // Rows of the fresh items: the blank ones first.
  const auto old_rows = static_cast<uint32_t>(item_.size());
  std::vector<uint32_t> fresh_row(delta.fresh());
  uint32_t next = old_rows;
  for (uint32_t f : delta.blank) fresh_row[f] = next++;
  first_fresh_ = next;
  for (uint32_t f = 0, b = 0; f < delta.fresh(); ++f) {
    if (b < delta.blank.size() && delta.blank[b] == f) {
      ++b;
    } else {
      fresh_row[f] = next++;
    }
  }
  rows_.Resize(next);
  cell_.resize(next);
  for (uint32_t f = 0; f < delta.fresh(); ++f) {
    cell_[fresh_row[f]] = delta.cell[f];
    rows_.CopyRow(fresh, f, fresh_row[f]);
  }
  base_row_ = std::move(row_);
  row_.clear();
  uint32_t next_fresh = 0;
  for (const VectorDelta::Run& run : delta.runs) {
    for (uint32_t i = 0; i < run.count; ++i) {
      row_.push_back(run.from == kNoItem ? fresh_row[next_fresh++] : base_row_[run.from + i]);
    }
  }
  size_ = static_cast<uint32_t>(row_.size());
  item_.assign(next, kNoItem);
  for (ItemIndex i = 0; i < size_; ++i) item_[row_[i]] = i;
  return Ok();
}

void VectorIndex::Decode(ItemIndex item, std::span<float> out) const {
  assert(item < size_ && out.size() == dimensions_);
  Mean({&item, 1}, {}, out);
}

// The mean of items by their weights, scaled to length 1; zeros where there is none.
void VectorIndex::Mean(std::span<const ItemIndex> items, std::span<const float> weights,
                       std::span<float> out) const {
  assert(weights.empty() || weights.size() == items.size());
  std::vector<float> sum(axes_, 0.0f), along(axes_);
  float total = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    if (!HasVector(items[i])) continue;
    const float weight = weights.empty() ? 1.0f : weights[i];
    Coordinates(items[i], along);
    for (uint32_t a = 0; a < axes_; ++a) sum[a] += weight * along[a];
    total += weight;
  }
  for (uint32_t a = 0; a < axes_; ++a) sum[a] *= rotation_step_[a];
  std::vector<int16_t> weight(centroid_stride_, 0);
  const float unit = Quantize(sum, kLargestWeight, weight);
  for (uint32_t j = 0; j < dimensions_; ++j) {
    const int8_t* entries = dimension_.data() + static_cast<size_t>(j) * centroid_stride_;
    out[j] =
        total * mean_[j] + static_cast<float>(Dot(entries, weight.data(), centroid_stride_)) * unit;
  }
  float squared = 0;
  for (float x : out) squared += x * x;
  if (!Usable(squared)) {
    std::fill(out.begin(), out.end(), 0.0f);
    return;
  }
  const float scale = 1 / std::sqrt(squared);
  for (float& x : out) x *= scale;
}

// The item's position along the axes, from the mean.
void VectorIndex::Coordinates(ItemIndex item, std::span<float> along) const {
  const uint32_t row = row_[item];
  const int8_t* centroid = centroids_.data() + static_cast<size_t>(cell_[row]) * centroid_stride_;
  for (uint32_t a = 0; a < axes_; ++a) {
    along[a] = centroid[a] * centroid_step_[a] + rows_.At(row, a) * step_[a];
  }
}

std::vector<float> VectorIndex::Project(std::span<const float> unit_vector) const {
  std::vector<int16_t> integer(rotation_stride_, 0);
  // Smaller integers for very long vectors: the kernel sums in 32 bits.
  const uint32_t most = (1u << 24) / std::max(512u, rotation_stride_) - 1;
  const float unit = Quantize(unit_vector, static_cast<float>(most), integer);
  std::vector<float> along(axes_);
  for (uint32_t a = 0; a < axes_; ++a) {
    const int8_t* axis = rotation_.data() + static_cast<size_t>(a) * rotation_stride_;
    along[a] = static_cast<float>(Dot(axis, integer.data(), rotation_stride_)) *
               (unit * rotation_step_[a]);
  }
  return along;
}

std::vector<ScoredItem> VectorIndex::Search(std::span<const float> query, size_t k,
                                            ItemMask mask) const {
  if (query.size() != dimensions_) return {};
  // Scaled by the largest component first: squares of very large or small ones do not fit a float.
  float largest = 0;
  for (float x : query) {
    if (x - x != 0) return {};
    largest = std::max(largest, x < 0 ? -x : x);
  }
  if (!(largest > 0)) return {};
  std::vector<float> unit_vector(query.begin(), query.end());
  float squared = 0;
  for (float& x : unit_vector) {
    x /= largest;
    squared += x * x;
  }
  const float scale = 1 / std::sqrt(squared);
  for (float& x : unit_vector) x *= scale;
  return Scan(QueryOf(unit_vector), k, mask);
}

VectorIndex::Query VectorIndex::QueryOf(std::span<const float> unit_vector) const {
  float base = 0;
  for (uint32_t j = 0; j < dimensions_; ++j) base += unit_vector[j] * mean_[j];
  return {base, Project(unit_vector)};
}

std::vector<ScoredItem> VectorIndex::SearchNear(std::span<const ItemIndex> items,
                                                std::span<const float> weights, size_t k,
                                                ItemMask mask) const {
  std::vector<float> mean(dimensions_);
  Mean(items, weights, mean);
  return Search(mean, k, mask);
}

std::vector<float> VectorIndex::NearnessTo(std::span<const ItemIndex> items,
                                           std::span<const ItemIndex> others) const {
  std::vector<float> nearness(others.size()), along(axes_), mean(dimensions_);
  Mean(items, {}, mean);
  const Query query = QueryOf(mean);
  for (size_t o = 0; o < others.size(); ++o) {
    if (!HasVector(others[o])) continue;
    Coordinates(others[o], along);
    nearness[o] = query.base;
    for (uint32_t a = 0; a < axes_; ++a) nearness[o] += query.along[a] * along[a];
  }
  return nearness;
}

template <typename BaseOf>
size_t VectorIndex::ScanRows(uint32_t begin, uint32_t end, std::span<const int16_t> weight,
                             float unit, ItemMask mask, const BaseOf& base_of,
                             Shortlist& best) const {
  uint32_t rows[4], waiting = 0;
  size_t seen = 0;
  const auto add = [&] {
    int32_t sums[4];
    std::fill(rows + waiting, rows + 4, rows[0]);
    rows_.DotLeading(rows, weight.data(), sums);
    for (uint32_t i = 0; i < waiting; ++i) {
      best.Add(item_[rows[i]], base_of(rows[i]) + static_cast<float>(sums[i]) * unit);
    }
    seen += std::exchange(waiting, 0);
  };
  for (uint32_t r = begin; r < end; ++r) {
    const ItemIndex item = item_[r];
    if (item == kNoItem) continue;
    if (!mask.empty() && !(mask[item / 64] >> (item % 64) & 1)) continue;
    rows[waiting++] = r;
    if (waiting == 4) add();
  }
  if (waiting > 0) add();
  return seen;
}

// The score of row r in cell c is base + cell_unit * (centroid of c . cell_weight)
// + unit * (codes of r . weight).
std::vector<ScoredItem> VectorIndex::Scan(const Query& query, size_t k, ItemMask mask) const {
  const auto& [base, along] = query;
  k = std::min<size_t>(k, size_);
  if (k == 0) return {};
  std::vector<float> scaled(axes_);
  std::vector<int16_t> weight(rows_.weight_count(), 0), cell_weight(centroid_stride_, 0);
  for (uint32_t a = 0; a < axes_; ++a) scaled[a] = along[a] * step_[a];
  const float unit = Quantize(scaled, kLargestWeight, weight);
  for (uint32_t a = 0; a < axes_; ++a) scaled[a] = along[a] * centroid_step_[a];
  const float cell_unit = Quantize(scaled, kLargestWeight, cell_weight);

  // Cells by the score of their centre, best on top of a heap.
  std::vector<ScoredItem> cells;
  std::vector<float> centre(cell_begin_.size() - 1);
  for (uint32_t c = 0; c < centre.size(); ++c) {
    const int8_t* centroid = centroids_.data() + static_cast<size_t>(c) * centroid_stride_;
    const auto sum = static_cast<float>(Dot(centroid, cell_weight.data(), centroid_stride_));
    centre[c] = base + sum * cell_unit;
    if (cell_begin_[c] < cell_begin_[c + 1]) cells.push_back({c, centre[c]});
  }
  auto worse = [](const ScoredItem& a, const ScoredItem& b) { return RanksBefore(b, a); };
  std::make_heap(cells.begin(), cells.end(), worse);

  const size_t least = usable_ <= kSmallShop ? kSmallShopScan : kMinimumScan;
  const size_t enough = std::max(
      {least, k * kScanPerAnswer, static_cast<size_t>(static_cast<double>(scan_share_) * usable_)});
  const size_t ranked = rows_.AllLead() ? k : std::max(kFinalists, k * kFinalistsPerAnswer);
  Shortlist finalists(std::min<size_t>(ranked, size_));
  for (size_t seen = 0; seen < enough && !cells.empty(); cells.pop_back()) {
    std::pop_heap(cells.begin(), cells.end(), worse);
    const ScoredItem cell = cells.back();
    seen += ScanRows(
        cell_begin_[cell.item], cell_begin_[cell.item + 1], weight, unit, mask,
        [&cell](uint32_t) { return cell.score; }, finalists);
  }
  ScanRows(
      first_fresh_, static_cast<uint32_t>(item_.size()), weight, unit, mask,
      [&](uint32_t r) { return centre[cell_[r]]; }, finalists);
  TopK best(k);
  for (const ScoredItem& finalist : finalists.Take()) {
    const uint32_t r = row_[finalist.item];
    const auto sum = static_cast<float>(rows_.Dot(r, weight.data()));
    best.Add(finalist.item, centre[cell_[r]] + sum * unit);
  }
  std::vector<ScoredItem> answer = best.Take();
  for (ScoredItem& hit : answer) hit.score = std::clamp(hit.score, -1.0f, 1.0f);
  return answer;
}

}  // namespace vitrine
