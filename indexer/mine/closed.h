// Closed and maximal itemsets by prefix-preserving closure extension (Uno, Asai, Uchida & Arimura,
// "LCM ver. 2", 2004): each closed itemset is reached from exactly one other, so none has to be
// kept to recognise a repetition.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "indexer/mine/bitmap_kernel.h"
#include "indexer/mine/emitter.h"
#include "indexer/mine/ranked.h"

namespace vitrine {

// The search over baskets as rows, which hands databases that fit in bit vectors to BitmapKernel.
class ClosedGrower {
 public:
  // `whole`: every basket, sealed; `count`: of each rank. Both must outlive the grower.
  ClosedGrower(std::span<const uint32_t> whole, std::span<const uint64_t> count, ItemsetKind kind,
               Emitter& emitter);

  // The closed (maximal) itemsets whose highest rank that is not implied by others is from..to-1.
  void Grow(uint32_t from, uint32_t to);

 private:
  // As the conditional databases of fpgrowth.cc, but with the codes on both sides of the one that
  // was added last: those after it, the guards, can only show that an itemset is not closed.
  struct Level {
    std::span<const uint32_t> words;
    std::vector<uint32_t> own_words;
    std::vector<uint32_t> rank;
    std::vector<uint64_t> count;
    std::vector<uint32_t> begin, heads;  // all baskets with a code
    uint32_t candidates = 0;             // codes below are candidates, the others guards

    void IndexHeads();
  };
  static constexpr uint64_t kMaxBitmapBytes = 8u << 20;

  void Grow(const Level& level, uint32_t from, uint32_t to, size_t depth);
  // False when a guard stands in every basket left.
  bool CountWith(const Level& level, uint32_t c, Level& next, uint32_t& closure);
  void Project(const Level& level, uint32_t c, Level& next);

  const ItemsetKind kind_;
  Emitter& emitter_;
  Level root_;
  std::vector<std::unique_ptr<Level>> levels_;
  std::vector<uint64_t> counts_;
  std::vector<uint32_t> codes_, touched_, kept_;
  BitmapKernel bitmap_kernel_;
};

}  // namespace vitrine
