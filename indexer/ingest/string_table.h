// Texts ↔ dense numbers: users, sessions, items. Millions of ids in one arena and one
// open-addressing table.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace vitrine {

// GCC takes a function that only prefetches for one without effect, and leaves out calls to it:
// such functions must be inlined before it looks.
#define VITRINE_INLINE __attribute__((always_inline)) inline

// Numbers → texts. 8 bytes a text beside its own.
class TextList {
 public:
  uint32_t size() const { return static_cast<uint32_t>(offset_.size() - 1); }
  std::string_view operator[](uint32_t index) const {
    return {arena_.data() + offset_[index],
            static_cast<size_t>(offset_[index + 1] - offset_[index])};
  }
  void Add(std::string_view text) {
    arena_.insert(arena_.end(), text.begin(), text.end());
    offset_.push_back(arena_.size());
  }

  // Texts of random numbers cost a wait for memory each, unless it is asked for ahead: first where
  // the text is, then, a little later, the text.
  VITRINE_INLINE void PrefetchPlace(uint32_t index) const { __builtin_prefetch(&offset_[index]); }
  VITRINE_INLINE void PrefetchText(uint32_t index) const {
    __builtin_prefetch(arena_.data() + offset_[index]);
  }

 private:
  std::vector<char> arena_;
  std::vector<uint64_t> offset_ = {0};
};

// Texts → numbers in order of first appearance, and back. About 20 bytes a text beside its own.
class StringTable {
 public:
  static constexpr uint32_t kNone = 0xFFFFFFFFu;

  uint32_t size() const { return texts_.size(); }
  std::string_view operator[](uint32_t index) const { return texts_[index]; }
  VITRINE_INLINE void PrefetchPlace(uint32_t index) const { texts_.PrefetchPlace(index); }
  VITRINE_INLINE void PrefetchText(uint32_t index) const { texts_.PrefetchText(index); }

  // The number of `text`, kNone when it was never added.
  uint32_t Find(std::string_view text) const {
    return slots_.empty() ? kNone : slots_[SlotOf(text, Hash(text))].index;
  }

  // The number of `text`, a new one when it is new.
  uint32_t Add(std::string_view text) {
    if ((size() + 1) * 3 >= slots_.size() * 2) Grow();
    const uint32_t hash = Hash(text);
    Slot& slot = slots_[SlotOf(text, hash)];
    if (slot.index == kNone) {
      slot = {size(), hash};
      texts_.Add(text);
    }
    return slot.index;
  }

  // Find() and Add() of millions of texts wait for memory three times each: for the slot, for where
  // the text is, and for the text. Over many texts, each of these steps before the next one, the
  // waits overlap.
  enum class Step { kSlot, kPlace, kText };
  VITRINE_INLINE void Prefetch(Step step, uint32_t hash) const {
    if (slots_.empty()) return;
    const size_t mask = slots_.size() - 1;
    size_t at = hash & mask;
    if (step == Step::kSlot) return __builtin_prefetch(&slots_[at]);
    while (slots_[at].hash != hash && slots_[at].index != kNone) at = (at + 1) & mask;
    if (slots_[at].index == kNone) return;
    step == Step::kPlace ? texts_.PrefetchPlace(slots_[at].index)
                         : texts_.PrefetchText(slots_[at].index);
  }

  // Eight bytes at a time: ids are 20 to 40 bytes long, and byte-wise hashes would cost more than
  // the look-up. Only the spread matters; the table's numbers do not depend on it.
  static uint32_t Hash(std::string_view text) {
    constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15u;
    uint64_t hash = text.size() * kMultiplier;
    const char* at = text.data();
    size_t left = text.size();
    for (; left >= 8; left -= 8, at += 8) {
      uint64_t word = 0;
      std::memcpy(&word, at, 8);
      hash = (hash ^ word) * kMultiplier;
      hash ^= hash >> 29;
    }
    uint64_t word = 0;
    if (left > 0) std::memcpy(&word, at, left);
    hash = (hash ^ word) * kMultiplier;
    return static_cast<uint32_t>(hash ^ hash >> 32);
  }

 private:
  // The hash stands beside the number: most other texts are told apart without touching them, and
  // the table grows without reading them.
  struct Slot {
    uint32_t index = kNone, hash = 0;
  };
  size_t SlotOf(std::string_view text, uint32_t hash) const {
    const size_t mask = slots_.size() - 1;
    size_t at = hash & mask;
    while (slots_[at].index != kNone &&
           (slots_[at].hash != hash || (*this)[slots_[at].index] != text))
      at = (at + 1) & mask;
    return at;
  }
  void Grow() {
    std::vector<Slot> old(slots_.empty() ? 1024 : slots_.size() * 2);
    old.swap(slots_);
    const size_t mask = slots_.size() - 1;
    for (const Slot& slot : old) {
      if (slot.index == kNone) continue;
      size_t at = slot.hash & mask;
      while (slots_[at].index != kNone) at = (at + 1) & mask;
      slots_[at] = slot;
    }
  }

  TextList texts_;
  std::vector<Slot> slots_;  // a power of two
};

#undef VITRINE_INLINE

}  // namespace vitrine
