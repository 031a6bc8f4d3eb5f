#include "indexer/publish/opened_bundle.h"

#include "indexer/support/files.h"

namespace vitrine {

namespace {

Result<Bytes> ReadPiece(const std::filesystem::path& folder, const Manifest::Piece& file) {
  const auto path = folder / file.file;
  VITRINE_ASSIGN(Bytes bytes, ReadFile(path));
  if (bytes.size() != file.size_bytes) {
    return Error{path.string() + ": has " + std::to_string(bytes.size()) +
                 " bytes, the manifest says " + std::to_string(file.size_bytes) +
                 " (truncated copy? publish again)"};
  }
  if (Sha256Base64(bytes) != file.sha256) {
    return Error{path.string() +
                 ": its SHA-256 is not the manifest's (corrupt copy? publish again)"};
  }
  return bytes;
}

}  // namespace

Result<Bytes> ReadBundleFile(const std::filesystem::path& folder, const Manifest::File& file) {
  if (file.pieces.empty()) return ReadPiece(folder, file);
  Bytes whole;
  for (const Manifest::Piece& piece : file.pieces) {
    VITRINE_ASSIGN(const Bytes bytes, ReadPiece(folder, piece));
    whole.insert(whole.end(), bytes.begin(), bytes.end());
  }
  if (Sha256Base64(whole) != file.sha256) {
    return Error{(folder / file.file).string() +
                 ": its pieces are not the file of the manifest (publish again)"};
  }
  return whole;
}

Result<OpenedBundle> OpenBundle(const std::filesystem::path& folder) {
  OpenedBundle bundle;
  VITRINE_ASSIGN(bundle.manifest, ReadManifest(folder));
  std::vector<std::string> names = {"catalogue", "rules", "vectors"};
  for (const auto& [name, section] : bundle.manifest.sections) {
    if (name.starts_with(kRefinementPrefix)) names.push_back(name);
  }
  names.push_back("taste");
  for (const std::string& name : names) {
    auto at = bundle.manifest.sections.find(name);
    if (at == bundle.manifest.sections.end()) continue;
    VITRINE_ASSIGN(Bytes bytes, ReadBundleFile(folder, at->second));
    Status added = bundle.recommender.AddSection(std::move(bytes));
    if (!added.ok())
      return Error{(folder / at->second.file).string() + ": " + added.error().message};
  }
  const Catalogue* catalogue = bundle.recommender.catalogue();
  if (catalogue == nullptr || catalogue->size() != bundle.manifest.items) {
    return Error{folder.string() + ": the catalogue section does not fit the manifest"};
  }
  ShardReader reader(folder, bundle.manifest);
  for (uint64_t shard = 0; shard * bundle.manifest.cards_per_file < bundle.manifest.items;
       ++shard) {
    VITRINE_ASSIGN(std::vector<Card> cards, reader.Cards(shard));
    for (Card& card : cards) {
      const auto item = static_cast<ItemIndex>(bundle.ids.size());
      if (card.id.empty() || card.title.empty() || catalogue->Find(card.id) != item) {
        return Error{folder.string() + ": the card of product " + std::to_string(item) + " (\"" +
                     card.id +
                     "\") is not the catalogue section's; the files are of different builds"};
      }
      bundle.ids.push_back(std::move(card.id));
      bundle.titles.push_back(std::move(card.title));
    }
  }
  return bundle;
}

}  // namespace vitrine
