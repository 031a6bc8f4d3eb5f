// The output folder of `vitrine embed`, and the same work split over several machines.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "indexer/embed/embed.h"
#include "indexer/support/console.h"
#include "indexer/support/matrix.h"
#include "shared/result.h"

namespace vitrine {

// Shard `number` of `count`: products count * (number - 1) / count and so on, in catalogue order.
struct Shard {
  size_t number = 1;  // 1..count
  size_t count = 1;
};

// "i/n" with i in 1..n; 0/n is the same as n/n, so that job arrays that count from 0 work too.
Result<Shard> ParseShard(const std::string& text);
// First product and the one behind the last.
std::pair<size_t, size_t> RangeOf(const Shard& shard, size_t products);

// What one run gives: row i of every table belongs to ids[i].
struct EmbedOutput {
  std::vector<std::string> ids;
  std::vector<std::pair<std::string, Matrix>> tables;          // file name without ".npy", rows
  std::vector<std::pair<std::string, PhotoProblem>> problems;  // encoder, problem
};

// FOLDER/NAME.npy for every table, ids.txt, and photo_problems.tsv when there are any. A shard of
// several goes to FOLDER/shard-i-of-n/ with a shard.json that tells what it is a part of;
// `catalogue` names the whole.
Status WriteOutput(const EmbedOutput& output, const std::filesystem::path& folder,
                   const Shard& shard, const std::string& catalogue, const Console& console);

// Joins all shards found in and below `folders` into `out` (unless it is empty), and all feature
// caches (*.features) found there into `cache` (unless it is empty), so that later runs encode
// nothing again. Shards that are missing, doubled or of different catalogues or encoders are
// errors.
Status MergeShards(std::span<const std::filesystem::path> folders, const std::filesystem::path& out,
                   const std::filesystem::path& cache, Console& console);

}  // namespace vitrine
