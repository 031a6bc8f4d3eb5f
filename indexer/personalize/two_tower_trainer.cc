#include "indexer/personalize/two_tower_trainer.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <random>

#include "indexer/personalize/candidate_sampler.h"
#include "indexer/personalize/kernels.h"
#include "indexer/personalize/random.h"
#include "shared/top_k.h"

namespace vitrine {
namespace {

using kernels::Floats;
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
constexpr Eigen::Index d = kTableDimensions;
constexpr size_t kMaxValidation = 1000;
constexpr uint32_t kValidationHits = 20;
constexpr double kValidationShare = 0.05;

// One shopper's event that is to be predicted from those before it.
struct Example {
  uint64_t at;      // position in the histories
  uint32_t before;  // how many events of the same shopper before it count
};

// Weights of one dense layer with its gradient and moments of Adam.
struct Layer {
  Layer(Eigen::Index rows, Eigen::Index columns, float width, std::mt19937_64& random)
      : weight(rows, columns),
        gradient(Matrix::Zero(rows, columns)),
        first(gradient),
        second(gradient) {
    for (Eigen::Index i = 0; i < weight.size(); ++i) {
      weight.data()[i] = static_cast<float>(Uniform(random) - 0.5) * width;
    }
  }
  void Update(const kernels::AdamStep& adam) {
    first = adam.first_decay * first + (1 - adam.first_decay) * gradient;
    second = adam.second_decay * second + (1 - adam.second_decay) * gradient.cwiseProduct(gradient);
    weight.array() -=
        adam.rate * first.array() / ((second.array() * adam.second_correction).sqrt() + 1e-8f);
    gradient.setZero();
  }
  Matrix weight, gradient, first, second;
};

class Towers {
 public:
  Towers(std::span<const Interaction> interactions, const std::vector<bool>& own,
         const ItemFeatures& features, const std::vector<std::vector<uint32_t>>& segments_of,
         uint32_t segment_count, const TowerOptions& options)
      : n_(static_cast<uint32_t>(own.size())),
        segments_of_(segments_of),
        options_(options),
        random_(options.seed),
        rows_(own, features, kTableDimensions, random_),
        hidden_(kTowerHidden, kTowerInputs, 0.15f, random_),
        bias_(1, kTowerHidden, 0, random_),
        output_(d, kTowerHidden, 0.6f, random_),
        segments_(segment_count, d, 0.2f, random_) {
    OrderHistories(interactions);
    FindExamples();
    sampler_.emplace(SamplerOf());
  }

  TwoTowerData Train() {
    TwoTowerData best = Export();
    double best_hits = -1;
    uint32_t worse = 0;
    for (uint32_t epoch = 0; epoch < options_.max_epochs && worse < options_.patience; ++epoch) {
      Shuffle(examples_, random_);
      for (size_t first = 0; first < examples_.size(); first += options_.batch) {
        Step(
            {examples_.data() + first, std::min<size_t>(options_.batch, examples_.size() - first)});
      }
      const double hits = ValidationHits();
      if (hits > best_hits) {
        best_hits = hits;
        worse = 0;
        best = Export();
      } else {
        ++worse;
      }
    }
    return best;
  }

 private:
  void OrderHistories(std::span<const Interaction> interactions) {
    history_.assign(interactions.begin(), interactions.end());
    std::stable_sort(history_.begin(), history_.end(),
                     [](const Interaction& a, const Interaction& b) {
                       return a.user != b.user ? a.user < b.user : a.time_seconds < b.time_seconds;
                     });
  }

  void FindExamples() {
    uint32_t before = 0;
    for (uint64_t i = 0; i < history_.size(); ++i) {
      before = i > 0 && history_[i].user == history_[i - 1].user ? before + 1 : 0;
      const bool told = !segments_of_.empty() && !segments_of_[history_[i].user].empty();
      if (!rows_.Has(history_[i].item) || (before == 0 && !told)) continue;
      examples_.push_back({i, std::min<uint32_t>(before, kTowerEvents)});
    }
    std::stable_sort(examples_.begin(), examples_.end(), [&](const Example& a, const Example& b) {
      return history_[a.at].time_seconds < history_[b.at].time_seconds;
    });
    if (examples_.size() > options_.max_examples) {
      examples_.erase(examples_.begin(),
                      examples_.end() - static_cast<std::ptrdiff_t>(options_.max_examples));
    }
    const auto later =
        static_cast<size_t>(kValidationShare * static_cast<double>(examples_.size()));
    validation_.assign(examples_.end() - static_cast<std::ptrdiff_t>(later), examples_.end());
    examples_.resize(examples_.size() - later);
    const size_t stride = later / kMaxValidation + 1;
    for (size_t i = 0; i * stride < validation_.size(); ++i)
      validation_[i] = validation_[i * stride];
    validation_.resize((later + stride - 1) / stride);
  }

  CandidateSampler SamplerOf() const {
    std::vector<uint32_t> times_target(n_);
    for (const Example& example : examples_) ++times_target[Target(example)];
    return {rows_, times_target, options_.batch, options_.negatives, false};
  }

  ItemIndex Target(const Example& example) const { return history_[example.at].item; }

  // Calls visit(item, last, mean, strong) for the known products before an example, newest first,
  // with what each weighs in the three means of the input.
  template <typename Visit>
  void ForEachInput(const Example& example, Visit&& visit) const {
    float total = 0, strong = 0, decay = 1;
    for (int pass = 0; pass < 2; ++pass) {
      decay = 1;
      bool newest = true;
      for (uint32_t back = 1; back <= example.before; ++back) {
        const Interaction& event = history_[example.at - back];
        if (!rows_.Has(event.item)) continue;
        const bool is_strong = event.kind >= InteractionKind::kWishlist;
        if (pass == 0) {
          total += decay;
          strong += is_strong;
        } else {
          visit(event.item, newest ? 1.0f : 0.0f, decay / total, is_strong ? 1 / strong : 0.0f);
        }
        newest = false;
        decay *= kTowerDecay;
      }
    }
  }

  std::span<const uint32_t> SegmentsAt(const Example& example) const {
    if (segments_of_.empty()) return {};
    return segments_of_[history_[example.at].user];
  }

  void Forward(std::span<const Example> examples) {
    const auto count = static_cast<Eigen::Index>(examples.size());
    x_.setZero(count, kTowerInputs);
    Floats unit(d);
    for (Eigen::Index e = 0; e < count; ++e) {
      const Example& example = examples[static_cast<size_t>(e)];
      ForEachInput(example, [&](ItemIndex item, float last, float mean, float strong) {
        rows_.Unit(item, unit.data());
        const Eigen::Map<const Eigen::RowVectorXf> v(unit.data(), d);
        x_.row(e).segment(0, d) += last * v;
        x_.row(e).segment(d, d) += mean * v;
        x_.row(e).segment(2 * d, d) += strong * v;
      });
      for (uint32_t segment : SegmentsAt(example)) {
        x_.row(e).segment(3 * d, d) += segments_.weight.row(segment);
      }
    }
    h_ = ((x_ * hidden_.weight.transpose()).rowwise() + bias_.weight.row(0)).cwiseMax(0.0f);
    u_ = h_ * output_.weight.transpose();
  }

  void ChooseCandidates(std::span<const Example> examples) {
    targets_.clear();
    for (const Example& example : examples) targets_.push_back(Target(example));
    sampler_->Choose(targets_, random_);
    const std::span<const ItemIndex> candidates = sampler_->candidates();
    v_.resize(static_cast<Eigen::Index>(candidates.size()), d);
    Floats unit(d);
    for (size_t c = 0; c < candidates.size(); ++c) {
      rows_.Unit(candidates[c], unit.data());
      v_.row(static_cast<Eigen::Index>(c)) = Eigen::Map<const Eigen::RowVectorXf>(unit.data(), d);
    }
  }

  // From scores to the gradient of the loss by them.
  void ScoresToGradient(std::span<const Example> examples, Matrix& scores) const {
    const auto columns = static_cast<float>(scores.cols());
    for (Eigen::Index e = 0; e < scores.rows(); ++e) {
      const auto right =
          static_cast<Eigen::Index>(sampler_->PositionOf(Target(examples[static_cast<size_t>(e)])));
      if (options_.loss == TowerLoss::kMse) {
        const float score = scores(e, right);
        scores.row(e) *= 2 / columns;
        scores(e, right) = 2 * (score - 1);
        continue;
      }
      for (Eigen::Index c = 0; c < scores.cols(); ++c) {
        if (c == right) continue;
        scores(e, c) -= sampler_->LogChance(sampler_->candidates()[static_cast<size_t>(c)]);
      }
      scores.row(e) = (scores.row(e).array() - scores.row(e).maxCoeff()).exp();
      scores.row(e) /= scores.row(e).sum();
      scores(e, right) -= 1;
    }
    scores /= static_cast<float>(scores.rows());
  }

  void Step(std::span<const Example> examples) {
    ++step_;
    Forward(examples);
    ChooseCandidates(examples);
    Matrix scores = u_ * v_.transpose();
    ScoresToGradient(examples, scores);
    const Matrix dv = scores.transpose() * u_;
    const Matrix du = scores * v_;
    output_.gradient += du.transpose() * h_;
    const Matrix dh = ((du * output_.weight).array() * (h_.array() > 0).cast<float>()).matrix();
    hidden_.gradient += dh.transpose() * x_;
    bias_.gradient.row(0) += dh.colwise().sum();
    const Matrix dx = dh * hidden_.weight;
    Floats row(d);
    for (size_t c = 0; c < sampler_->candidates().size(); ++c) {
      Eigen::Map<Eigen::RowVectorXf>(row.data(), d) = dv.row(static_cast<Eigen::Index>(c));
      const ItemRows::Gradient gradient[] = {{sampler_->candidates()[c], row.data()}};
      rows_.AddGradients(gradient, 1);
    }
    for (Eigen::Index e = 0; e < dx.rows(); ++e) {
      const Example& example = examples[static_cast<size_t>(e)];
      ForEachInput(example, [&](ItemIndex item, float last, float mean, float strong) {
        Eigen::Map<Eigen::RowVectorXf>(row.data(), d) = last * dx.row(e).segment(0, d) +
                                                        mean * dx.row(e).segment(d, d) +
                                                        strong * dx.row(e).segment(2 * d, d);
        const ItemRows::Gradient gradient[] = {{item, row.data()}};
        rows_.AddGradients(gradient, 1);
      });
      for (uint32_t segment : SegmentsAt(example)) {
        segments_.gradient.row(segment) += dx.row(e).segment(3 * d, d);
      }
    }
    const auto steps = static_cast<double>(step_);
    const kernels::AdamStep adam{
        .rate = options_.learning_rate / static_cast<float>(1 - std::pow(0.9, steps)),
        .first_decay = 0.9f,
        .second_decay = 0.99f,
        .second_correction = static_cast<float>(1 / (1 - std::pow(0.99, steps)))};
    rows_.Update(adam, 1);
    for (Layer* layer : {&hidden_, &bias_, &output_, &segments_}) layer->Update(adam);
  }

  // How many of the later examples have their target among the first kValidationHits of all.
  double ValidationHits() {
    if (validation_.empty()) return 0;
    Forward(validation_);
    Floats unit(d);
    Matrix all(n_, d);
    for (ItemIndex i = 0; i < n_; ++i) {
      rows_.Unit(i, unit.data());
      all.row(i) = Eigen::Map<const Eigen::RowVectorXf>(unit.data(), d);
    }
    double hits = 0;
    for (size_t e = 0; e < validation_.size(); ++e) {
      const Eigen::VectorXf scores = all * u_.row(static_cast<Eigen::Index>(e)).transpose();
      const float mine = scores[Target(validation_[e])];
      hits += (scores.array() > mine).count() < kValidationHits;
    }
    return hits;
  }

  TwoTowerData Export() const {
    TwoTowerData data;
    const auto copy = [](const Matrix& from, std::vector<float>& to) {
      to.assign(from.data(), from.data() + from.size());
    };
    copy(hidden_.weight, data.user.hidden);
    copy(bias_.weight, data.user.bias);
    copy(output_.weight, data.user.output);
    copy(segments_.weight, data.user.segments);
    data.items.resize(size_t{n_} * d);
    Floats unit(d);
    for (ItemIndex i = 0; i < n_; ++i) {
      if (!rows_.Has(i)) continue;
      rows_.Unit(i, unit.data());
      std::copy(unit.begin(), unit.end(), data.items.begin() + static_cast<std::ptrdiff_t>(i * d));
    }
    return data;
  }

  const uint32_t n_;
  const std::vector<std::vector<uint32_t>>& segments_of_;
  const TowerOptions options_;
  std::mt19937_64 random_;
  ItemRows rows_;
  Layer hidden_, bias_, output_, segments_;
  std::vector<Interaction> history_;  // by (user, time)
  std::vector<Example> examples_, validation_;
  std::optional<CandidateSampler> sampler_;
  uint64_t step_ = 0;
  // One batch: a row of x_, h_, u_ an example, a row of v_ a candidate.
  Matrix x_, h_, u_, v_;
  std::vector<ItemIndex> targets_;
};

}  // namespace

std::vector<std::vector<uint32_t>> SegmentsOf(const SegmentsData& segments,
                                              const Profiles& profiles) {
  std::map<std::pair<std::string_view, std::string_view>, uint32_t> number;
  for (uint32_t s = 0; s < segments.segments.size(); ++s) {
    const SegmentsData::Segment& segment = segments.segments[s];
    number.emplace(std::pair<std::string_view, std::string_view>(
                       segments.attributes[segment.attribute], segment.value),
                   s);
  }
  std::vector<std::vector<uint32_t>> of(profiles.users());
  for (size_t a = 0; a < profiles.attributes(); ++a) {
    std::vector<uint32_t> segment_of(profiles.Values(a), Segments::kNone);
    for (uint32_t v = 1; v < profiles.Values(a); ++v) {
      const auto known = number.find({profiles.Attribute(a), profiles.Value(a, v)});
      if (known != number.end()) segment_of[v] = known->second;
    }
    for (uint32_t u = 0; u < profiles.users(); ++u) {
      const uint32_t segment = segment_of[profiles.Of(u, a)];
      if (segment != Segments::kNone) of[u].push_back(segment);
    }
  }
  return of;
}

TwoTowerData TrainTwoTower(std::span<const Interaction> interactions, const std::vector<bool>& own,
                           const ItemFeatures& features,
                           const std::vector<std::vector<uint32_t>>& segments_of,
                           uint32_t segment_count, const TowerOptions& options) {
  return Towers(interactions, own, features, segments_of, segment_count, options).Train();
}

}  // namespace vitrine
