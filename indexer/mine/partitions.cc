#include "indexer/mine/partitions.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

#include "indexer/mine/ranked.h"

namespace vitrine {
namespace {

Error DiskError(const char* what) {
  return Error{std::string("--memory: ") + what + " a temporary file in " +
               std::filesystem::temp_directory_path().string() + ": " + std::strerror(errno) +
               " (set TMPDIR to a folder with room)"};
}

}  // namespace

Result<std::unique_ptr<Partitions>> Partitions::Create(std::span<const uint64_t> words_of_rank,
                                                       uint64_t max_words, bool whole_runs) {
  std::unique_ptr<Partitions> partitions(new Partitions(whole_runs));
  const auto ranks = static_cast<uint32_t>(words_of_rank.size());
  uint64_t words = 0;
  for (uint32_t r = 0; r < ranks; ++r) {
    auto& parts = partitions->parts_;
    if (parts.empty() || words + words_of_rank[r] > max_words) {
      parts.push_back({r, r, -1, 0, {}});
      words = 0;
    }
    words += words_of_rank[r];
    parts.back().to = r + 1;
    partitions->part_of_rank_.push_back(static_cast<uint32_t>(parts.size()) - 1);
  }
  for (Part& part : partitions->parts_) {
    std::string path = std::filesystem::temp_directory_path() / "vitrine-mine-XXXXXX";
    part.file = ::mkstemp(path.data());
    if (part.file < 0) return DiskError("cannot create");
    ::unlink(path.c_str());
    part.buffer.reserve(kBufferWords);
  }
  return partitions;
}

Partitions::~Partitions() {
  for (Part& part : parts_) {
    if (part.file >= 0) ::close(part.file);
  }
}

Status Partitions::Add(std::span<const uint32_t> run) {
  // From the back: the last rank of the run that is in a part ends what that part needs.
  size_t end = run.size();
  while (end > 1) {
    Part& part = parts_[part_of_rank_[run[end - 1]]];
    const size_t size = whole_runs_ ? run.size() : end;
    if (part.buffer.size() + size + 1 > kBufferWords) VITRINE_RETURN_IF_ERROR(Flush(part));
    part.buffer.push_back(RankedBaskets::kHead | 1);
    part.buffer.insert(part.buffer.end(), run.begin(), run.begin() + static_cast<ptrdiff_t>(size));
    while (end > 0 && run[end - 1] >= part.from) --end;
  }
  // A run's first item alone has nothing before it, but what stands behind it can show that an
  // itemset is not closed.
  if (whole_runs_ && end == 1) {
    Part& part = parts_[part_of_rank_[run[0]]];
    if (part.buffer.size() + run.size() + 1 > kBufferWords) VITRINE_RETURN_IF_ERROR(Flush(part));
    part.buffer.push_back(RankedBaskets::kHead | 1);
    part.buffer.insert(part.buffer.end(), run.begin(), run.end());
  }
  return Ok();
}

Status Partitions::Flush(Part& part) {
  const char* at = reinterpret_cast<const char*>(part.buffer.data());
  size_t left = part.buffer.size() * sizeof(uint32_t);
  while (left > 0) {
    const ssize_t written = ::write(part.file, at, left);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return DiskError("cannot write");
    at += written;
    left -= static_cast<size_t>(written);
  }
  part.words += part.buffer.size();
  part.buffer.clear();
  return Ok();
}

Status Partitions::Finish() {
  for (Part& part : parts_) {
    VITRINE_RETURN_IF_ERROR(Flush(part));
    std::vector<uint32_t>().swap(part.buffer);
  }
  return Ok();
}

Result<WordArray> Partitions::Load(size_t k) const {
  const Part& part = parts_[k];
  WordArray words;
  words.Reserve(part.words + 1);
  words.Extend(part.words);
  char* at = reinterpret_cast<char*>(words.data());
  uint64_t left = part.words * sizeof(uint32_t);
  off_t offset = 0;
  while (left > 0) {
    const ssize_t got = ::pread(part.file, at, left, offset);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return DiskError("cannot read");
    at += got;
    offset += got;
    left -= static_cast<uint64_t>(got);
  }
  words.Seal(RankedBaskets::kHead);
  return words;
}

}  // namespace vitrine
