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
constexpr uint32_t kCoarseAxes = 64;    // axes of the first part
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

// Items first..first + count of the section's order, normalised, from the mean; zero for blank
// ones.
RowMajor FromMean(MatrixView rows, const QuantizerOptions& options, const Training& training,
                  size_t first, size_t count) {
  const size_t d = rows.cols;
  const Eigen::Map<const Eigen::RowVectorXf> mean(training.pca.mean.data(), d);
  RowMajor vectors = RowMajor::Zero(count, d);
  for (size_t i = 0; i < count; ++i) {
    const size_t row = options.order.empty() ? first + i : options.order[first + i];
    if (IsBlank(rows.row(row))) continue;
    Normalise(rows.row(row), {vectors.data() + i * d, d});
    vectors.row(i) -= mean;
  }
  return vectors;
}

// Items by their rows from the mean, and along the coded axes.
struct Pool {
  RowMajor vectors;  // zero for blank items
  Matrix along;
  MatrixView all() const {
    return {vectors.data(), static_cast<size_t>(vectors.rows()),
            static_cast<size_t>(vectors.cols())};
  }
};

// One block of items from its rows to its streams.
class BlockCoder {
 public:
  // `neighbours` of all items of a small shop, empty for a large one.
  BlockCoder(MatrixView rows, const QuantizerOptions& options, const Training& training,
             const Plan& plan, const Neighbourhood& neighbours)
      : rows_(rows), options_(options), training_(training), plan_(plan), shop_(neighbours) {
    const size_t k = plan.axis.size(), d = rows.cols;
    axes_.resize(k, d);
    centroids_ = Matrix(plan.model.cells, k);
    for (size_t a = 0; a < k; ++a) {
      const auto axis = training.pca.axes.row(plan.axis[a]);
      std::copy(axis.begin(), axis.end(), axes_.data() + a * d);
      mean_along_.push_back(training.mean_along[plan.axis[a]]);
      const float step = plan.model.centroid_step(static_cast<uint32_t>(a));
      for (size_t c = 0; c < plan.model.cells; ++c) {
        centroids_.row(c)[a] = plan.model.centroids[c * k + a] * step;
      }
    }
    if (shop_.each > 0) all_ = MakePool(0, rows.rows);
  }

  void Code(uint32_t block, Coded& out) const {
    const size_t k = plan_.axis.size(), d = rows_.cols;
    const size_t first = static_cast<size_t>(block) * kBlockItems;
    const size_t count = std::min<size_t>(kBlockItems, rows_.rows - first);
    const bool small = shop_.each > 0;
    const Pool own = small ? Pool{} : MakePool(first, count);
    const Pool& pool = small ? all_ : own;
    ItemsToCode items;
    items.along = pool.along.view();
    items.first = small ? first : 0;
    items.cell =
        NearestCells({items.along.row(items.first).data(), count, k}, centroids_.view(), k, 1);
    if (small) {
      const auto begin = shop_.item.begin() + static_cast<std::ptrdiff_t>(first * shop_.each);
      const auto end = begin + static_cast<std::ptrdiff_t>(count * shop_.each);
      items.neighbours = {shop_.each, shop_.most, {begin, end}};
    } else {
      items.neighbours = FindNeighbourhood(items.along, mean_along_, MostNeighbours(rows_), 1);
    }
    items.neighbour_rest =
        RestOfProducts(items.neighbours, pool.all(), items.along, items.first, 1);
    const Eigen::Map<const Eigen::VectorXf> mean(training_.pca.mean.data(), d);
    const Eigen::Map<const Eigen::VectorXf> other(training_.other_mean.data(), d);
    const auto vectors = pool.vectors.middleRows(items.first, count);
    const Eigen::VectorXf with_mean = vectors * mean, with_other = vectors * other;
    for (size_t i = 0; i < count; ++i) {
      const auto along = items.along.row(items.first + i);
      float mean_rest = with_mean[i], other_rest = with_other[i];
      for (size_t a = 0; a < k; ++a) {
        mean_rest -= mean_along_[a] * along[a];
        other_rest -= training_.other_direction[plan_.axis[a]] * along[a];
      }
      items.mean_rest.push_back(mean_rest);
      items.other_rest.push_back(other_rest);
    }
    const std::vector<int8_t> codes = CodeItems(training_, plan_, items, 1);
    std::copy(items.cell.begin(), items.cell.end(), out.model.cell.begin() + first);
    const auto split = static_cast<uint32_t>(std::min<size_t>(kCoarseAxes, k));
    const std::span<const int8_t> all(codes);
    if (split > 0) out.coarse[block] = EncodeBlock(plan_.model, 0, split, all.first(split * count));
    if (split < k) {
      out.fine[block] =
          EncodeBlock(plan_.model, split, static_cast<uint32_t>(k), all.subspan(split * count));
    }
  }

 private:
  Pool MakePool(size_t first, size_t count) const {
    const size_t k = plan_.axis.size();
    Pool pool{FromMean(rows_, options_, training_, first, count), Matrix(count, k)};
    Eigen::Map<RowMajor>(pool.along.data.data(), count, k).noalias() =
        pool.vectors * axes_.transpose();
    return pool;
  }

  MatrixView rows_;
  const QuantizerOptions& options_;
  const Training& training_;
  const Plan& plan_;
  const Neighbourhood& shop_;
  Pool all_;
  RowMajor axes_;
  Matrix centroids_;
  std::vector<float> mean_along_;  // along the coded axes
};

// Who is near whom in a small shop; nothing for a large one, and for one of a single block, which
// finds them itself.
Neighbourhood NeighboursInShop(MatrixView rows, const QuantizerOptions& options,
                               const Training& training) {
  if (!IsSmallShop(rows) || rows.rows <= kBlockItems) return {};
  const size_t axes = std::min(kNeighbourAxes, training.pca.axes.rows), d = rows.cols;
  Matrix along(rows.rows, axes);
  const Eigen::Map<const RowMajor> leading(training.pca.axes.data.data(), axes, d);
  Eigen::Map<RowMajor>(along.data.data(), rows.rows, axes).noalias() =
      FromMean(rows, options, training, 0, rows.rows) * leading.transpose();
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
  const uint32_t k = coded.model.axes, split = std::min(kCoarseAxes, k);
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
  for (int round = 0; round < kSizeRounds; ++round) {
    const Plan plan = MakePlan(training, std::exp(log_loss), options.threads);
    Bytes payload = Payload(CodeAll(rows, options, training, plan, neighbours));
    const auto size = static_cast<double>(payload.size());
    if (best.empty() || FitsBetter(size, static_cast<double>(best.size()), budget)) {
      best = std::move(payload);
    }
    if (size <= budget && size >= kLeastUse * budget) break;
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
