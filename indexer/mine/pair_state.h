// The pairs of a window of days, kept in a file from night to night. A day that comes or goes is
// counted alone and written behind what is there, so it costs that day, however long the window is;
// what the days add up to is worked out when it is asked for, and when the days behind the first
// table have grown to twice its size.
//
//   VITRINE_ASSIGN(PairState state, PairState::Open("window.pairs"));
//   VITRINE_RETURN_IF_ERROR(state.Add(std::move(monday)));
//   VITRINE_RETURN_IF_ERROR(state.Save("window.pairs"));
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "indexer/mine/pair_counts.h"
#include "indexer/support/files.h"
#include "shared/result.h"

namespace vitrine {

// A table of pairs as bytes, read in place.
class PairTable {
 public:
  static Bytes Encode(const PairView& pairs);
  // Checks everything that the bytes say, which must outlive the table and be aligned to 8.
  static Result<PairTable> Parse(ByteView bytes);
  // What stands in front of a table, without a look at the rest. Fails when it is not there.
  struct Head {
    uint64_t baskets = 0;
    std::span<const uint64_t> files;  // ascending
  };
  static Result<Head> ReadHead(ByteView bytes);
  PairView view() const { return {files_, baskets_, pairs_, names_, count_, begin_, rows_}; }

 private:
  bool ParseAll(ByteView bytes);

  uint64_t baskets_ = 0, pairs_ = 0;
  std::vector<std::string_view> names_;
  std::span<const uint64_t> files_, count_, begin_;
  ByteView rows_;
};

class PairState {
 public:
  PairState() = default;
  // Maps the file and checks what it says of its tables; these are checked when they are summed.
  // Errors name the file.
  static Result<PairState> Open(const std::filesystem::path& path);

  void Add(const PairCounts& day);
  // Fails when the state does not hold each of the day's files, counted in the same way.
  Status Retire(const PairCounts& day);

  uint64_t baskets() const { return baskets_; }

  // What the tables add up to, valid until the state changes. O(pairs of all tables).
  Result<PairView> Sum();

  // Writes the state. Into the file that it was opened from, only what is new, and then the head:
  // a reader, or a program that ended in between, has the state of before. Fails when another
  // program has changed that file.
  //
  // Layout (little-endian): "VTRNPAIR", u32 version, u32 tables, u64 bytes of the tables, a
  // checksum u64 of that and of what the tables say of themselves; for each table u64 bytes, u64 1
  // when retired, and the table. What is behind them was never finished. A table: u32 items, u32
  // files, u64 baskets, u64 pairs, u64 bytes of rows, u64 bytes of names, then the files u64 x
  // files, count u64 x items, begin u64 x (items + 1), the size of each name u32 x items, the
  // names, the rows, zeros up to a multiple of 8, and a checksum u64.
  Status Save(const std::filesystem::path& path);

 private:
  struct Table {
    std::shared_ptr<const Bytes> owned;  // null: in file_
    ByteView bytes;
    bool retired = false;
  };

  Status Parse(ByteView bytes);
  // Takes a table in. Fails when it retires what is not there.
  Status Enter(Table table);
  Status Append(const PairCounts& day, bool retired);
  // Have the days behind the first table grown to twice its size?
  bool IsLong() const;
  Status Fold();
  Bytes Head() const;
  // All tables stand in the file path_, below `head`.
  void MarkStored(const Bytes& head);
  // The tables from `first` on, each behind its size; `sizes` holds what `parts` refer to.
  std::vector<ByteView> Records(size_t first, std::vector<Bytes>& sizes) const;

  std::shared_ptr<const MappedFile> file_;
  std::vector<Table> tables_;
  uint64_t baskets_ = 0;
  std::vector<uint64_t> files_;    // FileKey of those that add up to the state, ascending
  std::vector<PairTable> parsed_;  // by Sum()
  PairCounts sum_;
  // The file in which the first stored_ tables stand, between stored_head_ and stored_end_.
  std::filesystem::path path_;
  size_t stored_ = 0;
  uint64_t stored_end_ = 0;
  Bytes stored_head_;
};

}  // namespace vitrine
