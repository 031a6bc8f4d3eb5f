#include "indexer/publish/opened_bundle.h"
#include "indexer/support/files.h"

namespace vitrine {

Result<Json> ShardReader::ReadJson(const std::string& file) const {
  VITRINE_ASSIGN(Bytes bytes, ReadFile(folder_ / file));
  Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (!json.is_object())
    return Error{(folder_ / file).string() + ": not JSON (truncated copy? publish again)"};
  return json;
}

Result<const PageShard*> ShardReader::Changes(uint64_t number) {
  if (manifest_.changes.count == 0) return static_cast<const PageShard*>(nullptr);
  number &= manifest_.changes.count - 1;
  if (number != changes_number_) {
    const std::string file = manifest_.ChangeShard(number);
    VITRINE_ASSIGN(Json json, ReadJson(file));
    auto decoded = DecodePageShard(json, manifest_.templates);
    if (!decoded || decoded->index.size() != decoded->cards.size()) {
      return Error{(folder_ / file).string() + ": not a change shard"};
    }
    changes_ = std::move(*decoded);
    changes_number_ = number;
    change_of_id_.clear();
    for (size_t i = 0; i < changes_.cards.size(); ++i) change_of_id_[changes_.cards[i].id] = i;
  }
  return static_cast<const PageShard*>(&changes_);
}

Result<std::map<std::string, PaintedPage>> ShardReader::Pages(uint64_t number) {
  const std::string file = manifest_.PageShard(number);
  VITRINE_ASSIGN(Json json, ReadJson(file));
  const auto base = DecodePageShard(json, manifest_.templates);
  if (!base) return Error{(folder_ / file).string() + ": not a page shard"};
  VITRINE_ASSIGN(const PageShard* changes, Changes(number));

  std::map<std::string, PaintedPage> pages;
  auto paint = [&](const std::vector<ListEntry>& list, const std::vector<Card>& cards,
                   bool amended) {
    std::vector<PaintedLine> lines;
    for (const ListEntry& entry : list) {
      const Card* card = &cards[entry.card];
      if (amended) {
        const auto changed = change_of_id_.find(card->id);
        if (changed != change_of_id_.end()) card = &changes_.cards[changed->second];
        if (card->availability == kOutOfStock) continue;
      }
      lines.push_back({*card, entry.score, entry.reason, entry.count, entry.strength});
    }
    return lines;
  };
  for (const auto& [id, page] : base->pages) {
    pages[id] = {page.index, paint(page.together, base->cards, changes != nullptr),
                 paint(page.similar, base->cards, changes != nullptr)};
  }
  if (changes == nullptr) return pages;
  for (const auto& [id, page] : changes->pages) {
    if (PageShardOf(id, manifest_.pages.count) != number) continue;
    pages[id] = {page.index, paint(page.together, changes->cards, false),
                 paint(page.similar, changes->cards, false)};
  }
  for (const std::string& id : changes->gone) pages.erase(id);
  return pages;
}

Result<std::vector<Card>> ShardReader::Cards(uint64_t number) {
  std::vector<Card> cards;
  const uint64_t begin = number * manifest_.cards_per_file;
  if (number < manifest_.cards.count) {
    const std::string file = manifest_.CardShard(number);
    VITRINE_ASSIGN(Json json, ReadJson(file));
    auto decoded =
        json.contains("cards") ? DecodeCards(json["cards"], manifest_.templates) : std::nullopt;
    if (!decoded) return Error{(folder_ / file).string() + ": not a card shard"};
    cards = std::move(*decoded);
  }
  VITRINE_ASSIGN(const PageShard* changes, Changes(number));
  const uint64_t end = std::min(manifest_.items, begin + manifest_.cards_per_file);
  cards.resize(end > begin ? end - begin : 0);
  for (size_t i = 0; changes != nullptr && i < changes->cards.size(); ++i) {
    const ItemIndex item = changes->index[i];
    if (item >= begin && item < end) cards[item - begin] = changes->cards[i];
  }
  return cards;
}

Result<std::vector<PaintedLine>> ShardReader::Popular() {
  const std::string& file = manifest_.popular.file;
  VITRINE_ASSIGN(Json json, ReadJson(file));
  // The same table and list as a page's: read as one.
  const Json page = {{"pages", {{"", {0u, json.value("popular", Json::array()), Json::array()}}}},
                     {"cards", json.value("cards", Json())}};
  const auto shard = DecodePageShard(page, manifest_.templates);
  if (!shard) return Error{(folder_ / file).string() + ": not a popular list"};
  std::vector<PaintedLine> lines;
  for (const ListEntry& entry : shard->pages.at("").together) {
    lines.push_back(
        {shard->cards[entry.card], entry.score, entry.reason, entry.count, entry.strength});
  }
  return lines;
}

}  // namespace vitrine
