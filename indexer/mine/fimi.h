// Basket files in `fimi` form (one basket a line, tokens separated by white space), read at memory
// speed: mapped, scanned once, and recoded in place; or scanned again and cut into parts on disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/mine/basket_source.h"
#include "indexer/mine/weight_column.h"
#include "indexer/support/files.h"

namespace vitrine {

// A token is a number (a plain one below kNumbers, its own key: public data sets and shops with
// numeric ids need no hash table) or a word (any other token, keyed by order of appearance).
class FimiSource : public BasketSource {
 public:
  // Scans the file once: counts, and keeps the baskets as keys. `weights`: of the baskets, or null.
  // `name` is for errors.
  static Result<std::unique_ptr<BasketSource>> Open(MappedFile file, std::string name,
                                                    std::unique_ptr<WeightColumn> weights,
                                                    const BasketFileOptions& options);

  // Recodes the kept baskets in place. REQUIRES: called at most once.
  Result<RankedBaskets> Rank(uint64_t min_count, const std::vector<std::string>& required = {},
                             const std::vector<std::string>& forbidden = {}) override;

 private:
  static constexpr uint32_t kNumbers = 1u << 22;

  // Open addressing over the words.
  class Words {
   public:
    uint32_t KeyOf(std::string_view word);
    std::string_view word(uint32_t key) const { return words_[key]; }
    size_t size() const { return words_.size(); }

   private:
    void Grow();
    std::vector<uint32_t> table_;  // key + 1, or 0
    std::vector<uint64_t> hashes_;
    std::vector<std::string_view> words_;  // into the mapped file
  };
  struct Cell {
    uint32_t count = 0;
    uint32_t last = 0;  // number of the basket that was counted last; then the item's rank
  };

  FimiSource(MappedFile file, std::string name, std::unique_ptr<WeightColumn> weights,
             const BasketFileOptions& options)
      : file_(std::move(file)),
        file_name_(std::move(name)),
        weights_(std::move(weights)),
        options_(options) {}

  // Walks the file. `visitor` has Number(n), Word(text) and EndBasket().
  template <typename Visitor>
  void Scan(Visitor& visitor);

  Status Count();
  void Add(Cell& cell, uint32_t key);
  void Weigh(uint32_t key);
  void EndBasket();
  uint32_t NextWeight() { return weights_ == nullptr ? 1 : weights_->Next(); }
  // Gives each frequent item its rank, in Cell::last, and names.
  RankedBaskets RankItems(uint64_t min_count);
  // Turns keys_ into runs of ranks.
  void Recode();
  // Calls visit(run, weight) with each basket of at least two frequent items, read again from the
  // file.
  template <typename Visit>
  void ScanRuns(Visit visit);
  // Cuts the baskets into parts, of what `restriction` leaves of them where it is not null.
  Status Spill(const Restriction* restriction, RankedBaskets& ranked);

  friend struct KeyVisitor;
  template <typename Visit>
  friend struct RunVisitor;

  MappedFile file_;
  const std::string file_name_;
  const std::unique_ptr<WeightColumn> weights_;
  const BasketFileOptions options_;
  Words words_;
  std::vector<Cell> number_cells_, word_cells_;
  std::vector<uint64_t> number_weights_, word_weights_;  // sums, where the baskets have weights
  // Per basket a head, then the keys without duplicates; a word has kNumbers added. Emptied, and
  // keeps_ false, once it takes more than the memory allowed.
  WordArray keys_;
  bool keeps_ = true;
  size_t head_ = 0;
  uint32_t basket_ = 1;
  uint32_t weight_ = 1;  // of that basket
  uint64_t tokens_of_basket_ = 0;
};

}  // namespace vitrine
