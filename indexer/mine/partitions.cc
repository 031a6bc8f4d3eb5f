#include "indexer/mine/partitions.h"

#include "indexer/mine/ranked.h"

namespace vitrine {
namespace {

ByteView WordBytes(std::span<const uint32_t> words) {
  return {reinterpret_cast<const uint8_t*>(words.data()), words.size_bytes()};
}

Status AppendRun(TempFile& file, std::span<const uint32_t> run, uint32_t weight) {
  const uint32_t head = RankedBaskets::kHead | weight;
  VITRINE_RETURN_IF_ERROR(file.Append(WordBytes({&head, 1})));
  return file.Append(WordBytes(run));
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
      VITRINE_ASSIGN(TempFile file, TempFile::Create());
      parts.push_back({r, r, std::move(file)});
      words = 0;
    }
    words += words_of_rank[r];
    parts.back().to = r + 1;
    partitions->part_of_rank_.push_back(static_cast<uint32_t>(parts.size()) - 1);
  }
  return partitions;
}

Status Partitions::Add(std::span<const uint32_t> run, uint32_t weight) {
  // From the back: the last rank of the run that is in a part ends what that part needs.
  size_t end = run.size();
  while (end > 1) {
    Part& part = parts_[part_of_rank_[run[end - 1]]];
    VITRINE_RETURN_IF_ERROR(AppendRun(part.file, whole_runs_ ? run : run.first(end), weight));
    while (end > 0 && run[end - 1] >= part.from) --end;
  }
  // A run's first item alone has nothing before it, but what stands behind it can show that an
  // itemset is not closed.
  if (whole_runs_ && end == 1) return AppendRun(parts_[part_of_rank_[run[0]]].file, run, weight);
  return Ok();
}

Status Partitions::Finish() {
  for (Part& part : parts_) VITRINE_RETURN_IF_ERROR(part.file.Flush());
  return Ok();
}

Result<WordArray> Partitions::Load(size_t k) const {
  const TempFile& file = parts_[k].file;
  const size_t count = file.size() / sizeof(uint32_t);
  WordArray words;
  words.Reserve(count + 1);
  words.Extend(count);
  VITRINE_RETURN_IF_ERROR(
      file.Read(0, {reinterpret_cast<uint8_t*>(words.data()), count * sizeof(uint32_t)}));
  words.Seal(RankedBaskets::kHead);
  return words;
}

}  // namespace vitrine
