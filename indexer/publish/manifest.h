// manifest.json: the file of a bundle that says where all others are.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/result.h"

namespace vitrine {

// How addresses follow from a product's id, with {id} for it; empty = they do not.
struct CardTemplates {
  std::string image, url;
};

struct Manifest {
  struct Piece {
    std::string file;  // path inside the bundle
    uint64_t size_bytes = 0;
    std::string sha256;  // base64
  };
  // Where `pieces` are named, they are the file, one after the other; there is none of its own
  // name.
  struct File : Piece {
    std::vector<Piece> pieces = {};

    std::vector<std::string> Paths() const;  // of the files that are really there
  };
  // A section, and how to make it from the one of the build before.
  struct Section : File {
    struct Delta : File {
      std::string from;  // the file that it starts from, data/<name>.<hash>.bin
    };
    std::optional<Delta> delta;
  };
  // `count` numbered files in <folder>/<stamp>/; the stamp is a hash over all of them.
  struct ShardSet {
    uint64_t count = 0;
    std::string stamp;
  };

  std::string build;
  std::string shop_name, currency, locale;
  uint64_t items = 0;
  uint64_t min_users = 0;  // the privacy floor of everything that is counted
  ShardSet pages;          // count: a power of two
  ShardSet cards;
  uint64_t cards_per_file = 0;
  CardTemplates templates;
  ShardSet
      changes;  // what differs from `pages` and `cards`; count 0, or a power of two <= pages.count
  File popular;
  std::optional<File> search;  // data/search.<hash>.json, see search_files.h
  // By name: catalogue, rules, vectors, vectors_000 … (refinements, in the order of products),
  // taste.
  std::map<std::string, Section> sections;
  std::map<std::string, File> engine;  // by name: wasm, worker
  std::string script;                  // stamp of js/<stamp>/, the web package; empty = none

  std::string PageShard(uint64_t number) const { return Shard("pages", pages, number); }
  std::string CardShard(uint64_t number) const { return Shard("cards", cards, number); }
  std::string ChangeShard(uint64_t number) const { return Shard("changes", changes, number); }
  std::string ScriptFolder() const { return "js/" + script; }

 private:
  static std::string Shard(const char* folder, const ShardSet& set, uint64_t number) {
    return std::string(folder) + "/" + set.stamp + "/" + std::to_string(number) + ".json";
  }
};

// The name of refinement `number` of the vectors.
std::string RefinementName(size_t number);
inline constexpr std::string_view kRefinementPrefix = "vectors_";

// The text of manifest.json; computes `build` over everything else.
std::string EncodeManifest(Manifest& manifest);

// Reads and checks <folder>/manifest.json: every field there, of its type, and every path inside
// the bundle.
Result<Manifest> ReadManifest(const std::filesystem::path& folder);

}  // namespace vitrine
