// The pairs of a window of days, kept in a file from night to night. Each basket file is counted
// once and has a table of its own, so one that goes is left out without being counted again. What
// the tables add up to is worked out when it is asked for, and kept: the next sum starts from it
// and takes only the days that came and went since.
//
//   VITRINE_ASSIGN(PairState state, PairState::Open("window.pairs"));
//   VITRINE_RETURN_IF_ERROR(state.Add("tuesday.txt", options));
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
  // Maps the file and checks its directory; tables are checked when they are summed. Errors name
  // the file.
  static Result<PairState> Open(const std::filesystem::path& path);

  // Counts a basket file and takes it in.
  Status Add(const std::filesystem::path& baskets, const PairCountOptions& options);
  // Leaves a file out again. Fails when the state does not hold it, counted in the same way.
  Status Retire(const std::filesystem::path& baskets, const PairCountOptions& options);

  uint64_t baskets() const;

  // What the files add up to, valid until the state changes. O(pairs of the tables that are read):
  // the last sum and what came and went since, or all of them where that is less.
  Result<PairView> Sum();

  // Writes the state. Into the file that it was opened from, only what is new, and the head last: a
  // reader, or a program that ended in between, has the state of before. The file is written as a
  // whole when more than half of it is of no use any more. Fails when another program has changed
  // it since Open().
  //
  // Layout (little-endian): "VTRNPAIR", u32 version, u32 tables, u64 offset of the directory, a
  // checksum u64 of that and of the directory; tables; the directory, for each table u64 offset,
  // u64 bytes, u64 role, u64 key of its file (0 for the sum), u64 baskets. A table: u32 items, u32
  // files, u64 baskets, u64 pairs, u64 bytes of rows, u64 bytes of names, then the files u64 x
  // files, count u64 x items, begin u64 x (items + 1), the size of each name u32 x items, the
  // names, the rows, zeros up to a multiple of 8, and a checksum u64.
  Status Save(const std::filesystem::path& path);

 private:
  enum class Role : uint64_t {
    kSum,      // of the files that are kSummed or kGone
    kSummed,   // a file
    kGone,     // a file that was retired since
    kPending,  // a file that was added since
  };
  struct Table {
    std::shared_ptr<const Bytes> owned;  // null: in file_
    ByteView bytes;
    uint64_t offset = 0;  // in the file; 0: not there yet
    Role role = Role::kPending;
    uint64_t key = 0;
    uint64_t baskets = 0;
  };

  Status Parse(ByteView bytes);
  // The tables whose sum, gone ones taken away, is the state: the fewest bytes of them.
  std::vector<const Table*> Fewest() const;
  // Puts sum_ in the place of the sum before.
  void KeepSum();
  Bytes Directory() const;
  Bytes Head(ByteView directory, uint64_t offset) const;

  std::shared_ptr<const MappedFile> file_;
  std::filesystem::path path_;  // of file_
  uint64_t end_ = 0;            // of what the file's head speaks of
  Bytes head_;                  // of the file
  std::vector<Table> tables_;
  std::vector<PairTable> parsed_;  // by Sum()
  PairCounts sum_;
};

}  // namespace vitrine
