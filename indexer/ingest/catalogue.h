// Catalogue feeds → normalised products.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/ingest/ingest.h"
#include "indexer/ingest/string_table.h"
#include "indexer/ingest/vocabulary.h"

namespace vitrine {

// Further names of products by which logs may know them (a source product's object id).
class AliasTable {
 public:
  void Add(std::string_view alias, uint32_t item) {
    if (names_.Add(alias) == items_.size()) items_.push_back(item);
  }
  uint32_t Find(std::string_view alias) const {
    const uint32_t name = names_.Find(alias);
    return name == StringTable::kNone ? StringTable::kNone : items_[name];
  }

 private:
  StringTable names_;
  std::vector<uint32_t> items_;
};

// How many products have each of their fields.
class FillCounter {
 public:
  FillCounter();
  void Count(const Product& product);
  std::map<std::string, uint64_t> Counts() const;

 private:
  static constexpr size_t kFields = 16;
  std::vector<std::string> details_;
  std::vector<uint64_t> counts_;  // the fields, then the details
};

// Reads all files of `options`; every kept product goes to `take` in order, its id into `ids`.
// Reading is done ahead in a thread of its own, which is also the one that calls `listener`.
Status ReadCatalogue(const CatalogueOptions& options, const Vocabulary& vocabulary,
                     int64_t as_of_seconds, const Console& console, IngestReport& report,
                     const RowLog::Listener& listener, StringTable& ids, AliasTable& aliases,
                     const std::function<Status(Product&&)>& take);

}  // namespace vitrine
