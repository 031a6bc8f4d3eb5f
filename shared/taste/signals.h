// What a shopper's events and profile say, before it is weighed. Inside of shared/taste.h.
#pragma once

#include <utility>
#include <vector>

#include "shared/taste.h"
#include "shared/taste/math.h"

namespace vitrine {

// From a probability-like weight to a term of a log-linear score: 0 for nothing, then logarithmic.
inline float Evidence(float weight) { return Log(1 + weight * 100); }

// Arrays have one entry a product, or are empty where there is nothing to say.
struct Taste::Signals {
  struct Event {
    ItemIndex item;
    float weight;  // of its kind, position and age; the newest view weighs 1
  };
  std::vector<Event> events;            // newest first
  std::vector<ItemIndex> newest_first;  // their products
  std::vector<uint32_t> segments;       // the shopper's, of those in the bundle
  std::vector<float> encoder, towers, focus, others, cohorts, neighbours, lifts;
  std::vector<ItemIndex> listed;   // products in any list of the session, ascending
  std::vector<float> strongest;    // the most that one event contributed to a listed product …
  std::vector<ItemIndex> because;  // … and that event's product
  std::vector<Cohorts::Match> matches;
  std::vector<std::pair<ItemIndex, size_t>> repeats;  // product, its position from the newest
};

}  // namespace vitrine
