#include "indexer/publish/changes.h"

#include <algorithm>

#include "indexer/support/files.h"

namespace vitrine {
namespace {

// Of one change shard, as JSON: a page reads one beside its page shard, so it must stay small.
constexpr size_t kMostShardBytes = 5'000;
// All change shards together, per product of the shop: beyond that, everything is published anew.
constexpr size_t kMostBytesPerProduct = 160;
// What a card and a list entry take as JSON, about.
constexpr size_t kCardBytes = 110, kEntryBytes = 26;

}  // namespace

ChangeCollector::ChangeCollector(std::filesystem::path folder, const Manifest& base,
                                 const ShardMaker& make, const BundleParts& parts,
                                 const PublishOptions& options, const Catalogue& catalogue)
    : folder_(std::move(folder)),
      base_(base),
      make_(make),
      parts_(parts),
      options_(options),
      catalogue_(catalogue) {
  fits_ = base.pages.count == make.layout().page_shards &&
          base.cards_per_file == make.layout().cards_per_file &&
          base.currency == options.currency && base.templates.image == make.templates().image &&
          base.templates.url == make.templates().url;
}

std::optional<PageShard> ChangeCollector::ReadBase(uint64_t number, const std::string& text) const {
  auto bytes = ReadFile(folder_ / base_.PageShard(number));
  if (!bytes.ok()) return std::nullopt;
  const ByteView now = AsBytes(text);
  if (std::equal(now.begin(), now.end(), bytes.value().begin(), bytes.value().end()))
    return PageShard();
  return DecodePageShard(Json::parse(bytes.value().begin(), bytes.value().end(), nullptr, false),
                         base_.templates);
}

std::vector<ChangeCollector::Line> ChangeCollector::Lines(const std::vector<ListEntry>& list,
                                                          const std::vector<Card>& cards) const {
  std::vector<Line> lines;
  lines.reserve(list.size());
  for (const ListEntry& entry : list)
    lines.push_back({catalogue_.Find(cards[entry.card].id), entry});
  return lines;
}

// Would a page paint the same products from the old list with the new cards? Products that are sold
// out or gone since fall out there; a list that became shorter by one or two that way is let be,
// and so are new counts and scores of the same products in the same order. Those that merely go
// with the page's product may stand in another order, and elsewhere among the others.
bool ChangeCollector::Same(ItemIndex page, const std::vector<ListEntry>& before,
                           const std::vector<Card>& cards, const std::vector<Line>& now) const {
  constexpr size_t kMayLack = 2, kMayDiffer = 2;
  std::vector<Line> firm, loose;
  const auto goes_with = [](const Line& line) {
    return static_cast<ReasonKind>(line.entry.reason) == ReasonKind::kGoesWith;
  };
  for (const Line& line : Lines(before, cards)) {
    if (line.item == kNoItem) continue;
    if (parts_.products[line.item].availability == Availability::kOutOfStock) continue;
    (goes_with(line) ? loose : firm).push_back(line);
  }
  const size_t left = firm.size() + loose.size();
  if (left > now.size() || left + kMayLack < now.size() || (left == 0 && !now.empty())) {
    return false;
  }
  const auto same = [](const Line& a, const Line& b) {
    return a.item == b.item && a.entry.reason == b.entry.reason;
  };
  std::vector<Line> firm_now, loose_now;
  for (const Line& line : now) (goes_with(line) ? loose_now : firm_now).push_back(line);
  // A new partner says more than what merely goes with the product: such a list says too little.
  if (firm.size() > firm_now.size() || (firm.size() < firm_now.size() && !loose.empty())) {
    return false;
  }
  if (!std::equal(firm.begin(), firm.end(), firm_now.begin(), same)) return false;
  size_t others = 0;  // that go with it as well, but not best any more
  for (const Line& line : loose) {
    const bool stays =
        std::ranges::any_of(loose_now, [&](const Line& other) { return same(line, other); });
    if (!stays && !catalogue_.MayStandBeside(page, line.item)) return false;
    others += !stays;
  }
  return others <= (make_.has_rules() ? 0 : kMayDiffer);
}

void ChangeCollector::AddPage(uint64_t number, const std::string& text) {
  if (!fits_) return;
  const auto base = ReadBase(number, text);
  if (!base) {
    fits_ = false;  // gone or damaged: build on it no longer
    return;
  }
  if (base->pages.empty() && base->cards.empty()) return;  // the same bytes
  const auto now = DecodePageShard(Json::parse(text, nullptr, false), make_.templates());
  if (!now) return void(fits_ = false);
  Change change;
  for (const Card& card : base->cards) {
    const ItemIndex item = catalogue_.Find(card.id);
    if (item == kNoItem) {
      change.gone_cards[card.id] = card;
    } else if (!(CardOf(parts_.products[item], options_) == card)) {
      change.cards.insert(item);
    }
  }
  for (const auto& [id, page] : now->pages) {
    Page lines{page.index, Lines(page.together, now->cards), Lines(page.similar, now->cards)};
    const auto old = base->pages.find(id);
    if (old != base->pages.end() && old->second.index == page.index &&
        Same(page.index, old->second.together, base->cards, lines.together) &&
        Same(page.index, old->second.similar, base->cards, lines.similar)) {
      continue;
    }
    change.pages.emplace(id, std::move(lines));
  }
  for (const auto& [id, page] : base->pages) {
    if (!now->pages.contains(id)) change.gone.push_back(id);
  }
  weight_ += Weight(change);
  if (weight_ > kMostBytesPerProduct * parts_.products.size()) fits_ = false;
  if (Weight(change) > 0) page_changes_.emplace(number, std::move(change));
}

void ChangeCollector::AddCards(uint64_t number, const std::string& text) {
  if (!fits_) return;
  std::vector<Card> before;
  if (number < base_.cards.count) {
    auto bytes = ReadFile(folder_ / base_.CardShard(number));
    if (!bytes.ok()) return void(fits_ = false);
    const ByteView now = AsBytes(text);
    if (std::equal(now.begin(), now.end(), bytes.value().begin(), bytes.value().end())) return;
    const Json json = Json::parse(bytes.value().begin(), bytes.value().end(), nullptr, false);
    auto cards = json.is_object() && json.contains("cards")
                     ? DecodeCards(json["cards"], base_.templates)
                     : std::nullopt;
    if (!cards) return void(fits_ = false);
    before = std::move(*cards);
  }
  Change change;
  const size_t begin = number * base_.cards_per_file;
  const size_t end = std::min(parts_.products.size(), begin + base_.cards_per_file);
  for (size_t i = begin; i < end; ++i) {
    const bool same =
        i - begin < before.size() && before[i - begin] == CardOf(parts_.products[i], options_);
    if (!same) change.cards.insert(static_cast<ItemIndex>(i));
  }
  weight_ += Weight(change);
  if (Weight(change) > 0) card_changes_.emplace(number, std::move(change));
}

size_t ChangeCollector::Weight(const Change& change) const {
  size_t weight = (change.cards.size() + change.gone_cards.size()) * kCardBytes +
                  change.gone.size() * kEntryBytes;
  for (const auto& [id, page] : change.pages) {
    weight += (page.together.size() + page.similar.size() + 1) * (kEntryBytes + kCardBytes / 2);
  }
  return weight;
}

std::string ChangeCollector::EncodeShard(const std::vector<const Change*>& changes) const {
  std::set<ItemIndex> items;
  for (const Change* change : changes) {
    items.insert(change->cards.begin(), change->cards.end());
    for (const auto& [id, page] : change->pages) {
      for (const auto* list : {&page.together, &page.similar}) {
        for (const Line& line : *list) items.insert(line.item);
      }
    }
  }
  PageShard shard;
  shard.index.assign(items.begin(), items.end());
  for (ItemIndex item : shard.index) shard.cards.push_back(CardOf(parts_.products[item], options_));
  // Sold out for good, which makes the lines of earlier lists fall out.
  std::map<std::string, Card> gone;
  for (const Change* change : changes) {
    gone.insert(change->gone_cards.begin(), change->gone_cards.end());
  }
  for (auto& [id, card] : gone) {
    card.availability = kOutOfStock;
    shard.cards.push_back(std::move(card));
    shard.index.push_back(kNoItem);
  }
  auto entries = [&shard](const std::vector<Line>& list) {
    std::vector<ListEntry> made;
    for (const Line& line : list) {
      made.push_back(line.entry);
      const auto at = std::lower_bound(shard.index.begin(), shard.index.end(), line.item);
      made.back().card = static_cast<uint32_t>(at - shard.index.begin());
    }
    return made;
  };
  for (const Change* change : changes) {
    for (const auto& [id, page] : change->pages) {
      shard.pages[id] = {page.index, entries(page.together), entries(page.similar)};
    }
    shard.gone.insert(shard.gone.end(), change->gone.begin(), change->gone.end());
  }
  return EncodePageShard(shard, make_.templates());
}

std::vector<std::string> ChangeCollector::Encode() {
  if (!fits_ || (page_changes_.empty() && card_changes_.empty())) return {};
  for (uint64_t count = 1; count <= base_.pages.count; count *= 2) {
    if (weight_ / count > kMostShardBytes) continue;
    std::vector<std::vector<const Change*>> parts(count);
    for (const auto& [number, change] : page_changes_) parts[number % count].push_back(&change);
    for (const auto& [number, change] : card_changes_) parts[number % count].push_back(&change);
    std::vector<std::string> shards;
    size_t largest = 0;
    for (const auto& part : parts) {
      shards.push_back(EncodeShard(part));
      largest = std::max(largest, shards.back().size());
    }
    if (largest <= kMostShardBytes || 4 * count > base_.pages.count) return shards;
  }
  fits_ = false;
  return {};
}

}  // namespace vitrine
