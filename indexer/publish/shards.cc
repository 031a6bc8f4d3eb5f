#include "indexer/publish/shards.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace vitrine {
namespace {

constexpr size_t kProductsPerPageShard = 12;
constexpr size_t kMostPageShards = 8192;
constexpr size_t kCardsPerFile = 32;
constexpr size_t kMostCardShards = 1024;
// What a page shard may take as it is sent, and what a line of a list takes there (measured on real
// titles: docs/deploy.md).
constexpr size_t kPageShardBytes = 19'500;
constexpr size_t kEntryBytes = 20;
constexpr size_t kFewestEntries = 3;

// Numbers of one entry in a flat list.
constexpr size_t kEntryNumbers = 5;
constexpr double kScoreSteps = 1e4;
constexpr double kStrengthSteps = 10;

Json EncodeList(const std::vector<ListEntry>& list) {
  Json numbers = Json::array();
  for (const ListEntry& entry : list) {
    numbers.push_back(entry.card);
    numbers.push_back(std::llround(entry.score * kScoreSteps));
    numbers.push_back(entry.reason);
    numbers.push_back(entry.count);
    numbers.push_back(std::llround(entry.strength * kStrengthSteps));
  }
  return numbers;
}

bool DecodeList(const Json& numbers, size_t cards, std::vector<ListEntry>& list) {
  if (!numbers.is_array() || numbers.size() % kEntryNumbers != 0) return false;
  for (const Json& number : numbers) {
    if (!number.is_number_integer()) return false;
  }
  for (size_t at = 0; at < numbers.size(); at += kEntryNumbers) {
    auto number = [&](size_t i) { return numbers[at + i].get<int64_t>(); };
    if (number(0) < 0 || static_cast<uint64_t>(number(0)) >= cards || number(3) < 0) return false;
    list.push_back({static_cast<uint32_t>(number(0)), static_cast<double>(number(1)) / kScoreSteps,
                    static_cast<uint32_t>(number(2)), static_cast<uint32_t>(number(3)),
                    static_cast<double>(number(4)) / kStrengthSteps});
  }
  return true;
}

bool DecodePage(const Json& json, size_t cards, PageLists& page) {
  if (!json.is_array() || json.size() != 3 || !json[0].is_number_unsigned()) return false;
  page.index = json[0].get<ItemIndex>();
  return DecodeList(json[1], cards, page.together) && DecodeList(json[2], cards, page.similar);
}

}  // namespace

ShardLayout LayoutFor(size_t products, size_t list_length) {
  ShardLayout layout{};
  layout.page_shards =
      std::min(kMostPageShards, std::bit_ceil(products / kProductsPerPageShard + 1));
  layout.cards_per_file = std::max(kCardsPerFile, products / kMostCardShards + 1);
  const size_t entries_per_shard = kPageShardBytes / kEntryBytes;
  const size_t lists_per_shard = 2 * (products / layout.page_shards + 1);
  const size_t room = (entries_per_shard + lists_per_shard / 2) / lists_per_shard;
  layout.list_length = std::min(list_length, std::max(kFewestEntries, room));
  return layout;
}

uint64_t PageShardOf(std::string_view id, uint64_t page_shards) {
  return Fnv1a64(id) & (page_shards - 1);
}

std::string EncodePageShard(const PageShard& shard, const CardTemplates& templates) {
  Json pages = Json::object();
  for (const auto& [id, page] : shard.pages) {
    pages[id] = {page.index, EncodeList(page.together), EncodeList(page.similar)};
  }
  for (const std::string& id : shard.gone) pages[id] = nullptr;
  Json cards = EncodeCards(shard.cards, templates);
  if (!shard.index.empty()) cards["index"] = shard.index;
  return JsonText({{"pages", std::move(pages)}, {"cards", std::move(cards)}});
}

std::optional<PageShard> DecodePageShard(const Json& json, const CardTemplates& templates) {
  if (!json.is_object() || !json.contains("pages") || !json.contains("cards")) return std::nullopt;
  const Json &pages = json["pages"], &table = json["cards"];
  auto cards = DecodeCards(table, templates);
  if (!cards || !pages.is_object()) return std::nullopt;
  PageShard shard;
  shard.cards = std::move(*cards);
  for (const auto& [id, page] : pages.items()) {
    if (page.is_null()) {
      shard.gone.push_back(id);
    } else if (!DecodePage(page, shard.cards.size(), shard.pages[id])) {
      return std::nullopt;
    }
  }
  if (!table.contains("index")) return shard;
  const Json& index = table["index"];
  if (!index.is_array() || index.size() != shard.cards.size()) return std::nullopt;
  for (const Json& item : index) {
    if (!item.is_number_unsigned()) return std::nullopt;
    shard.index.push_back(item.get<ItemIndex>());
  }
  return shard;
}

ShardMaker::ShardMaker(const BundleParts& parts, const PublishOptions& options,
                       const Recommender& recommender, const Merchandising& rules)
    : parts_(parts),
      options_(options),
      recommender_(recommender),
      rules_(rules),
      layout_(LayoutFor(parts.products.size(), options.list_length)) {
  static const std::string kNone;
  templates_.image = options.image_url;
  templates_.url = options.product_url;
  if (templates_.image.empty()) {
    templates_.image =
        CommonTemplate(parts.products, [](const Product& product) -> const std::string& {
          return product.images.empty() ? kNone : product.images.front();
        });
  }
  if (templates_.url.empty()) {
    templates_.url = CommonTemplate(
        parts.products, [](const Product& product) -> const std::string& { return product.url; });
  }
  if (!IsSafeUrl(templates_.image)) templates_.image.clear();
  if (!IsSafeUrl(templates_.url)) templates_.url.clear();

  shard_begin_.assign(layout_.page_shards + 1, 0);
  std::vector<uint32_t> shard;
  for (const Product& product : parts.products) {
    shard.push_back(static_cast<uint32_t>(PageShardOf(product.id, layout_.page_shards)));
    ++shard_begin_[shard.back() + 1];
  }
  for (size_t s = 0; s < layout_.page_shards; ++s) shard_begin_[s + 1] += shard_begin_[s];
  std::vector<uint32_t> next(shard_begin_.begin(), shard_begin_.end() - 1);
  by_shard_.resize(parts.products.size());
  for (ItemIndex i = 0; i < shard.size(); ++i) by_shard_[next[shard[i]]++] = i;
}

uint64_t ShardMaker::card_shards() const {
  return std::max<uint64_t>(
      1, (parts_.products.size() + layout_.cards_per_file - 1) / layout_.cards_per_file);
}

std::vector<Recommendation> ShardMaker::Together(ItemIndex item) const {
  const ItemIndex cart[] = {item};
  Request request{.limit = static_cast<uint32_t>(rules_.Wanted(layout_.list_length))};
  if (item < parts_.neighbours.size()) request.look_alikes = parts_.neighbours[item];
  auto list = recommender_.BoughtTogether(cart, request);
  rules_.Apply(ListKind::kBoughtTogether, item, list, layout_.list_length);
  return list;
}

std::vector<Recommendation> ShardMaker::Similar(ItemIndex item) const {
  const size_t wanted = rules_.Wanted(layout_.list_length);
  std::vector<Recommendation> list;
  std::vector<uint32_t> groups;
  const Catalogue& catalogue = *recommender_.catalogue();
  if (item < parts_.neighbours.size()) {
    for (const ScoredItem& near : parts_.neighbours[item]) {
      if (list.size() == wanted) break;
      if (!catalogue.MayStandBeside(item, near.item)) continue;
      const uint32_t group = catalogue.data().group[near.item];
      if (std::find(groups.begin(), groups.end(), group) != groups.end()) continue;
      groups.push_back(group);
      list.push_back(recommender_.SimilarTo(item, near));
    }
  }
  if (list.size() < layout_.list_length) {
    // The invariants left too few of the neighbours: search among the allowed ones.
    list = recommender_.Similar(item, {.limit = static_cast<uint32_t>(wanted)});
  }
  rules_.Apply(ListKind::kSimilar, item, list, layout_.list_length);
  return list;
}

std::vector<ListEntry> ShardMaker::Entries(const std::vector<Recommendation>& list,
                                           std::vector<Card>& cards,
                                           std::map<ItemIndex, uint32_t>& position) const {
  std::vector<ListEntry> entries;
  for (const Recommendation& line : list) {
    auto [at, inserted] = position.try_emplace(line.item, static_cast<uint32_t>(cards.size()));
    if (inserted) cards.push_back(CardOf(parts_.products[line.item], options_));
    const bool lift = line.reason == ReasonKind::kBoughtTogether;
    entries.push_back({at->second, line.score, static_cast<uint32_t>(line.reason), line.count,
                       lift ? line.strength : 0});
  }
  return entries;
}

std::string ShardMaker::Page(uint64_t number, PublishSummary& summary) const {
  PageShard shard;
  std::map<ItemIndex, uint32_t> position;
  for (uint32_t at = shard_begin_[number]; at < shard_begin_[number + 1]; ++at) {
    const ItemIndex item = by_shard_[at];
    const auto together = Together(item);
    const auto similar = Similar(item);
    if (!together.empty()) {
      (together.front().reason == ReasonKind::kBoughtTogether ? summary.with_bought_together
                                                              : summary.with_goes_with)++;
    }
    summary.with_similar += !similar.empty();
    shard.pages[parts_.products[item].id] = {item, Entries(together, shard.cards, position),
                                             Entries(similar, shard.cards, position)};
  }
  return EncodePageShard(shard, templates_);
}

std::string ShardMaker::Cards(uint64_t number) const {
  std::vector<Card> cards;
  const size_t begin = number * layout_.cards_per_file;
  for (size_t i = begin; i < std::min(parts_.products.size(), begin + layout_.cards_per_file);
       ++i) {
    cards.push_back(CardOf(parts_.products[i], options_));
  }
  return JsonText({{"cards", EncodeCards(cards, templates_)}});
}

std::string ShardMaker::Popular() const {
  std::vector<Card> cards;
  std::map<ItemIndex, uint32_t> position;
  const size_t length = options_.list_length * 3;
  auto popular = recommender_.Popular({.limit = static_cast<uint32_t>(rules_.Wanted(length))});
  rules_.Apply(ListKind::kPopular, kNoItem, popular, length);
  const Json list = EncodeList(Entries(popular, cards, position));
  return JsonText({{"popular", list}, {"cards", EncodeCards(cards, templates_)}});
}

}  // namespace vitrine
