// The build's memory: the result of each expensive stage, kept under a name that is a hash of
// everything the stage depends on. A nightly build redoes only what changed; a build that was
// killed goes on where it stopped. Files are cereal portable binary archives behind a checksum; one
// that is damaged or of another version is computed again, never trusted.
#pragma once

#include <cereal/archives/portable_binary.hpp>
#include <cereal/types/array.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>

#include "indexer/mine/shop_rules.h"
#include "indexer/shop.h"
#include "indexer/support/console.h"
#include "indexer/support/matrix.h"
#include "shared/complements.h"
#include "shared/result.h"
#include "shared/top_k.h"

namespace vitrine {

template <class Archive>
void serialize(Archive& archive, ScoredItem& item) {
  archive(item.item, item.score);
}
template <class Archive>
void serialize(Archive& archive, Matrix& matrix) {
  archive(matrix.rows, matrix.cols, matrix.data);
}
template <class Archive>
void serialize(Archive& archive, Rule& rule) {
  archive(rule.antecedent, rule.consequent, rule.count, rule.confidence, rule.lift, rule.score);
}
template <class Archive>
void serialize(Archive& archive, ComplementsData::Pair& pair) {
  archive(pair.value, pair.with, pair.log_lift, pair.shoppers);
}
template <class Archive>
void serialize(Archive& archive, ComplementsData& data) {
  archive(data.pairs, data.word_pairs, data.words, data.popularity, data.shoppers,
          data.unknown_popularity);
}
template <class Archive>
void serialize(Archive& archive, Interaction& event) {
  archive(event.user, event.session, event.item, event.kind, event.weight, event.time_seconds);
}
template <class Archive>
void serialize(Archive& archive, Baskets& baskets) {
  archive(baskets.items, baskets.offset, baskets.user, baskets.time_seconds);
}

class StageCache {
 public:
  // Empty `folder` = keep nothing.
  explicit StageCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // The digest of any value that cereal can write; what keys are made of.
  template <typename... Values>
  static std::string Digest(const Values&... values) {
    std::ostringstream out;
    cereal::PortableBinaryOutputArchive archive(out);
    (archive(values), ...);
    return DigestOf(std::move(out).str());
  }

  // The stage's result: from the cache when `key` (a digest of everything it depends on) is known,
  // else computed and kept. T must be serializable; `compute` returns Result<T>.
  template <typename T, typename Compute>
  Result<T> Run(const std::string& stage, const std::string& key, Console& console,
                Compute compute) {
    if (auto kept = Load(stage, key)) {
      T value;
      if (Decode(*kept, value)) {
        console.Detail(stage + ": nothing changed, taken from the cache");
        return value;
      }
    }
    Result<T> result = compute();
    if (!result.ok()) return result;
    std::ostringstream out;
    cereal::PortableBinaryOutputArchive archive(out);
    archive(result.value());
    VITRINE_RETURN_IF_ERROR(Store(stage, key, std::move(out).str()));
    return result;
  }

 private:
  template <typename T>
  static bool Decode(const std::string& bytes, T& value) {
    try {  // cereal reports truncation by throwing
      std::istringstream in(bytes);
      cereal::PortableBinaryInputArchive archive(in);
      archive(value);
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }

  static std::string DigestOf(std::string bytes);
  std::filesystem::path Path(const std::string& stage, const std::string& key) const;
  std::optional<std::string> Load(const std::string& stage, const std::string& key) const;
  Status Store(const std::string& stage, const std::string& key, const std::string& bytes) const;

  std::filesystem::path folder_;
};

}  // namespace vitrine
