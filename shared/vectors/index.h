// The quantized item vectors on the device: decode a product's vector, find the products nearest
// to a query.
//
// Section "VECT" (byte layout in docs/bundle_format.md, method in docs/vectors.md). Vectors are
// L2-normalised, so the score is the cosine similarity. All sums over items are sums of integers:
// answers are the same natively and in WebAssembly, with and without SIMD.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "shared/bytes.h"
#include "shared/item.h"
#include "shared/result.h"
#include "shared/top_k.h"
#include "shared/vectors/code_rows.h"
#include "shared/vectors/format.h"

namespace vitrine {

// One bit per item: bit i of word i / 64. Empty = all items pass.
using ItemMask = std::span<const uint64_t>;

class VectorIndex {
 public:
  // Validates everything once and prepares the scan. `payload` need not outlive the index.
  // 100,000 items of 64 bytes: about 150 ms in WebAssembly.
  static Result<VectorIndex> Open(ByteView payload);

  // Adds codes that were left out of the opened payload, from one made by SplitVectorSection.
  // Until then the answers are coarser. On failure the index stays as it was.
  Status Refine(ByteView payload);

  // Turns the index into that of a later day, from a payload made by BuildVectorDelta for it: items
  // that are gone become tombstones, new ones stand behind the cells and are always scanned. At
  // most one delta; refinements may still come after it. On failure the index stays as it was.
  Status Apply(ByteView payload);

  uint32_t size() const { return size_; }              // items, n
  uint32_t dimensions() const { return dimensions_; }  // d of the embeddings that were indexed

  // False for an item that was indexed without a direction (zero, NaN): no search finds it.
  bool HasVector(ItemIndex item) const {
    return row_[item] < usable_ || row_[item] >= first_fresh_;
  }

  // Writes the approximate unit vector of `item` into out[0..d-1], zeros for an item without one.
  // REQUIRES: item < size(), out.size() == dimensions(). O(d x axes).
  void Decode(ItemIndex item, std::span<float> out) const;

  // The k items with the highest approximate cosine to query[0..d-1] (any length; normalised
  // inside; a zero or non-finite query has no neighbours), best first, among those that pass
  // `mask`. Above a few thousand items only the cells nearest to the query are scanned: see
  // SetScanShare.
  std::vector<ScoredItem> Search(std::span<const float> query, size_t k, ItemMask mask = {}) const;

  // The same for the weighted mean of items as they are decoded: what a shopper looked at, or one
  // product. The items themselves are found too.
  // REQUIRES: items < size(); one weight for each, or none at all (then all are 1).
  std::vector<ScoredItem> SearchNear(std::span<const ItemIndex> items,
                                     std::span<const float> weights, size_t k,
                                     ItemMask mask = {}) const;

  // The approximate cosine of each of `others` to that mean; 0 for one without a vector.
  // REQUIRES: all items < size(). O((items + others) x axes).
  std::vector<float> NearnessTo(std::span<const ItemIndex> items,
                                std::span<const ItemIndex> others) const;

  // How many items a search scans at least, as a share of all; 1 = all, no cell is left out.
  void SetScanShare(float share) { scan_share_ = share; }

 private:
  void ArrangeRows(const VectorModel& model);
  // Checks the parts' streams and, when `write`, puts their codes into rows_.
  Status AddParts(const VectorModel& model, std::span<const VectorPart> parts, bool write);
  void Coordinates(ItemIndex item, std::span<float> along) const;
  void Mean(std::span<const ItemIndex> items, std::span<const float> weights,
            std::span<float> out) const;
  // A query's products with the mean and with each axis.
  struct Query {
    float base = 0;
    std::vector<float> along;
  };
  Query QueryOf(std::span<const float> unit_vector) const;
  std::vector<float> Project(std::span<const float> unit_vector) const;
  std::vector<ScoredItem> Scan(const Query& query, size_t k, ItemMask mask) const;
  // Scores rows begin..end-1 by their leading axes; returns how many were items that pass.
  template <typename BaseOf>
  size_t ScanRows(uint32_t begin, uint32_t end, std::span<const int16_t> weight, float unit,
                  ItemMask mask, const BaseOf& base_of, Shortlist& best) const;

  uint32_t size_ = 0;
  uint32_t dimensions_ = 0;
  uint32_t axes_ = 0;
  uint32_t centroid_stride_ = 0;  // axes_ rounded up to the kernel's width
  // Rows: those with a vector, cell after cell; those without; then those of a delta, first the
  // ones without a vector.
  uint32_t usable_ = 0;
  uint32_t first_fresh_ = 0;
  float scan_share_ = 0.05f;
  uint64_t model_id_ = 0;

  std::vector<float> mean_;                                  // d
  uint32_t rotation_stride_ = 0;                             // d rounded up to the kernel's width
  std::vector<int8_t> rotation_;                             // axes x rotation_stride_
  std::vector<int8_t> dimension_;                            // the same, d x centroid_stride_
  std::vector<float> rotation_step_, centroid_step_, step_;  // axes
  std::vector<int8_t> centroids_;                            // cells x centroid_stride_
  std::vector<uint32_t> cell_begin_;  // rows of cell c: [cell_begin_[c], cell_begin_[c + 1])
  std::vector<uint16_t> cell_;        // of each row
  CodeRows rows_;
  std::vector<ItemIndex> item_;     // of each row; kNoItem = gone
  std::vector<uint32_t> row_;       // of each item
  std::vector<uint32_t> base_row_;  // of each item before a delta; empty = row_
  VectorModel model_;               // only the tables that Refine() needs
};

}  // namespace vitrine
