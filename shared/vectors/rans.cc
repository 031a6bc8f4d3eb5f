#include "shared/vectors/rans.h"

#include <algorithm>
#include <cassert>

namespace vitrine {
namespace {

constexpr uint32_t kLowest = 1u << 16;  // states stay in [2^16, 2^32)
constexpr size_t kWord = sizeof(uint16_t);

}  // namespace

FrequencyTable FrequencyTable::FromCounts(int low, std::span<const double> counts) {
  assert(!counts.empty() && counts.size() <= 256);
  FrequencyTable table{low, std::vector<uint16_t>(counts.size(), 1)};
  double total = 0;
  for (double count : counts) total += count;
  const auto spare = static_cast<double>(kRansTotal - counts.size());
  uint32_t used = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    const double share = total > 0 ? counts[i] / total : 0;
    table.frequency[i] = static_cast<uint16_t>(1 + static_cast<uint32_t>(share * spare));
    used += table.frequency[i];
  }
  // Rounding down left some over: the most frequent value takes it.
  auto most = std::max_element(table.frequency.begin(), table.frequency.end());
  *most = static_cast<uint16_t>(*most + kRansTotal - used);
  return table;
}

// low as a byte, the number of values less one as a byte, then frequency less one of each value, as
// one byte below 128, else as two: 7 bits with the top bit set, then the rest.
void FrequencyTable::Write(ByteWriter& out) const {
  out.Write(static_cast<int8_t>(low));
  out.Write(static_cast<uint8_t>(frequency.size() - 1));
  for (uint16_t f : frequency) {
    const unsigned less = f - 1u;
    if (less < 128) {
      out.Write(static_cast<uint8_t>(less));
    } else {
      out.Write(static_cast<uint8_t>(0x80u | (less & 0x7Fu)));
      out.Write(static_cast<uint8_t>(less >> 7));
    }
  }
}

std::optional<FrequencyTable> FrequencyTable::Read(ByteReader& in) {
  FrequencyTable table;
  table.low = in.Read<int8_t>();
  const size_t size = in.Read<uint8_t>() + size_t{1};
  if (!in.ok() || table.low + static_cast<int>(size) - 1 > 127) return std::nullopt;
  uint32_t total = 0;
  for (size_t i = 0; i < size; ++i) {
    uint32_t less = in.Read<uint8_t>();
    if (less & 0x80u) less = (less & 0x7Fu) | static_cast<uint32_t>(in.Read<uint8_t>()) << 7;
    if (!in.ok() || less >= kRansTotal) return std::nullopt;
    table.frequency.push_back(static_cast<uint16_t>(less + 1));
    total += less + 1;
  }
  if (total != kRansTotal) return std::nullopt;
  return table;
}

DecodeTable::DecodeTable(const FrequencyTable& table) {
  uint32_t start = 0;
  for (size_t i = 0; i < table.frequency.size(); ++i) {
    const auto value = static_cast<uint8_t>(table.low + static_cast<int>(i));
    const uint16_t frequency = table.frequency[i];
    std::fill_n(value_.begin() + start, frequency, value);
    share_[value] = {static_cast<uint16_t>(start), frequency};
    start += frequency;
  }
  assert(start == kRansTotal);
}

void RansEncoder::Add(const FrequencyTable& table, std::span<const int8_t> run) {
  std::vector<uint16_t> start(table.frequency.size(), 0);
  for (size_t i = 1; i < start.size(); ++i) {
    start[i] = static_cast<uint16_t>(start[i - 1] + table.frequency[i - 1]);
  }
  for (size_t i = 0; i < run.size(); ++i) {
    assert(table.Holds(run[i]));
    const auto value = static_cast<size_t>(run[i] - table.low);
    symbols_.push_back({start[value], table.frequency[value], static_cast<uint8_t>(i % 4)});
  }
}

// The decoder reads forward what the encoder wrote backward: symbols and words are reversed here.
Bytes RansEncoder::Finish() {
  std::array<uint32_t, 4> state;
  state.fill(kLowest);
  std::vector<uint16_t> words;
  for (size_t i = symbols_.size(); i-- > 0;) {
    const Symbol& symbol = symbols_[i];
    uint32_t& x = state[symbol.state];
    if (x >= static_cast<uint64_t>(symbol.frequency) << 20) {
      words.push_back(static_cast<uint16_t>(x));
      x >>= 16;
    }
    x = (x / symbol.frequency << kRansBits) + x % symbol.frequency + symbol.start;
  }
  symbols_.clear();
  ByteWriter out;
  for (uint32_t x : state) out.Write(x);
  for (size_t i = words.size(); i-- > 0;) out.Write(words[i]);
  return out.Take();
}

RansDecoder::RansDecoder(ByteView stream)
    : at_(stream.data()), end_(stream.data() + stream.size()) {
  for (uint32_t& x : state_) {
    x = kLowest;
    if (static_cast<size_t>(end_ - at_) < sizeof(uint32_t)) {
      overrun_ = true;
      continue;
    }
    std::memcpy(&x, at_, sizeof(uint32_t));
    at_ += sizeof(uint32_t);
    if (x < kLowest) overrun_ = true;
  }
}

void RansDecoder::Read(const DecodeTable& table, std::span<int8_t> run) {
  constexpr uint32_t kMask = kRansTotal - 1;
  // Copies: a write to `run` could be one to a member for all that the compiler knows.
  std::array<uint32_t, 4> state = state_;
  const uint8_t* at = at_;
  size_t i = 0;
  // Four symbols take at most four words: while as many are left, no further check is needed.
  for (; i + 4 <= run.size() && static_cast<size_t>(end_ - at) >= 4 * kWord; i += 4) {
    for (size_t lane = 0; lane < 4; ++lane) {
      const uint8_t value = table.ValueAt(state[lane] & kMask);
      run[i + lane] = static_cast<int8_t>(value);
      uint32_t x = table.Advance(state[lane], value);
      uint16_t word;
      std::memcpy(&word, at, kWord);
      // Arithmetic instead of a choice: engines compile one to a branch, which is hard to predict.
      const uint32_t full = x >= kLowest;
      x = static_cast<uint32_t>((static_cast<uint64_t>(x) << 16 | word) >> (full * 16));
      at += kWord - full * kWord;
      state[lane] = x;
    }
  }
  for (; i < run.size(); ++i) {
    uint32_t& x = state[i % 4];
    const uint8_t value = table.ValueAt(x & kMask);
    run[i] = static_cast<int8_t>(value);
    x = table.Advance(x, value);
    if (x >= kLowest) continue;
    uint16_t word = 0;
    if (static_cast<size_t>(end_ - at) >= kWord) {
      std::memcpy(&word, at, kWord);
      at += kWord;
    } else {
      overrun_ = true;
    }
    x = x << 16 | word;
  }
  state_ = state;
  at_ = at;
}

bool RansDecoder::Finished() const {
  return !overrun_ && at_ == end_ &&
         std::all_of(state_.begin(), state_.end(), [](uint32_t x) { return x == kLowest; });
}

}  // namespace vitrine
