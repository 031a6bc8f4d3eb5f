// How an encoder is trained, by the log it learns from.
#pragma once

#include <cstdint>

namespace vitrine {

// How often to go over `examples`, the shares of a session's components and events that are
// dropped, how sharply the softmax tells products apart, and the rate of Adam. The fewer examples
// there are of a product, the more and the longer steps its vector needs, the sooner it learns them
// by heart, and the less sure it should be; the more products there are, the higher one of them has
// to stand out. Fitted on held-out sessions of four logs: 9, 27, 42 and 540 examples each of
// 16,000, 2,500, 7,300 and 213 products; the passes also on 26 each of 4,000.
uint32_t EpochsFor(uint64_t examples, uint64_t products);
float DropoutFor(uint64_t examples, uint64_t products);
float EventDropoutFor(uint64_t examples, uint64_t products);
float TemperatureFor(uint64_t examples, uint64_t products);
float LearningRateFor(uint64_t examples, uint64_t products);

// How much an encoder goes on with all sessions once it has learned from the earlier ones, of its
// passes over those: as often again, less in large logs.
float FinalPassesFor(uint64_t examples, uint64_t products);

// Whether there is time to learn two encoders. `features`: products have some, each of which learns
// from every example too: one encoder of a log of 850,000 events took 400 of the 600 seconds that
// two cores may need for all of it.
bool TimeForTwo(uint64_t examples, uint64_t products, bool features);

}  // namespace vitrine
