// Entropy coding of small integers: range asymmetric numeral systems (Duda, arXiv:1311.2540), with
// static tables of 12-bit frequencies, 32-bit states, 16-bit words and four interleaved states
// (Giesen, arXiv:1402.3392), so that four symbols are in flight at once.
//
// A stream is a sequence of runs; the symbols of a run share one table, and symbol i of a run
// belongs to state i mod 4.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "shared/bytes.h"

namespace vitrine {

inline constexpr int kRansBits = 12;
inline constexpr uint32_t kRansTotal = 1u << kRansBits;

// How often each value low..low+frequency.size()-1 occurs, in 1/4096. Values are in [-128, 127].
struct FrequencyTable {
  int low = 0;
  std::vector<uint16_t> frequency;

  int high() const { return low + static_cast<int>(frequency.size()) - 1; }
  bool Holds(int value) const { return value >= low && value <= high(); }

  // Frequencies in proportion to the counts, at least 1 each, summing to 4096.
  // REQUIRES: 1 to 256 counts.
  static FrequencyTable FromCounts(int low, std::span<const double> counts);

  void Write(ByteWriter& out) const;
  static std::optional<FrequencyTable> Read(ByteReader& in);
};

// A table arranged for decoding. 5 KiB: a run of an axis walks all over it, and there are dozens.
class DecodeTable {
 public:
  explicit DecodeTable(const FrequencyTable& table);

  // The value, as an unsigned byte, of one of the 4096 slots.
  uint8_t ValueAt(uint32_t slot) const { return value_[slot]; }
  // The state that follows `state`, whose slot holds `value`, before new words come in.
  uint32_t Advance(uint32_t state, uint8_t value) const {
    const Share& share = share_[value];
    return share.frequency * (state >> kRansBits) + (state & (kRansTotal - 1)) - share.start;
  }

 private:
  struct Share {
    uint16_t start, frequency;
  };
  std::array<uint8_t, kRansTotal> value_;
  std::array<Share, 256> share_;  // by value as an unsigned byte
};

class RansEncoder {
 public:
  // REQUIRES: the table holds every value, and outlives Finish().
  void Add(const FrequencyTable& table, std::span<const int8_t> run);
  Bytes Finish();

 private:
  struct Symbol {
    uint16_t start, frequency;
    uint8_t state;
  };
  std::vector<Symbol> symbols_;
};

class RansDecoder {
 public:
  explicit RansDecoder(ByteView stream);

  // Fills `run`. Past the end of the stream the values are arbitrary, but in the table.
  void Read(const DecodeTable& table, std::span<int8_t> run);

  // True when everything was read and the states ended where the encoder began: nearly every
  // corruption of a stream shows here.
  bool Finished() const;

 private:
  const uint8_t* at_;
  const uint8_t* end_;
  std::array<uint32_t, 4> state_{};
  bool overrun_ = false;
};

}  // namespace vitrine
