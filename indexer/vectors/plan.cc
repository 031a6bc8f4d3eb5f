#include "indexer/vectors/plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "indexer/vectors/lanes.h"
#include "indexer/vectors/parallel.h"

namespace vitrine {
namespace {

constexpr int kTuningRounds = 2;
constexpr double kLeastDeviation = 0.3;  // in steps: axes that vary less are left out
// How much of the spread of queries near an item its neighbours tell, and what that takes from the
// axes' weights, where there are as many as can be; from a sweep.
constexpr float kNeighbourShare = 0.7f, kExplainedShare = 0.4f;
constexpr double kMostTurned = 0.1;  // of an axis's squared length, by rounding it

double Deviation(std::span<const double> counts, int low) {
  double total = 0, squares = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    const double value = low + static_cast<double>(i);
    total += counts[i];
    squares += counts[i] * value * value;
  }
  return total > 0 ? std::sqrt(squares / total) : 0;
}

using Counts = std::array<double, 256>;  // of the values -128..127

Counts Count(std::span<const int8_t> values) {
  Counts counts{};
  for (int8_t v : values) ++counts[static_cast<size_t>(v + 128)];
  return counts;
}

// Sorts rows of counts by their deviation into `groups` groups of like size, appends a table for
// each group, and gives the table of each row. `margin`: values beyond those seen that a table
// still holds.
std::vector<uint8_t> MakeTables(const std::vector<Counts>& rows, size_t groups, int margin,
                                std::vector<FrequencyTable>& tables) {
  std::vector<uint8_t> table_of(rows.size());
  std::vector<std::pair<double, size_t>> by_deviation;
  for (size_t r = 0; r < rows.size(); ++r) by_deviation.emplace_back(Deviation(rows[r], -128), r);
  std::sort(by_deviation.begin(), by_deviation.end());
  groups = std::min(groups, rows.size());
  for (size_t g = 0; g < groups; ++g) {
    const size_t begin = g * rows.size() / groups, end = (g + 1) * rows.size() / groups;
    Counts sum{};
    for (size_t i = begin; i < end; ++i) {
      const size_t row = by_deviation[i].second;
      table_of[row] = static_cast<uint8_t>(tables.size());
      for (size_t v = 0; v < sum.size(); ++v) sum[v] += rows[row][v];
    }
    int low = 127, high = -127;
    for (int v = -127; v <= 127; ++v) {
      if (sum[static_cast<size_t>(v + 128)] > 0) low = std::min(low, v), high = std::max(high, v);
    }
    if (low > high) low = high = 0;
    low = std::max(-127, low - margin);
    high = std::min(127, high + margin);
    const auto first = sum.begin() + low + 128;
    tables.push_back(FrequencyTable::FromCounts(low, {first, static_cast<size_t>(high - low + 1)}));
  }
  return table_of;
}

// The principal axes that are coded, the most telling first.
std::vector<size_t> ChooseAxes(const Training& training, double loss) {
  std::vector<size_t> chosen;
  const size_t axes = training.weight.size();
  auto worth = [&](size_t a) {
    return static_cast<double>(training.residual_variance[a]) * training.weight[a];
  };
  for (size_t a = 0; a < axes; ++a) {
    if (worth(a) > kLeastDeviation * kLeastDeviation * loss && worth(a) > 1e-16) {
      chosen.push_back(a);
    }
  }
  std::stable_sort(chosen.begin(), chosen.end(),
                   [&](size_t a, size_t b) { return worth(a) > worth(b); });
  chosen.resize(std::min<size_t>(chosen.size(), kMaxAxes));
  return chosen;
}

int8_t Rounded(float value, float step) {
  return static_cast<int8_t>(std::clamp(std::round(value / step), -127.0f, 127.0f));
}

// Steps and rounded values of the rotation and the centroids.
void FillModel(const Training& training, double loss, std::span<const size_t> chosen,
               size_t threads, Plan& plan) {
  VectorModel& model = plan.model;
  const size_t k = chosen.size(), d = training.mean.size();
  model.items = static_cast<uint32_t>(training.items);
  model.dimensions = static_cast<uint32_t>(d);
  model.axes = static_cast<uint32_t>(k);
  model.cells = static_cast<uint32_t>(training.centroids.rows);
  model.mean_step = training.mean_step;
  model.mean = training.mean;
  model.rotation.resize(k * d);
  model.centroids.resize(model.cells * k);
  // A rotation is shared by all items: the more there are, the finer it pays to be. What its
  // rounding turns an axis away from is coded along the others, as long as that is little.
  const double share =
      std::clamp(8.0 * static_cast<double>(d) / static_cast<double>(training.items), 0.08, 2.0);
  const double coarsest = std::sqrt(12 * kMostTurned / static_cast<double>(d));
  for (size_t i = 0; i < k; ++i) {
    const size_t a = chosen[i];
    float largest_residual = 0, largest_centre = 0, largest_entry = 0;
    for (size_t r = 0; r < training.sample.rows; ++r) {
      const float centre = training.centroids.row(training.cell[r])[a];
      largest_residual = std::max(largest_residual, std::fabs(training.sample.row(r)[a] - centre));
    }
    for (size_t c = 0; c < model.cells; ++c) {
      largest_centre = std::max(largest_centre, std::fabs(training.centroids.row(c)[a]));
    }
    for (float x : training.pca.axes.row(a)) largest_entry = std::max(largest_entry, std::fabs(x));
    const double wanted = std::sqrt(loss / training.weight[a]);
    const auto step = static_cast<float>(wanted);
    model.step_code.push_back(CodeFromStep(std::max(step, largest_residual / 120)));
    model.centroid_step_code.push_back(CodeFromStep(std::max(step / 2, largest_centre / 127)));
    model.rotation_step_code.push_back(CodeFromStep(std::max(
        static_cast<float>(std::min(wanted * std::sqrt(share), coarsest)), largest_entry / 127)));
    const auto axis = static_cast<uint32_t>(i);
    for (size_t j = 0; j < d; ++j) {
      model.rotation[i * d + j] = Rounded(training.pca.axes.row(a)[j], model.rotation_step(axis));
    }
    plan.settings.step.push_back(model.step(axis));
    plan.settings.weight.push_back(training.weight[a]);
  }
  plan.settings.lambda = static_cast<float>(kBitPrice * loss);
  plan.frame = MakeFrame(model);
  const Matrix centres = InFrame(plan.frame, training.centres, threads).coordinates;
  for (size_t c = 0; c < model.cells; ++c) {
    for (size_t a = 0; a < k; ++a) {
      model.centroids[c * k + a] =
          Rounded(centres.row(c)[a], model.centroid_step(static_cast<uint32_t>(a)));
    }
  }
  SetGeometry(training.other_mean, plan);
}

// The tables of rotation and centroids; table 0 is kept for the ranks of the cells.
void MakeModelTables(Plan& plan) {
  VectorModel& model = plan.model;
  const size_t k = model.axes, d = model.dimensions;
  model.tables = {FrequencyTable{0, {static_cast<uint16_t>(kRansTotal)}}};
  std::vector<Counts> rotation(k), centroids(k);
  for (size_t a = 0; a < k; ++a) {
    rotation[a] = Count(std::span(model.rotation).subspan(a * d, d));
    Counts& counts = centroids[a];
    counts = {};
    for (size_t c = 0; c < model.cells; ++c) {
      ++counts[static_cast<size_t>(model.centroids[c * k + a] + 128)];
    }
  }
  model.rotation_table = MakeTables(rotation, 8, 0, model.tables);
  model.centroid_table = MakeTables(centroids, 12, 0, model.tables);
}

// One item's residual and the directions that its error is seen along.
class ItemDirections {
 public:
  ItemDirections(const Plan& plan, const ItemsToCode& items, std::span<const float> neighbour_rest)
      : plan_(plan),
        items_(items),
        neighbour_rest_(neighbour_rest),
        k_(plan.model.axes),
        count_((2 + items.neighbours.each + kLanes - 1) / kLanes * kLanes),
        residual_(k_),
        along_(k_ * count_),
        rest_(count_) {}

  void Set(size_t i) {
    const auto neighbours = items_.neighbours.of(i);
    const auto vector = items_.pool.vectors.row(items_.first + i);
    const auto own = items_.pool.coordinates.row(items_.first + i);
    const size_t n = neighbours.size(), d = vector.size();
    // The middle of the queries near the item: where few neighbours are known, the cell's centre.
    const float each = n > 0 ? 1 / static_cast<float>(items_.neighbours.most) : 0;
    const float known = static_cast<float>(n) * each;
    const float scale = std::sqrt(kNeighbourShare * each);
    const std::span<const float> rests = neighbour_rest_.subspan(i * n, n);
    const float middle_rest = each * std::accumulate(rests.begin(), rests.end(), 0.0f);
    rest_[0] = LaneDot(plan_.mean.data(), vector.data(), d) -
               LaneDot(plan_.mean_products.data(), own.data(), k_) + middle_rest;
    rest_[1] = LaneDot(plan_.other.data(), vector.data(), d) -
               LaneDot(plan_.other_products.data(), own.data(), k_);
    for (size_t v = 0; v < n; ++v) rest_[2 + v] = scale * (rests[v] - middle_rest);
    for (size_t v = 0; v < n; ++v) {
      const auto row = items_.pool.products.row(neighbours[v]);
      for (size_t a = 0; a < k_; ++a) along_[a * count_ + 2 + v] = row[a];
    }
    const auto centroid = plan_.centroids.row(items_.cell[i]);
    for (size_t a = 0; a < k_; ++a) {
      residual_[a] = own[a] - centroid[a];
      float* along = along_.data() + a * count_;
      const std::span<float> near(along + 2, n);
      const float middle =
          (1 - known) * centroid[a] + each * std::accumulate(near.begin(), near.end(), 0.0f);
      along[0] = plan_.mean_products[a] + middle;
      along[1] = plan_.other_products[a];
      for (float& x : near) x = scale * (x - middle);
    }
  }

  std::span<const float> residual() const { return residual_; }
  ErrorDirections directions() const {
    const Neighbourhood& near = items_.neighbours;
    const float known =
        near.each > 0 ? static_cast<float>(near.each) / static_cast<float>(near.most) : 0;
    return {count_, along_, rest_, 1 - kExplainedShare * known};
  }

 private:
  const Plan& plan_;
  const ItemsToCode& items_;
  std::span<const float> neighbour_rest_;
  size_t k_, count_;
  std::vector<float> residual_, along_, rest_;
};

}  // namespace

Plan MakePlan(const Training& training, double loss, size_t threads) {
  Plan plan;
  const std::vector<size_t> chosen = ChooseAxes(training, loss);
  FillModel(training, loss, chosen, threads, plan);
  MakeModelTables(plan);
  const size_t k = chosen.size();
  plan.settings.cost.resize(k);
  for (size_t a = 0; a < k; ++a) {
    plan.costs.push_back(BitCosts::Gaussian(std::sqrt(training.residual_variance[chosen[a]]) /
                                            plan.settings.step[a]));
  }
  for (size_t a = 0; a < k; ++a) plan.settings.cost[a] = &plan.costs[a];
  const FramedVectors pool = InFrame(plan.frame, training.tuning_vectors, threads);
  const ItemsToCode items{pool, 0, training.tuning_cell, training.tuning_neighbours};
  const size_t count = items.cell.size();
  const size_t model_tables = plan.model.tables.size();
  const size_t groups = std::clamp<size_t>(training.items / 400, 1, 40);
  for (int round = 0; round < kTuningRounds; ++round) {
    const std::vector<int8_t> codes = CodeItems(plan, items, threads);
    std::vector<Counts> counts;
    for (size_t a = 0; a < k; ++a) {
      counts.push_back(Count(std::span(codes).subspan(a * count, count)));
    }
    plan.model.tables.resize(model_tables);
    plan.model.code_table = MakeTables(counts, groups, 2, plan.model.tables);
    std::vector<BitCosts> costs;
    for (const FrequencyTable& table : plan.model.tables) costs.emplace_back(table);
    plan.costs = std::move(costs);
    double bits = 0;
    for (size_t a = 0; a < k; ++a) {
      plan.settings.cost[a] = &plan.costs[plan.model.code_table[a]];
      for (int8_t code : std::span(codes).subspan(a * count, count)) {
        bits += (*plan.settings.cost[a])(code);
      }
    }
    plan.sample_bits_per_item = count ? bits / static_cast<double>(count) : 0;
  }
  return plan;
}

void SetGeometry(std::span<const float> other_mean, Plan& plan) {
  const VectorModel& model = plan.model;
  const size_t k = model.axes, d = model.dimensions;
  plan.mean.clear();
  for (int16_t x : model.mean) plan.mean.push_back(x * model.mean_step);
  plan.other.assign(other_mean.begin(), other_mean.end());
  plan.other.resize(d, 0);
  plan.mean_products.clear();
  plan.other_products.clear();
  for (size_t a = 0; a < k; ++a) {
    const float* axis = plan.frame.axes.row(a).data();
    plan.mean_products.push_back(LaneDot(axis, plan.mean.data(), d));
    plan.other_products.push_back(LaneDot(axis, plan.other.data(), d));
  }
  plan.centroids = Matrix(model.cells, k);
  for (size_t c = 0; c < model.cells; ++c) {
    for (size_t a = 0; a < k; ++a) {
      plan.centroids.row(c)[a] =
          model.centroids[c * k + a] * model.centroid_step(static_cast<uint32_t>(a));
    }
  }
}

std::vector<int8_t> CodeItems(const Plan& plan, const ItemsToCode& items, size_t threads) {
  const size_t k = plan.model.axes, count = items.cell.size();
  const std::vector<float> rest =
      RestOfProducts(items.neighbours, items.pool, items.first, threads);
  std::vector<int8_t> codes(k * count);
  ParallelChunks(count, 64, threads, [&](size_t begin, size_t end) {
    ItemDirections item(plan, items, rest);
    std::vector<int8_t> chosen(k);
    for (size_t i = begin; i < end; ++i) {
      item.Set(i);
      ChooseCodes(plan.settings, item.residual(), item.directions(), chosen);
      for (size_t a = 0; a < k; ++a) codes[a * count + i] = chosen[a];
    }
  });
  return codes;
}

}  // namespace vitrine
