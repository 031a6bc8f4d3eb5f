#include "indexer/publish/merchandising.h"

#include <algorithm>

namespace vitrine {
namespace {

// Pins beyond this many would push everything else out of a list.
constexpr size_t kMostPins = 4;

size_t Count(const std::vector<bool>& bits) {
  return static_cast<size_t>(std::count(bits.begin(), bits.end(), true));
}

}  // namespace

std::vector<Merchandising::Lint> Merchandising::Check() const {
  std::vector<Lint> lints;
  for (const Rule& rule : rules_) {
    Lint lint{rule.name, Count(rule.about), rule.everywhere ? rule.about.size() : Count(rule.on),
              ""};
    if (lint.products == 0) {
      lint.problem = "no product is one of its ids or fits its `where`";
    } else if (lint.pages == 0) {
      lint.problem = "no product fits its `on`, so it holds on no page";
    } else if (rule.action == Action::kPin && lint.products > kMostPins) {
      lint.problem = "it pins " + std::to_string(lint.products) + " products, only the first " +
                     std::to_string(kMostPins) + " of a list are pinned; use boost for many";
    }
    lints.push_back(std::move(lint));
  }
  return lints;
}

bool Merchandising::Holds(const Rule& rule, ListKind kind, ItemIndex page) const {
  if ((rule.lists >> static_cast<int>(kind) & 1) == 0) return false;
  return rule.everywhere || (page != kNoItem && rule.on[page]);
}

bool Merchandising::MayPin(ItemIndex page, ItemIndex item,
                           const std::vector<Recommendation>& list) const {
  if (catalogue_ == nullptr || !catalogue_->Available(item) || Excluded(item)) return false;
  if (page != kNoItem && !catalogue_->MayStandBeside(page, item)) return false;
  const auto& group = catalogue_->data().group;
  return std::none_of(list.begin(), list.end(), [&](const Recommendation& line) {
    return line.item != item && group[line.item] == group[item];
  });
}

void Merchandising::Apply(ListKind kind, ItemIndex page, std::vector<Recommendation>& list,
                          size_t length) const {
  bool scored = false;
  for (const Rule& rule : rules_) {
    if (!Holds(rule, kind, page)) continue;
    if (rule.action == Action::kExclude) {
      std::erase_if(list, [&](const Recommendation& line) { return rule.about[line.item]; });
    } else if (rule.action != Action::kPin) {
      for (Recommendation& line : list) {
        if (rule.about[line.item]) line.score *= rule.factor;
      }
      scored = true;
    }
  }
  if (scored) {
    std::stable_sort(
        list.begin(), list.end(),
        [](const Recommendation& a, const Recommendation& b) { return a.score > b.score; });
  }
  size_t pins = 0;
  for (const Rule& rule : rules_) {
    if (rule.action != Action::kPin || !Holds(rule, kind, page)) continue;
    size_t place = rule.position;
    for (ItemIndex item : rule.pinned) {
      if (pins == kMostPins || item == page) break;
      if (!MayPin(page, item, list)) continue;
      // A product that was in the list anyway keeps its reason.
      Recommendation line{
          .item = item, .score = 0, .reason = ReasonKind::kPicked, .other = kNoItem};
      for (const Recommendation& known : list) {
        if (known.item == item) line = known;
      }
      std::erase_if(list, [&](const Recommendation& known) { return known.item == item; });
      const size_t at = std::min(place++, list.size());
      // Scores stay descending, so that a reader who sorts keeps the shop's order.
      line.score = list.empty() ? 1.0f : list[at == 0 ? 0 : at - 1].score;
      list.insert(list.begin() + static_cast<std::ptrdiff_t>(at), line);
      ++pins;
    }
  }
  if (list.size() > length) list.resize(length);
}

}  // namespace vitrine
