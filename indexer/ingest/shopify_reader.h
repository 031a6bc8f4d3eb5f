// Shopify product exports: one CSV row a variant or photo, what all variants share only in the
// first row of a product. Old headers (Handle, Variant SKU, Image Src, …) and new ones (URL handle,
// SKU, Product image URL, …).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "indexer/ingest/record.h"

namespace vitrine {

bool IsShopifyHeader(const std::vector<std::string>& columns);

// One record a variant, with the product's handle as group_id; its id is the SKU, or the handle
// (with a number from the second variant on). Rows that only add a photo go into the product's
// first record (Record::merged_rows). Drafts and archived products come as problem "not_published".
std::unique_ptr<RecordReader> MakeShopifyReader(std::unique_ptr<RecordReader> csv);

}  // namespace vitrine
