// Small taste sections, sessions and encoders for tests.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "shared/taste.h"

namespace vitrine {

// Six products; 5 is the most popular; after 0 shoppers turn to 1, then 2; after 3 to 4.
inline TasteData SmallTaste() {
  TasteData data;
  data.item_count = 6;
  data.min_users = 5;
  data.popularity = PopularityData{{10, 20, 5, 0, 8, 40}, {10, 20, 6, 0, 8, 40}};
  data.lists = ItemListsData{{0, 2, 2, 2, 3, 3, 3}, {{1, 0.5f}, {2, 0.25f}, {4, 0.5f}}};
  return data;
}

inline std::vector<SessionEvent> Views(std::initializer_list<ItemIndex> items) {
  std::vector<SessionEvent> session;
  for (ItemIndex item : items) {
    session.push_back({item, InteractionKind::kView, 1e9 + static_cast<double>(session.size())});
  }
  return session;
}

inline std::vector<ItemIndex> Items(const std::vector<Recommendation>& answer) {
  std::vector<ItemIndex> items;
  for (const Recommendation& line : answer) items.push_back(line.item);
  return items;
}

// A network and a table of random numbers.
inline SessionEncoderData RandomEncoder(uint32_t items, uint32_t seed, uint32_t dimensions = 64) {
  uint32_t state = seed;
  const auto next = [&] {
    state = state * 1664525 + 1013904223;
    return static_cast<float>(state >> 8) / 16777216.0f - 0.5f;
  };
  SessionEncoderData data;
  data.network.max_events = 6;
  const auto fill = [&](std::vector<float>& values, size_t size) {
    for (size_t i = 0; i < size; ++i) values.push_back(next());
  };
  fill(data.network.direct, 4096);
  fill(data.network.hidden_last, 4096);
  fill(data.network.hidden_mean, 4096);
  fill(data.network.hidden_out, 4096);
  fill(data.network.keys, 8192);
  fill(data.network.values, 8192);
  fill(data.network.key_bias, 128);
  fill(data.network.position_bias, 12);
  fill(data.items, items * 64);
  for (size_t k = 0; k < 64; ++k) data.items[64 * 3 + k] = 0;  // product 3 is not known
  data.network.dimensions = dimensions;
  for (auto* matrix : {&data.network.direct, &data.network.hidden_last, &data.network.hidden_mean,
                       &data.network.hidden_out, &data.network.keys, &data.network.values}) {
    for (size_t i = 0; i < matrix->size(); ++i) {
      if (i % 64 >= dimensions || i / 64 % 64 >= dimensions) (*matrix)[i] = 0;
    }
  }
  for (auto* rows : {&data.network.key_bias, &data.items}) {
    for (size_t i = 0; i < rows->size(); ++i) {
      if (i % 64 >= dimensions) (*rows)[i] = 0;
    }
  }
  return data;
}

}  // namespace vitrine
