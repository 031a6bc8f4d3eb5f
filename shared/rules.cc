// Layout of the payload (numbers little-endian, "varint" = LEB128 of at most 32 bits, shortest
// form):
//
//   u32      item_count
//   u32      rule_count
//   item_count lists, list i = the rules whose antecedent's smallest item is i:
//     varint   number of rules in the list
//     per rule, ascending by (consequent, rest of the antecedent):
//       varint   (consequent - the consequent before it in this list, or 0) * 8 + rest size (0..7)
//       varints  the rest of the antecedent, each minus the item before it (the first: minus i)
//       varint   count
//       u16      lift   | small floats, see ToSmallFloat
//       u16      score  |
//
// A typical rule takes 8 bytes. Lists are ordered by consequent and not by score because the
// differences between sorted numbers are shorter than the numbers.
#include "shared/rules.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <string>

namespace vitrine {
namespace {

constexpr size_t kMaxAntecedent = 8;
constexpr size_t kMaxRest = kMaxAntecedent - 1;
constexpr size_t kMinRuleSize = 6;  // two one-byte varints, lift and score

// A non-negative float in 16 bits: 6 bits of exponent (bias 24), 10 of fraction, rounded to
// nearest; 2^-24 .. 2^40, below it 0, above it the largest. Order is kept.
constexpr int kExponentBias = 24;
constexpr int kFloatBias = 127;

uint16_t ToSmallFloat(float value) {
  if (!(value > 0)) return 0;
  const uint32_t bits = BitCast<uint32_t>(value) + (1u << 12);  // half of the last kept bit
  const int exponent = static_cast<int>(bits >> 23) - kFloatBias + kExponentBias;
  if (exponent < 0) return 0;
  if (exponent > 63) return 0xFFFF;
  const uint32_t small = static_cast<uint32_t>(exponent) << 10 | (bits >> 13 & 0x3FF);
  return static_cast<uint16_t>(std::max(small, 1u));
}

float FromSmallFloat(uint16_t small) {
  if (small == 0) return 0;
  const uint32_t exponent = (small >> 10) - kExponentBias + kFloatBias;
  return BitCast<float>(exponent << 23 | static_cast<uint32_t>(small & 0x3FF) << 13);
}

void WriteVarint(uint64_t value, ByteWriter& out) {
  for (; value >= 0x80; value >>= 7) out.Write(static_cast<uint8_t>(value | 0x80));
  out.Write(static_cast<uint8_t>(value));
}

// One rule as it stands in the payload.
struct Entry {
  ItemIndex consequent = 0;
  uint32_t rest_size = 0;
  std::array<ItemIndex, kMaxRest> rest{};
  uint32_t count = 0;
  float lift = 0;
  float score = 0;

  std::span<const ItemIndex> rest_items() const { return {rest.data(), rest_size}; }
};

// Walks the payload; every read is checked, and a failed cursor stays failed.
class Cursor {
 public:
  Cursor(ByteView bytes, size_t position) : bytes_(bytes), position_(position) {}

  bool ok() const { return ok_; }
  size_t position() const { return position_; }
  size_t remaining() const { return bytes_.size() - position_; }

  uint64_t Varint(uint64_t max) {
    uint64_t value = 0;
    for (int shift = 0; shift < 42; shift += 7) {
      const uint8_t byte = Byte();
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) {
        // Only the shortest form: one set of rules has one encoding.
        if (value > max || (byte == 0 && shift > 0)) ok_ = false;
        return ok_ ? value : 0;
      }
    }
    ok_ = false;
    return 0;
  }

  uint16_t U16() {
    const uint16_t low = Byte();
    return static_cast<uint16_t>(low | Byte() << 8);
  }

  // The next rule of list `first`; `entry` holds the one before it (zero at the start).
  void Next(ItemIndex first, uint32_t item_count, Entry& entry) {
    const uint64_t head = Varint(uint64_t{item_count} * 8 + kMaxRest);
    entry.consequent = Item(entry.consequent, head >> 3, item_count);
    entry.rest_size = static_cast<uint32_t>(head & 7);
    ItemIndex last = first;
    for (uint32_t i = 0; i < entry.rest_size; ++i) {
      const uint64_t step = Varint(item_count);
      if (step == 0) ok_ = false;
      last = entry.rest[i] = Item(last, step, item_count);
    }
    entry.count = static_cast<uint32_t>(Varint(0xFFFFFFFFu));
    entry.lift = FromSmallFloat(U16());
    entry.score = FromSmallFloat(U16());
  }

 private:
  uint8_t Byte() {
    if (position_ >= bytes_.size()) {
      ok_ = false;
      return 0;
    }
    return bytes_[position_++];
  }
  ItemIndex Item(ItemIndex base, uint64_t step, uint32_t item_count) {
    const uint64_t item = base + step;
    if (item >= item_count) ok_ = false;
    return ok_ ? static_cast<ItemIndex>(item) : 0;
  }

  ByteView bytes_;
  size_t position_;
  bool ok_ = true;
};

bool SameOrAfter(const Entry& a, const Entry& b) {
  if (a.consequent != b.consequent) return a.consequent > b.consequent;
  return !std::lexicographical_compare(a.rest.begin(), a.rest.begin() + a.rest_size, b.rest.begin(),
                                       b.rest.begin() + b.rest_size);
}

bool Contains(std::span<const ItemIndex> sorted, ItemIndex item) {
  return std::binary_search(sorted.begin(), sorted.end(), item);
}

}  // namespace

Bytes EncodeRules(uint32_t item_count, std::span<const Rule> rules) {
  std::vector<const Rule*> sorted;
  sorted.reserve(rules.size());
  for (const Rule& rule : rules) {
    assert(!rule.antecedent.empty() && rule.antecedent.size() <= kMaxAntecedent);
    assert(std::is_sorted(rule.antecedent.begin(), rule.antecedent.end()));
    assert(rule.antecedent.back() < item_count && rule.consequent < item_count);
    assert(!Contains(rule.antecedent, rule.consequent));
    sorted.push_back(&rule);
  }
  std::sort(sorted.begin(), sorted.end(), [](const Rule* a, const Rule* b) {
    if (a->antecedent[0] != b->antecedent[0]) return a->antecedent[0] < b->antecedent[0];
    if (a->consequent != b->consequent) return a->consequent < b->consequent;
    return a->antecedent < b->antecedent;
  });
  ByteWriter out;
  out.Write(item_count);
  out.Write(static_cast<uint32_t>(sorted.size()));
  size_t next = 0;
  for (ItemIndex i = 0; i < item_count; ++i) {
    size_t end = next;
    while (end < sorted.size() && sorted[end]->antecedent[0] == i) ++end;
    WriteVarint(end - next, out);
    ItemIndex before = 0;
    for (; next < end; ++next) {
      const Rule& rule = *sorted[next];
      WriteVarint((uint64_t{rule.consequent} - before) * 8 + rule.antecedent.size() - 1, out);
      before = rule.consequent;
      for (size_t k = 1; k < rule.antecedent.size(); ++k) {
        WriteVarint(rule.antecedent[k] - rule.antecedent[k - 1], out);
      }
      WriteVarint(rule.count, out);
      out.Write(ToSmallFloat(rule.lift));
      out.Write(ToSmallFloat(rule.score));
    }
  }
  return out.Take();
}

Result<Rules> Rules::Open(ByteView payload) {
  ByteReader header(payload);
  Rules rules;
  rules.payload_ = payload;
  rules.item_count_ = header.Read<uint32_t>();
  rules.rule_count_ = header.Read<uint32_t>();
  if (!header.ok()) return Error{"rules section: truncated header"};
  // An empty list takes one byte, so a false count cannot make us allocate.
  if (rules.item_count_ > header.remaining() || payload.size() > 0xFFFFFFFFu) {
    return Error{"rules section: announces " + std::to_string(rules.item_count_) +
                 " lists, more than its bytes can hold"};
  }
  rules.begin_.reserve(rules.item_count_);
  Cursor in(payload, payload.size() - header.remaining());
  uint64_t seen = 0;
  for (ItemIndex i = 0; i < rules.item_count_; ++i) {
    rules.begin_.push_back(static_cast<uint32_t>(in.position()));
    const uint64_t size = in.Varint(in.remaining() / kMinRuleSize);
    Entry entry, before;
    for (uint64_t k = 0; k < size && in.ok(); ++k) {
      in.Next(i, rules.item_count_, entry);
      const bool ordered = k == 0 || !SameOrAfter(before, entry);
      if (!ordered || entry.consequent == i || Contains(entry.rest_items(), entry.consequent)) {
        return Error{"rules section: list " + std::to_string(i) +
                     " is out of order or has a rule "
                     "that recommends its own antecedent"};
      }
      before = entry;
    }
    if (!in.ok()) return Error{"rules section: list " + std::to_string(i) + " is corrupt"};
    seen += size;
  }
  rules.size_ = in.position();
  if (seen != rules.rule_count_) return Error{"rules section: its rule count is wrong"};
  return rules;
}

std::vector<Rules::Match> Rules::Matches(std::span<const ItemIndex> cart) const {
  std::vector<ItemIndex> items(cart.begin(), cart.end());
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  std::vector<Match> matches;
  for (ItemIndex first : items) {
    if (first >= item_count_) break;
    Cursor in(payload_, begin_[first]);
    const uint64_t size = in.Varint(rule_count_);
    Entry entry;
    for (uint64_t k = 0; k < size; ++k) {
      in.Next(first, item_count_, entry);
      const auto rest = entry.rest_items();
      if (Contains(items, entry.consequent)) continue;
      if (!std::includes(items.begin(), items.end(), rest.begin(), rest.end())) continue;
      Match match{entry.consequent, entry.score, entry.count, entry.lift, first, {first}};
      match.antecedent.insert(match.antecedent.end(), rest.begin(), rest.end());
      matches.push_back(std::move(match));
    }
  }
  // Per consequent the best rule: by score, then the more specific one, then the lower antecedent.
  std::sort(matches.begin(), matches.end(), [](const Match& a, const Match& b) {
    if (a.consequent != b.consequent) return a.consequent < b.consequent;
    if (a.score != b.score) return a.score > b.score;
    if (a.antecedent.size() != b.antecedent.size()) {
      return a.antecedent.size() > b.antecedent.size();
    }
    return a.antecedent < b.antecedent;
  });
  auto same = [](const Match& a, const Match& b) { return a.consequent == b.consequent; };
  matches.erase(std::unique(matches.begin(), matches.end(), same), matches.end());
  std::sort(matches.begin(), matches.end(), [](const Match& a, const Match& b) {
    return a.score != b.score ? a.score > b.score : a.consequent < b.consequent;
  });
  return matches;
}

std::vector<Rule> Rules::All() const {
  std::vector<Rule> rules;
  rules.reserve(rule_count_);
  for (ItemIndex first = 0; first < item_count_; ++first) {
    Cursor in(payload_, begin_[first]);
    const uint64_t size = in.Varint(rule_count_);
    Entry entry;
    for (uint64_t k = 0; k < size; ++k) {
      in.Next(first, item_count_, entry);
      Rule rule;
      rule.antecedent = {first};
      const auto rest = entry.rest_items();
      rule.antecedent.insert(rule.antecedent.end(), rest.begin(), rest.end());
      rule.consequent = entry.consequent;
      rule.count = entry.count;
      rule.lift = entry.lift;
      rule.score = entry.score;
      rules.push_back(std::move(rule));
    }
  }
  return rules;
}

}  // namespace vitrine
