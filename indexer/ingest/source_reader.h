// The source system's raw catalogue: CSV whose `price` holds a Python-literal list of prices and
// whose `other_attributes` holds key-value text in several encodings. Rows come out with plain
// columns; attributes without a column of their own are Record::extras.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "indexer/ingest/literal.h"
#include "indexer/ingest/record.h"

namespace vitrine {

// Does a CSV with this header look like the source's (a price and an other_attributes column)?
bool IsSourceHeader(const std::vector<std::string>& columns);

// `as_of_seconds`: prices that begin later, or have ended, do not count.
std::unique_ptr<RecordReader> MakeSourceReader(std::unique_ptr<RecordReader> csv,
                                               int64_t as_of_seconds);

// What a cell of prices says. Among the prices valid at `as_of_seconds` the current one began last
// (a price that is not marked original wins a tie); the original one is the last marked original.
struct PriceCell {
  std::string current, original, currency, valid_from, valid_to;  // amounts as written
  bool damaged = false;  // the cell says something that is no list of prices: nothing is trusted
};
PriceCell ReadPriceCell(std::string_view cell, int64_t as_of_seconds);

}  // namespace vitrine
