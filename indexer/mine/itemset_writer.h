// itemsets.tsv (docs/data_formats.md): `count<TAB>items`, items separated by one space and sorted
// as bytes. On dense data writing costs more than mining: lines are put together from fixed-size
// copies.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "indexer/mine/itemsets.h"
#include "indexer/mine/text_output.h"

namespace vitrine {

// Takes ranks. One that was forked collects text, which the first one writes.
class ItemsetWriter : public ItemsetSink {
 public:
  // `item`: of each rank, its position in `names`, which are in byte order.
  ItemsetWriter(std::span<const uint32_t> item, const std::vector<std::string>& names,
                TextOutput& out);

  void Itemset(std::span<const uint32_t> ranks, uint64_t count) override;
  std::unique_ptr<ItemsetSink> Fork() override;
  void Join(ItemsetSink& part) override;
  // Hands the rest to the output. REQUIRES: called last.
  void Finish() { Flush(); }

 private:
  static constexpr size_t kBlock = 16;
  static constexpr size_t kFlushBytes = 1 << 18;
  // A name and the space behind it, padded, so that a copy has a fixed size; longer ones are kept
  // aside.
  struct Name {
    char text[kBlock];
    uint32_t size;  // with the space
    const std::string* whole;
  };
  using Names = std::vector<Name>;

  ItemsetWriter(std::span<const uint32_t> item, std::shared_ptr<const Names> names)
      : item_(item), names_(std::move(names)) {}
  void Sort(std::span<const uint32_t> ranks);
  void Reserve(size_t size);
  void Flush();

  std::span<const uint32_t> item_;
  std::shared_ptr<const Names> names_;
  TextOutput* out_ = nullptr;
  std::vector<uint32_t> sorted_;
  std::unique_ptr<char[]> text_;
  size_t used_ = 0;
  size_t capacity_ = 0;
};

// Counts itemsets by length, for --count-only.
class LengthCounter : public ItemsetSink {
 public:
  void Itemset(std::span<const uint32_t> items, uint64_t) override {
    if (counts_.size() < items.size()) counts_.resize(items.size());
    ++counts_[items.size() - 1];
  }
  std::unique_ptr<ItemsetSink> Fork() override { return std::make_unique<LengthCounter>(); }
  void Join(ItemsetSink& part) override;
  // `length<TAB>number` lines and a total.
  void Write(TextOutput& out) const;
  uint64_t total() const;

 private:
  std::vector<uint64_t> counts_;
};

}  // namespace vitrine
