#include "shared/taste/signals.h"

#include <algorithm>
#include <array>

#include "shared/top_k.h"

namespace vitrine {
namespace {

// What a shopper did weighs more the stronger it is; see InteractionKind for the order.
constexpr std::array<float, kInteractionKinds> kKindWeight = {1.0f, 1.0f, 2.0f, 3.0f, 3.0f};
constexpr float kPositionDecay = 0.8f;      // weight of an event against the one after it
constexpr double kAgeScaleSeconds = 86400;  // an event this much older than the last weighs half
constexpr size_t kMatches = 20;             // cohorts that are listened to

float AgeWeight(double age_seconds) {
  return age_seconds > 0 ? static_cast<float>(kAgeScaleSeconds / (kAgeScaleSeconds + age_seconds))
                         : 1;
}

// The best of one signal.
void AddBest(const std::vector<float>& signal, uint32_t limit, std::vector<ItemIndex>& items) {
  TopK best(limit);
  for (ItemIndex i = 0; i < signal.size(); ++i) {
    if (signal[i] > 0) best.Add(i, signal[i]);
  }
  for (const ScoredItem& scored : best.Take()) items.push_back(scored.item);
}

}  // namespace

std::vector<SessionEvent> NewestFirst(std::span<const SessionEvent> events, uint32_t item_count,
                                      size_t most) {
  std::vector<SessionEvent> newest;
  for (size_t i = events.size(); i-- > 0 && newest.size() < most;) {
    if (events[i].item < item_count) newest.push_back(events[i]);
  }
  return newest;
}

size_t EventsOfVisit(std::span<const SessionEvent> newest_first, double now_seconds) {
  if (newest_first.empty()) return 0;
  if (now_seconds - newest_first[0].time_seconds > kVisitGapSeconds) return 0;
  size_t count = 1;
  while (count < newest_first.size() &&
         !(newest_first[count - 1].time_seconds - newest_first[count].time_seconds >
           kVisitGapSeconds)) {
    ++count;
  }
  return count;
}

size_t Taste::BucketOf(const Shopper& shopper) const {
  if (parts_ == 0) return 0;
  const std::vector<SessionEvent> newest = NewestFirst(shopper.events, item_count_, kMaxEvents);
  if (newest.empty()) return 0;
  const size_t of_this_visit = EventsOfVisit(newest, shopper.now_seconds);
  return BlendBucket(of_this_visit, newest.size() - of_this_visit);
}

Taste::Signals Taste::Listen(const Shopper& shopper) const {
  Signals signals;
  for (uint32_t segment : shopper.segments) {
    if (segment < segments_.size()) signals.segments.push_back(segment);
  }
  const std::vector<SessionEvent> newest = NewestFirst(shopper.events, item_count_, kMaxEvents);
  float decay = 1;
  double last = shopper.events.empty() ? 0 : shopper.events.back().time_seconds;
  last = std::max(last, shopper.now_seconds);
  for (const SessionEvent& event : newest) {
    const auto kind = std::min<size_t>(static_cast<size_t>(event.kind), kInteractionKinds - 1);
    signals.events.push_back(
        {event.item, decay * AgeWeight(last - event.time_seconds) * kKindWeight[kind]});
    signals.newest_first.push_back(event.item);
    decay *= kPositionDecay;
  }
  signals.of_this_visit = EventsOfVisit(newest, shopper.now_seconds);
  if (parts_ == 0) return signals;
  if (!signals.segments.empty()) {
    signals.lifts.resize(item_count_);
    for (uint32_t segment : signals.segments) {
      segments_.ForEach(segment, [&](ItemIndex i, float lift) { signals.lifts[i] += lift; });
    }
  }
  if (!towers_.empty() && (!newest.empty() || !signals.segments.empty())) {
    signals.towers.resize(item_count_);
    towers_.Score(towers_.User(newest, signals.segments), signals.towers);
  }
  if (signals.events.empty()) return signals;
  ListenToLists(signals);
  ListenToCohorts(signals);
  if (!neighbours_.empty()) {
    signals.neighbours.resize(item_count_);
    for (const ScoredItem& scored : neighbours_.Score(signals.newest_first)) {
      signals.neighbours[scored.item] = Evidence(scored.score);
    }
  }
  ListenToEncoders(signals);
  return signals;
}

void Taste::ListenToEncoders(Signals& signals) const {
  if (encoder_.empty()) return;
  std::array<float, kEncoderDimensions> unit;
  signals.encoder.resize(item_count_);
  if (encoder_.Encode(signals.newest_first, unit)) encoder_.Score(unit, signals.encoder);
  if (!second_encoder_.empty() && second_encoder_.Encode(signals.newest_first, unit)) {
    std::vector<float> second(item_count_);
    second_encoder_.Score(unit, second);
    for (ItemIndex i = 0; i < item_count_; ++i) {
      signals.encoder[i] = 0.5f * (signals.encoder[i] + second[i]);
    }
  }
  // Of a product that too few shoppers touched nothing was learned, but this one did touch it: it
  // is as near as the others of the visit, or as near as can be where there are none.
  float total = 0, learned = 0;
  for (const Signals::Repeat& repeat : signals.repeats) {
    if (repeat.unlearned) continue;
    total += signals.encoder[repeat.item];
    learned += 1;
  }
  const float near = learned > 0 ? total / learned : encoder_.temperature();
  for (const Signals::Repeat& repeat : signals.repeats) {
    if (repeat.unlearned) signals.encoder[repeat.item] = near;
  }
}

void Taste::ListenToLists(Signals& signals) const {
  const std::vector<Signals::Event>& events = signals.events;
  size_t focus = 0;  // the event of most weight; among views the newest
  for (size_t e = 0; e < events.size(); ++e) {
    if (events[e].weight > events[focus].weight) focus = e;
    const auto same = [&](const auto& repeat) { return repeat.item == events[e].item; };
    if (e < signals.of_this_visit &&
        std::none_of(signals.repeats.begin(), signals.repeats.end(), same)) {
      signals.repeats.push_back(
          {.item = events[e].item,
           .position = std::min(e, kRepeatPositions - 1),
           .unlearned = !encoder_.empty() && !encoder_.table().Knows(events[e].item)});
    }
  }
  signals.focus.resize(item_count_);
  signals.others.resize(item_count_);
  signals.strongest.resize(item_count_);
  signals.because.assign(item_count_, kNoItem);
  for (size_t e = 0; e < events.size(); ++e) {
    std::vector<float>& sum = e == focus ? signals.focus : signals.others;
    lists_.ForEach(events[e].item, [&](ItemIndex other, float weight) {
      const float contribution = events[e].weight * weight;
      if (signals.because[other] == kNoItem) signals.listed.push_back(other);
      if (contribution > signals.strongest[other] || signals.because[other] == kNoItem) {
        signals.strongest[other] = contribution;
        signals.because[other] = events[e].item;
      }
      sum[other] += contribution;
    });
  }
  std::sort(signals.listed.begin(), signals.listed.end());
  for (ItemIndex item : signals.listed) {
    signals.focus[item] = Evidence(signals.focus[item]);
    signals.others[item] = Evidence(signals.others[item]);
  }
}

void Taste::ListenToCohorts(Signals& signals) const {
  if (cohorts_.size() == 0) return;
  std::vector<std::pair<ItemIndex, float>> weights;  // the strongest event with each product
  for (const Signals::Event& event : signals.events) {
    const auto same = [&](const auto& known) { return known.first == event.item; };
    const auto known = std::find_if(weights.begin(), weights.end(), same);
    if (known == weights.end()) {
      weights.emplace_back(event.item, event.weight);
    } else {
      known->second = std::max(known->second, event.weight);
    }
  }
  signals.matches =
      cohorts_.Similar(weights, encoder_.empty() ? nullptr : &encoder_.table(), kMatches);
  if (signals.matches.empty()) return;
  signals.cohorts.resize(item_count_);
  float total = 0;
  for (const Cohorts::Match& match : signals.matches) {
    total += match.similarity;
    cohorts_.ForEach(match.cohort, [&](ItemIndex item, float share) {
      signals.cohorts[item] += match.similarity * share;
    });
  }
  for (float& share : signals.cohorts) {
    if (share > 0) share = Evidence(share / total);
  }
}

BlendTerms Taste::TermsOf(const Signals& signals, ItemIndex item) const {
  const auto at = [item](const std::vector<float>& signal) {
    return signal.empty() ? 0.0f : signal[item];
  };
  BlendTerms terms = {.encoder = at(signals.encoder),
                      .focus = at(signals.focus),
                      .others = at(signals.others),
                      .popularity = at(popularity_evidence_),
                      .cohorts = at(signals.cohorts),
                      .neighbours = at(signals.neighbours),
                      .segments = at(signals.lifts),
                      .towers = at(signals.towers)};
  for (const Signals::Repeat& repeat : signals.repeats) {
    if (repeat.item != item) continue;
    terms.repeat[repeat.position] = 1;
    terms.unlearned = repeat.unlearned ? 1 : 0;
  }
  return terms;
}

std::vector<float> Taste::Totals(const Signals& signals, const BlendTerms& weights) const {
  std::vector<float> total(item_count_);
  const auto add = [&](const std::vector<float>& signal, float weight) {
    if (weight == 0) return;
    for (ItemIndex i = 0; i < signal.size(); ++i) total[i] += weight * signal[i];
  };
  add(signals.encoder, weights.encoder);
  add(popularity_evidence_, weights.popularity);
  add(signals.cohorts, weights.cohorts);
  add(signals.neighbours, weights.neighbours);
  add(signals.lifts, weights.segments);
  add(signals.towers, weights.towers);
  for (ItemIndex item : signals.listed) {
    total[item] += weights.focus * signals.focus[item] + weights.others * signals.others[item];
  }
  for (const Signals::Repeat& repeat : signals.repeats) {
    total[repeat.item] +=
        weights.repeat[repeat.position] + (repeat.unlearned ? weights.unlearned : 0);
  }
  return total;
}

std::vector<Taste::Candidate> Taste::Candidates(const Shopper& shopper, uint32_t limit) const {
  if (parts_ == 0) return {};
  const Signals signals = Listen(shopper);
  std::vector<ItemIndex> items = signals.listed;
  for (const Signals::Repeat& repeat : signals.repeats) items.push_back(repeat.item);
  for (const auto* signal :
       {&signals.encoder, &signals.towers, &signals.cohorts, &signals.neighbours, &signals.lifts}) {
    AddBest(*signal, limit, items);
  }
  if (signals.events.empty()) AddBest(popularity_evidence_, 2 * limit, items);
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  std::vector<Candidate> candidates;
  candidates.reserve(items.size());
  for (ItemIndex item : items) candidates.push_back({item, TermsOf(signals, item)});
  return candidates;
}

std::vector<ScoredItem> Taste::Rank(const BlendTerms& weights, const Shopper& shopper,
                                    uint32_t limit) const {
  if (parts_ == 0) return {};
  const std::vector<float> total = Totals(Listen(shopper), weights);
  TopK best(limit);
  for (ItemIndex item = 0; item < item_count_; ++item) best.Add(item, total[item]);
  return best.Take();
}

std::vector<ScoredItem> Taste::Rank(const Shopper& shopper, uint32_t limit) const {
  return Rank(blend_[BucketOf(shopper)], shopper, limit);
}

}  // namespace vitrine
