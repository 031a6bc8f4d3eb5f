#include "indexer/publish/bundle.h"

#include <algorithm>

#include "indexer/publish/bundle_files.h"
#include "indexer/publish/changes.h"
#include "indexer/publish/delta.h"
#include "indexer/publish/opened_bundle.h"
#include "indexer/publish/script_package.h"
#include "indexer/publish/search_files.h"
#include "indexer/publish/shards.h"
#include "indexer/support/files.h"
#include "indexer/support/parallel.h"
#include "indexer/vectors/quantizer.h"
#include "shared/section.h"

namespace vitrine {
namespace {

namespace fs = std::filesystem;
// Shards in memory at a time.
constexpr size_t kShardsAtOnce = 256;

class Publisher {
 public:
  Publisher(const BundleParts& parts, const PublishOptions& options, const fs::path& folder,
            PublishSummary& summary)
      : parts_(parts), options_(options), files_(folder), summary_(summary) {
    auto previous = ReadManifest(folder);
    if (previous.ok()) previous_ = std::move(previous.value());
  }

  // Whatever is wrong with the data shows here, before anything is written.
  Status Prepare(Console& console) {
    if (!options_.rules.empty()) {
      VITRINE_ASSIGN(rules_, Merchandising::Read(options_.rules, parts_.products));
      for (const auto& lint : rules_.Check()) {
        if (!lint.problem.empty())
          console.Warn(options_.rules.string() + ": " + lint.rule + ": " + lint.problem);
      }
    }
    CatalogueData data = MakeCatalogueData(parts_.products);
    data.audience_gate = options_.audience_gate;
    for (ItemIndex i = 0; i < data.size(); ++i) {
      // The device offers nothing that is out of stock, so this keeps it off every list there too.
      if (rules_.Excluded(i)) data.availability[i] = Availability::kOutOfStock;
    }
    const Bytes catalogue = EncodeCatalogue(data);
    const auto add = [this](const std::string& name, SectionKind kind, ByteView payload) -> Status {
      if (payload.empty()) return Ok();
      // The lists of the pages come from the very recommender that the device runs.
      sections_[name] = FrameSection(kind, LayoutVersion(kind), payload);
      return recommender_.AddSection(sections_[name]);
    };
    VITRINE_RETURN_IF_ERROR(add("catalogue", SectionKind::kCatalogue, catalogue));
    VITRINE_RETURN_IF_ERROR(add("rules", SectionKind::kRules, parts_.rules));
    if (parts_.vectors.size() <= options_.refine_above_bytes) {
      VITRINE_RETURN_IF_ERROR(add("vectors", SectionKind::kVectors, parts_.vectors));
    } else {
      const ProgressiveSection split =
          SplitVectorSection(parts_.vectors, kItemsPerRefinement / kBlockItems);
      VITRINE_RETURN_IF_ERROR(add("vectors", SectionKind::kVectors, split.base));
      for (size_t i = 0; i < split.refinements.size(); ++i) {
        VITRINE_RETURN_IF_ERROR(
            add(RefinementName(i), SectionKind::kVectorRefinement, split.refinements[i]));
      }
    }
    VITRINE_RETURN_IF_ERROR(add("taste", SectionKind::kTaste, parts_.taste));
    rules_.SetCatalogue(recommender_.catalogue());
    if (!options_.wasm.empty()) {
      VITRINE_ASSIGN(wasm_, ReadFile(options_.wasm));
    }
    VITRINE_ASSIGN(search_wasm_, ReadSearchEngine());
    if (!options_.package.empty()) {
      VITRINE_ASSIGN(
          script_, ReadScriptPackage(options_.package, !parts_.search.towers.encoder_json.empty()));
    }
    return Ok();
  }

  Result<Manifest> Write() {
    manifest_.shop_name = options_.shop_name;
    manifest_.currency = options_.currency;
    manifest_.locale = options_.locale;
    manifest_.items = parts_.products.size();
    manifest_.min_users = options_.min_users;
    files_.SetPrecompress(options_.precompress != PublishOptions::Precompress::kNone);
    for (const auto& [name, bytes] : sections_) {
      VITRINE_RETURN_IF_ERROR(WriteSection(name, bytes));
    }
    if (!wasm_.empty()) {
      VITRINE_ASSIGN(manifest_.engine["wasm"], files_.AddHashed("vitrine", "wasm", wasm_));
    }
    if (script_) {
      VITRINE_RETURN_IF_ERROR(WriteScriptPackage(*script_, files_, manifest_));
    }
    const ShardMaker make(parts_, options_, recommender_, rules_);
    VITRINE_ASSIGN(manifest_.popular, files_.AddHashed("popular", "json", AsBytes(make.Popular())));
    VITRINE_RETURN_IF_ERROR(WriteShards(make));
    files_.SetPrecompress(options_.precompress != PublishOptions::Precompress::kNone);
    if (!parts_.search.index.empty()) {
      VITRINE_ASSIGN(const SearchWritten search,
                     WriteSearch(parts_.search, search_wasm_, files_.folder()));
      manifest_.search = search.description;
    }
    const std::string text = EncodeManifest(manifest_);
    VITRINE_RETURN_IF_ERROR(files_.Add("manifest.json", AsBytes(text)));
    std::set<std::string> keep = NamedFiles(files_.folder(), manifest_);
    if (previous_) keep.merge(NamedFiles(files_.folder(), *previous_));
    RemoveStale(files_.folder(), keep);
    CountFiles(files_.folder(), manifest_, summary_);
    return manifest_;
  }

 private:
  // The engine of search: the one that was named, or the one beside the recommender's.
  Result<Bytes> ReadSearchEngine() const {
    if (!options_.search_wasm.empty()) return ReadFile(options_.search_wasm);
    const fs::path beside = options_.wasm.parent_path() / "vitrine_search.wasm";
    return !options_.wasm.empty() && fs::exists(beside) ? ReadFile(beside) : Bytes();
  }

  // A section, and its difference to the one before where that is worth a file.
  Status WriteSection(const std::string& name, const Bytes& bytes) {
    Manifest::Section& section = manifest_.sections[name];
    VITRINE_ASSIGN(static_cast<Manifest::File&>(section), files_.AddHashed(name, "bin", bytes));
    if (!previous_ || !previous_->sections.contains(name)) return Ok();
    const Manifest::Section& before = previous_->sections.at(name);
    if (before.sha256 == section.sha256) {
      section.delta = before.delta;  // the day before yesterday's still leads here
      return Ok();
    }
    auto old = ReadBundleFile(files_.folder(), before);
    if (!old.ok()) return Ok();
    const Bytes delta = EncodeDelta(old.value(), bytes);
    if (delta.size() > bytes.size() / 2) return Ok();
    VITRINE_ASSIGN(Manifest::File file, files_.AddHashed(name, "delta", delta));
    section.delta.emplace(Manifest::Section::Delta{file, before.file});
    return Ok();
  }

  Status WriteShards(const ShardMaker& make) {
    const size_t shards = make.layout().page_shards + make.card_shards();
    const bool all =
        options_.precompress == PublishOptions::Precompress::kAll ||
        (options_.precompress == PublishOptions::Precompress::kAuto && 6 * shards < kMostFiles);
    files_.SetPrecompress(all);
    std::optional<ChangeCollector> collector;
    if (previous_)
      collector.emplace(files_.folder(), *previous_, make, parts_, options_,
                        *recommender_.catalogue());
    ShardFolder pages(files_, "pages"), cards(files_, "cards");
    VITRINE_RETURN_IF_ERROR(Stream(
        make.layout().page_shards, pages,
        [&](uint64_t n, PublishSummary& part) { return make.Page(n, part); },
        [&](uint64_t n, const std::string& text) {
          if (collector) collector->AddPage(n, text);
        }));
    VITRINE_RETURN_IF_ERROR(Stream(
        make.card_shards(), cards, [&](uint64_t n, PublishSummary&) { return make.Cards(n); },
        [&](uint64_t n, const std::string& text) {
          if (collector) collector->AddCards(n, text);
        }));
    manifest_.cards_per_file = make.layout().cards_per_file;
    manifest_.templates = make.templates();
    const std::vector<std::string> changes =
        collector ? collector->Encode() : std::vector<std::string>();
    if (collector && collector->fits()) {
      summary_.kept_shards = true;
      manifest_.pages = previous_->pages;
      manifest_.cards = previous_->cards;
      return WriteChanges(changes);
    }
    VITRINE_ASSIGN(manifest_.pages, pages.Publish());
    VITRINE_ASSIGN(manifest_.cards, cards.Publish());
    return Ok();
  }

  Status WriteChanges(const std::vector<std::string>& changes) {
    if (changes.empty()) return Ok();
    ShardFolder folder(files_, "changes");
    for (size_t n = 0; n < changes.size(); ++n) {
      VITRINE_RETURN_IF_ERROR(folder.Write(n, changes[n]));
      folder.Note(changes[n]);
    }
    VITRINE_ASSIGN(manifest_.changes, folder.Publish());
    summary_.change_shards = changes.size();
    return Ok();
  }

  // make(n, summary) on several threads, then note(n, text) in order of n.
  template <typename Make, typename Note>
  Status Stream(uint64_t count, ShardFolder& folder, const Make& make, const Note& note) {
    for (uint64_t begin = 0; begin < count; begin += kShardsAtOnce) {
      const size_t size = std::min<uint64_t>(kShardsAtOnce, count - begin);
      std::vector<std::string> texts(size);
      std::vector<Status> written(size);
      std::vector<PublishSummary> counts(size);
      ParallelChunks(size, 4, options_.threads, [&](size_t from, size_t to) {
        for (size_t i = from; i < to; ++i) {
          texts[i] = make(begin + i, counts[i]);
          written[i] = folder.Write(begin + i, texts[i]);
        }
      });
      for (size_t i = 0; i < size; ++i) {
        VITRINE_RETURN_IF_ERROR(written[i]);
        folder.Note(texts[i]);
        note(begin + i, texts[i]);
        summary_.with_bought_together += counts[i].with_bought_together;
        summary_.with_goes_with += counts[i].with_goes_with;
        summary_.with_similar += counts[i].with_similar;
      }
    }
    return Ok();
  }

  const BundleParts& parts_;
  const PublishOptions& options_;
  BundleFiles files_;
  PublishSummary& summary_;
  std::optional<Manifest> previous_;
  Manifest manifest_;
  Merchandising rules_;
  Recommender recommender_;
  std::map<std::string, Bytes> sections_;  // framed
  Bytes wasm_, search_wasm_;
  std::optional<ScriptPackage> script_;
};

}  // namespace

std::vector<uint64_t> PublishedOrder(const fs::path& folder) {
  auto manifest = ReadManifest(folder);
  if (!manifest.ok() || !manifest.value().sections.contains("catalogue")) return {};
  auto bytes = ReadFile(folder / manifest.value().sections["catalogue"].file);
  if (!bytes.ok()) return {};
  auto section = OpenSection(bytes.value());
  if (!section.ok() || section.value().kind != SectionKind::kCatalogue) return {};
  auto catalogue = Catalogue::Open(section.value().payload);
  return catalogue.ok() ? catalogue.value().data().id_hash : std::vector<uint64_t>();
}

Result<PublishSummary> WriteBundle(const BundleParts& parts, const PublishOptions& options,
                                   const fs::path& folder, Console& console) {
  PublishSummary summary;
  Publisher publisher(parts, options, folder, summary);
  VITRINE_RETURN_IF_ERROR(publisher.Prepare(console));
  VITRINE_ASSIGN(Manifest manifest, publisher.Write());
  console.Detail("bundle " + manifest.build + " written to " + folder.string());
  return summary;
}

}  // namespace vitrine
