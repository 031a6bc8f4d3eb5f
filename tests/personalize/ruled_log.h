// A log that only an encoder can foretell, and options that learn it quickly.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "indexer/personalize/encoder_trainer.h"

namespace vitrine {

// Sessions that follow one rule: after product i comes 7 i + 3, in a shop of `items` products.
inline std::vector<Interaction> RuledLog(uint32_t items, uint32_t sessions) {
  std::vector<Interaction> log;
  std::mt19937_64 random(11);
  for (uint32_t s = 0; s < sessions; ++s) {
    ItemIndex item = static_cast<ItemIndex>(random() % items);
    for (int e = 0; e < 5; ++e) {
      log.push_back({.user = s, .session = s, .item = item, .time_seconds = s * 100 + e});
      item = (7 * item + 3) % items;
    }
  }
  return log;
}

inline EncoderOptions Quick() {
  EncoderOptions options;
  options.batch = 64;
  options.epochs = 12;
  return options;
}

}  // namespace vitrine
