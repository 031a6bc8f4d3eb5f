#include "indexer/publish/bundle_files.h"
#include "indexer/publish/delta.h"
#include "indexer/publish/opened_bundle.h"
#include "indexer/publish/script_package.h"
#include "indexer/publish/search_files.h"
#include "indexer/support/files.h"
#include "shared/section.h"
#include "shared/taste.h"

namespace vitrine {
namespace {

namespace fs = std::filesystem;

class Verifier {
 public:
  Verifier(const fs::path& folder, const OpenedBundle& bundle, VerifyReport& report)
      : folder_(folder),
        bundle_(bundle),
        catalogue_(*bundle.recommender.catalogue()),
        reader_(folder, bundle.manifest),
        report_(report) {}

  void Check() {
    uint64_t pages = 0;
    for (uint64_t shard = 0; shard < bundle_.manifest.pages.count; ++shard) {
      const std::string file = bundle_.manifest.PageShard(shard);
      auto read = reader_.Pages(shard);
      if (!read.ok()) {
        Problem(file, read.error().message);
        continue;
      }
      pages += read.value().size();
      for (const auto& [id, page] : read.value()) CheckPage(file, shard, id, page);
    }
    if (pages != catalogue_.size()) {
      Problem("pages", std::to_string(pages) + " products have a page, the catalogue has " +
                           std::to_string(catalogue_.size()));
    }
    auto popular = reader_.Popular();
    if (!popular.ok()) return Problem(bundle_.manifest.popular.file, popular.error().message);
    for (const PaintedLine& line : popular.value())
      CheckLine(bundle_.manifest.popular.file, kNoItem, line);
  }

 private:
  void CheckPage(const std::string& file, uint64_t shard, const std::string& id,
                 const PaintedPage& page) {
    if (PageShardOf(id, bundle_.manifest.pages.count) != shard) {
      Problem(file, "product \"" + id + "\" belongs to another shard");
    }
    const ItemIndex item = catalogue_.Find(id);
    if (item == kNoItem || item != page.index) {
      return Problem(file,
                     "product \"" + id + "\" does not stand where the catalogue section has it");
    }
    for (const PaintedLine& line : page.together) CheckLine(file, item, line);
    for (const PaintedLine& line : page.similar) CheckLine(file, item, line);
    if (!page.together.empty()) CheckCart(item, catalogue_.Find(page.together.front().card.id));
  }

  // What the device would add to a cart of a product and its first partner.
  void CheckCart(ItemIndex item, ItemIndex partner) {
    if (partner == kNoItem) return;  // a problem already
    const ItemIndex cart[] = {item, partner};
    for (const Recommendation& line : bundle_.recommender.BoughtTogether(cart, {.limit = 8})) {
      report_.in_cart += line.item == item || line.item == partner;
    }
  }

  // `item` kNoItem: a list that stands beside no product.
  void CheckLine(const std::string& file, ItemIndex item, const PaintedLine& line) {
    ++report_.list_entries;
    const ItemIndex other = catalogue_.Find(line.card.id);
    if (other == kNoItem) {
      return Problem(file,
                     "lists \"" + line.card.id + "\", which the catalogue section does not have");
    }
    const auto reason = static_cast<ReasonKind>(line.reason);
    const bool counts = reason == ReasonKind::kBoughtTogether || reason == ReasonKind::kPopular ||
                        reason == ReasonKind::kPopularSegment;
    report_.below_floor += counts && line.count > 0 && line.count < bundle_.manifest.min_users;
    report_.out_of_stock += !catalogue_.Available(other);
    if (item == kNoItem) return;
    report_.cross_audience += !catalogue_.AudienceFits(item, other);
    report_.same_group += catalogue_.data().group[item] == catalogue_.data().group[other];
  }

  void Problem(const std::string& file, const std::string& what) {
    report_.problems.push_back(file + ": " + what);
  }

  const fs::path& folder_;
  const OpenedBundle& bundle_;
  const Catalogue& catalogue_;
  ShardReader reader_;
  VerifyReport& report_;
};

void CheckFloor(const Bytes& file, const Manifest& manifest, VerifyReport& report) {
  auto section = OpenSection(file);
  if (!section.ok()) return;  // reported elsewhere
  auto taste = Taste::Open(section.value().payload);
  if (taste.ok() && taste.value().min_users() < manifest.min_users) {
    report.problems.push_back(
        "taste: made with a floor of " + std::to_string(taste.value().min_users()) +
        " shoppers, the manifest promises " + std::to_string(manifest.min_users));
  }
}

// Every file of the manifest that has a hash of its own.
void CheckFiles(const fs::path& folder, const Manifest& manifest, VerifyReport& report) {
  auto check = [&](const Manifest::File& file) {
    auto bytes = ReadBundleFile(folder, file);
    if (!bytes.ok()) report.problems.push_back(bytes.error().message);
    return bytes.ok() ? std::move(bytes.value()) : Bytes();
  };
  for (const auto& [name, section] : manifest.sections) {
    const Bytes bytes = check(section);
    if (name == "taste") CheckFloor(bytes, manifest, report);
    if (!section.delta) continue;
    const Bytes delta = check(*section.delta);
    // What it starts from may be gone by now; where it is not, it must lead to this section.
    auto before = ReadFile(folder / section.delta->from);
    if (!before.ok()) continue;
    auto after = DecodeDelta(before.value(), delta, section.size_bytes);
    if (!after.ok() || Sha256Base64(after.value()) != section.sha256) {
      report.problems.push_back(section.delta->file + ": does not lead from " +
                                section.delta->from + " to " + section.file);
    }
  }
  for (const auto& [name, file] : manifest.engine) check(file);
  check(manifest.popular);
  if (manifest.script.empty()) return;
  auto stamp = ScriptStamp(folder / manifest.ScriptFolder());
  if (!stamp.ok() || stamp.value() != manifest.script) {
    report.problems.push_back(manifest.ScriptFolder() +
                              ": its files are not what the stamp says (publish again)");
  }
}

// The stamp of a set is a hash over its shards.
void CheckSet(const fs::path& folder, const std::string& name, const Manifest::ShardSet& set,
              VerifyReport& report) {
  std::string hashes;
  for (uint64_t n = 0; n < set.count; ++n) {
    const std::string file = name + "/" + set.stamp + "/" + std::to_string(n) + ".json";
    auto bytes = ReadFile(folder / file);
    if (!bytes.ok()) {
      report.problems.push_back(bytes.error().message);
      continue;
    }
    hashes += Sha256Hex(bytes.value());
  }
  if (set.count > 0 && Sha256Hex(AsBytes(hashes)).substr(0, 16) != set.stamp) {
    report.problems.push_back(
        name + "/" + set.stamp +
        ": its shards are not what the stamp says (damaged copy? publish again)");
  }
}

}  // namespace

Result<VerifyReport> VerifyBundle(const fs::path& folder) {
  VITRINE_ASSIGN(Manifest manifest, ReadManifest(folder));
  VerifyReport report;
  PublishSummary counted;
  CountFiles(folder, manifest, counted);
  report.files = counted.files;
  report.size_bytes = counted.size_bytes;
  CheckFiles(folder, manifest, report);
  CheckSet(folder, "pages", manifest.pages, report);
  CheckSet(folder, "cards", manifest.cards, report);
  CheckSet(folder, "changes", manifest.changes, report);
  uint64_t counted_already = 0;
  for (std::string& problem : VerifySearch(folder, manifest, counted_already, counted_already)) {
    report.problems.push_back(std::move(problem));
  }
  auto bundle = OpenBundle(folder);
  if (!bundle.ok()) {
    report.problems.push_back(bundle.error().message);
    return report;
  }
  const uint32_t complements = bundle.value().recommender.complements().smallest_group();
  if (complements > 0) {
    report.smallest_group = complements;
    if (complements < manifest.min_users) {
      report.problems.push_back("rules section: a complement with " + std::to_string(complements) +
                                " shoppers behind it is below the floor of " +
                                std::to_string(manifest.min_users));
    }
  }
  if (const Taste* taste = bundle.value().recommender.taste()) {
    const uint32_t group = taste->smallest_group();
    if (group > 0 && (complements == 0 || group < complements)) report.smallest_group = group;
    report.publishes_sessions = taste->publishes_sessions();
    if (taste->smallest_group() > 0 && taste->smallest_group() < taste->min_users()) {
      report.problems.push_back(
          "taste section: a number with " + std::to_string(taste->smallest_group()) +
          " shoppers behind it is below the floor of " + std::to_string(taste->min_users()));
    }
  }
  Verifier verifier(folder, bundle.value(), report);
  verifier.Check();
  return report;
}

}  // namespace vitrine
