#include "indexer/mine/pair_state.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <iterator>
#include <string>

#include "indexer/support/grow_in_place.h"

namespace vitrine {
namespace {

constexpr std::string_view kMagic = "VTRNPAIR";
constexpr uint32_t kVersion = 3;
// A state is written as one table again once it is as many times as large as its first one: adding
// up costs several nights, and so does reading what was not added up.
constexpr size_t kLongest = 3;

Error Broken() {
  return Error{"not a whole state of `vitrine partners`; build it again with --add"};
}

void AddChecksum(Bytes& bytes) {
  const uint64_t checksum = Checksum(bytes);
  const auto* begin = reinterpret_cast<const uint8_t*>(&checksum);
  bytes.insert(bytes.end(), begin, begin + sizeof checksum);
}

// Does a checksum stand behind the rest of these bytes?
bool IsWhole(ByteView bytes) {
  if (bytes.size() < sizeof(uint64_t)) return false;
  const ByteView body = bytes.first(bytes.size() - sizeof(uint64_t));
  uint64_t checksum = 0;
  std::memcpy(&checksum, body.data() + body.size(), sizeof checksum);
  return Checksum(body) == checksum;
}

// `count` values of T where the reader stands, in place. REQUIRES: aligned.
template <typename T>
std::span<const T> Take(ByteReader& in, uint64_t count) {
  if (count > in.remaining() / sizeof(T)) {
    in.ReadBytes(SIZE_MAX);
    return {};
  }
  const ByteView bytes = in.ReadBytes(count * sizeof(T));
  return {reinterpret_cast<const T*>(bytes.data()), static_cast<size_t>(count)};
}

}  // namespace

Bytes PairTable::Encode(const PairView& pairs) {
  std::string names;
  std::vector<uint32_t> sizes;
  for (std::string_view name : pairs.names) {
    sizes.push_back(static_cast<uint32_t>(name.size()));
    names += name;
  }
  ByteWriter out;
  out.Write(pairs.items());
  out.Write(static_cast<uint32_t>(pairs.files.size()));
  out.Write(pairs.baskets);
  out.Write(pairs.pairs);
  out.Write(static_cast<uint64_t>(pairs.rows.size()));
  out.Write(static_cast<uint64_t>(names.size()));
  out.WriteArray(pairs.files);
  out.WriteArray(pairs.count);
  out.WriteArray(pairs.begin);
  out.WriteArray(std::span<const uint32_t>(sizes));
  out.WriteBytes(AsBytes(names));
  out.WriteBytes(pairs.rows);
  Bytes bytes = out.Take();
  bytes.resize((bytes.size() + 7) / 8 * 8);
  AddChecksum(bytes);
  return bytes;
}

Result<PairTable::Head> PairTable::ReadHead(ByteView bytes) {
  ByteReader in(bytes);
  in.Read<uint32_t>();
  const auto files = in.Read<uint32_t>();
  Head head;
  head.baskets = in.Read<uint64_t>();
  in.ReadBytes(3 * sizeof(uint64_t));
  head.files = Take<uint64_t>(in, files);
  if (!in.ok() || !std::is_sorted(head.files.begin(), head.files.end())) return Broken();
  return head;
}

Result<PairTable> PairTable::Parse(ByteView bytes) {
  PairTable table;
  if (!IsWhole(bytes) || !table.ParseAll(bytes.first(bytes.size() - sizeof(uint64_t)))) {
    return Broken();
  }
  return table;
}

bool PairTable::ParseAll(ByteView bytes) {
  ByteReader in(bytes);
  const uint64_t items = in.Read<uint32_t>(), files = in.Read<uint32_t>();
  baskets_ = in.Read<uint64_t>();
  pairs_ = in.Read<uint64_t>();
  const uint64_t row_bytes = in.Read<uint64_t>(), name_bytes = in.Read<uint64_t>();
  files_ = Take<uint64_t>(in, files);
  count_ = Take<uint64_t>(in, items);
  begin_ = Take<uint64_t>(in, items + 1);
  const auto sizes = Take<uint32_t>(in, items);
  const auto text = Take<char>(in, name_bytes);
  rows_ = Take<uint8_t>(in, row_bytes);
  if (!in.ok() || in.remaining() >= sizeof(uint64_t)) return false;
  std::string_view names(text.data(), text.size());
  for (uint32_t size : sizes) {
    if (size > names.size()) return false;
    names_.push_back(names.substr(0, size));
    names.remove_prefix(size);
  }
  if (begin_.front() != 0 || begin_.back() != row_bytes || !names.empty()) return false;
  if (!std::is_sorted(files_.begin(), files_.end())) return false;
  uint64_t pairs = 0;
  for (uint32_t i = 0; i < items; ++i) {
    if (begin_[i] > begin_[i + 1] || begin_[i + 1] > row_bytes || count_[i] == 0) return false;
    if (i > 0 && names_[i] <= names_[i - 1]) return false;
    const ByteView row = rows_.subspan(begin_[i], begin_[i + 1] - begin_[i]);
    if (!PairRow::Check(i, items, row, pairs)) return false;
  }
  return pairs == pairs_;
}

Result<PairState> PairState::Open(const std::filesystem::path& path) {
  VITRINE_ASSIGN(MappedFile file, MappedFile::Open(path));
  PairState state;
  state.file_ = std::make_shared<const MappedFile>(std::move(file));
  state.path_ = path;
  if (const Status status = state.Parse(state.file_->bytes()); !status.ok()) {
    return Error{path.string() + ": " + status.error().message};
  }
  return state;
}

Status PairState::Parse(ByteView bytes) {
  ByteReader in(bytes);
  const ByteView magic = in.ReadBytes(kMagic.size());
  if (!in.ok() || !std::equal(magic.begin(), magic.end(), AsBytes(kMagic).begin())) return Broken();
  const auto version = in.Read<uint32_t>();
  if (in.ok() && version != kVersion) {
    return Error{"a state of version " + std::to_string(version) + ", this program knows " +
                 std::to_string(kVersion) + "; build it again with --add"};
  }
  const auto tables = in.Read<uint32_t>();
  const auto size = in.Read<uint64_t>();
  in.Read<uint64_t>();
  if (!in.ok() || size > in.remaining()) return Broken();
  ByteReader records(in.ReadBytes(size));
  for (uint32_t t = 0; t < tables; ++t) {
    const auto table_size = records.Read<uint64_t>(), retired = records.Read<uint64_t>();
    if (!records.ok() || retired > 1 || table_size % sizeof(uint64_t) != 0) return Broken();
    const ByteView table = records.ReadBytes(table_size);
    if (!records.ok() || !Enter({nullptr, table, retired == 1}).ok()) return Broken();
  }
  const Bytes head = Head();
  if (records.remaining() > 0 || !std::equal(head.begin(), head.end(), bytes.begin()))
    return Broken();
  MarkStored(head);
  return Ok();
}

Status PairState::Enter(Table table) {
  VITRINE_ASSIGN(const PairTable::Head head, PairTable::ReadHead(table.bytes));
  std::vector<uint64_t> files;
  if (table.retired) {
    if (!std::includes(files_.begin(), files_.end(), head.files.begin(), head.files.end())) {
      return Error{
          "the state does not hold the retired files; retire exactly the files that were added, "
          "with the same --format and --max-basket"};
    }
    std::set_difference(files_.begin(), files_.end(), head.files.begin(), head.files.end(),
                        std::back_inserter(files));
  } else {
    std::merge(files_.begin(), files_.end(), head.files.begin(), head.files.end(),
               std::back_inserter(files));
  }
  files_ = std::move(files);
  baskets_ += table.retired ? -head.baskets : head.baskets;
  tables_.push_back(std::move(table));
  return Ok();
}

Status PairState::Append(const PairCounts& day, bool retired) {
  if (day.view().files.empty()) return Ok();
  auto bytes = std::make_shared<const Bytes>(PairTable::Encode(day.view()));
  return Enter({bytes, *bytes, retired});
}

void PairState::Add(const PairCounts& day) {
  const Status added = Append(day, false);
  assert(added.ok());
  (void)added;
}

Status PairState::Retire(const PairCounts& day) { return Append(day, true); }

bool PairState::IsLong() const {
  size_t size = 0;
  for (const Table& table : tables_) size += table.bytes.size();
  return tables_.size() > 1 && size > kLongest * tables_[0].bytes.size();
}

Result<PairView> PairState::Sum() {
  parsed_.clear();
  std::vector<SignedPairs> signed_pairs;
  for (const Table& table : tables_) {
    auto parsed = PairTable::Parse(table.bytes);
    if (!parsed.ok()) return Error{path_.string() + ": " + parsed.error().message};
    parsed_.push_back(std::move(parsed.value()));
    signed_pairs.push_back({parsed_.back().view(), table.retired});
  }
  if (tables_.size() == 1 && !tables_[0].retired) return signed_pairs[0].pairs;
  VITRINE_ASSIGN(sum_, SumPairs(signed_pairs));
  return sum_.view();
}

Status PairState::Fold() {
  VITRINE_ASSIGN(const PairView sum, Sum());
  auto bytes = std::make_shared<const Bytes>(PairTable::Encode(sum));
  tables_ = {{bytes, *bytes, false}};
  stored_ = 0;
  return Ok();
}

Bytes PairState::Head() const {
  uint64_t size = 0;
  ByteWriter said;
  for (const Table& table : tables_) {
    const PairTable::Head head = PairTable::ReadHead(table.bytes).value();
    size += 2 * sizeof(uint64_t) + table.bytes.size();
    said.Write(static_cast<uint64_t>(table.bytes.size()));
    said.Write(uint64_t{table.retired});
    said.Write(head.baskets);
    said.WriteArray(head.files);
  }
  ByteWriter out;
  out.WriteBytes(AsBytes(kMagic));
  out.Write(kVersion);
  out.Write(static_cast<uint32_t>(tables_.size()));
  out.Write(size);
  Bytes head = out.Take();
  const uint64_t checksum = Checksum(said.Take(), Checksum(head));
  const auto* begin = reinterpret_cast<const uint8_t*>(&checksum);
  head.insert(head.end(), begin, begin + sizeof checksum);
  return head;
}

std::vector<ByteView> PairState::Records(size_t first, std::vector<Bytes>& sizes) const {
  std::vector<ByteView> parts;
  for (size_t t = first; t < tables_.size(); ++t) {
    ByteWriter out;
    out.Write(static_cast<uint64_t>(tables_[t].bytes.size()));
    out.Write(uint64_t{tables_[t].retired});
    sizes.push_back(out.Take());
  }
  for (size_t t = first; t < tables_.size(); ++t) {
    parts.push_back(sizes[t - first]);
    parts.push_back(tables_[t].bytes);
  }
  return parts;
}

void PairState::MarkStored(const Bytes& head) {
  stored_ = tables_.size();
  stored_head_ = head;
  stored_end_ = head.size();
  for (const Table& table : tables_) stored_end_ += 2 * sizeof(uint64_t) + table.bytes.size();
}

Status PairState::Save(const std::filesystem::path& path) {
  if (IsLong()) VITRINE_RETURN_IF_ERROR(Fold());
  std::error_code none;
  const bool in_place = stored_ > 0 && std::filesystem::equivalent(path, path_, none);
  std::vector<Bytes> sizes;
  std::vector<ByteView> parts = Records(in_place ? stored_ : 0, sizes);
  const Bytes head = Head();
  if (in_place) {
    VITRINE_RETURN_IF_ERROR(GrowInPlace(path, stored_head_, stored_end_, parts, head));
  } else {
    parts.insert(parts.begin(), head);
    VITRINE_RETURN_IF_ERROR(WriteFileAtomically(path, parts));
  }
  path_ = path;
  MarkStored(head);
  return Ok();
}

}  // namespace vitrine
