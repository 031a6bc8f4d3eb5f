// What the bundle needs so that the shopper's page can search: made by the search room, written by
// the publish room.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/bytes.h"

namespace vitrine {

// An encoder's towers for the browser.
struct TowerFiles {
  // How to run them, as JSON: the profile's fields and the model's shapes. Empty = no towers.
  std::string encoder_json;
  Bytes text_model, image_model;  // ONNX; empty = no such tower
  Bytes tokenizer;                // its vocabulary, unpacked
  std::string licence;            // text
};

struct SearchParts {
  Bytes index;                  // payload of section SRCH; empty = no search in the bundle
  std::vector<Bytes> postings;  // payloads of POST, by shard
  std::vector<Bytes> queries;   // payloads of QURY, by shard
  Bytes space;                  // payload of VECT: photos (and words) in one space, or empty
  Bytes thumbs;                 // payload of THMB, or empty
  TowerFiles towers;
  size_t query_count = 0, word_count = 0;
};

}  // namespace vitrine
