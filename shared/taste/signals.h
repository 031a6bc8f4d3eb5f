// What a shopper's events and profile say, before it is weighed. Inside of shared/taste.h.
#pragma once

#include <span>
#include <vector>

#include "shared/taste.h"
#include "shared/taste/math.h"

namespace vitrine {

// From a probability-like weight to a term of a log-linear score: 0 for nothing, then logarithmic.
inline float Evidence(float weight) { return Log(1 + weight * 100); }

inline constexpr size_t kMaxEvents = 50;             // older events of a shopper are ignored
inline constexpr double kVisitGapSeconds = 30 * 60;  // a longer pause begins another visit

// The last events of known products, `most` at most, newest first.
std::vector<SessionEvent> NewestFirst(std::span<const SessionEvent> events, uint32_t item_count,
                                      size_t most);

// How many of these events belong to the visit of `now_seconds`; where that is 0, to the newest
// one.
size_t EventsOfVisit(std::span<const SessionEvent> newest_first, double now_seconds);

// Arrays have one entry a product, or are empty where there is nothing to say.
struct Taste::Signals {
  struct Event {
    ItemIndex item;
    float weight;  // of its kind, position and age; the newest view weighs 1
  };
  std::vector<Event> events;            // newest first
  std::vector<ItemIndex> newest_first;  // their products
  size_t of_this_visit = 0;             // how many of the events, the newest ones
  std::vector<uint32_t> segments;       // the shopper's, of those in the bundle
  std::vector<float> encoder, towers, focus, others, cohorts, neighbours, lifts;
  std::vector<ItemIndex> listed;   // products in any list of the session, ascending
  std::vector<float> strongest;    // the most that one event contributed to a listed product …
  std::vector<ItemIndex> because;  // … and that event's product
  std::vector<Cohorts::Match> matches;
  // Products of this visit. Those of earlier visits are no repeats: a blend's weights for them are
  // fitted on what comes back within a visit.
  struct Repeat {
    ItemIndex item;
    size_t position;  // from the newest
    bool unlearned;   // there is an encoder, and it does not know the product
  };
  std::vector<Repeat> repeats;
};

}  // namespace vitrine
