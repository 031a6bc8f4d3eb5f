// A feed's rows → normalised products.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "indexer/ingest/ingest.h"
#include "indexer/ingest/mapping.h"
#include "indexer/ingest/record.h"
#include "indexer/ingest/string_table.h"
#include "indexer/ingest/vocabulary.h"

namespace vitrine {

// The fields of CatalogueOptions::columns, in the order of products.csv; the first one is the id.
const std::vector<FieldSpec>& CatalogueFields();

// The last of them, which Product keeps in `attributes` under these names: size, measurements,
// care, price_valid_from and price_valid_to (ISO 8601, UTC).
std::span<const std::string_view> DetailFields();

// One per catalogue: ids must be distinct over all of its files.
class ProductNormaliser {
 public:
  // Ids of kept products go into `ids`.
  ProductNormaliser(const CatalogueOptions& options, const Vocabulary& vocabulary,
                    StringTable& ids);

  // The product of a row, or false: the row was rejected in `log`.
  bool Convert(const Record& record, const std::vector<std::string>& columns,
               const FieldMapping& mapping, RowLog& log, Product& product);

 private:
  enum Field : size_t;
  struct Place {
    uint32_t input;
    uint64_t line;
  };

  std::string Repaired(std::string_view text);
  std::string Text(Field field);
  bool Id(Product& product);
  void ReadAudience(Product& product);
  void ReadCategory(Product& product);
  static std::string PathOf(std::string_view list);
  bool ReadPrice(Field field, std::string& price, std::string& currency);
  bool ReadPrices(Product& product);
  void ReadAvailability(Product& product);
  void ReadNumbers(Product& product);
  void ReadImages(Product& product);
  // Puts columns' values into a {template}; "" when one of them is empty. {id} is the product's id.
  std::string Fill(std::string_view pattern, const Product& product);
  size_t DetailOf(std::string_view name);
  void ReadDetails(Product& product);
  void PutDetail(size_t detail, std::string value, Product& product);
  void ReadAttributes(Product& product);

  const CatalogueOptions& options_;
  const Vocabulary& vocabulary_;
  StringTable& ids_;
  std::vector<Place> first_line_;  // by item
  const Record* record_ = nullptr;
  const std::vector<std::string>* columns_ = nullptr;
  const FieldMapping* mapping_ = nullptr;
  RowLog* log_ = nullptr;
  std::string key_;
  std::unordered_map<std::string, size_t> detail_of_;
};

}  // namespace vitrine
