// Section "VECT" as values: what the indexer fills in and the device reads. Encoder and decoder of
// each piece stand side by side in format.cc; the byte layout is in docs/bundle_format.md.
//
// An item's unit vector is approximately
//
//   mean + sum over axes a of (centroid[cell][a] + code[a] * step[a]) * rotation[a]
//
// Codes are entropy-coded in blocks of kBlockItems items, axis after axis. A part holds the codes
// of some axes for some blocks; parts may come in several payloads, later ones sharpening the
// first.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "shared/bytes.h"
#include "shared/item.h"
#include "shared/result.h"
#include "shared/vectors/rans.h"

namespace vitrine {

inline constexpr uint32_t kVectorSectionVersion = 1;
inline constexpr uint32_t kMaxItems = 1u << 24;
inline constexpr uint32_t kMaxDimensions = 8192;
inline constexpr uint32_t kMaxAxes = 512;
// The most telling axes: a section may arrive with these first, and a search looks at them first
// (and at more where these do not tell enough).
inline constexpr uint32_t kLeadingAxes = 64;
inline constexpr uint32_t kMaxCells = 4096;
inline constexpr uint32_t kBlockItems = 1024;
inline constexpr uint32_t kMaxTables = 256;

inline uint32_t BlockCount(uint32_t items) { return (items + kBlockItems - 1) / kBlockItems; }

// Steps are stored as eighths of an octave: 2^(code / 8 - 16).
float StepFromCode(uint8_t code);
uint8_t CodeFromStep(float step);  // the smallest code whose step is at least `step`, else 255

struct VectorModel {
  uint32_t items = 0;
  uint32_t dimensions = 0;
  uint32_t axes = 0;
  uint32_t cells = 0;  // at least 1 when there are items

  float mean_step = 0;
  std::vector<int16_t> mean;  // d values, in units of mean_step

  std::vector<uint8_t> step_code;           // k: of an item's codes
  std::vector<uint8_t> rotation_step_code;  // k
  std::vector<uint8_t> centroid_step_code;  // k
  std::vector<int8_t> rotation;             // k x d
  std::vector<int8_t> centroids;            // cells x k

  std::vector<FrequencyTable> tables;  // 0: of the cells' ranks
  std::vector<uint8_t> code_table;     // k: which table the codes of an axis use
  std::vector<uint8_t> rotation_table;
  std::vector<uint8_t> centroid_table;

  std::vector<ItemIndex> blank;  // items without a vector, ascending
  std::vector<uint16_t> cell;    // n: the cell of each item

  float step(uint32_t axis) const { return StepFromCode(step_code[axis]); }
  float rotation_step(uint32_t axis) const { return StepFromCode(rotation_step_code[axis]); }
  float centroid_step(uint32_t axis) const { return StepFromCode(centroid_step_code[axis]); }
};

// The codes of some axes for some blocks.
struct VectorPart {
  uint32_t axis_begin = 0, axis_end = 0;
  uint32_t block_begin = 0, block_end = 0;
  std::vector<ByteView> streams;  // one a block
};

// The ranks of the cells in the order of how recently they occurred (move to front): in a good item
// order most are small. Rank 127 stands for "127 or more"; those cells are in `escaped`.
struct CellRanks {
  std::vector<int8_t> ranks;
  std::vector<uint16_t> escaped;
};
CellRanks RankCells(std::span<const uint16_t> cell, uint32_t cells);

void WriteModel(const VectorModel& model, ByteWriter& out);
Result<VectorModel> ReadModel(ByteReader& in);

// codes: axis-major, (axis_end - axis_begin) runs of as many values as the block has items.
Bytes EncodeBlock(const VectorModel& model, uint32_t axis_begin, uint32_t axis_end,
                  std::span<const int8_t> codes);

void WriteParts(std::span<const VectorPart> parts, ByteWriter& out);
// The streams point into the reader's bytes.
Result<std::vector<VectorPart>> ReadParts(const VectorModel& model, ByteReader& in);

// What changes an opened section into that of a later day: which of its items stay, and items that
// are new or have a new vector, coded with the section's own model. Items that no run names are
// gone.
struct VectorDelta {
  // The items of the later day in their order: `count` items of the section from `from` on, or,
  // with from = kNoItem, the next `count` fresh ones.
  struct Run {
    uint32_t count = 0;
    ItemIndex from = kNoItem;
  };
  uint64_t model_id = 0;  // of the section
  std::vector<Run> runs;
  std::vector<uint32_t> blank;    // fresh items without a vector, by their place among the fresh
  std::vector<uint16_t> cell;     // of each fresh item
  std::vector<ByteView> streams;  // codes of all axes of the fresh items, one a block

  uint32_t fresh() const { return static_cast<uint32_t>(cell.size()); }
};

void WriteDelta(const VectorDelta& delta, ByteWriter& out);
// The streams point into `payload`. Checks that runs and cells are of the section that has `items`
// items and `cells` cells, each item in at most one run.
Result<VectorDelta> ReadDelta(uint32_t items, uint32_t cells, ByteView payload);

// A payload that adds parts to an opened section: it names that section's model by `model_id`, the
// Fnv1a64 of the bytes that WriteModel wrote.
uint64_t ModelId(ByteView model_bytes);

}  // namespace vitrine
