#include "shared/text/bpe.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <queue>
#include <tuple>
#include <vector>

#include "shared/text/unicode.h"

namespace vitrine {
namespace {

bool IsPrintable(uint32_t byte) {
  return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
}

// How many of the bytes below `byte` are (not) printable.
uint32_t CountBelow(uint32_t byte, bool printable) {
  uint32_t count = 0;
  for (uint32_t b = 0; b < byte; ++b) count += IsPrintable(b) == printable;
  return count;
}

// One line of `text` from `at` on, which moves behind it; without the line's end.
std::string_view NextLine(std::string_view text, size_t& at) {
  const size_t end = std::min(text.find('\n', at), text.size());
  std::string_view line = text.substr(at, end - at);
  at = end + 1;
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

}  // namespace

uint32_t SymbolOfByte(uint8_t byte) {
  return IsPrintable(byte) ? CountBelow(byte, true)
                           : CountBelow(256, true) + CountBelow(byte, false);
}

char32_t PrintableOfByte(uint8_t byte) {
  return IsPrintable(byte) ? byte : 256 + CountBelow(byte, false);
}

Result<BpeMerges> BpeMerges::Parse(std::string_view text, std::string_view end_of_word_suffix,
                                   size_t max_merges) {
  BpeMerges bpe;
  bpe.suffix_ = !end_of_word_suffix.empty();
  bpe.first_merge_ = bpe.suffix_ ? 512 : 256;
  bpe.names_.resize(bpe.first_merge_);
  for (uint32_t b = 0; b < 256; ++b) {
    const auto byte = static_cast<uint8_t>(b);
    const uint32_t symbol = SymbolOfByte(byte);
    AppendUtf8(PrintableOfByte(byte), bpe.names_[symbol]);
    if (bpe.suffix_) {
      bpe.names_[256 + symbol] = bpe.names_[symbol] + std::string(end_of_word_suffix);
    }
  }
  std::map<std::string, uint32_t, std::less<>> symbols;
  for (uint32_t s = 0; s < bpe.names_.size(); ++s) symbols.emplace(bpe.names_[s], s);

  size_t at = 0, line_number = 1;
  NextLine(text, at);
  for (uint32_t rank = 0; rank < max_merges && at < text.size();) {
    const std::string_view line = NextLine(text, at);
    ++line_number;
    if (line.empty()) continue;
    const size_t space = line.find(' ');
    const auto left = symbols.find(line.substr(0, space));
    const auto right =
        space == std::string_view::npos ? symbols.end() : symbols.find(line.substr(space + 1));
    if (left == symbols.end() || right == symbols.end()) {
      return Error{"merges, line " + std::to_string(line_number) +
                   ": must be two symbols that bytes or earlier lines make"};
    }
    bpe.pairs_.emplace_back(uint64_t{left->second} << 32 | right->second, rank);
    const auto symbol = static_cast<uint32_t>(bpe.names_.size());
    bpe.names_.push_back(left->first + right->first);
    symbols.emplace(bpe.names_.back(), symbol);
    ++rank;
  }
  if (bpe.pairs_.empty()) return Error{"merges: the list is empty"};
  std::sort(bpe.pairs_.begin(), bpe.pairs_.end());
  return bpe;
}

uint32_t BpeMerges::RankOf(uint32_t left, uint32_t right) const {
  const uint64_t key = uint64_t{left} << 32 | right;
  const auto at = std::lower_bound(pairs_.begin(), pairs_.end(), std::pair(key, uint32_t{0}));
  return at != pairs_.end() && at->first == key ? at->second : kNone;
}

std::vector<uint32_t> BpeMerges::Encode(std::string_view bytes) const {
  assert(!bytes.empty());
  // A linked list of the symbols; merged ones are unlinked.
  struct Node {
    uint32_t symbol;
    size_t previous, next;
  };
  const size_t n = bytes.size();
  std::vector<Node> nodes(n);
  for (size_t i = 0; i < n; ++i) {
    nodes[i] = {SymbolOfByte(static_cast<uint8_t>(bytes[i])), i - 1, i + 1};
  }
  if (suffix_) nodes[n - 1].symbol += 256;
  // Mergeable pairs: rank, place, and the symbols then, to know whether it still stands.
  using Pair = std::tuple<uint32_t, size_t, uint32_t, uint32_t>;
  std::priority_queue<Pair, std::vector<Pair>, std::greater<>> queue;
  const auto add = [&](size_t i) {
    if (i >= n || nodes[i].next >= n) return;
    const uint32_t left = nodes[i].symbol, right = nodes[nodes[i].next].symbol;
    if (const uint32_t rank = RankOf(left, right); rank != kNone) {
      queue.emplace(rank, i, left, right);
    }
  };
  for (size_t i = 0; i < n; ++i) add(i);
  while (!queue.empty()) {
    const auto [rank, i, left, right] = queue.top();
    queue.pop();
    const size_t next = nodes[i].next;
    if (nodes[i].symbol != left || next >= n || nodes[next].symbol != right) continue;
    nodes[i].symbol = first_merge_ + rank;
    nodes[i].next = nodes[next].next;
    if (nodes[i].next < n) nodes[nodes[i].next].previous = i;
    nodes[next].symbol = kNone;
    add(nodes[i].previous);
    add(i);
  }
  std::vector<uint32_t> symbols;
  for (size_t i = 0; i < n; i = nodes[i].next) symbols.push_back(nodes[i].symbol);
  return symbols;
}

}  // namespace vitrine
