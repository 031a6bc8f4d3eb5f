#include "indexer/embed/shards.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "indexer/embed/feature_cache.h"
#include "indexer/support/files.h"
#include "indexer/support/npy.h"

namespace vitrine {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr size_t kMaxShards = 100'000;

std::string Cell(std::string text) {  // of a TSV file
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20; }, ' ');
  return text;
}

constexpr const char* kProblemsHeader = "encoder\tid\timage\treason\n";

std::string Problems(const EmbedOutput& output) {
  std::string text;
  for (const auto& [encoder, problem] : output.problems) {
    text += Cell(encoder) + "\t" + Cell(problem.product_id) + "\t" + Cell(problem.image) + "\t" +
            Cell(problem.reason) + "\n";
  }
  return text;
}

// One shard's folder, read back.
struct FoundShard {
  fs::path folder;
  Shard shard;
  std::string catalogue;
  std::vector<std::string> tables;
};

Result<FoundShard> ReadShard(const fs::path& path) {
  VITRINE_ASSIGN(const Bytes bytes, ReadFile(path));
  const Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, /*allow_exceptions=*/false);
  const auto is = [&](const char* key, bool (Json::*type)() const noexcept) {
    return json.is_object() && json.contains(key) && (json[key].*type)();
  };
  if (!is("shard", &Json::is_number_unsigned) || !is("of", &Json::is_number_unsigned) ||
      !is("catalogue", &Json::is_string) || !is("tables", &Json::is_array)) {
    return Error{path.string() + ": is no shard.json of vitrine embed --shard"};
  }
  FoundShard found;
  found.folder = path.parent_path();
  found.shard = {json["shard"].get<size_t>(), json["of"].get<size_t>()};
  found.catalogue = json["catalogue"].get<std::string>();
  if (found.shard.count == 0 || found.shard.count > kMaxShards) {
    return Error{path.string() + ": \"of\" must be 1 to " + std::to_string(kMaxShards)};
  }
  for (const Json& table : json["tables"]) {
    if (table.is_string()) found.tables.push_back(table.get<std::string>());
  }
  return found;
}

// All of one catalogue, each once, in order.
Status CheckComplete(std::vector<FoundShard>& shards) {
  std::sort(shards.begin(), shards.end(), [](const FoundShard& a, const FoundShard& b) {
    return a.shard.number < b.shard.number;
  });
  const FoundShard& first = shards.front();
  const size_t count = first.shard.count;
  std::map<size_t, fs::path> seen;
  for (const FoundShard& found : shards) {
    const std::string where = found.folder.string();
    if (found.shard.count != count || found.catalogue != first.catalogue) {
      return Error{where + ": is of another catalogue or split than " + first.folder.string()};
    }
    if (found.tables != first.tables) {
      return Error{where + ": has other encoders than " + first.folder.string()};
    }
    if (!seen.emplace(found.shard.number, found.folder).second) {
      return Error{where + ": is the same shard as " + seen[found.shard.number].string()};
    }
  }
  std::string missing;
  for (size_t i = 1; i <= count; ++i) {
    if (seen.contains(i)) continue;
    missing += (missing.empty() ? "" : ", ") + std::to_string(i) + "/" + std::to_string(count);
  }
  if (missing.empty()) return Ok();
  return Error{"shards are missing: " + missing + "; run vitrine embed --shard for them"};
}

Status JoinText(const std::vector<FoundShard>& shards, const std::string& name,
                const std::string& header, const fs::path& out) {
  std::string joined;
  for (const FoundShard& found : shards) {
    const fs::path path = found.folder / name;
    if (!header.empty() && !fs::exists(path)) continue;
    VITRINE_ASSIGN(const Bytes bytes, ReadFile(path));
    const std::string text(bytes.begin(), bytes.end());
    joined += text.starts_with(header) ? text.substr(header.size()) : text;
  }
  if (joined.empty() && !header.empty()) return Ok();
  return WriteFileAtomically(out / name, header + joined);
}

Status JoinTable(const std::vector<FoundShard>& shards, const std::string& table,
                 const fs::path& out, const Console& console) {
  Matrix joined;
  for (const FoundShard& found : shards) {
    const fs::path path = found.folder / (table + ".npy");
    VITRINE_ASSIGN(const NpyFile file, NpyFile::Open(path));
    const MatrixView rows = file.view();
    if (joined.rows > 0 && rows.rows > 0 && rows.cols != joined.cols) {
      return Error{path.string() + ": has " + std::to_string(rows.cols) +
                   " columns where the shards before it have " + std::to_string(joined.cols)};
    }
    if (rows.rows > 0) joined.cols = rows.cols;
    joined.data.insert(joined.data.end(), rows.data, rows.data + rows.rows * rows.cols);
    joined.rows += rows.rows;
  }
  const fs::path path = out / (table + ".npy");
  VITRINE_RETURN_IF_ERROR(WriteNpy(path, joined.view()));
  console.Info(path.string() + ": " + std::to_string(joined.rows) + " x " +
               std::to_string(joined.cols));
  return Ok();
}

}  // namespace

Result<Shard> ParseShard(const std::string& text) {
  Shard shard;
  const size_t slash = text.find('/');
  const char* end = text.data() + text.size();
  const char* middle = text.data() + std::min(slash, text.size());
  const auto i = std::from_chars(text.data(), middle, shard.number);
  const auto n = std::from_chars(std::min(middle + 1, end), end, shard.count);
  const bool valid = slash != std::string::npos && i.ec == std::errc() && i.ptr == middle &&
                     n.ec == std::errc() && n.ptr == end && shard.count >= 1 &&
                     shard.count <= kMaxShards && shard.number <= shard.count;
  if (!valid)
    return UsageError("--shard \"" + text + "\" must be i/n with i from 1 to n, e.g. 2/8");
  if (shard.number == 0) shard.number = shard.count;
  return shard;
}

std::pair<size_t, size_t> RangeOf(const Shard& shard, size_t products) {
  return {products * (shard.number - 1) / shard.count, products * shard.number / shard.count};
}

Status WriteOutput(const EmbedOutput& output, const fs::path& folder, const Shard& shard,
                   const std::string& catalogue, const Console& console) {
  const bool part = shard.count > 1;
  const fs::path to = part ? folder / ("shard-" + std::to_string(shard.number) + "-of-" +
                                       std::to_string(shard.count))
                           : folder;
  std::string ids;
  for (const std::string& id : output.ids) ids += id + "\n";
  std::vector<std::string> names;
  for (const auto& [name, rows] : output.tables) {
    VITRINE_RETURN_IF_ERROR(WriteNpy(to / (name + ".npy"), rows.view()));
    console.Info((to / (name + ".npy")).string() + ": " + std::to_string(rows.rows) + " x " +
                 std::to_string(rows.cols));
    names.push_back(name);
  }
  VITRINE_RETURN_IF_ERROR(WriteFileAtomically(to / "ids.txt", ids));
  std::error_code ignored;
  fs::remove(to / "photo_problems.tsv", ignored);
  if (!output.problems.empty()) {
    VITRINE_RETURN_IF_ERROR(
        WriteFileAtomically(to / "photo_problems.tsv", kProblemsHeader + Problems(output)));
  }
  if (!part) return Ok();
  const Json json = {
      {"shard", shard.number}, {"of", shard.count}, {"catalogue", catalogue}, {"tables", names}};
  return WriteFileAtomically(to / "shard.json", json.dump(2) + "\n");
}

Status MergeShards(std::span<const fs::path> folders, const fs::path& out, const fs::path& cache,
                   Console& console) {
  std::set<fs::path> shard_files, caches;
  for (const fs::path& folder : folders) {
    if (!fs::is_directory(folder)) return UsageError(folder.string() + ": is no folder");
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.path().filename() == "shard.json") shard_files.insert(entry.path());
      if (entry.path().extension() == ".features") caches.insert(entry.path());
    }
  }
  if (!cache.empty()) {
    size_t added = 0;
    for (const fs::path& from : caches) {
      std::error_code none;
      if (fs::equivalent(from.parent_path(), cache, none)) continue;
      VITRINE_ASSIGN(const size_t here, JoinCaches(from, cache / from.filename()));
      added += here;
    }
    console.Info(cache.string() + ": " + std::to_string(added) + " vectors added from " +
                 std::to_string(caches.size()) + " caches");
  }
  if (out.empty()) return Ok();
  if (shard_files.empty()) {
    return UsageError(
        "--merge: no shard.json in the given folders; vitrine embed --shard makes it");
  }
  std::vector<FoundShard> shards;
  for (const fs::path& path : shard_files) {
    VITRINE_ASSIGN(FoundShard found, ReadShard(path));
    shards.push_back(std::move(found));
  }
  VITRINE_RETURN_IF_ERROR(CheckComplete(shards));
  for (const std::string& table : shards.front().tables) {
    VITRINE_RETURN_IF_ERROR(JoinTable(shards, table, out, console));
  }
  VITRINE_RETURN_IF_ERROR(JoinText(shards, "ids.txt", "", out));
  return JoinText(shards, "photo_problems.tsv", kProblemsHeader, out);
}

}  // namespace vitrine
