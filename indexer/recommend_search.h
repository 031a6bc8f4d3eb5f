// `vitrine recommend --text`, `--photo` and `--like`: search as the shopper's browser does it, by
// the same C++.
#pragma once

#include <string>
#include <vector>

#include "indexer/embed/embed.h"
#include "indexer/publish/opened_bundle.h"
#include "shared/search/searcher.h"

namespace vitrine {

struct SearchQuestion {
  std::string text;   // words; with `like` what should be different
  std::string photo;  // a file; needs EmbedOptions::model_dir
  std::string like;   // product id
  // With a model_dir words and photos are also compared in the encoder's space.
  EmbedOptions embed;
  uint32_t limit = 10;
};

struct SearchAnswer {
  std::vector<SearchHit> hits;
  std::string likely_query;  // the pre-computed one that answered, if any
};

Result<SearchAnswer> AnswerSearch(const std::filesystem::path& folder, const OpenedBundle& bundle,
                                  const SearchQuestion& question, Console& console);

}  // namespace vitrine
