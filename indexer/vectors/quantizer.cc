#include "indexer/vectors/quantizer.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "indexer/vectors/cells.h"
#include "indexer/vectors/parallel.h"
#include "indexer/vectors/plan.h"

namespace vitrine {
namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr double kLeastBudget = 16384;  // bytes
// How often all items are coded to come near the size asked for, and how much of it is to be used.
constexpr int kSizeRounds = 4;
constexpr double kLeastUse = 0.995, kAimedUse = 0.998;
constexpr double kCoarser = 0.05;  // by how much a loss's logarithm is moved to see what that saves

Status CheckOptions(MatrixView rows, const QuantizerOptions& options) {
  if (!(options.bytes_per_item >= 4 && options.bytes_per_item <= 1024)) {
    return UsageError("bytes per item must be between 4 and 1024");
  }
  if (rows.rows > kMaxItems) {
    return Error{std::to_string(rows.rows) +
                 " vectors are more than the 16,777,216 of one section"};
  }
  if (rows.rows > 0 && (rows.cols == 0 || rows.cols > kMaxDimensions)) {
    return Error{"vectors must have 1 to 8192 dimensions, these have " + std::to_string(rows.cols)};
  }
  if (options.other_queries.rows > 0 && options.other_queries.cols != rows.cols) {
    return Error{"the sample of queries has " + std::to_string(options.other_queries.cols) +
                 " dimensions, the items have " + std::to_string(rows.cols)};
  }
  assert(options.order.empty() || options.order.size() == rows.rows);
  return Ok();
}

// All items, coded with one plan.
struct Coded {
  VectorModel model;
  std::vector<Bytes> coarse, fine;  // one stream a block; fine is empty when all axes are coarse
};

// Items first..first + count of the section's order, from the mean.
Matrix FromMean(MatrixView rows, const QuantizerOptions& options, const Training& training,
                size_t first, size_t count) {
  if (!options.order.empty()) {
    return FromMean(rows, options.order.subspan(first, count), training.pca.mean);
  }
  std::vector<uint32_t> pick(count);
  std::iota(pick.begin(), pick.end(), static_cast<uint32_t>(first));
  return FromMean(rows, pick, training.pca.mean);
}

// One block of items from its rows to its streams.
class BlockCoder {
 public:
  // `neighbours` of all items of a small shop, empty for a large one.
  BlockCoder(MatrixView rows, const QuantizerOptions& options, const Training& training,
             const Plan& plan, const Neighbourhood& neighbours)
      : rows_(rows), options_(options), training_(training), plan_(plan), shop_(neighbours) {
    if (shop_.each > 0) all_ = MakePool(0, rows.rows, options.threads);
  }

  void Code(uint32_t block, Coded& out) const {
    const size_t k = plan_.model.axes, first = static_cast<size_t>(block) * kBlockItems;
    const size_t count = std::min<size_t>(kBlockItems, rows_.rows - first);
    std::vector<int8_t> codes;
    if (shop_.each > 0) {
      const auto begin = shop_.item.begin() + static_cast<std::ptrdiff_t>(first * shop_.each);
      const auto end = begin + static_cast<std::ptrdiff_t>(count * shop_.each);
      codes = Code(all_, first, {shop_.each, shop_.most, {begin, end}}, first, out);
    } else {
      const FramedVectors own = MakePool(first, count, 1);
      codes = Code(
          own, 0,
          FindNeighbourhood(own.products.view(), plan_.mean_products, MostNeighbours(rows_), 1),
          first, out);
    }
    const auto split = static_cast<uint32_t>(std::min<size_t>(kLeadingAxes, k));
    const std::span<const int8_t> all(codes);
    if (split > 0) out.coarse[block] = EncodeBlock(plan_.model, 0, split, all.first(split * count));
    if (split < k) {
      out.fine[block] =
          EncodeBlock(plan_.model, split, static_cast<uint32_t>(k), all.subspan(split * count));
    }
  }

 private:
  FramedVectors MakePool(size_t first, size_t count, size_t threads) const {
    return InFrame(plan_.frame, FromMean(rows_, options_, training_, first, count), threads);
  }

  // Codes of the block whose items start at row `row` of the pool, and in the section at `first`;
  // their cells go to `out`.
  std::vector<int8_t> Code(const FramedVectors& pool, size_t row, Neighbourhood neighbours,
                           size_t first, Coded& out) const {
    const size_t count = std::min<size_t>(kBlockItems, rows_.rows - first);
    const size_t k = plan_.model.axes;
    const ItemsToCode items{pool, row,
                            NearestCells({pool.coordinates.data.data() + row * k, count, k},
                                         plan_.centroids.view(), k, 1),
                            std::move(neighbours)};
    std::copy(items.cell.begin(), items.cell.end(),
              out.model.cell.begin() + static_cast<std::ptrdiff_t>(first));
    return CodeItems(plan_, items, 1);
  }

  MatrixView rows_;
  const QuantizerOptions& options_;
  const Training& training_;
  const Plan& plan_;
  const Neighbourhood& shop_;
  FramedVectors all_;
};

// Who is near whom in a small shop; nothing for a large one, and for one of a single block, which
// finds them itself.
Neighbourhood NeighboursInShop(MatrixView rows, const QuantizerOptions& options,
                               const Training& training) {
  if (!IsSmallShop(rows) || rows.rows <= kBlockItems) return {};
  const size_t axes = std::min(kNeighbourAxes, training.pca.axes.rows), d = rows.cols;
  Matrix along(rows.rows, axes);
  const Eigen::Map<const RowMajor> leading(training.pca.axes.data.data(), axes, d);
  const Matrix vectors = FromMean(rows, options, training, 0, rows.rows);
  Eigen::Map<RowMajor>(along.data.data(), rows.rows, axes).noalias() =
      Eigen::Map<const RowMajor>(vectors.data.data(), rows.rows, d) * leading.transpose();
  return FindNeighbourhood(along.view(), std::span(training.mean_along).first(axes),
                           MostNeighbours(rows), options.threads);
}

Coded CodeAll(MatrixView rows, const QuantizerOptions& options, const Training& training,
              const Plan& plan, const Neighbourhood& neighbours) {
  Coded coded;
  coded.model = plan.model;
  coded.model.cell.assign(rows.rows, 0);
  const uint32_t blocks = BlockCount(plan.model.items);
  coded.coarse.resize(blocks);
  coded.fine.resize(blocks);
  const BlockCoder coder(rows, options, training, plan, neighbours);
  ParallelChunks(blocks, 1, options.threads,
                 [&](size_t block, size_t) { coder.Code(static_cast<uint32_t>(block), coded); });
  for (size_t i = 0; i < rows.rows; ++i) {
    const size_t row = options.order.empty() ? i : options.order[i];
    if (IsBlank(rows.row(row))) coded.model.blank.push_back(static_cast<ItemIndex>(i));
  }
  std::vector<double> counts(128, 0.0);
  for (int8_t rank : RankCells(coded.model.cell, coded.model.cells).ranks) {
    ++counts[static_cast<size_t>(rank)];
  }
  while (counts.size() > 1 && counts.back() == 0) counts.pop_back();
  coded.model.tables[0] = FrequencyTable::FromCounts(0, counts);
  return coded;
}

VectorPart Part(uint32_t axis_begin, uint32_t axis_end, uint32_t block_begin,
                std::span<const Bytes> streams) {
  VectorPart part{
      axis_begin, axis_end, block_begin, block_begin + static_cast<uint32_t>(streams.size()), {}};
  for (const Bytes& stream : streams) part.streams.push_back(stream);
  return part;
}

Bytes Payload(const Coded& coded) {
  ByteWriter out;
  WriteModel(coded.model, out);
  std::vector<VectorPart> parts;
  const uint32_t k = coded.model.axes, split = std::min(kLeadingAxes, k);
  if (split > 0 && coded.model.items > 0) parts.push_back(Part(0, split, 0, coded.coarse));
  if (split < k && coded.model.items > 0) parts.push_back(Part(split, k, 0, coded.fine));
  WriteParts(parts, out);
  return out.Take();
}

// Bytes of a plan's model as it will be written, without the cells of the items.
size_t ModelSize(const Plan& plan) {
  VectorModel model = plan.model;
  model.cell.clear();
  ByteWriter out;
  WriteModel(model, out);
  return out.size();
}

// The expected size of all items under a plan.
double ExpectedSize(const Training& training, const Plan& plan) {
  return static_cast<double>(ModelSize(plan)) +
         plan.sample_bits_per_item / 8 * static_cast<double>(training.items);
}

constexpr double kFinest = -27.6, kCoarsest = -4.6;  // logarithms of the losses considered

// The logarithm of the smallest loss whose expected size fits the budget, near enough, by
// bisection.
double FitLoss(const Training& training, double budget, size_t threads) {
  double fine = kFinest, coarse = kCoarsest;
  while (coarse - fine > 0.03) {
    const double middle = 0.5 * (fine + coarse);
    const Plan plan = MakePlan(training, std::exp(middle), threads);
    (ExpectedSize(training, plan) <= budget ? coarse : fine) = middle;
  }
  return coarse;
}

// Whether one size is nearer than another to the largest that fits.
bool FitsBetter(double size, double other, double budget) {
  if ((size <= budget) != (other <= budget)) return size <= budget;
  return size <= budget ? size > other : size < other;
}

}  // namespace

Result<Bytes> BuildVectorSection(MatrixView rows, const QuantizerOptions& options) {
  VITRINE_RETURN_IF_ERROR(CheckOptions(rows, options));
  if (rows.rows == 0) {
    ByteWriter out;
    WriteModel(VectorModel{}, out);
    WriteParts({}, out);
    return out.Take();
  }
  const double budget =
      std::max(kLeastBudget, options.bytes_per_item * static_cast<double>(rows.rows));
  const Training training = Train(rows, options);
  const Neighbourhood neighbours = NeighboursInShop(rows, options, training);
  // The cells' ranks and the streams' ends are known only afterwards: a first guess, then from the
  // truth by what a coarser plan is expected to save.
  double log_loss =
      FitLoss(training, budget - 0.4 * static_cast<double>(rows.rows), options.threads);
  Bytes best;
  for (int round = 1;; ++round) {
    const Plan plan = MakePlan(training, std::exp(log_loss), options.threads);
    Bytes payload = Payload(CodeAll(rows, options, training, plan, neighbours));
    const auto size = static_cast<double>(payload.size());
    if (best.empty() || FitsBetter(size, static_cast<double>(best.size()), budget)) {
      best = std::move(payload);
    }
    if (round == kSizeRounds || (size <= budget && size >= kLeastUse * budget)) break;
    const Plan coarser = MakePlan(training, std::exp(log_loss + kCoarser), options.threads);
    const double saved = ExpectedSize(training, plan) - ExpectedSize(training, coarser);
    if (!(saved > 0)) break;
    const double change = kCoarser * (size - kAimedUse * budget) / saved;
    const double next = std::clamp(log_loss + std::clamp(change, -1.0, 1.0), kFinest, kCoarsest);
    if (next == log_loss) break;
    log_loss = next;
  }
  return best;
}

ProgressiveSection SplitVectorSection(ByteView payload, uint32_t blocks_per_refinement) {
  ByteReader in(payload);
  const Result<VectorModel> model = ReadModel(in);
  assert(model.ok());
  const ByteView model_bytes = payload.first(payload.size() - in.remaining());
  const Result<std::vector<VectorPart>> parts = ReadParts(model.value(), in);
  assert(parts.ok());
  ProgressiveSection out;
  ByteWriter base;
  base.WriteBytes(model_bytes);
  WriteParts(std::span(parts.value()).first(std::min<size_t>(1, parts.value().size())), base);
  out.base = base.Take();
  for (size_t p = 1; p < parts.value().size(); ++p) {
    const VectorPart& part = parts.value()[p];
    for (uint32_t b = part.block_begin; b < part.block_end; b += blocks_per_refinement) {
      VectorPart piece = part;
      piece.block_begin = b;
      piece.block_end = std::min(part.block_end, b + blocks_per_refinement);
      piece.streams.assign(part.streams.begin() + (b - part.block_begin),
                           part.streams.begin() + (piece.block_end - part.block_begin));
      ByteWriter refinement;
      refinement.Write(ModelId(model_bytes));
      WriteParts({&piece, 1}, refinement);
      out.refinements.push_back(refinement.Take());
    }
  }
  return out;
}

}  // namespace vitrine
