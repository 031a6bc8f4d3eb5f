// A session as a unit vector in the space of the products' own vectors: attention of the last
// product over the session, between one table of item vectors on both sides (the idea of CORE, Hou
// et al., SIGIR 2022, with the normalised vectors of NISER, Gupta et al., 2019).
//
//   x_p = unit vector of the p-th last product          p = 0 .. length-1
//   a_h = softmax_p((K_h x_0 + k_h) . x_p + b_h[p])     one distribution for each head h
//   m_h = sum_p a_h[p] x_p                              what head h looks at
//   r   = max(0, F x_0 + G m_last)                      what the last product and the rest say
//   together s   = A x_0 + sum_h V_h m_h + O r                   the session score(j) = temperature
//   * cosine(s, x_j)
//
// A small shop's encoder has fewer components than kEncoderDimensions: what its vectors and
// matrices have beyond them is zero, and is not sent. Products below the privacy floor are not
// known here.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "shared/bytes.h"
#include "shared/item.h"
#include "shared/result.h"
#include "shared/taste/item_table.h"

namespace vitrine {

inline constexpr uint32_t kEncoderDimensions = kTableDimensions;
inline constexpr uint32_t kMaxEncoderHeads = 4;
inline constexpr uint32_t kMaxEncoderEvents = 64;

// The network in floats. Matrices are row-major, d x d with d = kEncoderDimensions.
struct EncoderNetwork {
  uint32_t dimensions = kEncoderDimensions;  // components that are not zero, see IsTableDimensions
  uint32_t heads = 2;
  uint32_t max_events = 30;  // only so many last events are looked at
  float temperature = 16;
  std::vector<float> direct;         // A
  std::vector<float> hidden_last;    // F
  std::vector<float> hidden_mean;    // G
  std::vector<float> hidden_out;     // O
  std::vector<float> keys;           // K_h, one after another
  std::vector<float> values;         // V_h
  std::vector<float> key_bias;       // k_h: heads x d
  std::vector<float> position_bias;  // b_h: heads x max_events
};

struct SessionEncoderData {
  EncoderNetwork network;
  std::vector<float> items;  // item_count x d, any lengths; a row of zeros = not known
};

// Size of the network as sent: matrices as int8 with one scale a row.
constexpr size_t EncoderNetworkBytes(uint32_t dimensions, uint32_t heads, uint32_t max_events) {
  return 8 + size_t{4 + 2 * heads} * dimensions * (4 + dimensions) +
         4 * size_t{heads} * (dimensions + max_events);
}

// The network, then the item table.
Bytes EncodeSessionEncoder(const SessionEncoderData& data);

class SessionEncoder {
 public:
  static Result<SessionEncoder> Open(ByteView part, uint32_t item_count);

  bool empty() const { return table_.item_count() == 0; }
  float temperature() const { return network_.temperature; }
  uint32_t max_events() const { return network_.max_events; }
  const ItemTable& table() const { return table_; }

  // Writes the session's unit vector, or returns false when no product of it is known.
  // `newest_first`: products of the session; those that are not known are skipped.
  bool Encode(std::span<const ItemIndex> newest_first, std::span<float> unit) const;

  // scores[j] = temperature x cosine of `unit` and product j, see ItemTable::Score.
  void Score(std::span<const float> unit, std::span<float> scores) const {
    table_.Score(unit, network_.temperature, scores);
  }

 private:
  EncoderNetwork network_;
  ItemTable table_;
};

}  // namespace vitrine
