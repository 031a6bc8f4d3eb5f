#include "indexer/personalize/encoder_batch.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "indexer/personalize/random.h"
#include "shared/taste/math.h"

namespace vitrine {
namespace {
constexpr size_t d = kEncoderDimensions;
using kernels::Floats;
static_assert(d == kernels::kColumns);
}  // namespace

EncoderLayout::EncoderLayout(size_t head_count)
    : heads(head_count),
      hidden_last(d * d),
      hidden_mean(2 * d * d),
      hidden_out(3 * d * d),
      values(4 * d * d),
      keys(values + heads * d * d),
      key_bias(keys + heads * d * d),
      position_bias(key_bias + heads * d),
      size(position_bias + heads * d) {}

EncoderBatch::EncoderBatch(uint32_t dimensions, size_t heads, uint32_t max_events, size_t batch,
                           std::mt19937_64& random)
    : layout_(heads), dimensions_(dimensions), max_events_(max_events) {
  for (Floats* weights : {&weight_, &first_, &second_}) weights->resize(layout_.size);
  for (size_t i = 0; i < layout_.key_bias; ++i) {
    // Wider for the hidden layer, which has to break its symmetry.
    const float width = i >= layout_.hidden_last && i < layout_.values ? 0.3f : 0.07f;
    const float weight = static_cast<float>(Uniform(random) - 0.5) * width;
    weight_[i] = i % d < dimensions && i / d % d < dimensions ? weight : 0;
  }
  for (size_t k = 0; k < dimensions; ++k) {
    weight_[k * d + k] += 0.5f;
    for (size_t h = 0; h < heads; ++h) weight_[layout_.values + h * d * d + k * d + k] += 0.5f;
  }
  for (size_t h = 0; h < heads; ++h) {
    for (uint32_t p = 0; p < max_events; ++p) {
      // The first head begins with the last products, the others with all.
      weight_[layout_.position_bias + h * d + p] =
          (h == 0 ? -0.5f : -0.05f) * static_cast<float>(p);
    }
  }
  const size_t rows = (batch + 4 * kChunks) / (4 * kChunks) * (4 * kChunks);
  length_.resize(rows);
  for (Floats* array : {&x_, &dx_}) array->resize(rows * max_events * d);
  for (Floats* array : {&query_, &dquery_, &mean_, &dmean_, &attention_}) {
    array->resize(heads * rows * d);
  }
  for (Floats* array : {&x0_, &dx0_, &hidden_, &dhidden_, &session_, &dsession_}) {
    array->resize(rows * d);
  }
  norm_.resize(rows);
  gradient_.assign(kChunks, Floats(layout_.size));
}

void EncoderBatch::PrepareWeights() {
  transposed_.resize(layout_.key_bias);
  for (size_t matrix = 0; matrix < layout_.key_bias; matrix += d * d) {
    for (size_t i = 0; i < d * d; ++i)
      transposed_[matrix + i % d * d + i / d] = weight_[matrix + i];
  }
}

// A matrix is applied to all rows by its transpose, which PrepareWeights() made.
void EncoderBatch::Forward(size_t begin, size_t end) {
  const size_t count = end - begin, rows = norm_.size();
  const auto apply = [&](size_t matrix, const Floats& input, size_t at, Floats& output, size_t to) {
    kernels::WeightedSums(input.data() + at * d, d, 1, count, d, transposed_.data() + matrix, 1,
                          output.data() + to * d);
  };
  const auto clear = [&](Floats& values, size_t at) {
    std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(at * d), count * d, 0.0f);
  };
  for (size_t e = begin; e < end; ++e) {
    const bool some = length_[e] > 0;
    for (size_t k = 0; k < d; ++k) x0_[e * d + k] = some ? x_[e * max_events_ * d + k] : 0;
  }
  clear(session_, begin);
  clear(hidden_, begin);
  apply(0, x0_, begin, session_, begin);
  apply(layout_.hidden_last, x0_, begin, hidden_, begin);
  for (size_t h = 0; h < layout_.heads; ++h) {
    const size_t at = h * rows + begin;
    clear(query_, at);
    apply(layout_.keys + h * d * d, x0_, begin, query_, at);
    for (size_t e = 0; e < count; ++e) Attend(h, begin + e);
    apply(layout_.values + h * d * d, mean_, at, session_, begin);
    if (h + 1 == layout_.heads) apply(layout_.hidden_mean, mean_, at, hidden_, begin);
  }
  for (size_t i = begin * d; i < end * d; ++i) hidden_[i] = std::max(hidden_[i], 0.0f);
  apply(layout_.hidden_out, hidden_, begin, session_, begin);
  for (size_t e = begin; e < end; ++e) {
    float* s = session_.data() + e * d;
    norm_[e] = std::sqrt(kernels::Dot(s, s)) + 1e-12f;
    for (size_t k = 0; k < d; ++k) s[k] /= norm_[e];
  }
}

// Where head h of example e looks, and the mean of what it sees there.
void EncoderBatch::Attend(size_t h, size_t e) {
  const size_t at = (h * norm_.size() + e) * d;
  const uint32_t length = length_[e];
  const float* x = x_.data() + e * max_events_ * d;
  float* attention = attention_.data() + at;
  kernels::AddScaled(weight_.data() + layout_.key_bias + h * d, 1, query_.data() + at);
  std::fill_n(mean_.data() + at, d, 0.0f);
  float most = -1e30f, total = 0;
  for (uint32_t p = 0; p < length; ++p) {
    attention[p] =
        kernels::Dot(query_.data() + at, x + p * d) + weight_[layout_.position_bias + h * d + p];
    most = std::max(most, attention[p]);
  }
  for (uint32_t p = 0; p < length; ++p) total += attention[p] = Exp(attention[p] - most);
  for (uint32_t p = 0; p < length; ++p) {
    attention[p] /= total;
    kernels::AddScaled(x + p * d, attention[p], mean_.data() + at);
  }
}

void EncoderBatch::Backward(size_t chunk, size_t begin, size_t end) {
  const size_t rows = norm_.size(), count = end - begin;
  float* gradient = gradient_[chunk].data();
  std::fill_n(gradient, layout_.size, 0.0f);
  for (size_t e = begin; e < end; ++e) {  // through the normalisation
    const float* s = session_.data() + e * d;
    float* ds = dsession_.data() + e * d;
    const float along = kernels::Dot(s, ds);
    for (size_t k = 0; k < d; ++k) ds[k] = (ds[k] - s[k] * along) / norm_[e];
  }
  const float* ds = dsession_.data() + begin * d;
  const float* x0 = x0_.data() + begin * d;
  float* dx0 = dx0_.data() + begin * d;
  std::fill_n(dx0, count * d, 0.0f);
  kernels::WeightedSums(ds, d, 1, count, d, weight_.data(), 1, dx0);
  kernels::WeightedSums(ds, 1, d, d, count, x0, 1, gradient);
  for (size_t h = 0; h < layout_.heads; ++h) {
    const size_t at = (h * rows + begin) * d;
    std::fill_n(dmean_.data() + at, count * d, 0.0f);
    std::fill_n(dquery_.data() + at, count * d, 0.0f);
    kernels::WeightedSums(ds, d, 1, count, d, weight_.data() + layout_.values + h * d * d, 1,
                          dmean_.data() + at);
    kernels::WeightedSums(ds, 1, d, d, count, mean_.data() + at, 1,
                          gradient + layout_.values + h * d * d);
  }
  BackwardHidden(begin, end, gradient);
  for (size_t e = begin; e < end; ++e) BackwardAttention(e, gradient);
  for (size_t h = 0; h < layout_.heads; ++h) {
    const float* dquery = dquery_.data() + (h * rows + begin) * d;
    kernels::WeightedSums(dquery, d, 1, count, d, weight_.data() + layout_.keys + h * d * d, 1,
                          dx0);
    kernels::WeightedSums(dquery, 1, d, d, count, x0, 1, gradient + layout_.keys + h * d * d);
  }
  for (size_t e = begin; e < end; ++e) {
    if (length_[e] == 0) continue;
    kernels::AddScaled(dx0_.data() + e * d, 1, dx_.data() + e * max_events_ * d);
  }
}

void EncoderBatch::BackwardHidden(size_t begin, size_t end, float* gradient) {
  const size_t count = end - begin, last = (layout_.heads - 1) * norm_.size() + begin;
  const float* ds = dsession_.data() + begin * d;
  const float* hidden = hidden_.data() + begin * d;
  float* dhidden = dhidden_.data() + begin * d;
  std::fill_n(dhidden, count * d, 0.0f);
  kernels::WeightedSums(ds, d, 1, count, d, weight_.data() + layout_.hidden_out, 1, dhidden);
  kernels::WeightedSums(ds, 1, d, d, count, hidden, 1, gradient + layout_.hidden_out);
  for (size_t i = 0; i < count * d; ++i) {
    if (hidden[i] <= 0) dhidden[i] = 0;
  }
  const auto back = [&](size_t matrix, const float* input, float* dinput) {
    kernels::WeightedSums(dhidden, d, 1, count, d, weight_.data() + matrix, 1, dinput);
    kernels::WeightedSums(dhidden, 1, d, d, count, input, 1, gradient + matrix);
  };
  back(layout_.hidden_last, x0_.data() + begin * d, dx0_.data() + begin * d);
  back(layout_.hidden_mean, mean_.data() + last * d, dmean_.data() + last * d);
}

void EncoderBatch::BackwardAttention(size_t e, float* gradient) {
  const size_t rows = norm_.size();
  const uint32_t length = length_[e];
  const float* x = x_.data() + e * max_events_ * d;
  float* dx = dx_.data() + e * max_events_ * d;
  std::fill_n(dx, length * d, 0.0f);
  for (size_t h = 0; h < layout_.heads && length > 0; ++h) {
    const size_t at = (h * rows + e) * d;
    const float* attention = attention_.data() + at;
    float* dquery = dquery_.data() + at;
    std::array<float, kMaxEncoderEvents> dattention;
    float expected = 0;
    for (uint32_t p = 0; p < length; ++p) {
      dattention[p] = kernels::Dot(dmean_.data() + at, x + p * d);
      expected += attention[p] * dattention[p];
    }
    for (uint32_t p = 0; p < length; ++p) {
      const float dlogit = attention[p] * (dattention[p] - expected);
      gradient[layout_.position_bias + h * d + p] += dlogit;
      kernels::AddScaled(dmean_.data() + at, attention[p], dx + p * d);
      kernels::AddScaled(query_.data() + at, dlogit, dx + p * d);
      kernels::AddScaled(x + p * d, dlogit, dquery);
    }
    kernels::AddScaled(dquery, 1, gradient + layout_.key_bias + h * d);
  }
}

void EncoderBatch::Update(const kernels::AdamStep& adam) {
  Floats& total = gradient_[0];
  for (size_t chunk = 1; chunk < kChunks; ++chunk) {
    for (size_t i = 0; i < layout_.size; ++i) total[i] += gradient_[chunk][i];
  }
  for (size_t i = 0; i < layout_.size; i += d) {
    kernels::Adam(total.data() + i, adam, weight_.data() + i, first_.data() + i,
                  second_.data() + i);
  }
}

EncoderNetwork EncoderBatch::Network(float temperature) const {
  EncoderNetwork network;
  network.dimensions = dimensions_;
  network.heads = static_cast<uint32_t>(layout_.heads);
  network.max_events = max_events_;
  network.temperature = temperature;
  const auto copy = [&](size_t at, size_t size, std::vector<float>& out) {
    out.insert(out.end(), weight_.begin() + static_cast<std::ptrdiff_t>(at),
               weight_.begin() + static_cast<std::ptrdiff_t>(at + size));
  };
  copy(0, d * d, network.direct);
  copy(layout_.hidden_last, d * d, network.hidden_last);
  copy(layout_.hidden_mean, d * d, network.hidden_mean);
  copy(layout_.hidden_out, d * d, network.hidden_out);
  copy(layout_.values, layout_.heads * d * d, network.values);
  copy(layout_.keys, layout_.heads * d * d, network.keys);
  copy(layout_.key_bias, layout_.heads * d, network.key_bias);
  for (size_t h = 0; h < layout_.heads; ++h) {
    copy(layout_.position_bias + h * d, max_events_, network.position_bias);
  }
  return network;
}

}  // namespace vitrine
