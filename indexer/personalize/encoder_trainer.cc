#include "indexer/personalize/encoder_trainer.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <optional>
#include <random>

#include "indexer/personalize/candidate_sampler.h"
#include "indexer/personalize/encoder_batch.h"
#include "indexer/personalize/kernels.h"
#include "indexer/personalize/lists.h"
#include "indexer/personalize/random.h"
#include "indexer/personalize/training_rules.h"
#include "indexer/personalize/weights.h"

namespace vitrine {
namespace {

using kernels::Floats;
constexpr size_t d = kEncoderDimensions;
constexpr size_t kChunks = EncoderBatch::kChunks;
constexpr uint32_t kCandidateStep = 32;
constexpr float kNever = 1e4f;        // correction of a candidate that is only padding
constexpr float kNetworkRate = 0.5f;  // of the rate of the table

uint64_t Mix(uint64_t x) {  // splitmix64
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

}  // namespace

class EncoderTrainer::Steps {
 public:
  Steps(const Sequences& sequences, const std::vector<bool>& own_vector,
        const ItemFeatures& features, const EncoderOptions& options)
      : sequences_(sequences),
        own_vector_(own_vector),
        features_(features),
        options_(options),
        n_(static_cast<uint32_t>(own_vector.size())),
        random_(options.seed),
        rows_(own_vector, features, options.dimensions, random_),
        batch_(options.dimensions, options.heads, options.max_events, options.batch, random_) {
    assert(options.max_events > 0 && options.max_events <= kMaxEncoderEvents);
    assert(options.heads > 0 && options.heads <= kMaxEncoderHeads);
    assert(IsTableDimensions(options.dimensions));
  }

  void Train(size_t sessions, float passes) {
    FindExamples(sessions);
    const auto products = static_cast<uint64_t>(std::count(trained_.begin(), trained_.end(), true));
    const auto chosen = [&](float given, auto rule) {
      return given < 0 ? rule(examples_.size(), products) : given;
    };
    dropout_ = chosen(options_.dropout, DropoutFor);
    event_dropout_ = chosen(options_.event_dropout, EventDropoutFor);
    learning_rate_ = chosen(options_.learning_rate, LearningRateFor);
    // The vectors that a second stage goes on with belong to the first one's temperature.
    if (temperature_ < 0) temperature_ = chosen(options_.temperature, TemperatureFor);
    InitSampling();
    TrainTeachers(sessions, passes);
    const uint32_t epochs =
        options_.epochs > 0 ? options_.epochs : EpochsFor(examples_.size(), products);
    const uint64_t batches = (examples_.size() + options_.batch - 1) / options_.batch;
    const auto total =
        static_cast<uint64_t>(static_cast<double>(batches * epochs) * static_cast<double>(passes));
    for (uint64_t step = 0; step < total; ++step) {
      if (step % batches == 0) Shuffle(examples_, random_);
      const size_t first = step % batches * options_.batch;
      const size_t count = std::min<size_t>(options_.batch, examples_.size() - first);
      // Warm up over the first twentieth, then down in a straight line.
      const float at = static_cast<float>(step + 1) / static_cast<float>(total);
      Step({examples_.data() + first, count}, at < 0.05f ? at / 0.05f : (1.02f - at) / 0.97f);
    }
    dropout_ = event_dropout_ = 0;  // a teacher judges by all that it knows
  }

  SessionEncoderData Result() const {
    SessionEncoderData data{batch_.Network(temperature_), {}};
    data.items.resize(size_t{n_} * d);
    Floats unit(d);
    for (ItemIndex i = 0; i < n_; ++i) {
      if (!trained_[i]) continue;
      rows_.Unit(i, unit.data());
      std::copy(unit.begin(), unit.end(), data.items.begin() + static_cast<std::ptrdiff_t>(i * d));
    }
    return data;
  }

 private:
  // One product of one session that is to be predicted from those before it.
  struct Example {
    uint64_t at;      // position of the target in sequences_.items
    uint32_t prefix;  // how many events before it count
    float weight;     // by its age
  };

  void TrainTeachers(size_t sessions, float passes) {
    while (sampler_->all() && teachers_.size() < options_.teachers) {
      EncoderOptions options = options_;
      options.dimensions = kEncoderDimensions;
      options.teachers = 0;
      options.seed += 1000 + teachers_.size();
      teachers_.push_back(std::make_unique<Steps>(sequences_, own_vector_, features_, options));
    }
    for (const auto& teacher : teachers_) teacher->Train(sessions, passes);
    // What came once may be an accident that must not be learned by heart; what teachers expect is
    // none, and all of the session is needed to follow them.
    if (!teachers_.empty()) dropout_ = event_dropout_ = 0;
  }

  void FindExamples(size_t sessions) {
    examples_.clear();
    // A product without features that the sessions do not have would keep its random row.
    trained_.assign(n_, false);
    for (ItemIndex i = 0; i < n_; ++i) trained_[i] = features_.Describe(i);
    for (size_t s = 0; s < sessions; ++s) {
      const float weight = WeightOf(s, sessions);
      for (uint64_t i = sequences_.offset[s]; i < sequences_.offset[s + 1]; ++i) {
        if (!rows_.Has(sequences_.items[i])) continue;
        trained_[sequences_.items[i]] = true;
        const uint64_t before = i - sequences_.offset[s];
        if (before == 0) continue;
        examples_.push_back(
            {i, static_cast<uint32_t>(std::min<uint64_t>(before, options_.max_events)), weight});
      }
    }
    if (examples_.size() > options_.max_examples) {
      examples_.erase(examples_.begin(),
                      examples_.end() - static_cast<std::ptrdiff_t>(options_.max_examples));
    }
  }

  // Of the examples in session s when the log ends with the first `sessions`.
  float WeightOf(size_t s, size_t sessions) const {
    const int64_t age = sequences_.time_seconds[sessions - 1] - sequences_.time_seconds[s];
    return static_cast<float>(WeightOfAge(age, options_.half_life_days));
  }

  void InitSampling() {
    std::vector<uint32_t> times_target(n_);
    for (const Example& example : examples_) ++times_target[Target(example)];
    uint32_t known = 0;
    for (ItemIndex i = 0; i < n_; ++i) known += rows_.Has(i);
    const bool all = known <= options_.negatives + options_.batch;
    sampler_.emplace(rows_, times_target, options_.batch, options_.negatives, all);
  }

  ItemIndex Target(const Example& example) const { return sequences_.items[example.at]; }

  void ChooseCandidates(std::span<const Example> examples) {
    targets_.clear();
    for (const Example& example : examples) targets_.push_back(Target(example));
    sampler_->Choose(targets_, random_);
    const std::span<const ItemIndex> candidates = sampler_->candidates();
    padded_ = (candidates.size() + kCandidateStep - 1) / kCandidateStep * kCandidateStep;
    candidate_.assign(padded_ * d, 0);
    correction_.assign(padded_, kNever);
    packed_.resize(padded_ * d);
    logits_.resize(batch_.capacity() * padded_);
    rows_.Prepare(candidates, options_.threads);
    OnThreads(options_.threads, [&](uint32_t begin, uint32_t stride) {
      for (size_t first = begin * kCandidateStep; first < padded_;
           first += stride * kCandidateStep) {
        const size_t last = std::min(first + kCandidateStep, candidates.size());
        for (size_t c = first; c < last; ++c) {
          rows_.Unit(candidates[c], candidate_.data() + c * d);
          correction_[c] = sampler_->LogChance(candidates[c]);
        }
        kernels::Pack(candidate_.data() + first * d, kCandidateStep, packed_.data() + first * d);
      }
    });
  }

  // Rows of a chunk are a multiple of four; rows beyond the examples weigh nothing.
  static size_t ChunkRows(std::span<const Example> examples) {
    return (examples.size() + 4 * kChunks - 1) / (4 * kChunks) * 4;
  }

  // Gets the batch ready: candidates, sessions and network.
  void Load(std::span<const Example> examples) {
    ChooseCandidates(examples);
    FindInputs(examples);
    rows_.Prepare(inputs_, options_.threads);
    batch_.PrepareWeights();
  }

  // The products of each session that are known and not dropped, newest first.
  void FindInputs(std::span<const Example> examples) {
    inputs_.clear();
    first_input_.assign(1, 0);
    for (size_t e = 0; e < ChunkRows(examples) * kChunks; ++e) {
      const uint32_t prefix = e < examples.size() ? examples[e].prefix : 0;
      for (uint32_t back = 1; back <= prefix; ++back) {
        const ItemIndex item = sequences_.items[examples[e].at - back];
        if (rows_.Has(item) && !(back > 1 && DropsEvent(examples[e], back))) {
          inputs_.push_back(item);
        }
      }
      batch_.length(e) = static_cast<uint32_t>(inputs_.size() - first_input_.back());
      first_input_.push_back(inputs_.size());
    }
  }

  // Calls visit(row, position, product) for every input of the rows begin .. end - 1.
  template <typename Visit>
  void ForEachInput(size_t begin, size_t end, Visit&& visit) const {
    for (size_t e = begin; e < end; ++e) {
      for (size_t i = first_input_[e]; i < first_input_[e + 1]; ++i) {
        visit(e, i - first_input_[e], inputs_[i]);
      }
    }
  }

  // Calls visit(chunk, begin, end) for the rows of each chunk.
  template <typename Visit>
  void ForEachChunk(std::span<const Example> examples, Visit&& visit) const {
    const size_t chunk_rows = ChunkRows(examples);
    OnThreads(options_.threads, [&](uint32_t begin, uint32_t stride) {
      for (size_t chunk = begin; chunk < kChunks; chunk += stride) {
        visit(chunk, chunk * chunk_rows, (chunk + 1) * chunk_rows);
      }
    });
  }

  // Leaves in logits_ how likely each product is to come next.
  void Judge(std::span<const Example> examples) {
    Load(examples);
    ForEachChunk(examples,
                 [&](size_t, size_t begin, size_t end) { Predict(begin, end, examples); });
  }

  void Step(std::span<const Example> examples, float rate) {
    ++step_;
    Load(examples);
    const size_t rows = ChunkRows(examples) * kChunks;
    for (const auto& teacher : teachers_) teacher->Judge(examples);
    ForEachChunk(examples, [&](size_t chunk, size_t begin, size_t end) {
      RunChunk(chunk, begin, end, examples);
    });
    candidate_gradient_.assign(padded_ * d, 0);
    OnThreads(options_.threads, [&](uint32_t begin, uint32_t stride) {
      for (size_t c = begin * kCandidateStep; c < padded_; c += stride * kCandidateStep) {
        kernels::WeightedSums(logits_.data() + c, 1, padded_, kCandidateStep, rows,
                              batch_.session(0), temperature_, candidate_gradient_.data() + c * d);
      }
    });
    Update(examples, rate);
  }

  // Which events are dropped is a function of (step, example, event) alone.
  bool DropsEvent(const Example& example, uint32_t back) const {
    const uint64_t word = Mix(Mix(Mix(options_.seed + step_) + example.at) + back);
    return static_cast<float>(word >> 40) * 0x1p-24f < event_dropout_;
  }

  // Drops components of the p-th product of example e and scales up the others. Which ones is a
  // function of (step, example, position) alone, so that the way back drops the same.
  void Drop(size_t e, size_t p, float* x) const {
    if (dropout_ <= 0) return;
    std::array<uint64_t, d / 8> words;
    for (size_t k = 0; k < words.size(); ++k) {
      words[k] = Mix(Mix(options_.seed + step_) + (e * options_.max_events + p) * d + 8 * k);
    }
    const auto chance = BitCast<std::array<uint8_t, d>>(words);
    kernels::Drop(chance.data(), static_cast<uint8_t>(dropout_ * 256), 1 / (1 - dropout_), x);
  }

  size_t TargetPosition(const Example& example) const {
    return sampler_->PositionOf(Target(example));
  }

  // Forward and softmax for the rows begin .. end - 1: probabilities in logits_.
  void Predict(size_t begin, size_t end, std::span<const Example> examples) {
    ForEachInput(begin, end, [&](size_t e, size_t p, ItemIndex item) {
      rows_.Unit(item, batch_.input(e, p));
      Drop(e, p, batch_.input(e, p));
    });
    batch_.Forward(begin, end);
    kernels::Products(batch_.session(begin), end - begin, packed_.data(), padded_, temperature_,
                      logits_.data() + begin * padded_);
    for (size_t e = begin; e < end; ++e) {
      float* z = logits_.data() + e * padded_;
      if (batch_.length(e) == 0) {
        std::fill_n(z, padded_, 0.0f);
      } else {
        kernels::Softmax(z, padded_, correction_.data(), TargetPosition(examples[e]));
        // Padding has so little that sums over it would be slow: of denormal numbers.
        std::fill(z + sampler_->candidates().size(), z + padded_, 0.0f);
      }
    }
  }

  // From probabilities to the gradient by the logits: less what came, or what the teachers expect.
  void SubtractTruth(float* z, size_t e, const Example& example) const {
    if (teachers_.empty()) {
      z[TargetPosition(example)] -= 1;
      return;
    }
    const float share = 1 / static_cast<float>(teachers_.size());
    for (const auto& teacher : teachers_) {
      const float* expected = teacher->logits_.data() + e * padded_;
      for (size_t c = 0; c < padded_; ++c) z[c] -= share * expected[c];
    }
  }

  // There and back for the rows begin .. end - 1. Leaves in logits_ the gradient by the logits.
  void RunChunk(size_t chunk, size_t begin, size_t end, std::span<const Example> examples) {
    Predict(begin, end, examples);
    const float* logits = logits_.data() + begin * padded_;
    for (size_t e = begin; e < end; ++e) {
      if (batch_.length(e) == 0) continue;
      float* z = logits_.data() + e * padded_;
      SubtractTruth(z, e, examples[e]);
      kernels::Scale(z, padded_, examples[e].weight / static_cast<float>(examples.size()));
    }
    std::fill_n(batch_.session_gradient(begin), (end - begin) * d, 0.0f);
    kernels::WeightedSums(logits, padded_, 1, end - begin, padded_, candidate_.data(), temperature_,
                          batch_.session_gradient(begin));
    batch_.Backward(chunk, begin, end);
    ForEachInput(begin, end,
                 [&](size_t e, size_t p, ItemIndex) { Drop(e, p, batch_.input_gradient(e, p)); });
  }

  // Gathers the gradients in a fixed order and takes one step of Adam.
  void Update(std::span<const Example> examples, float rate) {
    const std::span<const ItemIndex> candidates = sampler_->candidates();
    gradients_.clear();
    for (size_t c = 0; c < candidates.size(); ++c) {
      gradients_.push_back({candidates[c], candidate_gradient_.data() + c * d});
    }
    ForEachInput(0, examples.size(), [&](size_t e, size_t p, ItemIndex item) {
      gradients_.push_back({item, batch_.input_gradient(e, p)});
    });
    rows_.AddGradients(gradients_, options_.threads);
    const double steps = static_cast<double>(step_);
    const double first_correction = 1 / (1 - std::pow(0.9, steps));
    kernels::AdamStep adam{
        .rate = learning_rate_ * rate * static_cast<float>(first_correction),
        .first_decay = 0.9f,
        .second_decay = 0.99f,
        .second_correction = static_cast<float>(1 / (1 - std::pow(0.99, steps)))};
    rows_.Update(adam, options_.threads);
    adam.rate *= kNetworkRate;
    batch_.Update(adam);
  }

  const Sequences& sequences_;
  const std::vector<bool>& own_vector_;
  const ItemFeatures& features_;
  const EncoderOptions options_;
  const uint32_t n_;
  std::mt19937_64 random_;
  ItemRows rows_;
  EncoderBatch batch_;
  std::vector<std::unique_ptr<Steps>> teachers_;
  std::vector<Example> examples_;
  std::vector<bool> trained_;  // has a vector in the result
  std::optional<CandidateSampler> sampler_;
  float dropout_ = 0, event_dropout_ = 0, temperature_ = -1, learning_rate_ = 0;
  uint64_t step_ = 0;
  // What the targets of one batch are told from: one row of candidate_ and one column of logits_ a
  // candidate, padded_ of them.
  std::vector<ItemIndex> targets_, inputs_;
  std::vector<size_t> first_input_;  // of each row of the batch
  std::vector<ItemRows::Gradient> gradients_;
  size_t padded_ = 0;
  Floats candidate_, packed_, correction_, candidate_gradient_, logits_;
};

EncoderTrainer::EncoderTrainer(const Sequences& sequences, const std::vector<bool>& own_vector,
                               const ItemFeatures& features, const EncoderOptions& options)
    : steps_(std::make_unique<Steps>(sequences, own_vector, features, options)) {}
EncoderTrainer::EncoderTrainer(EncoderTrainer&&) noexcept = default;
EncoderTrainer::~EncoderTrainer() = default;

void EncoderTrainer::Train(size_t sessions, float passes) { steps_->Train(sessions, passes); }

SessionEncoderData EncoderTrainer::Result() const { return steps_->Result(); }

SessionEncoderData TrainSessionEncoder(const Sequences& sequences,
                                       const std::vector<bool>& own_vector,
                                       const ItemFeatures& features,
                                       const EncoderOptions& options) {
  EncoderTrainer trainer(sequences, own_vector, features, options);
  trainer.Train(sequences.size());
  return trainer.Result();
}

}  // namespace vitrine
