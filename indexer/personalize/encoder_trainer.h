// Trains the session encoder (shared/taste/session_encoder.h): softmax over products, the next
// product of the session as target, Adam.
//
// With many products the softmax is sampled: the targets of the batch and `negatives` drawn ones
// stand for all, each divided by the probability that it is among them (Jean et al., ACL 2015).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "indexer/personalize/item_rows.h"
#include "indexer/personalize/sequences.h"
#include "shared/taste/session_encoder.h"

namespace vitrine {

struct EncoderOptions {
  uint32_t dimensions = kEncoderDimensions;  // components of the vectors, see IsTableDimensions
  uint32_t max_events = 30;
  uint32_t heads = 2;
  float temperature = -1;    // of the softmax; below 0 = by training_rules.h
  float dropout = -1;        // of the components of the session's products; likewise
  float event_dropout = -1;  // of whole events before the last one; likewise
  float learning_rate = -1;  // likewise
  uint32_t batch = 512;      // examples a step
  uint32_t negatives = 2048;
  uint32_t epochs = 0;                // 0 = by the number of examples, see training_rules.h
  uint64_t max_examples = 4'000'000;  // the newest, an epoch
  double half_life_days = 0;          // of the weight of an example; 0 = all weigh the same
  // Where the softmax is over all products, so many encoders with all dimensions are trained first,
  // and this one learns what they expect in the place of what came (Hinton et al., 2015).
  uint32_t teachers = 0;
  uint64_t seed = 1;
  int threads = 1;  // never changes the result
};

// Trains on a log in stages: first on its earlier sessions, so that later ones can be validated on,
// then on all.
class EncoderTrainer {
 public:
  // `own_vector[i]`: product i may have a vector of its own (enough shoppers stand behind it). A
  // product with neither that nor features gets a row of zeros. `sequences`, `own_vector` and
  // `features` must outlive the object. Memory: 5 x 256 bytes a product, 4 x 256 a feature, and 16
  // an example.
  EncoderTrainer(const Sequences& sequences, const std::vector<bool>& own_vector,
                 const ItemFeatures& features, const EncoderOptions& options);
  EncoderTrainer(EncoderTrainer&&) noexcept;
  ~EncoderTrainer();

  // On the first `sessions` of the log, `passes` times as often as the options say. Goes on from
  // where the last call ended.
  // Time: about examples x epochs x 1 MFLOP with sampling.
  void Train(size_t sessions, float passes = 1);
  SessionEncoderData Result() const;

 private:
  class Steps;
  std::unique_ptr<Steps> steps_;
};

// One training on all sessions.
SessionEncoderData TrainSessionEncoder(const Sequences& sequences,
                                       const std::vector<bool>& own_vector,
                                       const ItemFeatures& features, const EncoderOptions& options);

}  // namespace vitrine
