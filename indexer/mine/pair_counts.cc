#include "indexer/mine/pair_counts.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <numeric>
#include <thread>

namespace vitrine {

namespace {

void AddVarint(uint64_t value, Bytes& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<uint8_t>(value | 0x80));
  out.push_back(static_cast<uint8_t>(value));
}

// Appends a pair behind the one with `before`; returns its own `other`.
inline uint32_t AddPair(uint32_t before, PairCount pair, Bytes& out) {
  AddVarint(uint64_t{pair.other - before} * 2 + (pair.count > 1), out);
  if (pair.count > 1) AddVarint(pair.count - 2, out);
  return pair.other;
}

}  // namespace

void PairCounts::SetNames(std::vector<std::string> names) {
  names_ = std::move(names);
  views_.assign(names_.begin(), names_.end());
}

// Baskets of several files over one numbering of the items.
class PairCounter {
 public:
  explicit PairCounter(const PairCountOptions& options) : options_(options) {}

  Status Add(const std::filesystem::path& path) {
    VITRINE_ASSIGN(const auto source, BasketSource::Open(path, {.format = options_.format}));
    VITRINE_ASSIGN(RankedBaskets ranked, source->Rank(1));
    baskets_ += source->baskets();
    files_.push_back({source->names(), std::move(ranked)});
    return Ok();
  }

  PairCounts Count() {
    PairCounts out;
    out.baskets_ = baskets_;
    std::vector<std::string> names;
    for (const File& file : files_) names.insert(names.end(), file.names.begin(), file.names.end());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    out.count_.assign(names.size(), 0);
    for (File& file : files_) AddFile(file, names, out);
    out.SetNames(std::move(names));
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
  void AddFile(File& file, const std::vector<std::string>& names, PairCounts& out) {
    std::vector<uint32_t> item(file.ranked.item.size());
    for (size_t r = 0; r < item.size(); ++r) {
      const std::string& name = file.names[file.ranked.item[r]];
      item[r] =
          static_cast<uint32_t>(std::lower_bound(names.begin(), names.end(), name) - names.begin());
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
    file = {};
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
    uint32_t before = item;
    for (uint32_t other : touched) {
      before = AddPair(before, {other, counts[other]}, rows);
      counts[other] = 0;
    }
  }

  static constexpr size_t kChunk = 256;  // rows
  static constexpr size_t kAhead = 8;    // lines whose words are fetched ahead of use

  const PairCountOptions& options_;
  uint64_t baskets_ = 0;
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

// Merges tables row by row, in the numbering of all their items together.
class PairMerger {
 public:
  PairMerger(const PairView& state, const PairView& added, const PairView& retired)
      : tables_{state, added, retired} {}

  Result<PairCounts> Merge() {
    PairCounts out;
    if (tables_[0].baskets + tables_[1].baskets < tables_[2].baskets) return NeverAdded("baskets");
    out.baskets_ = tables_[0].baskets + tables_[1].baskets - tables_[2].baskets;
    NumberItems();
    VITRINE_RETURN_IF_ERROR(SumCounts(out));
    VITRINE_RETURN_IF_ERROR(SumRows(out));
    std::vector<std::string> kept;
    for (size_t i = 0; i < names_.size(); ++i) {
      if (final_[i] != kGone) kept.emplace_back(names_[i]);
    }
    out.SetNames(std::move(kept));
    return out;
  }

 private:
  static constexpr int kTables = 3, kRetired = 2;
  static constexpr uint32_t kGone = 0xFFFFFFFFu;
  static constexpr uint32_t kAbsent = 0xFFFFFFFFu;

  static Error NeverAdded(const std::string& what) {
    return Error{"the state does not hold the retired " + what +
                 "; retire exactly the files that were added"};
  }

  void NumberItems() {
    for (const PairView& table : tables_) {
      names_.insert(names_.end(), table.names.begin(), table.names.end());
    }
    std::sort(names_.begin(), names_.end());
    names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
    for (int t = 0; t < kTables; ++t) {
      local_[t].assign(names_.size(), kAbsent);
      uint32_t item = 0;
      for (uint32_t k = 0; k < tables_[t].items(); ++k, ++item) {
        while (names_[item] != tables_[t].names[k]) ++item;
        number_[t].push_back(item);
        local_[t][item] = k;
      }
    }
  }

  Status SumCounts(PairCounts& out) {
    uint32_t next = 0;
    for (size_t i = 0; i < names_.size(); ++i) {
      uint64_t counts[kTables] = {};
      for (int t = 0; t < kTables; ++t) {
        if (local_[t][i] != kAbsent) counts[t] = tables_[t].count[local_[t][i]];
      }
      const uint64_t held = counts[0] + counts[1];
      if (held < counts[kRetired]) return NeverAdded("item '" + std::string(names_[i]) + "'");
      const bool stays = held > counts[kRetired];
      final_.push_back(stays ? next++ : kGone);
      if (stays) out.count_.push_back(held - counts[kRetired]);
    }
    return Ok();
  }

  Status SumRows(PairCounts& out) {
    out.rows_.reserve(tables_[0].rows.size() + tables_[1].rows.size());
    for (uint32_t i = 0; i < names_.size(); ++i) {
      if (!SumRow(i, out)) return NeverAdded("pairs of item '" + std::string(names_[i]) + "'");
      if (final_[i] != kGone) out.begin_.push_back(out.rows_.size());
    }
    return Ok();
  }

  // False when a pair is retired more often than it was added.
  bool SumRow(uint32_t item, PairCounts& out) {
    constexpr uint64_t kEnd = UINT64_MAX;
    PairRow row[kTables];
    uint64_t heads[kTables];
    auto step = [&](int t) {
      heads[t] = row[t].Next() ? uint64_t{number_[t][row[t].pair().other]} : kEnd;
    };
    for (int t = 0; t < kTables; ++t) {
      if (local_[t][item] != kAbsent) row[t] = tables_[t].row(local_[t][item]);
      step(t);
    }
    uint32_t before = final_[item];
    for (;;) {
      const uint64_t other = std::min({heads[0], heads[1], heads[2]});
      if (other == kEnd) return true;
      uint64_t counts[kTables] = {};
      for (int t = 0; t < kTables; ++t) {
        if (heads[t] != other) continue;
        counts[t] = row[t].pair().count;
        step(t);
      }
      const uint64_t held = counts[0] + counts[1];
      if (held < counts[kRetired] || held - counts[kRetired] > UINT32_MAX) return false;
      if (held == counts[kRetired]) continue;
      if (final_[item] == kGone || final_[other] == kGone) return false;
      const auto left = static_cast<uint32_t>(held - counts[kRetired]);
      before = AddPair(before, {final_[other], left}, out.rows_);
      ++out.pairs_;
    }
  }

  const PairView tables_[kTables];
  std::vector<std::string_view> names_;
  std::vector<uint32_t> number_[kTables];  // of a table's item
  std::vector<uint32_t> local_[kTables];   // the item in a table, or kAbsent
  std::vector<uint32_t> final_;            // the item in the result, or kGone
};

Result<PairCounts> MergePairs(const PairView& state, const PairView& added,
                              const PairView& retired) {
  return PairMerger(state, added, retired).Merge();
}

namespace {

constexpr char kMagic[] = {'V', 'T', 'R', 'N', 'P', 'A', 'I', 'R'};
constexpr uint32_t kVersion = 1;

// FNV-1a over words of eight bytes, the rest padded with zeros.
uint64_t Checksum(ByteView bytes) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t at = 0; at < bytes.size(); at += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min(sizeof(uint64_t), bytes.size() - at));
    hash = (hash ^ word) * 0x100000001b3u;
  }
  return hash;
}

// `count` values of T where the reader stands, in place. REQUIRES: aligned.
template <typename T>
std::span<const T> Take(ByteReader& in, uint64_t count) {
  if (count > in.remaining() / sizeof(T)) {
    in.ReadBytes(SIZE_MAX);
    return {};
  }
  const ByteView bytes = in.ReadBytes(count * sizeof(T));
  return {reinterpret_cast<const T*>(bytes.data()), static_cast<size_t>(count)};
}

}  // namespace

Status PairCounts::Save(const std::filesystem::path& path) const {
  std::string names;
  std::vector<uint32_t> sizes;
  for (const std::string& name : names_) {
    sizes.push_back(static_cast<uint32_t>(name.size()));
    names += name;
  }
  ByteWriter out;
  out.WriteBytes({reinterpret_cast<const uint8_t*>(kMagic), sizeof kMagic});
  out.Write(kVersion);
  out.Write(static_cast<uint32_t>(names_.size()));
  out.Write(baskets_);
  out.Write(pairs_);
  out.Write(static_cast<uint64_t>(rows_.size()));
  out.Write(static_cast<uint64_t>(names.size()));
  out.WriteArray(std::span<const uint64_t>(count_));
  out.WriteArray(std::span<const uint64_t>(begin_));
  out.WriteArray(std::span<const uint32_t>(sizes));
  out.WriteBytes(AsBytes(names));
  out.WriteBytes(rows_);
  Bytes bytes = out.Take();
  const uint64_t checksum = Checksum(bytes);
  const auto* end = reinterpret_cast<const uint8_t*>(&checksum);
  bytes.insert(bytes.end(), end, end + sizeof checksum);
  return WriteFileAtomically(path, bytes);
}

Result<PairFile> PairFile::Open(const std::filesystem::path& path) {
  VITRINE_ASSIGN(MappedFile mapped, MappedFile::Open(path));
  PairFile file(std::move(mapped));
  if (const Status status = file.Parse(); !status.ok()) {
    return Error{path.string() + ": " + status.error().message};
  }
  return file;
}

Status PairFile::Parse() {
  const Error broken{"not a whole state of `vitrine partners`; build it again with --add"};
  const ByteView bytes = file_.bytes();
  if (bytes.size() < sizeof(uint64_t)) return broken;
  const ByteView body = bytes.first(bytes.size() - sizeof(uint64_t));
  uint64_t checksum = 0;
  std::memcpy(&checksum, body.data() + body.size(), sizeof checksum);
  ByteReader in(body);
  const ByteView magic = in.ReadBytes(sizeof kMagic);
  if (!in.ok() || !std::equal(magic.begin(), magic.end(), kMagic)) return broken;
  const uint32_t version = in.Read<uint32_t>();
  if (version != kVersion) {
    return Error{"a state of version " + std::to_string(version) + ", this program knows " +
                 std::to_string(kVersion)};
  }
  const uint64_t items = in.Read<uint32_t>();
  baskets_ = in.Read<uint64_t>();
  pairs_ = in.Read<uint64_t>();
  const uint64_t row_bytes = in.Read<uint64_t>(), name_bytes = in.Read<uint64_t>();
  count_ = Take<uint64_t>(in, items);
  begin_ = Take<uint64_t>(in, items + 1);
  const auto sizes = Take<uint32_t>(in, items);
  const auto text = Take<char>(in, name_bytes);
  rows_ = Take<uint8_t>(in, row_bytes);
  if (!in.ok() || in.remaining() != 0 || Checksum(body) != checksum) return broken;
  std::string_view names(text.data(), text.size());
  for (uint32_t size : sizes) {
    if (size > names.size()) return broken;
    names_.push_back(names.substr(0, size));
    names.remove_prefix(size);
  }
  if (begin_.front() != 0 || begin_.back() != row_bytes || !names.empty()) return broken;
  uint64_t pairs = 0;
  for (uint32_t i = 0; i < items; ++i) {
    if (begin_[i] > begin_[i + 1] || begin_[i + 1] > row_bytes || count_[i] == 0) return broken;
    if (i > 0 && names_[i] <= names_[i - 1]) return broken;
    const ByteView row = rows_.subspan(begin_[i], begin_[i + 1] - begin_[i]);
    if (!PairRow::Check(i, items, row, pairs)) return broken;
  }
  if (pairs != pairs_) return broken;
  return Ok();
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
