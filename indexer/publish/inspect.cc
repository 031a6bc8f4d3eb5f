#include "indexer/publish/inspect.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <map>

#include "indexer/publish/bundle_files.h"
#include "indexer/publish/compress.h"
#include "indexer/publish/manifest.h"
#include "indexer/support/files.h"

namespace vitrine {
namespace {

namespace fs = std::filesystem;
// Shards that are compressed to know what all of them take.
constexpr uint64_t kSampledShards = 64;
// What the byte map takes for a visit.
constexpr uint64_t kVisitedPages = 10, kVisitedCards = 10;

struct Size {
  uint64_t stored = 0, sent = 0;
  Size& operator+=(const Size& other) {
    stored += other.stored;
    sent += other.sent;
    return *this;
  }
};

// A file as it is sent: its compressed copy where there is one, else as a server would compress it.
Size SizeOf(const fs::path& path) {
  auto bytes = ReadFile(path);
  if (!bytes.ok()) return {};
  const uint64_t stored = bytes.value().size();
  std::error_code missing;
  const uint64_t copy = fs::file_size(path.string() + ".br", missing);
  if (!missing) return {stored, copy};
  const int quality = stored > (1u << 20) ? 5 : stored > (64u << 10) ? 9 : 11;
  return {stored, std::min<uint64_t>(stored, BrotliCompress(bytes.value(), quality).size())};
}

struct SetSize {
  Size total, largest, mean;
};

Size SizeOf(const fs::path& folder, const Manifest::File& file) {
  Size size;
  for (const std::string& path : file.Paths()) size += SizeOf(folder / path);
  return size;
}

SetSize SizeOfSet(const fs::path& folder, const std::string& name, const Manifest::ShardSet& set) {
  SetSize size;
  uint64_t sampled_stored = 0, sampled_sent = 0, sampled = 0;
  const uint64_t step = std::max<uint64_t>(1, set.count / kSampledShards);
  for (uint64_t n = 0; n < set.count; ++n) {
    const fs::path path = folder / name / set.stamp / (std::to_string(n) + ".json");
    std::error_code missing;
    const uint64_t stored = fs::file_size(path, missing);
    if (missing) continue;
    size.total.stored += stored;
    if (n % step != 0) continue;
    const Size one = SizeOf(path);
    sampled_stored += one.stored;
    sampled_sent += one.sent;
    ++sampled;
    if (one.sent > size.largest.sent) size.largest = one;
  }
  if (sampled_stored == 0) return size;
  size.total.sent = static_cast<uint64_t>(static_cast<double>(size.total.stored) *
                                          static_cast<double>(sampled_sent) /
                                          static_cast<double>(sampled_stored));
  size.mean = {size.total.stored / set.count, size.total.sent / set.count};
  return size;
}

class Table {
 public:
  explicit Table(uint64_t items) : items_(static_cast<double>(std::max<uint64_t>(items, 1))) {
    std::printf("%-30s %13s %15s %16s\n", "part", "bytes", "sent (brotli)", "sent/product");
  }
  void Row(const std::string& name, const Size& size) {
    total_ += size;
    Print(name, size);
  }
  void Total() const { Print("total", total_); }

 private:
  void Print(const std::string& name, const Size& size) const {
    std::printf("%-30s %13" PRIu64 " %15" PRIu64 " %16.1f\n", name.c_str(), size.stored, size.sent,
                static_cast<double>(size.sent) / items_);
  }
  double items_;
  Size total_;
};

std::string Shards(const std::string& name, uint64_t count) {
  return name + " (" + std::to_string(count) + (count == 1 ? " shard)" : " shards)");
}

void Line(const char* when, const std::string& what, uint64_t sent) {
  std::printf("%-30s %-44s %12" PRIu64 "\n", when, what.c_str(), sent);
}

// A shop of a million products has dozens of refinements: one row for all.
std::string RowOf(const std::string& section) {
  return section.starts_with(kRefinementPrefix) ? "vectors: refinements" : section;
}

// The parts of a bundle by the names that both commands print.
struct Parts {
  explicit Parts(const fs::path& folder, const Manifest& manifest)
      : pages(SizeOfSet(folder, "pages", manifest.pages)),
        cards(SizeOfSet(folder, "cards", manifest.cards)),
        changes(SizeOfSet(folder, "changes", manifest.changes)),
        own(SizeOf(folder / "manifest.json")),
        popular(SizeOf(folder / manifest.popular.file)) {
    for (const auto& [name, section] : manifest.sections) {
      sections[RowOf(name)] += SizeOf(folder, section);
    }
    for (const auto& [name, file] : manifest.engine) engine[name] = SizeOf(folder / file.file);
    if (!manifest.script.empty()) script = SizeOf(folder / "vitrine.js");
  }
  SetSize pages, cards, changes;
  Size own, popular, script;
  std::map<std::string, Size> sections, engine;
};

}  // namespace

Status InspectBundle(const fs::path& folder) {
  VITRINE_ASSIGN(Manifest manifest, ReadManifest(folder));
  const Parts parts(folder, manifest);
  PublishSummary counted;
  CountFiles(folder, manifest, counted);
  std::printf("bundle %s of \"%s\": %" PRIu64 " products, prices in %s, %zu files\n\n",
              manifest.build.c_str(), manifest.shop_name.c_str(), manifest.items,
              manifest.currency.c_str(), counted.files);
  Table table(manifest.items);
  table.Row(Shards("pages", manifest.pages.count), parts.pages.total);
  table.Row(Shards("cards", manifest.cards.count), parts.cards.total);
  if (manifest.changes.count > 0)
    table.Row(Shards("changes", manifest.changes.count), parts.changes.total);
  table.Row("popular", parts.popular);
  for (const auto& [name, size] : parts.sections) {
    table.Row(name, size);
    const auto section = manifest.sections.find(name);
    if (section != manifest.sections.end() && section->second.delta)
      table.Row(name + ": delta", SizeOf(folder, *section->second.delta));
  }
  for (const auto& [name, size] : parts.engine) table.Row("engine: " + name, size);
  if (!manifest.script.empty()) table.Row("script", parts.script);
  if (manifest.search)
    table.Row("search, its models included",
              {counted.size_bytes_by_part["search"], counted.size_bytes_by_part["search"]});
  table.Row("manifest", parts.own);
  table.Total();

  std::printf("\n%-30s %-44s %12s\n", "when", "what a shopper downloads", "sent");
  uint64_t first =
      parts.own.sent + parts.pages.mean.sent + parts.script.sent + parts.changes.mean.sent;
  Line("first list of a product page", "manifest, one page shard, the script", first);
  Line("  largest page shard", "instead of the mean one",
       first - parts.pages.mean.sent + parts.pages.largest.sent);
  Line("every further product page", "one page shard", parts.pages.mean.sent);
  Line("popular products", "the popular list", parts.popular.sent);
  uint64_t engine = 0;
  for (const auto& [name, size] : parts.engine) engine += size.sent;
  Line("first personal answer", "worker and engine", engine);
  for (const auto& [name, size] : parts.sections) Line("", name, size.sent);
  Line("every personal answer", "about 4 card shards, kept from then on",
       4 * parts.cards.mean.sent);
  return Ok();
}

Status InspectDifference(const fs::path& before, const fs::path& after) {
  VITRINE_ASSIGN(Manifest old_manifest, ReadManifest(before));
  VITRINE_ASSIGN(Manifest manifest, ReadManifest(after));
  // The files of a bundle, those of its sets included.
  auto files = [](const fs::path& folder, const Manifest& of) {
    std::map<std::string, std::string> hashes;
    auto add = [&](const fs::path& path) {
      auto bytes = ReadFile(path);
      if (bytes.ok())
        hashes[path.lexically_relative(folder).generic_string()] = Sha256Hex(bytes.value());
    };
    std::set<std::string> named = NamedFiles(folder, of);
    if (!of.script.empty()) named.insert({"vitrine.js", "vitrine.css"});
    for (const std::string& name : named) {
      if (!fs::is_directory(folder / name)) {
        add(folder / name);
        continue;
      }
      for (const auto& entry : fs::recursive_directory_iterator(folder / name)) {
        const std::string extension = entry.path().extension().string();
        if (entry.is_regular_file() && extension != ".br" && extension != ".gz") add(entry.path());
      }
    }
    return hashes;
  };
  const auto old_files = files(before, old_manifest), new_files = files(after, manifest);
  std::map<std::string, size_t> changed;  // by part
  size_t all_changed = 0, gone = 0;
  for (const auto& [name, hash] : new_files) {
    const auto at = old_files.find(name);
    if (at != old_files.end() && at->second == hash) continue;
    ++changed[PartOf(name)];
    ++all_changed;
  }
  for (const auto& [name, hash] : old_files) gone += !new_files.contains(name);
  std::printf("build %s -> %s: %zu of %zu files are new or changed, %zu are no longer named\n",
              old_manifest.build.c_str(), manifest.build.c_str(), all_changed, new_files.size(),
              gone);
  for (const auto& [part, count] : changed) std::printf("  %-28s %zu\n", part.c_str(), count);

  const Parts parts(after, manifest);
  Size fresh, again;
  std::printf("\n%-34s %14s %14s\n", "a visit downloads (sent)", "new shopper", "returning");
  auto row = [&](const std::string& name, uint64_t of_new, uint64_t of_returning) {
    fresh.sent += of_new;
    again.sent += of_returning;
    std::printf("%-34s %14" PRIu64 " %14" PRIu64 "\n", name.c_str(), of_new, of_returning);
  };
  row("manifest", parts.own.sent, parts.own.sent);
  const bool same_script = old_manifest.script == manifest.script;
  row("script", parts.script.sent, same_script ? 0 : parts.script.sent);
  auto shards = [&](const char* name, const SetSize& size, uint64_t visited, bool kept) {
    row(std::to_string(visited) + " " + name, visited * size.mean.sent,
        kept ? 0 : visited * size.mean.sent);
  };
  shards("page shards", parts.pages, std::min(kVisitedPages, manifest.pages.count),
         old_manifest.pages.stamp == manifest.pages.stamp);
  shards("card shards", parts.cards, std::min(kVisitedCards, manifest.cards.count),
         old_manifest.cards.stamp == manifest.cards.stamp);
  if (manifest.changes.count > 0) {
    shards("change shards", parts.changes, std::min(kVisitedPages, manifest.changes.count),
           old_manifest.changes.stamp == manifest.changes.stamp);
  }
  row("popular", parts.popular.sent,
      old_manifest.popular.file == manifest.popular.file ? 0 : parts.popular.sent);
  for (const auto& [name, size] : parts.engine) {
    const auto at = old_manifest.engine.find(name);
    const bool same =
        at != old_manifest.engine.end() && at->second.sha256 == manifest.engine.at(name).sha256;
    row("engine: " + name, size.sent, same ? 0 : size.sent);
  }
  std::map<std::string, uint64_t> returning;  // by row
  for (const auto& [name, section] : manifest.sections) {
    const auto at = old_manifest.sections.find(name);
    const bool known = at != old_manifest.sections.end();
    if (known && at->second.sha256 == section.sha256) continue;
    const bool amended = known && section.delta && section.delta->from == at->second.file;
    returning[RowOf(name)] +=
        (amended ? SizeOf(after, *section.delta) : SizeOf(after, section)).sent;
  }
  for (const auto& [name, size] : parts.sections) row(name, size.sent, returning[name]);
  std::printf("%-34s %14" PRIu64 " %14" PRIu64 "  (%.1f %%)\n", "total", fresh.sent, again.sent,
              fresh.sent == 0
                  ? 0.0
                  : 100.0 * static_cast<double>(again.sent) / static_cast<double>(fresh.sent));
  return Ok();
}

}  // namespace vitrine
