#include "indexer/mine/pair_counts.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <iterator>
#include <numeric>
#include <thread>
#include <utility>

#include "indexer/support/files.h"

namespace vitrine {

namespace {

// Appends a row to a table.
class RowWriter {
 public:
  // At most `most_pairs` pairs will follow. The writer's end ends the row.
  RowWriter(uint32_t item, size_t most_pairs, Bytes& rows)
      : rows_(rows), at_(rows.size()), before_(item) {
    rows_.resize(at_ + most_pairs * kMostBytes);
  }
  ~RowWriter() { rows_.resize(at_); }
  RowWriter(const RowWriter&) = delete;
  RowWriter& operator=(const RowWriter&) = delete;

  void Add(uint32_t other, uint32_t count) {
    AddVarint(uint64_t{other - before_} * 2 + (count > 1));
    if (count > 1) AddVarint(count - 2);
    before_ = other;
  }

 private:
  static constexpr size_t kMostBytes = 10;  // two varints of at most 33 bits

  void AddVarint(uint64_t value) {
    uint8_t* const out = rows_.data();
    for (; value >= 0x80; value >>= 7) out[at_++] = static_cast<uint8_t>(value | 0x80);
    out[at_++] = static_cast<uint8_t>(value);
  }

  Bytes& rows_;
  size_t at_;
  uint32_t before_;
};

}  // namespace

void PairCounts::SetNames(std::vector<std::string> names) {
  names_ = std::move(names);
  views_.assign(names_.begin(), names_.end());
}

uint64_t Checksum(ByteView bytes, uint64_t seed) {
  uint64_t hash = seed;
  for (size_t at = 0; at < bytes.size(); at += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min(sizeof word, bytes.size() - at));
    hash = (hash ^ word) * 0x100000001b3u;
  }
  return hash;
}

uint64_t FileKey(ByteView file, const PairCountOptions& options) {
  const uint64_t how[] = {options.max_basket, static_cast<uint64_t>(options.format), file.size()};
  return Checksum(file, Checksum({reinterpret_cast<const uint8_t*>(how), sizeof how}));
}

using Names = std::vector<std::string_view>;  // ascending, each once

// Adds those of `more` that `names` lacks.
template <typename More>
void Unite(Names& names, const More& more) {
  Names both;
  both.reserve(names.size() + more.size());
  std::set_union(names.begin(), names.end(), more.begin(), more.end(), std::back_inserter(both));
  names = std::move(both);
}

// The position of each of `some` in `names`, which holds all of them.
template <typename Some>
std::vector<uint32_t> PositionsOf(const Some& some, const Names& names) {
  std::vector<uint32_t> positions;
  positions.reserve(some.size());
  uint32_t at = 0;
  for (std::string_view name : some) {
    while (names[at] != name) ++at;
    positions.push_back(at++);
  }
  return positions;
}

// Baskets of several files over one numbering of the items.
class PairCounter {
 public:
  explicit PairCounter(const PairCountOptions& options) : options_(options) {}

  Status Add(const std::filesystem::path& path) {
    VITRINE_ASSIGN(const MappedFile file, MappedFile::Open(path));
    keys_.push_back(FileKey(file.bytes(), options_));
    VITRINE_ASSIGN(const auto source, BasketSource::Open(path, {.format = options_.format}));
    VITRINE_ASSIGN(RankedBaskets ranked, source->Rank(1));
    baskets_ += source->baskets();
    files_.push_back({source->names(), std::move(ranked)});
    return Ok();
  }

  PairCounts Count() {
    PairCounts out;
    out.baskets_ = baskets_;
    std::sort(keys_.begin(), keys_.end());
    out.files_ = keys_;
    Names names;
    for (const File& file : files_) Unite(names, file.names);
    out.count_.assign(names.size(), 0);
    for (File& file : files_) AddFile(file, names, out);
    out.SetNames({names.begin(), names.end()});
    files_.clear();
    IndexLines(out.count_.size());
    CountRows(out);
    return out;
  }

 private:
  struct File {
    std::vector<std::string> names;
    RankedBaskets ranked;
  };

  // Appends the file's baskets to words_: runs of items, each behind a head.
  void AddFile(File& file, const Names& names, PairCounts& out) {
    const std::vector<uint32_t> position = PositionsOf(file.names, names);
    std::vector<uint32_t> item(file.ranked.item.size());
    for (size_t r = 0; r < item.size(); ++r) {
      item[r] = position[file.ranked.item[r]];
      out.count_[item[r]] += file.ranked.count[r];
    }
    const auto words = file.ranked.words.span();
    for (size_t at = 0; at < words.size();) {
      const size_t begin = ++at;
      while (at < words.size() && !(words[at] & RankedBaskets::kHead)) ++at;
      if (at - begin > options_.max_basket) continue;
      const size_t run = words_.size() + 1;
      words_.push_back(RankedBaskets::kHead);
      for (size_t k = begin; k < at; ++k) words_.push_back(item[words[k]]);
      SortRanks(words_.data() + run, words_.data() + words_.size());
    }
    file.ranked = {};
  }

  // lines_[first_line_[i]] ..: where item i stands in words_, except at the end of a basket.
  void IndexLines(size_t items) {
    words_.push_back(RankedBaskets::kHead);
    first_line_.assign(items + 1, 0);
    auto is_line = [&](size_t w) { return !((words_[w] | words_[w + 1]) & RankedBaskets::kHead); };
    for (size_t w = 0; w + 1 < words_.size(); ++w) {
      if (is_line(w)) ++first_line_[words_[w] + 1];
    }
    std::partial_sum(first_line_.begin(), first_line_.end(), first_line_.begin());
    lines_.resize(first_line_.back());
    std::vector<uint64_t> next(first_line_.begin(), first_line_.end() - 1);
    for (size_t w = 0; w + 1 < words_.size(); ++w) {
      if (is_line(w)) lines_[next[words_[w]]++] = w + 1;
    }
  }

  // Chunks of rows are counted by whichever thread is free and joined in order.
  void CountRows(PairCounts& out) const {
    const size_t items = out.count_.size(), chunks = (items + kChunk - 1) / kChunk;
    std::vector<Bytes> found(chunks);
    std::vector<uint64_t> sizes(items);
    std::atomic<size_t> next{0};
    std::atomic<uint64_t> pairs{0};
    auto work = [&] {
      std::vector<uint32_t> counts(items), touched;
      for (size_t c = next++; c < chunks; c = next++) {
        for (size_t i = c * kChunk; i < std::min(items, (c + 1) * kChunk); ++i) {
          const size_t before = found[c].size();
          CountRow(static_cast<uint32_t>(i), counts, touched, found[c]);
          sizes[i] = found[c].size() - before;
          pairs += touched.size();
        }
      }
    };
    std::vector<std::thread> helpers;
    for (int t = 1; t < options_.threads; ++t) helpers.emplace_back(work);
    work();
    for (std::thread& helper : helpers) helper.join();
    for (uint64_t size : sizes) out.begin_.push_back(out.begin_.back() + size);
    out.pairs_ = pairs;
    out.rows_.reserve(out.begin_.back());
    for (Bytes& rows : found) {
      out.rows_.insert(out.rows_.end(), rows.begin(), rows.end());
      Bytes().swap(rows);
    }
  }

  // Appends the row of `item`; `touched` are its partners. `counts` is zero between calls.
  void CountRow(uint32_t item, std::vector<uint32_t>& counts, std::vector<uint32_t>& touched,
                Bytes& rows) const {
    touched.clear();
    for (uint64_t l = first_line_[item]; l < first_line_[item + 1]; ++l) {
      if (l + kAhead < lines_.size()) __builtin_prefetch(&words_[lines_[l + kAhead]]);
      for (const uint32_t* at = &words_[lines_[l]]; !(*at & RankedBaskets::kHead); ++at) {
        if (counts[*at]++ == 0) touched.push_back(*at);
      }
    }
    std::sort(touched.begin(), touched.end());
    RowWriter row(item, touched.size(), rows);
    for (uint32_t other : touched) {
      row.Add(other, counts[other]);
      counts[other] = 0;
    }
  }

  static constexpr size_t kChunk = 256;  // rows
  static constexpr size_t kAhead = 8;    // lines whose words are fetched ahead of use

  const PairCountOptions& options_;
  uint64_t baskets_ = 0;
  std::vector<uint64_t> keys_;
  std::vector<File> files_;
  std::vector<uint32_t> words_;
  std::vector<uint64_t> first_line_, lines_;
};

Result<PairCounts> PairCounts::Count(const std::vector<std::filesystem::path>& files,
                                     const PairCountOptions& options) {
  PairCounter counter(options);
  for (const auto& file : files) VITRINE_RETURN_IF_ERROR(counter.Add(file));
  return counter.Count();
}

// Numbers below a limit, in two levels of bits: taken in ascending order without sorting.
class NumberSet {
 public:
  NumberSet() = default;
  explicit NumberSet(size_t limit) : words_(limit / 64 + 1), blocks_(limit / 4096 + 1) {}

  void Set(uint32_t number) {
    words_[number / 64] |= uint64_t{1} << number % 64;
    blocks_[number / 4096] |= uint64_t{1} << number / 64 % 64;
  }
  // Calls visit(number) for each, ascending, and leaves the set empty.
  template <typename Visit>
  void Take(Visit visit) {
    for (size_t b = 0; b < blocks_.size(); ++b) {
      for (uint64_t block = std::exchange(blocks_[b], 0); block != 0; block &= block - 1) {
        const size_t w = b * 64 + static_cast<size_t>(std::countr_zero(block));
        for (uint64_t word = std::exchange(words_[w], 0); word != 0; word &= word - 1) {
          visit(static_cast<uint32_t>(w * 64 + static_cast<size_t>(std::countr_zero(word))));
        }
      }
    }
  }

 private:
  std::vector<uint64_t> words_, blocks_;
};

// Sums tables row by row, in the numbering of all their items together.
class PairSummer {
 public:
  explicit PairSummer(std::span<const SignedPairs> tables) : tables_(tables) {}

  Result<PairCounts> Sum() {
    PairCounts out;
    if (tables_.empty()) return out;
    VITRINE_RETURN_IF_ERROR(SumFiles(out));
    NumberItems();
    VITRINE_RETURN_IF_ERROR(SumCounts(out));
    VITRINE_RETURN_IF_ERROR(SumRows(out));
    std::vector<std::string> kept;
    for (size_t i = 0; i < names_.size(); ++i) {
      if (final_[i] != kNone) kept.emplace_back(names_[i]);
    }
    out.SetNames(std::move(kept));
    return out;
  }

 private:
  static constexpr uint32_t kNone = 0xFFFFFFFFu;
  static Error NeverAdded(const std::string& what) {
    return Error{"the state does not hold the retired " + what +
                 "; retire exactly the files that were added"};
  }

  Status SumFiles(PairCounts& out) {
    int64_t baskets = 0;
    for (const auto& [pairs, retired] : tables_) {
      baskets += static_cast<int64_t>(pairs.baskets) * (retired ? -1 : 1);
      std::vector<uint64_t> files;
      if (retired) {
        std::set_difference(out.files_.begin(), out.files_.end(), pairs.files.begin(),
                            pairs.files.end(), std::back_inserter(files));
        if (files.size() + pairs.files.size() != out.files_.size()) return NeverAdded("files");
      } else {
        std::merge(out.files_.begin(), out.files_.end(), pairs.files.begin(), pairs.files.end(),
                   std::back_inserter(files));
      }
      out.files_ = std::move(files);
    }
    if (baskets < 0) return NeverAdded("baskets");
    out.baskets_ = static_cast<uint64_t>(baskets);
    return Ok();
  }

  void NumberItems() {
    for (const auto& table : tables_) Unite(names_, table.pairs.names);
    for (const auto& table : tables_) numbers_.push_back(PositionsOf(table.pairs.names, names_));
    local_.assign(tables_.size(), 0);
    counts_.assign(names_.size(), 0);
    touched_ = NumberSet(names_.size());
  }

  // The item's number in table t, or kNone. Asked for ascending items.
  uint32_t Local(size_t t, uint32_t item) {
    uint32_t& next = local_[t];
    while (next < numbers_[t].size() && numbers_[t][next] < item) ++next;
    return next < numbers_[t].size() && numbers_[t][next] == item ? next : kNone;
  }

  Status SumCounts(PairCounts& out) {
    std::vector<int64_t> counts(names_.size());
    for (size_t t = 0; t < tables_.size(); ++t) {
      for (size_t k = 0; k < numbers_[t].size(); ++k) {
        const auto count = static_cast<int64_t>(tables_[t].pairs.count[k]);
        counts[numbers_[t][k]] += tables_[t].retired ? -count : count;
      }
    }
    uint32_t next = 0;
    for (size_t i = 0; i < names_.size(); ++i) {
      if (counts[i] < 0) return NeverAdded("item '" + std::string(names_[i]) + "'");
      final_.push_back(counts[i] > 0 ? next++ : kNone);
      if (counts[i] > 0) out.count_.push_back(static_cast<uint64_t>(counts[i]));
    }
    return Ok();
  }

  Status SumRows(PairCounts& out) {
    out.rows_.reserve(tables_[0].pairs.rows.size());
    for (uint32_t i = 0; i < names_.size(); ++i) {
      if (!SumRow(i, out)) return NeverAdded("pairs of item '" + std::string(names_[i]) + "'");
      if (final_[i] != kNone) out.begin_.push_back(out.rows_.size());
    }
    return Ok();
  }

  // False when a pair is retired more often than it was added.
  bool SumRow(uint32_t item, PairCounts& out) {
    size_t pairs = 0;
    for (size_t t = 0; t < tables_.size(); ++t) {
      const uint32_t local = Local(t, item);
      if (local == kNone) continue;
      const int64_t sign = tables_[t].retired ? -1 : 1;
      for (PairRow row = tables_[t].pairs.row(local); row.Next();) {
        const uint32_t other = numbers_[t][row.pair().other];
        counts_[other] += sign * row.pair().count;
        touched_.Set(other);
        ++pairs;
      }
    }
    RowWriter sum(final_[item], std::min(pairs, names_.size()), out.rows_);
    bool right = true;
    touched_.Take([&](uint32_t other) {
      const int64_t count = std::exchange(counts_[other], 0);
      if (count == 0) return;
      right &= count > 0 && count <= UINT32_MAX && final_[item] != kNone && final_[other] != kNone;
      if (!right) return;
      sum.Add(final_[other], static_cast<uint32_t>(count));
      ++out.pairs_;
    });
    return right;
  }

  const std::span<const SignedPairs> tables_;
  Names names_;
  std::vector<std::vector<uint32_t>> numbers_;  // of each table's items
  std::vector<uint32_t> local_;                 // how far Local() has come in each table
  std::vector<uint32_t> final_;                 // the item in the result, or kNone
  std::vector<int64_t> counts_;                 // of a row's pairs; zero between rows
  NumberSet touched_;                           // those of counts_ that were changed
};

Result<PairCounts> SumPairs(std::span<const SignedPairs> tables) {
  return PairSummer(tables).Sum();
}

bool PairRow::Check(uint32_t item, uint64_t items, ByteView bytes, uint64_t& pairs) {
  size_t at = 0;
  bool ok = true;
  auto varint = [&]() -> uint64_t {
    uint64_t value = 0;
    for (int shift = 0; shift < 42; shift += 7) {
      if (at == bytes.size()) break;
      const uint8_t byte = bytes[at++];
      value |= uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
    ok = false;
    return 0;
  };
  uint64_t other = item;
  while (ok && at < bytes.size()) {
    const uint64_t head = varint();
    other += head >> 1;
    if (head >> 1 == 0 || other >= items) return false;
    if ((head & 1) != 0 && varint() > UINT32_MAX - 2) return false;
    ++pairs;
  }
  return ok;
}

}  // namespace vitrine
