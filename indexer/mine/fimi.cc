#include "indexer/mine/fimi.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

namespace vitrine {
namespace {

constexpr uint64_t kLowBits = 0x0101010101010101ull;
constexpr uint64_t kHighBits = kLowBits * 0x80;

bool IsSpace(uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// The number of leading bytes of `text` (little-endian) that are digits, 0..8.
int LeadingDigits(uint64_t text) {
  const uint64_t value = text ^ kLowBits * '0';  // digits become 0..9
  const uint64_t other = (((value & ~kHighBits) + kLowBits * (0x7F - 9)) | value) & kHighBits;
  return other == 0 ? 8 : std::countr_zero(other) / 8;
}

// The value of the first `digits` bytes, 1..8, all digits: pairs, then fours, then eight at once.
uint32_t ParseDigits(uint64_t text, int digits) {
  uint64_t value = (text ^ kLowBits * '0') << (64 - 8 * digits);
  value = (value * 10 + (value >> 8)) & 0x00FF00FF00FF00FFull;
  value = (value * 100 + (value >> 16)) & 0x0000FFFF0000FFFFull;
  return static_cast<uint32_t>(value * 10000 + (value >> 32));
}

constexpr uint32_t kInfrequent = 0xFFFFFFFFu;

// Pages of a file that were read are given back in such steps, so that a large file does not count
// as memory.
constexpr size_t kReleaseBytes = 16u << 20;

// Gives back the step of pages before `at`; returns where to do so next.
const uint8_t* Release(const uint8_t* at) {
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const uintptr_t end = reinterpret_cast<uintptr_t>(at) / page * page;
  ::madvise(reinterpret_cast<void*>(end - kReleaseBytes), kReleaseBytes, MADV_DONTNEED);
  return at + kReleaseBytes;
}

}  // namespace

uint32_t FimiSource::Words::KeyOf(std::string_view word) {
  if (words_.size() * 2 >= table_.size()) Grow();
  uint64_t hash = word.size() * 0x9e3779b97f4a7c15ull;
  for (size_t at = 0; at < word.size(); at += 8) {
    uint64_t part = 0;
    std::memcpy(&part, word.data() + at, std::min<size_t>(8, word.size() - at));
    hash = (hash ^ part) * 0xbf58476d1ce4e5b9ull;
    hash ^= hash >> 29;
  }
  const size_t mask = table_.size() - 1;
  size_t at = hash & mask;
  for (; table_[at] != 0; at = (at + 1) & mask) {
    const uint32_t known = table_[at] - 1;
    if (hashes_[known] == hash && words_[known] == word) return known;
  }
  words_.push_back(word);
  hashes_.push_back(hash);
  table_[at] = static_cast<uint32_t>(words_.size());
  return static_cast<uint32_t>(words_.size()) - 1;
}

void FimiSource::Words::Grow() {
  table_.assign(std::max<size_t>(1024, table_.size() * 2), 0);
  const size_t mask = table_.size() - 1;
  for (size_t k = 0; k < words_.size(); ++k) {
    size_t at = hashes_[k] & mask;
    while (table_[at] != 0) at = (at + 1) & mask;
    table_[at] = static_cast<uint32_t>(k) + 1;
  }
}

// A word that is a plain small number after all (at the end of the file, or after odd white space)
// is treated as that number: names come out as they went in.
template <typename Visitor>
void VisitWord(std::string_view word, uint32_t numbers, Visitor& visitor) {
  uint32_t number = 0;
  const bool digits = word.size() < 8 && std::all_of(word.begin(), word.end(), [&](char c) {
                        number = number * 10 + static_cast<uint32_t>(c - '0');
                        return c >= '0' && c <= '9';
                      });
  if (digits && number < numbers && (word[0] != '0' || word.size() == 1)) {
    visitor.Number(number);
  } else {
    visitor.Word(word);
  }
}

template <typename Visitor>
void FimiSource::Scan(Visitor& visitor) {
  const ByteView bytes = file_.bytes();
  const uint8_t* at = bytes.data();
  const uint8_t* const end = at + bytes.size();
  const uint8_t* const fast_end = bytes.size() > 16 ? end - 16 : at;
  const uint8_t* release_at = at + kReleaseBytes;
  while (at < end) {
    if (at < fast_end) {
      uint64_t text;
      std::memcpy(&text, at, 8);
      const int digits = LeadingDigits(text);
      const uint8_t after = at[digits];
      if (digits > 0 && digits < 8 && IsSpace(after) && (*at != '0' || digits == 1)) {
        const uint32_t number = ParseDigits(text, digits);
        if (number < kNumbers) {
          visitor.Number(number);
          at += digits + 1;
          if (after != '\n') continue;
          visitor.EndBasket();
          if (at >= release_at) release_at = Release(at);
          continue;
        }
      }
    }
    if (*at == '\n') {
      visitor.EndBasket();
      ++at;
      if (at >= release_at) release_at = Release(at);
    } else if (IsSpace(*at)) {
      ++at;
    } else {
      const uint8_t* word_end = at;
      while (word_end < end && !IsSpace(*word_end)) ++word_end;
      VisitWord({reinterpret_cast<const char*>(at), static_cast<size_t>(word_end - at)}, kNumbers,
                visitor);
      at = word_end;
    }
  }
  if (end > bytes.data() && end[-1] != '\n') visitor.EndBasket();
}

// Counts, and keeps the baskets as keys.
struct KeyVisitor {
  FimiSource& source;

  void Number(uint32_t number) {
    auto& cells = source.number_cells_;
    if (number >= cells.size()) {
      cells.resize(std::min<size_t>(FimiSource::kNumbers, std::max<size_t>(4096, number * 2)));
    }
    source.Add(cells[number], number);
  }
  void Word(std::string_view word) {
    const uint32_t key = source.words_.KeyOf(word);
    if (key == source.word_cells_.size()) source.word_cells_.emplace_back();
    source.Add(source.word_cells_[key], FimiSource::kNumbers + key);
  }
  void EndBasket() { source.EndBasket(); }
};

inline void FimiSource::Add(Cell& cell, uint32_t key) {
  ++tokens_of_basket_;
  if (cell.last == basket_) return;  // duplicates count once
  cell.last = basket_;
  ++cell.count;
  if (keeps_) keys_.push_back(key);
}

inline void FimiSource::EndBasket() {
  empty_baskets_ += tokens_of_basket_ == 0;
  tokens_of_basket_ = 0;
  ++basket_;
  if (!keeps_) return;
  // A basket of one item takes part in no itemset but that item.
  if (keys_.size() < head_ + 3) keys_.Truncate(head_);
  head_ = keys_.size();
  keys_.push_back(RankedBaskets::kHead);
  // Mining takes about as much again beside the keys.
  if (options_.memory_bytes > 0 && head_ * sizeof(uint32_t) * 2 > options_.memory_bytes) {
    keeps_ = false;
    keys_ = WordArray();
  }
}

Status FimiSource::Count() {
  keys_.push_back(RankedBaskets::kHead);
  KeyVisitor visitor{*this};
  Scan(visitor);
  if (keeps_) keys_.Truncate(head_);
  baskets_ = total_weight_ = basket_ - 1;
  for (const auto* cells : {&number_cells_, &word_cells_}) {
    for (const Cell& cell : *cells) items_ += cell.count > 0;
  }
  if (keys_.size() <= UINT32_MAX) return Ok();
  return Error{file_name_ + ": more than 2^32 basket lines; mine with --memory"};
}

Result<std::unique_ptr<BasketSource>> FimiSource::Open(const std::filesystem::path& path,
                                                       const BasketFileOptions& options) {
  VITRINE_ASSIGN(MappedFile file, MappedFile::Open(path));
  std::unique_ptr<FimiSource> source(new FimiSource(std::move(file), options));
  source->file_name_ = path.string();
  VITRINE_RETURN_IF_ERROR(source->Count());
  return std::unique_ptr<BasketSource>(std::move(source));
}

RankedBaskets FimiSource::RankItems(uint64_t min_count) {
  std::vector<std::pair<std::string, Cell*>> frequent;
  auto consider = [&](Cell& cell, auto name) {
    cell.last = kInfrequent;
    if (cell.count > 0 && cell.count >= min_count) frequent.emplace_back(name(), &cell);
  };
  for (uint32_t n = 0; n < number_cells_.size(); ++n) {
    consider(number_cells_[n], [n] { return std::to_string(n); });
  }
  for (uint32_t w = 0; w < word_cells_.size(); ++w) {
    consider(word_cells_[w], [&] { return words_.word(w); });
  }
  std::sort(frequent.begin(), frequent.end());
  RankedBaskets ranked;
  ranked.item.resize(frequent.size());
  std::iota(ranked.item.begin(), ranked.item.end(), 0u);
  std::sort(ranked.item.begin(), ranked.item.end(), [&](uint32_t a, uint32_t b) {
    const uint32_t count_a = frequent[a].second->count, count_b = frequent[b].second->count;
    return count_a != count_b ? count_a > count_b : a < b;
  });
  for (uint32_t r = 0; r < ranked.item.size(); ++r) {
    Cell& cell = *frequent[ranked.item[r]].second;
    cell.last = r;
    ranked.count.push_back(cell.count);
  }
  names_.clear();
  for (auto& [name, cell] : frequent) names_.push_back(std::move(name));
  return ranked;
}

Result<RankedBaskets> FimiSource::Rank(uint64_t min_count) {
  RankedBaskets ranked = RankItems(min_count);
  if (keeps_) {
    Recode();
    ranked.words = std::move(keys_);
  } else {
    VITRINE_RETURN_IF_ERROR(Spill(ranked));
  }
  return ranked;
}

void FimiSource::Recode() {
  const uint32_t* from = keys_.data();
  const uint32_t* const end = from + keys_.size();
  uint32_t* run = keys_.data();
  while (from < end) {
    ++from;  // the head
    uint32_t* to = run + 1;
    for (; from < end && !(*from & RankedBaskets::kHead); ++from) {
      const uint32_t key = *from;
      const uint32_t rank =
          key < kNumbers ? number_cells_[key].last : word_cells_[key - kNumbers].last;
      *to = rank;
      to += rank != kInfrequent;
    }
    if (to - run < 3) continue;
    SortRanks(run + 1, to);
    *run = RankedBaskets::kHead | 1;
    run = to;
  }
  keys_.Truncate(static_cast<size_t>(run - keys_.data()));
  keys_.Seal(RankedBaskets::kHead);
}

// Reads the baskets again, now that the ranks are known.
template <typename Visit>
struct RunVisitor {
  FimiSource& source;
  Visit visit;
  std::vector<uint32_t> run;

  void Number(uint32_t number) { AddRank(source.number_cells_[number].last); }
  void Word(std::string_view word) { AddRank(source.word_cells_[source.words_.KeyOf(word)].last); }
  void AddRank(uint32_t rank) {
    if (rank != kInfrequent) run.push_back(rank);
  }
  void EndBasket() {
    if (run.size() > 1) {
      SortRanks(run.data(), run.data() + run.size());
      run.erase(std::unique(run.begin(), run.end()), run.end());
      if (run.size() > 1) visit(run);
    }
    run.clear();
  }
};

template <typename Visit>
void FimiSource::ScanRuns(Visit visit) {
  RunVisitor<Visit> visitor{*this, visit, {}};
  Scan(visitor);
}

Status FimiSource::Spill(RankedBaskets& ranked) {
  const bool whole = options_.condensed;
  std::vector<uint64_t> words_of_rank(ranked.ranks());
  ScanRuns([&](const std::vector<uint32_t>& run) {
    for (size_t k = 0; k < run.size(); ++k) {
      if (k > 0 || whole) words_of_rank[run[k]] += (whole ? run.size() : k + 1) + 1;
    }
  });
  // A part is loaded with its index: twice its words. Some memory is left for the search below it.
  const uint64_t max_words = options_.memory_bytes / 2 / (2 * sizeof(uint32_t));
  VITRINE_ASSIGN(auto partitions, Partitions::Create(words_of_rank, max_words, whole));
  Status status;
  ScanRuns([&](const std::vector<uint32_t>& run) {
    if (status.ok()) status = partitions->Add(run);
  });
  VITRINE_RETURN_IF_ERROR(status);
  VITRINE_RETURN_IF_ERROR(partitions->Finish());
  ranked.partitions = std::move(partitions);
  return Ok();
}

}  // namespace vitrine
