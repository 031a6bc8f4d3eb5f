#include "shared/taste/session_encoder.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "shared/taste/math.h"
#include "shared/taste/matrix_bytes.h"

namespace vitrine {
namespace {

constexpr size_t d = kEncoderDimensions;

float Dot(const float* a, const float* b) {
  float sum = 0;
  for (size_t i = 0; i < d; ++i) sum += a[i] * b[i];
  return sum;
}

// out += matrix x vector
void MultiplyAdd(const float* matrix, const float* vector, float* out) {
  for (size_t i = 0; i < d; ++i) out[i] += Dot(matrix + i * d, vector);
}

// Of a d x d matrix, the first `c` rows of `c` columns.
void WriteCorner(std::span<const float> matrix, size_t c, ByteWriter& out) {
  for (size_t row = 0; row < c; ++row) WriteRow(matrix.subspan(row * d, c), out);
}

// Appends a d x d matrix that is zero but for its corner.
void ReadCorner(ByteReader& in, size_t c, std::vector<float>& matrix) {
  std::vector<float> corner;
  ReadMatrix(in, c, c, corner);
  const size_t at = matrix.size();
  matrix.resize(at + d * d);
  for (size_t i = 0; i < corner.size(); ++i) matrix[at + i / c * d + i % c] = corner[i];
}

}  // namespace

Bytes EncodeSessionEncoder(const SessionEncoderData& data) {
  const EncoderNetwork& network = data.network;
  assert(network.heads <= kMaxEncoderHeads && network.max_events <= kMaxEncoderEvents);
  assert(data.items.size() % d == 0);
  const uint32_t c = network.dimensions;
  ByteWriter out;
  out.Write(static_cast<uint8_t>(network.heads));
  out.Write(static_cast<uint8_t>(network.max_events));
  out.Write(static_cast<uint16_t>(c));
  out.Write(network.temperature);
  for (const auto* matrix :
       {&network.direct, &network.hidden_last, &network.hidden_mean, &network.hidden_out}) {
    WriteCorner(*matrix, c, out);
  }
  for (uint32_t h = 0; h < network.heads; ++h) {
    WriteCorner(std::span(network.keys).subspan(h * d * d, d * d), c, out);
    WriteCorner(std::span(network.values).subspan(h * d * d, d * d), c, out);
  }
  for (uint32_t h = 0; h < network.heads; ++h) {
    out.WriteArray(std::span(network.key_bias).subspan(h * d, c));
  }
  out.WriteArray(std::span<const float>(network.position_bias));
  WriteItemTable(data.items, c, out);
  return out.Take();
}

Result<SessionEncoder> SessionEncoder::Open(ByteView part, uint32_t item_count) {
  SessionEncoder encoder;
  ByteReader in(part);
  EncoderNetwork& network = encoder.network_;
  network.heads = in.Read<uint8_t>();
  network.max_events = in.Read<uint8_t>();
  const auto dimensions = in.Read<uint16_t>();
  const uint32_t c = network.dimensions = dimensions == 0 ? d : dimensions;
  network.temperature = in.Read<float>();
  if (!in.ok() || network.heads > kMaxEncoderHeads || network.max_events > kMaxEncoderEvents ||
      network.max_events == 0 || !IsTableDimensions(c) || !(network.temperature >= 0) ||
      network.temperature > 1000) {
    return Error{"taste section: truncated or corrupt head of the session encoder"};
  }
  for (auto* matrix :
       {&network.direct, &network.hidden_last, &network.hidden_mean, &network.hidden_out}) {
    ReadCorner(in, c, *matrix);
  }
  for (uint32_t h = 0; h < network.heads; ++h) {
    ReadCorner(in, c, network.keys);
    ReadCorner(in, c, network.values);
  }
  for (uint32_t h = 0; h < network.heads; ++h) {
    const auto bias = in.ReadArray<float>(c);
    network.key_bias.insert(network.key_bias.end(), bias.begin(), bias.end());
    network.key_bias.resize((h + 1) * d);
  }
  network.position_bias = in.ReadArray<float>(uint64_t{network.heads} * network.max_events);
  if (!in.ok()) return Error{"taste section: session encoder truncated"};
  VITRINE_ASSIGN(encoder.table_, ItemTable::Read(in, item_count, c));
  if (in.remaining() != 0) return Error{"taste section: bytes left over after the item table"};
  for (const auto* weights :
       {&network.direct, &network.hidden_last, &network.hidden_mean, &network.hidden_out,
        &network.keys, &network.values, &network.key_bias, &network.position_bias}) {
    if (!AllSmall(*weights)) return Error{"taste section: a weight of the encoder is not finite"};
  }

  return encoder;
}

bool SessionEncoder::Encode(std::span<const ItemIndex> newest_first, std::span<float> unit) const {
  std::array<std::array<float, d>, kMaxEncoderEvents> x;
  size_t length = 0;
  for (ItemIndex item : newest_first) {
    if (length == network_.max_events) break;
    if (item < table_.item_count() && table_.Knows(item)) table_.Decode(item, x[length++]);
  }
  if (length == 0) return false;

  std::array<float, d> sum{}, hidden{};
  MultiplyAdd(network_.direct.data(), x[0].data(), sum.data());
  MultiplyAdd(network_.hidden_last.data(), x[0].data(), hidden.data());
  for (uint32_t h = 0; h < network_.heads; ++h) {
    std::array<float, d> query, mean{};
    std::copy_n(network_.key_bias.begin() + h * d, d, query.begin());
    MultiplyAdd(network_.keys.data() + h * d * d, x[0].data(), query.data());
    std::array<float, kMaxEncoderEvents> attention;
    float most = -1e30f, total = 0;
    for (size_t p = 0; p < length; ++p) {
      attention[p] =
          Dot(query.data(), x[p].data()) + network_.position_bias[h * network_.max_events + p];
      most = std::max(most, attention[p]);
    }
    for (size_t p = 0; p < length; ++p) total += attention[p] = Exp(attention[p] - most);
    for (size_t p = 0; p < length; ++p) {
      for (size_t k = 0; k < d; ++k) mean[k] += attention[p] / total * x[p][k];
    }
    MultiplyAdd(network_.values.data() + h * d * d, mean.data(), sum.data());
    if (h + 1 == network_.heads) {
      MultiplyAdd(network_.hidden_mean.data(), mean.data(), hidden.data());
    }
  }
  for (float& value : hidden) value = std::max(value, 0.0f);
  MultiplyAdd(network_.hidden_out.data(), hidden.data(), sum.data());
  const float square = Dot(sum.data(), sum.data());
  if (!(square > 0) || square > 1e30f) return false;
  const float norm = std::sqrt(square);
  for (size_t k = 0; k < d; ++k) unit[k] = sum[k] / norm;
  return true;
}

}  // namespace vitrine
