// One batch of sessions through the network of the session encoder (shared/taste/session_encoder.h)
// and back: the forward pass, its gradients, and the network's weights with their moments of Adam.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "indexer/personalize/kernels.h"
#include "shared/taste/session_encoder.h"

namespace vitrine {

// Where each matrix of the network stands in one array of weights, so that Adam and the reduction
// are one loop. `direct` is at 0.
struct EncoderLayout {
  explicit EncoderLayout(size_t heads);
  size_t heads, hidden_last, hidden_mean, hidden_out, values, keys, key_bias, position_bias, size;
};

class EncoderBatch {
 public:
  static constexpr size_t kChunks = 8;  // parts of a batch that are computed apart

  // For batches of at most `batch` sessions with at most `max_events` products each, whose
  // components from `dimensions` on are zero. What the network has for those is zero and stays so.
  EncoderBatch(uint32_t dimensions, size_t heads, uint32_t max_events, size_t batch,
               std::mt19937_64& random);

  size_t capacity() const { return norm_.size(); }  // rows there is room for
  // The p-th last product of session e: 64 components to fill before Forward().
  float* input(size_t e, size_t p) { return x_.data() + (e * max_events_ + p) * kernels::kColumns; }
  uint32_t& length(size_t e) { return length_[e]; }  // products of session e; 0 = no session
  // After Forward(): unit vector of session e, one row a session.
  const float* session(size_t e) const { return session_.data() + e * kernels::kColumns; }
  // Before Backward(): the gradient by session(e), which Backward() overwrites.
  float* session_gradient(size_t e) { return dsession_.data() + e * kernels::kColumns; }
  // After Backward(): the gradient by input(e, p).
  float* input_gradient(size_t e, size_t p) {
    return dx_.data() + (e * max_events_ + p) * kernels::kColumns;
  }

  // To be called whenever the weights have changed.
  void PrepareWeights();
  // Sessions begin .. end - 1; chunks may run on different threads. As SessionEncoder::Encode.
  // REQUIRES: end - begin is a multiple of 4.
  void Forward(size_t begin, size_t end);
  // Leaves the gradient of the network by these sessions in the chunk's own array.
  void Backward(size_t chunk, size_t begin, size_t end);
  // Sums the gradients of the chunks in their order and takes one step of Adam.
  void Update(const kernels::AdamStep& adam);

  EncoderNetwork Network(float temperature) const;

 private:
  void Attend(size_t h, size_t e);
  void BackwardHidden(size_t begin, size_t end, float* gradient);
  void BackwardAttention(size_t e, float* gradient);

  const EncoderLayout layout_;
  const uint32_t dimensions_, max_events_;
  kernels::Floats weight_, first_, second_, transposed_;
  std::vector<kernels::Floats> gradient_;  // one a chunk
  // Row e of the arrays belongs to session e; x_ has max_events_ rows a session, the arrays of the
  // heads have the rows of head h at h * capacity().
  std::vector<uint32_t> length_;
  kernels::Floats x_, dx_, x0_, dx0_, query_, dquery_, mean_, dmean_, attention_, hidden_, dhidden_,
      session_, dsession_, norm_;
};

}  // namespace vitrine
