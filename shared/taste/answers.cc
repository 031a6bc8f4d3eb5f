// What a shopper is shown: routing, ranking with content, variety, and the reason of each product.
#include <algorithm>
#include <array>

#include "shared/taste/signals.h"
#include "shared/top_k.h"

namespace vitrine {
namespace {

constexpr size_t kNearest = 300;  // how many neighbours of the session's mean are looked at

bool InMask(ItemMask mask, ItemIndex item) {
  return mask.empty() || (mask[item / 64] >> item % 64 & 1) != 0;
}

float Dot(std::span<const float> a, std::span<const float> b) {
  float sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

float At(const std::vector<float>& signal, ItemIndex item) {
  return signal.empty() ? 0 : signal[item];
}

}  // namespace

Route Taste::RouteOf(const Shopper& shopper) const {
  const std::vector<SessionEvent> newest =
      NewestFirst(shopper.events, item_count_, shopper.events.size());
  if (EventsOfVisit(newest, shopper.now_seconds) < newest.size()) return Route::kHistory;
  if (!newest.empty()) return Route::kSession;
  const auto known = [&](uint32_t segment) { return segment < segments_.size(); };
  return std::any_of(shopper.segments.begin(), shopper.segments.end(), known) ? Route::kSegment
                                                                              : Route::kPopular;
}

std::vector<Recommendation> Taste::Popular(ItemMask mask, uint32_t limit) const {
  std::vector<Recommendation> answer;
  for (ItemIndex item : popularity_.ranked()) {
    if (answer.size() >= limit) break;
    if (!InMask(mask, item)) continue;
    answer.push_back({.item = item,
                      .score = popularity_.Score(item),
                      .reason = ReasonKind::kPopular,
                      .count = popularity_.Shoppers(item)});
  }
  return answer;
}

// Products near the weighted mean of the events' content vectors: the nearest gains `weight`, the
// kNearest-th nothing.
void Taste::AddNear(const Signals& signals, const VectorIndex& vectors, ItemMask mask, float weight,
                    std::vector<float>& total) const {
  std::vector<float> mean(vectors.dimensions()), row(vectors.dimensions());
  for (const Signals::Event& event : signals.events) {
    vectors.Decode(event.item, row);
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += event.weight * row[i];
  }
  const std::vector<ScoredItem> nearest = vectors.Search(mean, kNearest, mask);
  for (const ScoredItem& near : nearest) {
    const float low = nearest.back().score, range = nearest.front().score - low;
    total[near.item] += weight * (range > 0 ? (near.score - low) / range : 1);
  }
}

std::vector<Recommendation> Taste::ForYou(const Shopper& shopper, const VectorIndex* vectors,
                                          ItemMask mask, uint32_t limit,
                                          bool leave_out_seen) const {
  if (vectors != nullptr && vectors->size() != item_count_) vectors = nullptr;
  if (limit == 0 || (parts_ == 0 && vectors == nullptr)) return {};
  const Signals signals = Listen(shopper);
  if (signals.events.empty() && signals.segments.empty()) return Popular(mask, limit);
  const BlendTerms& weights =
      blend_[BlendBucket(signals.of_this_visit, signals.events.size() - signals.of_this_visit)];
  std::vector<float> total = Totals(signals, weights);
  if (vectors != nullptr && !signals.events.empty()) {
    AddNear(signals, *vectors, mask, weights.near, total);
  }
  std::vector<bool> seen(item_count_);
  for (const Signals::Event& event : signals.events) seen[event.item] = leave_out_seen;
  TopK best(CandidatesFor(variety_, limit));
  for (ItemIndex item = 0; item < item_count_; ++item) {
    if (total[item] >= best.Bar() && !seen[item] && InMask(mask, item)) best.Add(item, total[item]);
  }
  uint64_t seed = signals.segments.size();
  for (ItemIndex item : signals.newest_first) seed = seed * 1099511628211u + item + 1;
  std::vector<Recommendation> answer;
  const auto likeness = [&](ItemIndex a, ItemIndex b) { return Likeness(a, b, vectors); };
  for (const ScoredItem& scored : Choose(variety_, best.Take(), limit, seed, likeness)) {
    answer.push_back(Explain(scored, signals, weights, vectors));
  }
  return answer;
}

// How alike two products are, -1..1: in shoppers' behaviour where both are known, else in content.
float Taste::Likeness(ItemIndex a, ItemIndex b, const VectorIndex* vectors) const {
  if (!encoder_.empty() && encoder_.table().Knows(a) && encoder_.table().Knows(b)) {
    std::array<float, kEncoderDimensions> mine, theirs;
    encoder_.table().Decode(a, mine);
    encoder_.table().Decode(b, theirs);
    return Dot(mine, theirs);
  }
  if (vectors == nullptr) return 0;
  std::vector<float> mine(vectors->dimensions()), theirs(vectors->dimensions());
  vectors->Decode(a, mine);
  vectors->Decode(b, theirs);
  return Dot(mine, theirs);
}

// What weighed most for the product: the shopper's own events (then the one whose list has it, else
// the one it is nearest to), shoppers of similar taste, the shopper's segment, or popularity.
Recommendation Taste::Explain(const ScoredItem& scored, const Signals& signals,
                              const BlendTerms& weights, const VectorIndex* vectors) const {
  const ItemIndex item = scored.item;
  Recommendation line{.item = item, .score = scored.score};
  const float by_cohorts = weights.cohorts * At(signals.cohorts, item);
  const float by_segments = weights.segments * At(signals.lifts, item);
  const float by_popularity = weights.popularity * At(popularity_evidence_, item);
  // All that is neither of the three comes from the events, directly or as content.
  const float by_events = scored.score - by_cohorts - by_segments - by_popularity;
  if (by_cohorts > 0 && by_cohorts >= std::max({by_events, by_segments, by_popularity})) {
    const auto has = [&](const Cohorts::Match& match) {
      bool found = false;
      cohorts_.ForEach(match.cohort, [&](ItemIndex i, float) { found |= i == item; });
      return found;
    };
    const auto match = std::find_if(signals.matches.begin(), signals.matches.end(), has);
    line.reason = ReasonKind::kSimilarTaste;
    line.count = cohorts_.Shoppers(match->cohort);
    line.strength = match->similarity;
    return line;
  }
  if (by_segments > 0 && by_segments >= std::max(by_events, 0.0f)) {
    float strongest = -1;
    for (uint32_t segment : signals.segments) {
      segments_.ForEach(segment, [&](ItemIndex i, float lift) {
        if (i == item && lift > strongest) strongest = lift, line.other = segment;
      });
    }
    line.reason = ReasonKind::kPopularSegment;
    line.count = segments_.Shoppers(line.other);
    line.strength = strongest;
    return line;
  }
  line.reason = ReasonKind::kBecauseViewed;
  if (!signals.because.empty() && signals.because[item] != kNoItem) {
    line.other = signals.because[item];
    line.strength = signals.strongest[item];
    return line;
  }
  for (const Signals::Event& event : signals.events) {
    const float likeness = Likeness(item, event.item, vectors);
    if (likeness > line.strength) line.strength = likeness, line.other = event.item;
  }
  if (line.other == kNoItem) {
    line.reason = ReasonKind::kPopular;
    line.count = popularity_.ranked().empty() ? 0 : popularity_.Shoppers(item);
  }
  return line;
}

}  // namespace vitrine
