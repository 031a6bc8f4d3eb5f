#include "shared/vectors/format.h"

#include <algorithm>
#include <numeric>

namespace vitrine {
namespace {

constexpr int8_t kEscape = 127;
constexpr size_t kRun = 4096;  // symbols of one run in the streams of the model
// 2^(i/8).
constexpr float kOctave[8] = {1.0f,        1.09050773f, 1.18920712f, 1.29683955f,
                              1.41421356f, 1.54221083f, 1.68179283f, 1.83400809f};

Error Corrupt(std::string_view what) { return {"vector section: " + std::string(what)}; }

void WriteStream(const Bytes& stream, ByteWriter& out) {
  out.Write(static_cast<uint32_t>(stream.size()));
  out.WriteBytes(stream);
}

ByteView ReadStream(ByteReader& in) { return in.ReadBytes(in.Read<uint32_t>()); }

// Rows of `width` values, each row coded with its own table.
Bytes EncodeRows(const VectorModel& model, std::span<const uint8_t> table,
                 std::span<const int8_t> values, size_t width) {
  RansEncoder encoder;
  for (size_t row = 0; row < table.size(); ++row) {
    encoder.Add(model.tables[table[row]], values.subspan(row * width, width));
  }
  return encoder.Finish();
}

bool DecodeRows(const std::vector<DecodeTable>& tables, std::span<const uint8_t> table,
                ByteView stream, size_t width, std::span<int8_t> values) {
  RansDecoder decoder(stream);
  for (size_t row = 0; row < table.size(); ++row) {
    decoder.Read(tables[table[row]], values.subspan(row * width, width));
  }
  return decoder.Finished();
}

void Transpose(std::span<const int8_t> in, size_t rows, size_t cols, std::span<int8_t> out) {
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < cols; ++c) out[c * rows + r] = in[r * cols + c];
  }
}

// The inverse of RankCells. False when the ranks or cells make no sense.
bool UnrankCells(std::span<const int8_t> ranks, std::span<const uint16_t> escaped, uint32_t cells,
                 std::vector<uint16_t>& cell) {
  std::vector<uint16_t> recent(cells);
  std::iota(recent.begin(), recent.end(), uint16_t{0});
  size_t next_escaped = 0;
  for (int8_t rank : ranks) {
    size_t at = static_cast<uint8_t>(rank);
    if (rank == kEscape) {
      if (next_escaped == escaped.size()) return false;
      const uint16_t wanted = escaped[next_escaped++];
      at = std::find(recent.begin(), recent.end(), wanted) - recent.begin();
    }
    if (at >= cells) return false;
    std::rotate(recent.begin(), recent.begin() + at, recent.begin() + at + 1);
    cell.push_back(recent[0]);
  }
  return next_escaped == escaped.size();
}

Bytes EncodeRanks(const VectorModel& model, std::span<const int8_t> ranks) {
  RansEncoder encoder;
  for (size_t at = 0; at < ranks.size(); at += kRun) {
    encoder.Add(model.tables[0], ranks.subspan(at, std::min(kRun, ranks.size() - at)));
  }
  return encoder.Finish();
}

Status ReadCells(ByteReader& in, const std::vector<DecodeTable>& tables, VectorModel& model) {
  if (model.cells <= 1) {
    model.cell.assign(model.items, 0);
    return Ok();
  }
  const std::vector<uint16_t> escaped = in.ReadArray<uint16_t>(in.Read<uint32_t>());
  const ByteView stream = ReadStream(in);
  if (!in.ok()) return Corrupt("truncated cells");
  std::vector<int8_t> ranks(model.items);
  RansDecoder decoder(stream);
  for (size_t at = 0; at < ranks.size(); at += kRun) {
    decoder.Read(tables[0], std::span(ranks).subspan(at, std::min(kRun, ranks.size() - at)));
  }
  if (!decoder.Finished() || !UnrankCells(ranks, escaped, model.cells, model.cell)) {
    return Corrupt("corrupt cells");
  }
  return Ok();
}

// The fixed head; the counts are checked before anything is allocated for them.
Result<VectorModel> ReadHead(ByteReader& in, uint32_t& table_count, uint32_t& blank_count) {
  VectorModel model;
  model.items = in.Read<uint32_t>();
  model.dimensions = in.Read<uint32_t>();
  model.axes = in.Read<uint16_t>();
  model.cells = in.Read<uint16_t>();
  table_count = in.Read<uint32_t>();
  blank_count = in.Read<uint32_t>();
  model.mean_step = in.Read<float>();
  if (!in.ok()) return Corrupt("truncated head");
  if (model.items > kMaxItems || model.dimensions > kMaxDimensions || model.axes > kMaxAxes ||
      model.axes > model.dimensions || model.cells > kMaxCells || table_count > kMaxTables ||
      blank_count > model.items) {
    return Corrupt("a count out of range");
  }
  if (model.items > 0 && (model.cells == 0 || model.dimensions == 0 || table_count == 0)) {
    return Corrupt("items without dimensions, cells or tables");
  }
  if (!(model.mean_step >= 0 && model.mean_step <= 1)) return Corrupt("a step out of range");
  // Equal items compress without bound, but honest sections stay far from this.
  const uint64_t resident = static_cast<uint64_t>(model.items) * (model.axes + 16);
  if (resident > 8192 * (static_cast<uint64_t>(in.remaining()) + 128)) {
    return Corrupt("announces more items than its size can hold");
  }
  return model;
}

}  // namespace

float StepFromCode(uint8_t code) {
  const int octave = code / 8 - 16;
  const float power =
      octave < 0 ? 1.0f / static_cast<float>(1u << -octave) : static_cast<float>(1u << octave);
  return kOctave[code % 8] * power;
}

uint8_t CodeFromStep(float step) {
  int code = 0;
  while (code < 255 && StepFromCode(static_cast<uint8_t>(code)) < step) ++code;
  return static_cast<uint8_t>(code);
}

CellRanks RankCells(std::span<const uint16_t> cell, uint32_t cells) {
  std::vector<uint16_t> recent(cells);
  std::iota(recent.begin(), recent.end(), uint16_t{0});
  CellRanks out;
  for (uint16_t c : cell) {
    const size_t at = std::find(recent.begin(), recent.end(), c) - recent.begin();
    if (at >= kEscape) out.escaped.push_back(c);
    out.ranks.push_back(static_cast<int8_t>(std::min<size_t>(at, kEscape)));
    std::rotate(recent.begin(), recent.begin() + at, recent.begin() + at + 1);
  }
  return out;
}

void WriteModel(const VectorModel& model, ByteWriter& out) {
  out.Write(model.items);
  out.Write(model.dimensions);
  out.Write(static_cast<uint16_t>(model.axes));
  out.Write(static_cast<uint16_t>(model.cells));
  out.Write(static_cast<uint32_t>(model.tables.size()));
  out.Write(static_cast<uint32_t>(model.blank.size()));
  out.Write(model.mean_step);
  out.WriteArray(std::span<const int16_t>(model.mean));
  for (const auto* bytes : {&model.step_code, &model.rotation_step_code, &model.centroid_step_code,
                            &model.code_table, &model.rotation_table, &model.centroid_table}) {
    out.WriteBytes(*bytes);
  }
  for (const FrequencyTable& table : model.tables) table.Write(out);
  out.WriteArray(std::span<const ItemIndex>(model.blank));
  if (model.items == 0) return;
  WriteStream(EncodeRows(model, model.rotation_table, model.rotation, model.dimensions), out);
  std::vector<int8_t> by_axis(model.centroids.size());
  Transpose(model.centroids, model.cells, model.axes, by_axis);
  WriteStream(EncodeRows(model, model.centroid_table, by_axis, model.cells), out);
  if (model.cells > 1) {
    const CellRanks ranks = RankCells(model.cell, model.cells);
    out.Write(static_cast<uint32_t>(ranks.escaped.size()));
    out.WriteArray(std::span<const uint16_t>(ranks.escaped));
    WriteStream(EncodeRanks(model, ranks.ranks), out);
  }
}

Result<VectorModel> ReadModel(ByteReader& in) {
  uint32_t table_count = 0, blank_count = 0;
  VITRINE_ASSIGN(VectorModel model, ReadHead(in, table_count, blank_count));
  const size_t k = model.axes, d = model.dimensions;
  model.mean = in.ReadArray<int16_t>(d);
  for (auto* bytes : {&model.step_code, &model.rotation_step_code, &model.centroid_step_code,
                      &model.code_table, &model.rotation_table, &model.centroid_table}) {
    *bytes = in.ReadArray<uint8_t>(k);
  }
  if (!in.ok()) return Corrupt("truncated tables");
  for (const auto* tables : {&model.code_table, &model.rotation_table, &model.centroid_table}) {
    for (uint8_t table : *tables) {
      if (table >= table_count) return Corrupt("an axis without a table");
    }
  }
  std::vector<DecodeTable> decode;
  decode.reserve(table_count);
  for (uint32_t t = 0; t < table_count; ++t) {
    std::optional<FrequencyTable> table = FrequencyTable::Read(in);
    if (!table) return Corrupt("a corrupt frequency table");
    decode.emplace_back(*table);
    model.tables.push_back(std::move(*table));
  }
  model.blank = in.ReadArray<ItemIndex>(blank_count);
  if (!in.ok()) return Corrupt("truncated tables");
  for (size_t i = 0; i < model.blank.size(); ++i) {
    if (model.blank[i] >= model.items || (i > 0 && model.blank[i] <= model.blank[i - 1])) {
      return Corrupt("a blank item out of order");
    }
  }
  if (model.items == 0) return model;
  ByteView stream = ReadStream(in);
  model.rotation.resize(k * d);
  if (!in.ok() || !DecodeRows(decode, model.rotation_table, stream, d, model.rotation)) {
    return Corrupt("corrupt rotation");
  }
  stream = ReadStream(in);
  std::vector<int8_t> by_axis(model.cells * k);
  if (!in.ok() || !DecodeRows(decode, model.centroid_table, stream, model.cells, by_axis)) {
    return Corrupt("corrupt centroids");
  }
  model.centroids.resize(by_axis.size());
  Transpose(by_axis, k, model.cells, model.centroids);
  VITRINE_RETURN_IF_ERROR(ReadCells(in, decode, model));
  return model;
}

Bytes EncodeBlock(const VectorModel& model, uint32_t axis_begin, uint32_t axis_end,
                  std::span<const int8_t> codes) {
  const size_t axes = axis_end - axis_begin;
  return EncodeRows(model, std::span(model.code_table).subspan(axis_begin, axes), codes,
                    axes == 0 ? 0 : codes.size() / axes);
}

void WriteParts(std::span<const VectorPart> parts, ByteWriter& out) {
  out.Write(static_cast<uint32_t>(parts.size()));
  for (const VectorPart& part : parts) {
    out.Write(static_cast<uint16_t>(part.axis_begin));
    out.Write(static_cast<uint16_t>(part.axis_end));
    out.Write(part.block_begin);
    out.Write(part.block_end);
    for (ByteView stream : part.streams) out.Write(static_cast<uint32_t>(stream.size()));
    for (ByteView stream : part.streams) out.WriteBytes(stream);
  }
}

Result<std::vector<VectorPart>> ReadParts(const VectorModel& model, ByteReader& in) {
  std::vector<VectorPart> parts;
  const uint32_t count = in.Read<uint32_t>();
  for (uint32_t p = 0; p < count && in.ok(); ++p) {
    VectorPart part;
    part.axis_begin = in.Read<uint16_t>();
    part.axis_end = in.Read<uint16_t>();
    part.block_begin = in.Read<uint32_t>();
    part.block_end = in.Read<uint32_t>();
    if (!in.ok() || part.axis_begin >= part.axis_end || part.axis_end > model.axes ||
        part.block_begin >= part.block_end || part.block_end > BlockCount(model.items)) {
      return Corrupt("a part out of range");
    }
    const std::vector<uint32_t> sizes = in.ReadArray<uint32_t>(part.block_end - part.block_begin);
    for (uint32_t size : sizes) part.streams.push_back(in.ReadBytes(size));
    parts.push_back(std::move(part));
  }
  if (!in.ok() || in.remaining() != 0) return Corrupt("its size does not fit its parts");
  return parts;
}

void WriteDelta(const VectorDelta& delta, ByteWriter& out) {
  out.Write(delta.model_id);
  out.Write(static_cast<uint32_t>(delta.runs.size()));
  out.Write(delta.fresh());
  out.Write(static_cast<uint32_t>(delta.blank.size()));
  out.WriteArray(std::span<const VectorDelta::Run>(delta.runs));
  out.WriteArray(std::span<const uint32_t>(delta.blank));
  out.WriteArray(std::span<const uint16_t>(delta.cell));
  for (ByteView stream : delta.streams) out.Write(static_cast<uint32_t>(stream.size()));
  for (ByteView stream : delta.streams) out.WriteBytes(stream);
}

Result<VectorDelta> ReadDelta(uint32_t items, uint32_t cells, ByteView payload) {
  ByteReader in(payload);
  VectorDelta delta;
  delta.model_id = in.Read<uint64_t>();
  const uint32_t runs = in.Read<uint32_t>(), fresh = in.Read<uint32_t>();
  const uint32_t blank = in.Read<uint32_t>();
  delta.runs = in.ReadArray<VectorDelta::Run>(runs);
  delta.blank = in.ReadArray<uint32_t>(blank);
  delta.cell = in.ReadArray<uint16_t>(fresh);
  if (!in.ok() || fresh > kMaxItems || blank > fresh) return Corrupt("a truncated delta");
  std::vector<bool> taken(items, false);
  uint64_t announced_fresh = 0, kept = 0;
  for (const VectorDelta::Run& run : delta.runs) {
    if (run.count == 0) return Corrupt("a delta with an empty run");
    if (run.from == kNoItem) {
      announced_fresh += run.count;
      continue;
    }
    if (run.from >= items || run.count > items - run.from) return Corrupt("a run out of range");
    for (uint32_t i = run.from; i < run.from + run.count; ++i) {
      if (taken[i]) return Corrupt("a delta that takes an item twice");
      taken[i] = true;
    }
    kept += run.count;
  }
  if (announced_fresh != fresh || kept + fresh > kMaxItems) return Corrupt("a delta's runs");
  for (size_t i = 0; i < delta.blank.size(); ++i) {
    if (delta.blank[i] >= fresh || (i > 0 && delta.blank[i] <= delta.blank[i - 1])) {
      return Corrupt("a delta's blank item out of order");
    }
  }
  for (uint16_t c : delta.cell) {
    if (c >= cells) return Corrupt("a delta's cell out of range");
  }
  const std::vector<uint32_t> sizes = in.ReadArray<uint32_t>(BlockCount(fresh));
  for (uint32_t size : sizes) delta.streams.push_back(in.ReadBytes(size));
  if (!in.ok() || in.remaining() != 0) return Corrupt("a delta's size does not fit its parts");
  return delta;
}

uint64_t ModelId(ByteView model_bytes) {
  return Fnv1a64({reinterpret_cast<const char*>(model_bytes.data()), model_bytes.size()});
}

}  // namespace vitrine
