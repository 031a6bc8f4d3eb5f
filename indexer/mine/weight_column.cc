#include "indexer/mine/weight_column.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "indexer/mine/decay.h"

namespace vitrine {
namespace {

bool ParseInteger(std::string_view text, int64_t& value) {
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

}  // namespace

Result<std::unique_ptr<WeightColumn>> WeightColumn::Open(const BasketFileOptions& options) {
  const bool timed = !options.times.empty();
  if (timed && !options.weights.empty()) return UsageError("weights and times exclude each other");
  if (timed && !(options.half_life_seconds > 0)) {
    return UsageError("times need a half-life above 0");
  }
  if (!timed && options.weights.empty()) return std::unique_ptr<WeightColumn>();
  const auto& path = timed ? options.times : options.weights;
  VITRINE_ASSIGN(MappedFile file, MappedFile::Open(path));
  std::unique_ptr<WeightColumn> column(
      new WeightColumn(std::move(file), path, timed ? options.half_life_seconds : 0));
  VITRINE_RETURN_IF_ERROR(column->Check());
  return column;
}

Status WeightColumn::Check() {
  newest_ = INT64_MIN;
  Lines lines(file_);
  for (std::string_view line; lines.Next(line);) {
    const auto where = [&] { return path_.string() + ":" + std::to_string(lines.number()) + ": "; };
    int64_t value = 0;
    if (!ParseInteger(line, value)) {
      return Error{where() + "'" + std::string(line.substr(0, 40)) + "' is not an integer"};
    }
    newest_ = std::max(newest_, value);
    if (half_life_seconds_ == 0 && (value < 0 || value >= int64_t{RankedBaskets::kHead})) {
      return Error{where() + "the weight " + std::to_string(value) + " is not in 0..2147483647"};
    }
  }
  size_ = lines.number();
  Rewind();
  for (uint64_t b = 0; b < size_; ++b) total_ += Next();
  Rewind();
  return Ok();
}

uint32_t WeightColumn::WeightOf(int64_t value) const {
  if (half_life_seconds_ == 0) return static_cast<uint32_t>(value);
  return DecayWeight(value, newest_, half_life_seconds_);
}

uint32_t WeightColumn::Next() {
  std::string_view line;
  int64_t value = 0;
  if (!lines_->Next(line) || !ParseInteger(line, value)) return 0;
  return WeightOf(value);
}

}  // namespace vitrine
