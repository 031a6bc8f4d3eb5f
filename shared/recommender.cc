#include "shared/recommender.h"

#include <algorithm>
#include <string>
#include <utility>

#include "shared/section.h"
#include "shared/taste/math.h"

namespace vitrine {
namespace {

constexpr uint32_t kCatalogueVersion = 1;
// How many look-alikes of a cart lend it their partners when its own are too few.
constexpr size_t kLookAlikes = 24;
// How many of the products that go with a cart by their attributes are compared by content.
constexpr size_t kComplements = 100;
// What a cosine of 1 is worth among the scores of complements; chosen as these were.
constexpr float kNearnessWeight = 1;
// So many orders with both speak for themselves. Fewer are ranked among the complements; chosen
// likewise.
constexpr uint32_t kFirmOrders = 3;
// How many expected orders what is counted of a product must outweigh to be believed as much as
// what its content says; chosen likewise.
constexpr float kPriorOrders = 0.3f;
// From this cosine on two products share their style.
constexpr float kSameStyleCosine = 0.85f;
// How many results of a search are expected to be variants of one design, at most.
constexpr size_t kVariantsPerIdea = 4;

template <typename Part>
Status TakePart(Result<Part> opened, uint32_t count, size_t expected, const char* name,
                std::optional<Part>& place) {
  if (!opened.ok()) return opened.error();
  if (count != expected) {
    return Error{std::string(name) + " section: made for " + std::to_string(count) +
                 " products, but the catalogue has " + std::to_string(expected) +
                 "; the files are of different builds"};
  }
  place.emplace(std::move(opened.value()));
  return Ok();
}

// REQUIRES: opened.ok() or the count is not looked at.
template <typename Part>
uint32_t CountOf(const Result<Part>& opened) {
  if constexpr (requires(const Part& part) { part.item_count(); }) {
    return opened.ok() ? opened.value().item_count() : 0;
  } else {
    return opened.ok() ? opened.value().size() : 0;
  }
}

}  // namespace

Status Recommender::AddSection(Bytes file) {
  // The opened parts point into the bytes, whose address a move of the vector keeps.
  VITRINE_ASSIGN(Section section, OpenSection(file));
  if (section.kind == SectionKind::kCatalogue) {
    if (catalogue_) return Error{"catalogue section: there is one already"};
    if (section.version != kCatalogueVersion) {
      return Error{"catalogue section: version " + std::to_string(section.version) +
                   " is newer than this engine"};
    }
    VITRINE_ASSIGN(Catalogue catalogue, Catalogue::Open(section.payload));
    catalogue_.emplace(std::move(catalogue));
    const size_t n = catalogue_->size();
    for (auto& mask : in_stock_for_) mask.assign((n + 63) / 64, 0);
    for (ItemIndex i = 0; i < n; ++i) {
      if (!catalogue_->Available(i)) continue;
      in_stock_for_[static_cast<size_t>(catalogue_->data().audience[i])][i / 64] |= uint64_t{1}
                                                                                    << i % 64;
    }
    return Ok();  // a catalogue copies what it needs
  }
  if (!catalogue_) return Error{"the catalogue section must be added first"};
  if (section.version == 0 || section.version > LayoutVersion(section.kind)) {
    return Error{"a section of version " + std::to_string(section.version) +
                 " is newer than this engine"};
  }
  const size_t n = catalogue_->size();
  switch (section.kind) {
    case SectionKind::kRules:
      VITRINE_RETURN_IF_ERROR(AddRules(section.payload));
      break;
    case SectionKind::kVectors: {
      auto opened = VectorIndex::Open(section.payload);
      if (opened.ok() && !delta_.empty()) {
        VITRINE_RETURN_IF_ERROR(opened.value().Apply(delta_));
      }
      const uint32_t count = CountOf(opened);
      return TakePart(std::move(opened), count, n, "vectors",
                      vectors_);  // which needs the file no more
    }
    case SectionKind::kVectorDelta:  // comes before the vectors that it is for
      if (vectors_) return Error{"vector delta: must be added before the vectors"};
      delta_.assign(section.payload.begin(), section.payload.end());
      return Ok();
    case SectionKind::kVectorRefinement:
      if (!vectors_) return Error{"vector refinement: must be added after the vectors"};
      return vectors_->Refine(section.payload);
    case SectionKind::kTaste: {
      auto opened = Taste::Open(section.payload);
      const uint32_t count = CountOf(opened);
      VITRINE_RETURN_IF_ERROR(TakePart(std::move(opened), count, n, "taste", taste_));
      break;
    }
    default:
      return Error{"a section of a kind that this engine does not know"};
  }
  files_.push_back(std::move(file));
  return Ok();
}

Status Recommender::AddRules(ByteView payload) {
  auto opened = Rules::Open(payload);
  const uint32_t count = CountOf(opened);
  VITRINE_RETURN_IF_ERROR(TakePart(std::move(opened), count, catalogue_->size(), "rules", rules_));
  VITRINE_ASSIGN(complements_, Complements::Open(rules_->rest(), catalogue_->data()));
  return Ok();
}

class Recommender::Gate {
 public:
  // Beside several products (a cart, a session) everything goes that goes beside one of them.
  Gate(const Recommender& recommender, std::span<const ItemIndex> beside, const Filter& filter)
      : recommender_(recommender), data_(recommender.catalogue_->data()), filter_(filter) {
    if (!beside.empty()) audiences_ = 0;
    for (ItemIndex item : beside) {
      audiences_ |= data_.audience_gate[static_cast<size_t>(data_.audience[item])];
      Close(item);
    }
    audiences_ &= data_.audience_gate[static_cast<size_t>(filter.audience)];
  }

  bool Allows(ItemIndex item) const {
    return (audiences_ >> static_cast<int>(data_.audience[item]) & 1) != 0 &&
           recommender_.catalogue_->Available(item) && PassesFilter(item) &&
           std::find(closed_.begin(), closed_.end(), data_.group[item]) == closed_.end();
  }

  // No further variant of this product's design: five colours of one belt are one idea.
  void Close(ItemIndex item) { closed_.push_back(data_.group[item]); }

  // The same as one bit a product, for scans.
  std::vector<uint64_t> Mask() const {
    const size_t n = data_.size();
    std::vector<uint64_t> mask((n + 63) / 64, 0);
    for (size_t audience = 0; audience < kAudiences; ++audience) {
      if ((audiences_ >> audience & 1) == 0) continue;
      const std::vector<uint64_t>& part = recommender_.in_stock_for_[audience];
      for (size_t w = 0; w < mask.size(); ++w) mask[w] |= part[w];
    }
    auto clear = [&mask](ItemIndex item) { mask[item / 64] &= ~(uint64_t{1} << item % 64); };
    for (uint32_t group : closed_) {
      for (ItemIndex variant : recommender_.catalogue_->Group(group)) clear(variant);
    }
    if (filter_.department != 0 || filter_.price_min_minor != 0 ||
        filter_.price_max_minor != kNoPrice) {
      for (ItemIndex i = 0; i < n; ++i) {
        if (!PassesFilter(i)) clear(i);
      }
    }
    return mask;
  }

 private:
  bool PassesFilter(ItemIndex item) const {
    const uint32_t price = data_.price_minor[item];
    if (price != kNoPrice && (price < filter_.price_min_minor || price > filter_.price_max_minor)) {
      return false;
    }
    return filter_.department == 0 || data_.department[item] == filter_.department;
  }

  const Recommender& recommender_;
  const CatalogueData& data_;
  const Filter& filter_;
  uint8_t audiences_ = 0xFF;      // bit b: audience b may be shown
  std::vector<uint32_t> closed_;  // groups that may not be shown (again)
};

uint32_t Recommender::SharedAttributes(ItemIndex a, ItemIndex b) const {
  const CatalogueData& data = catalogue_->data();
  uint32_t bits = 0;
  if (data.category[a] != 0 && data.category[a] == data.category[b]) bits |= kSameCategory;
  if (data.colour[a] != 0 && data.colour[a] == data.colour[b]) bits |= kSameColour;
  if (data.brand[a] != 0 && data.brand[a] == data.brand[b]) bits |= kSameBrand;
  return bits;
}

std::vector<Recommendation> Recommender::BoughtTogether(std::span<const ItemIndex> cart,
                                                        const Request& request) const {
  std::vector<Recommendation> answer;
  if (!catalogue_ || !rules_ || cart.empty()) return answer;
  Gate gate(*this, cart, request.filter);
  std::vector<Recommendation> firm, weak;
  for (const Rules::Match& match : rules_->Matches(cart)) {
    if (!gate.Allows(match.consequent)) continue;
    const bool speaks_for_itself = match.count >= kFirmOrders || complements_.empty();
    Recommendation& line =
        (speaks_for_itself ? firm : weak)
            .emplace_back(Recommendation{match.consequent, match.score, ReasonKind::kBoughtTogether,
                                         match.because, match.count, match.lift});
    const size_t more = std::min(line.also.size(), match.antecedent.size() - 1);
    std::copy_n(match.antecedent.begin() + 1, more, line.also.begin());
  }
  Take(firm, gate, request.limit, answer);
  if (answer.size() == request.limit) return answer;
  std::vector<Recommendation> others =
      complements_.empty() ? Lent(cart, gate, request) : Complementary(cart, gate, std::move(weak));
  std::sort(others.begin(), others.end(), [](const Recommendation& a, const Recommendation& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.item != b.item ? a.item < b.item : a.other < b.other;
  });
  // Below every product that enough orders hold: in (0, ceiling).
  const float ceiling = answer.empty() ? 1.0f : answer.back().score;
  for (Recommendation& line : others) line.score = ceiling * line.score / (1.0f + line.score);
  Take(others, gate, request.limit, answer);
  return answer;
}

void Recommender::Take(std::span<const Recommendation> lines, Gate& gate, size_t limit,
                       std::vector<Recommendation>& answer) {
  for (const Recommendation& line : lines) {
    if (answer.size() == limit) break;
    if (!gate.Allows(line.item)) continue;
    gate.Close(line.item);
    answer.push_back(line);
  }
}

std::vector<Recommendation> Recommender::Complementary(std::span<const ItemIndex> cart,
                                                       const Gate& gate,
                                                       std::vector<Recommendation> lines) const {
  const size_t counted = lines.size();
  std::vector<float> score;
  std::vector<ItemIndex> items;
  for (const Recommendation& line : lines) {
    items.push_back(line.item);
    score.push_back(complements_.Score(cart, line.item));
  }
  for (const ScoredItem& scored : complements_.Best(cart, kComplements, gate.Mask())) {
    const auto end = items.begin() + static_cast<ptrdiff_t>(counted);
    if (std::find(items.begin(), end, scored.item) != end) continue;
    items.push_back(scored.item);
    score.push_back(scored.score);
  }
  const std::vector<float> nearness =
      vectors_ ? vectors_->NearnessTo(cart, items) : std::vector<float>(items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    // How much more often than chance the product is bought with the cart, times the root of its
    // share: what its content says, moved towards what was observed by what was counted.
    const float by_content = Exp(score[i] + kNearnessWeight * nearness[i]);
    if (i < counted) {
      const float count = static_cast<float>(lines[i].count), lift = lines[i].strength;
      const float expected = lift > 0 ? count / lift : count;
      lines[i].score = (count * complements_.RootShare(items[i]) + kPriorOrders * by_content) /
                       (expected + kPriorOrders);
    } else {
      const ItemIndex beside = complements_.GoesWith(cart, items[i]);
      lines.push_back({items[i], by_content, ReasonKind::kGoesWith, beside,
                       SharedAttributes(beside, items[i]), nearness[i]});
    }
  }
  return lines;
}

std::vector<Recommendation> Recommender::Lent(std::span<const ItemIndex> cart, const Gate& gate,
                                              const Request& request) const {
  if (!vectors_) return {};
  // What is bought with the look-alikes of each product of the cart.
  std::vector<Recommendation> lent;
  std::vector<float> query(vectors_->dimensions());
  for (ItemIndex item : cart) {
    std::vector<ScoredItem> found;
    std::span<const ScoredItem> alikes = request.look_alikes;
    if (alikes.empty() || cart.size() > 1) {
      vectors_->Decode(item, query);
      found = vectors_->Search(query, kLookAlikes);
      alikes = found;
    }
    for (const ScoredItem& alike : alikes.first(std::min(alikes.size(), kLookAlikes))) {
      if (alike.item == item || alike.score <= 0) continue;
      const ItemIndex antecedent[] = {alike.item};
      for (const Rules::Match& match : rules_->Matches(antecedent)) {
        if (!gate.Allows(match.consequent)) continue;
        lent.push_back({match.consequent, match.score * alike.score, ReasonKind::kGoesWith,
                        alike.item, SharedAttributes(item, alike.item), alike.score});
      }
    }
  }
  return lent;
}

std::vector<Recommendation> Recommender::Similar(ItemIndex item, const Request& request) const {
  std::vector<Recommendation> answer;
  if (!catalogue_ || !vectors_) return answer;
  const ItemIndex beside[] = {item};
  Gate gate(*this, beside, request.filter);
  std::vector<float> query(vectors_->dimensions());
  vectors_->Decode(item, query);
  // Asks for more than the limit, since of each design one variant is enough.
  const size_t k = request.limit * kVariantsPerIdea;
  for (const ScoredItem& near : vectors_->Search(query, k, gate.Mask())) {
    if (answer.size() == request.limit) break;
    if (!gate.Allows(near.item)) continue;
    gate.Close(near.item);
    answer.push_back(SimilarTo(item, near));
  }
  return answer;
}

Recommendation Recommender::SimilarTo(ItemIndex item, const ScoredItem& near) const {
  uint32_t shares = SharedAttributes(item, near.item);
  if (near.score >= kSameStyleCosine) shares |= kSameStyle;
  return {near.item, near.score, ReasonKind::kSimilar, item, shares, near.score};
}

std::vector<Recommendation> Recommender::ForYou(std::span<const SessionEvent> session,
                                                const Request& request) const {
  if (!catalogue_ || !taste_) return {};
  std::vector<ItemIndex> touched;
  for (const SessionEvent& event : session) touched.push_back(event.item);
  const Gate gate(*this, touched, request.filter);
  return taste_->ForYou(
      {.events = session, .segments = request.segments, .now_seconds = request.now_seconds},
      vectors_ ? &*vectors_ : nullptr, gate.Mask(), request.limit);
}

std::vector<Recommendation> Recommender::Popular(const Request& request) const {
  if (!catalogue_ || !taste_) return {};
  const std::vector<uint64_t> mask = Gate(*this, {}, request.filter).Mask();
  return taste_->ForYou({.segments = request.segments}, nullptr, mask, request.limit);
}

uint32_t Recommender::FindSegment(std::string_view attribute, std::string_view value) const {
  return taste_ ? taste_->segments().Find(attribute, value) : Segments::kNone;
}

}  // namespace vitrine
