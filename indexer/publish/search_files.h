// The search part of a bundle: data/search.<hash>.json, which the manifest names, and the files it
// names in search/ (docs/bundle_format.md, "search.json").
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "indexer/publish/manifest.h"
#include "indexer/search_parts.h"
#include "shared/search/searcher.h"

namespace vitrine {

// Written into a bundle: what the manifest names, and what it adds up to.
struct SearchWritten {
  Manifest::File description;
  size_t files = 0;
  uint64_t size_bytes = 0;
};

// REQUIRES: parts.index is not empty. `engine` is search's WebAssembly module, empty = none.
Result<SearchWritten> WriteSearch(const SearchParts& parts, ByteView engine,
                                  const std::filesystem::path& folder);

// What search.json names; paths are inside the bundle.
struct SearchFiles {
  Manifest::File index;
  std::optional<Manifest::File> space, thumbs;
  std::vector<std::string> postings, queries;  // shards
  std::vector<Manifest::File> others;          // engine, chunks of towers, vocabulary, licence
  std::string encoder;                         // name of its profile, empty = by words alone

  // Every file and shard folder, search.json left out.
  std::set<std::string> Named() const;
};
Result<SearchFiles> ReadSearchFiles(const std::filesystem::path& folder,
                                    const Manifest::File& description);

// Removes what is in search/ and in neither set.
void RemoveStaleSearch(const std::filesystem::path& folder, const std::set<std::string>& keep);

// Everything of search, opened: each file against its SHA-256, every shard read. An error where the
// bundle has no search.
Result<Searcher> OpenSearch(const std::filesystem::path& folder, const Manifest& manifest);

// Problems with the search part of a bundle, each naming its file; counts what it looked at.
std::vector<std::string> VerifySearch(const std::filesystem::path& folder, const Manifest& manifest,
                                      uint64_t& files, uint64_t& size_bytes);

}  // namespace vitrine
