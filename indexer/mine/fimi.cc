#include "indexer/mine/fimi.h"

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

// The first eight bytes, zeros where there are fewer, the first one on top.
uint64_t StartOf(std::string_view name) {
  uint64_t start = 0;
  std::memcpy(&start, name.data(), std::min(sizeof start, name.size()));
  return __builtin_bswap64(start);
}

// The item numbers of the names, which ascend; one that is not frequent has none.
std::vector<uint32_t> ItemsOf(const std::vector<std::string>& wanted,
                              const std::vector<std::string>& names) {
  std::vector<uint32_t> items;
  for (const std::string& name : wanted) {
    const auto at = std::lower_bound(names.begin(), names.end(), name);
    const bool found = at != names.end() && *at == name;
    items.push_back(found ? static_cast<uint32_t>(at - names.begin()) : UINT32_MAX);
  }
  return items;
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
  size_t release_at = MappedFile::kReleaseBytes;
  auto release = [&] {
    const auto read = static_cast<size_t>(at - bytes.data());
    if (read >= release_at) release_at = file_.ReleaseBefore(read);
  };
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
          release();
          continue;
        }
      }
    }
    if (*at == '\n') {
      visitor.EndBasket();
      ++at;
      release();
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
  if (weights_ != nullptr) Weigh(key);
  if (keeps_) keys_.push_back(key);
}

void FimiSource::Weigh(uint32_t key) {
  auto& sums = key < kNumbers ? number_weights_ : word_weights_;
  const size_t index = key < kNumbers ? key : key - kNumbers;
  if (index >= sums.size()) sums.resize(2 * index + 1);
  sums[index] += weight_;
}

inline void FimiSource::EndBasket() {
  empty_baskets_ += tokens_of_basket_ == 0;
  tokens_of_basket_ = 0;
  ++basket_;
  // A basket of one item takes part in no itemset but that item.
  if (keeps_ && (keys_.size() < head_ + 3 || weight_ == 0)) keys_.Truncate(head_);
  weight_ = NextWeight();
  if (!keeps_) return;
  head_ = keys_.size();
  keys_.push_back(RankedBaskets::kHead | weight_);
  // Mining takes about as much again beside the keys.
  if (options_.memory_bytes > 0 && head_ * sizeof(uint32_t) * 2 > options_.memory_bytes) {
    keeps_ = false;
    keys_ = WordArray();
  }
}

Status FimiSource::Count() {
  weight_ = NextWeight();
  keys_.push_back(RankedBaskets::kHead | weight_);
  KeyVisitor visitor{*this};
  Scan(visitor);
  if (keeps_) keys_.Truncate(head_);
  baskets_ = total_weight_ = basket_ - 1;
  if (weights_ != nullptr) {
    total_weight_ = weights_->total();
    if (weights_->size() != baskets_) {
      return Error{weights_->path().string() + ": has " + std::to_string(weights_->size()) +
                   " lines for " + std::to_string(baskets_) + " baskets; it needs one for each"};
    }
    number_weights_.resize(number_cells_.size());
    word_weights_.resize(word_cells_.size());
  }
  for (const auto* cells : {&number_cells_, &word_cells_}) {
    for (const Cell& cell : *cells) items_ += cell.count > 0;
  }
  if (keys_.size() <= UINT32_MAX) return Ok();
  return Error{file_name_ + ": more than 2^32 basket lines; mine with --memory"};
}

Result<std::unique_ptr<BasketSource>> FimiSource::Open(MappedFile file, std::string name,
                                                       std::unique_ptr<WeightColumn> weights,
                                                       const BasketFileOptions& options) {
  std::unique_ptr<FimiSource> source(
      new FimiSource(std::move(file), std::move(name), std::move(weights), options));
  VITRINE_RETURN_IF_ERROR(source->Count());
  return std::unique_ptr<BasketSource>(std::move(source));
}

RankedBaskets FimiSource::RankItems(uint64_t min_count) {
  struct Frequent {
    uint64_t start;  // of the name, as a number that orders as its bytes do: most comparisons need
                     // no more
    std::string name;
    Cell* cell;
    uint64_t count;
  };
  std::vector<Frequent> frequent;
  auto consider = [&](std::vector<Cell>& cells, const std::vector<uint64_t>& weights, auto name) {
    for (uint32_t k = 0; k < cells.size(); ++k) {
      const uint64_t count = weights.empty() ? cells[k].count : weights[k];
      cells[k].last = kInfrequent;
      if (count == 0 || count < min_count) continue;
      std::string text = name(k);
      const uint64_t start = StartOf(text);
      frequent.push_back({start, std::move(text), &cells[k], count});
    }
  };
  consider(number_cells_, number_weights_, [](uint32_t n) { return std::to_string(n); });
  consider(word_cells_, word_weights_, [&](uint32_t w) { return std::string(words_.word(w)); });
  std::sort(frequent.begin(), frequent.end(), [](const Frequent& a, const Frequent& b) {
    return a.start != b.start ? a.start < b.start : a.name < b.name;
  });
  RankedBaskets ranked;
  ranked.item.resize(frequent.size());
  std::iota(ranked.item.begin(), ranked.item.end(), 0u);
  std::sort(ranked.item.begin(), ranked.item.end(), [&](uint32_t a, uint32_t b) {
    return frequent[a].count != frequent[b].count ? frequent[a].count > frequent[b].count : a < b;
  });
  for (uint32_t r = 0; r < ranked.item.size(); ++r) {
    const Frequent& item = frequent[ranked.item[r]];
    item.cell->last = r;
    ranked.count.push_back(item.count);
  }
  names_.clear();
  for (Frequent& item : frequent) names_.push_back(std::move(item.name));
  return ranked;
}

Result<RankedBaskets> FimiSource::Rank(uint64_t min_count, const std::vector<std::string>& required,
                                       const std::vector<std::string>& forbidden) {
  RankedBaskets ranked = RankItems(min_count);
  const bool restricts = !required.empty() || !forbidden.empty();
  const auto required_items = ItemsOf(required, names_),
             forbidden_items = ItemsOf(forbidden, names_);
  if (keeps_) {
    Recode();
    ranked.words = std::move(keys_);
    if (restricts) return Restrict(ranked, required_items, forbidden_items, min_count);
    return ranked;
  }
  if (!restricts) {
    VITRINE_RETURN_IF_ERROR(Spill(nullptr, ranked));
    return ranked;
  }
  VITRINE_ASSIGN(Restriction restriction,
                 Restriction::Create(ranked, required_items, forbidden_items));
  if (!required.empty()) {
    ScanRuns([&](const auto& run, uint32_t weight) { restriction.Count(run, weight); });
  }
  RankedBaskets restricted = restriction.Rank(min_count);
  VITRINE_RETURN_IF_ERROR(Spill(&restriction, restricted));
  return restricted;
}

void FimiSource::Recode() {
  const uint32_t* from = keys_.data();
  const uint32_t* const end = from + keys_.size();
  uint32_t* run = keys_.data();
  while (from < end) {
    const uint32_t head = *from++;
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
    *run = head;
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
  uint32_t weight = source.NextWeight();

  void Number(uint32_t number) { AddRank(source.number_cells_[number].last); }
  void Word(std::string_view word) { AddRank(source.word_cells_[source.words_.KeyOf(word)].last); }
  void AddRank(uint32_t rank) {
    if (rank != kInfrequent) run.push_back(rank);
  }
  void EndBasket() {
    if (run.size() > 1 && weight > 0) {
      SortRanks(run.data(), run.data() + run.size());
      run.erase(std::unique(run.begin(), run.end()), run.end());
      if (run.size() > 1) visit(run, weight);
    }
    run.clear();
    weight = source.NextWeight();
  }
};

template <typename Visit>
void FimiSource::ScanRuns(Visit visit) {
  if (weights_ != nullptr) weights_->Rewind();
  RunVisitor<Visit> visitor{*this, visit, {}};
  Scan(visitor);
}

Status FimiSource::Spill(const Restriction* restriction, RankedBaskets& ranked) {
  std::vector<uint32_t> recoded;
  auto scan = [&](auto visit) {
    ScanRuns([&](const std::vector<uint32_t>& run, uint32_t weight) {
      if (restriction == nullptr) return visit(run, weight);
      restriction->Recode(run, recoded);
      if (!recoded.empty()) visit(recoded, weight);
    });
  };
  const bool whole = options_.condensed;
  std::vector<uint64_t> words_of_rank(ranked.ranks());
  scan([&](const std::vector<uint32_t>& run, uint32_t /*weight*/) {
    for (size_t k = 0; k < run.size(); ++k) {
      if (k > 0 || whole) words_of_rank[run[k]] += (whole ? run.size() : k + 1) + 1;
    }
  });
  // A part is loaded with its index: twice its words. Some memory is left for the search below it.
  const uint64_t max_words = options_.memory_bytes / 2 / (2 * sizeof(uint32_t));
  VITRINE_ASSIGN(auto partitions, Partitions::Create(words_of_rank, max_words, whole));
  Status status;
  scan([&](const std::vector<uint32_t>& run, uint32_t weight) {
    if (status.ok()) status = partitions->Add(run, weight);
  });
  VITRINE_RETURN_IF_ERROR(status);
  VITRINE_RETURN_IF_ERROR(partitions->Finish());
  ranked.partitions = std::move(partitions);
  return Ok();
}

}  // namespace vitrine
