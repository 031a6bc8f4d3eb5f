#include "indexer/mine/itemset_writer.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <numeric>

namespace vitrine {
namespace {
constexpr size_t kLongestCount = 24;
}  // namespace

ItemsetWriter::ItemsetWriter(std::span<const uint32_t> item, const std::vector<std::string>& names,
                             TextOutput& out)
    : item_(item), out_(&out) {
  auto padded = std::make_shared<Names>(names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    Name& name = (*padded)[i];
    name = {{}, static_cast<uint32_t>(names[i].size() + 1), &names[i]};
    if (name.size > kBlock) continue;
    std::memcpy(name.text, names[i].data(), names[i].size());
    name.text[names[i].size()] = ' ';
  }
  names_ = std::move(padded);
}

std::unique_ptr<ItemsetSink> ItemsetWriter::Fork() {
  return std::unique_ptr<ItemsetSink>(new ItemsetWriter(item_, names_));
}

void ItemsetWriter::Join(ItemsetSink& part) {
  auto& writer = static_cast<ItemsetWriter&>(part);
  Flush();
  out_->Add(std::string_view(writer.text_.get(), writer.used_));
}

// Ranks come as they were added to the prefix, which is almost the order of the last itemset; names
// are few, so insertion is the fastest sort.
void ItemsetWriter::Sort(std::span<const uint32_t> ranks) {
  sorted_.resize(ranks.size());
  for (size_t i = 0; i < ranks.size(); ++i) {
    const uint32_t item = item_[ranks[i]];
    size_t to = i;
    for (; to > 0 && sorted_[to - 1] > item; --to) sorted_[to] = sorted_[to - 1];
    sorted_[to] = item;
  }
}

void ItemsetWriter::Itemset(std::span<const uint32_t> ranks, uint64_t count) {
  Sort(ranks);
  Reserve(kLongestCount + ranks.size() * kBlock + kBlock);
  char* at = text_.get() + used_;
  at = std::to_chars(at, at + kLongestCount, count).ptr;
  *at++ = '\t';
  for (uint32_t item : sorted_) {
    const Name& name = (*names_)[item];
    if (name.size <= kBlock) {
      std::memcpy(at, name.text, kBlock);
    } else {
      used_ = static_cast<size_t>(at - text_.get());
      Reserve(name.size + kLongestCount + ranks.size() * kBlock + kBlock);
      at = text_.get() + used_;
      std::memcpy(at, name.whole->data(), name.size - 1);
      at[name.size - 1] = ' ';
    }
    at += name.size;
  }
  at[-1] = '\n';
  used_ = static_cast<size_t>(at - text_.get());
  if (out_ != nullptr && used_ >= kFlushBytes) Flush();
}

void ItemsetWriter::Reserve(size_t size) {
  if (capacity_ - used_ >= size) return;
  capacity_ = std::max(capacity_ * 2, used_ + size + (out_ != nullptr ? kFlushBytes * 2 : 1024));
  std::unique_ptr<char[]> grown(new char[capacity_]);
  if (used_ > 0) std::memcpy(grown.get(), text_.get(), used_);
  text_ = std::move(grown);
}

void ItemsetWriter::Flush() {
  out_->Add(std::string_view(text_.get(), used_));
  used_ = 0;
}

void LengthCounter::Join(ItemsetSink& part) {
  const auto& other = static_cast<const LengthCounter&>(part).counts_;
  counts_.resize(std::max(counts_.size(), other.size()));
  for (size_t k = 0; k < other.size(); ++k) counts_[k] += other[k];
}

uint64_t LengthCounter::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), uint64_t{0});
}

void LengthCounter::Write(TextOutput& out) const {
  for (size_t k = 0; k < counts_.size(); ++k) {
    out.Add(static_cast<uint64_t>(k + 1));
    out.Add('\t');
    out.Add(counts_[k]);
    out.Add('\n');
  }
  out.Add("total\t");
  out.Add(total());
  out.Add('\n');
}

}  // namespace vitrine
