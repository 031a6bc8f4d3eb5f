#include "indexer/mine/pair_state.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <string>

#include "indexer/support/grow_in_place.h"

namespace vitrine {
namespace {

constexpr std::string_view kMagic = "VTRNPAIR";
constexpr uint32_t kVersion = 3;

constexpr size_t kHeadBytes = 32;
constexpr uint64_t kRoles = 3;  // the last of them

using Entry = std::array<uint64_t, 5>;  // of the directory

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
  const auto offset = in.Read<uint64_t>();
  in.Read<uint64_t>();
  if (!in.ok() || offset > bytes.size()) return Broken();
  ByteReader directory(bytes.subspan(offset));
  for (const auto& entry : directory.ReadArray<Entry>(tables)) {
    const auto& [at, size, role, key, baskets] = entry;
    if (at > offset || size > offset - at || at % 8 != 0 || size % 8 != 0 || role > kRoles) {
      return Broken();
    }
    tables_.push_back({nullptr, bytes.subspan(at, size), at, Role{role}, key, baskets});
  }
  if (!directory.ok()) return Broken();
  head_ = Head(Directory(), offset);
  if (!std::equal(head_.begin(), head_.end(), bytes.begin())) return Broken();
  end_ = bytes.size() - directory.remaining();
  return Ok();
}

Status PairState::Add(const std::filesystem::path& baskets, const PairCountOptions& options) {
  VITRINE_ASSIGN(const PairCounts counts, PairCounts::Count({baskets}, options));
  const PairView view = counts.view();
  auto bytes = std::make_shared<const Bytes>(PairTable::Encode(view));
  tables_.push_back({bytes, *bytes, 0, Role::kPending, view.files[0], view.baskets});
  return Ok();
}

Status PairState::Retire(const std::filesystem::path& baskets, const PairCountOptions& options) {
  VITRINE_ASSIGN(const MappedFile file, MappedFile::Open(baskets));
  const uint64_t key = FileKey(file.bytes(), options);
  const auto table = std::find_if(tables_.begin(), tables_.end(), [&](const Table& one) {
    return one.key == key && (one.role == Role::kSummed || one.role == Role::kPending);
  });
  if (table == tables_.end()) {
    return Error{
        baskets.string() +
        ": the state does not hold this file; retire exactly the files that were added, with "
        "the same --format and --max-basket"};
  }
  if (table->role == Role::kPending) {
    tables_.erase(table);
  } else {
    table->role = Role::kGone;
  }
  return Ok();
}

uint64_t PairState::baskets() const {
  uint64_t sum = 0;
  for (const Table& table : tables_) {
    if (table.role == Role::kSummed || table.role == Role::kPending) sum += table.baskets;
  }
  return sum;
}

std::vector<const PairState::Table*> PairState::Fewest() const {
  std::vector<const Table*> changes, files;
  uint64_t change_bytes = 0, file_bytes = 0;
  for (const Table& table : tables_) {
    const bool is_file = table.role == Role::kSummed || table.role == Role::kPending;
    if (is_file) files.push_back(&table), file_bytes += table.bytes.size();
    if (table.role == Role::kSummed) continue;
    changes.push_back(&table), change_bytes += table.bytes.size();
  }
  const bool has_sum = !tables_.empty() && tables_[0].role == Role::kSum;
  return has_sum && change_bytes < file_bytes ? changes : files;
}

Result<PairView> PairState::Sum() {
  parsed_.clear();
  std::vector<SignedPairs> signed_pairs;
  for (const Table* table : Fewest()) {
    auto parsed = PairTable::Parse(table->bytes);
    if (!parsed.ok()) return Error{path_.string() + ": " + parsed.error().message};
    parsed_.push_back(std::move(parsed.value()));
    signed_pairs.push_back({parsed_.back().view(), table->role == Role::kGone});
  }
  if (signed_pairs.size() == 1) return signed_pairs[0].pairs;
  auto sum = SumPairs(signed_pairs);
  if (!sum.ok()) return Error{path_.string() + ": " + sum.error().message};
  sum_ = std::move(sum.value());
  KeepSum();
  parsed_.clear();
  return sum_.view();
}

void PairState::KeepSum() {
  std::vector<Table> tables(1);
  auto bytes = std::make_shared<const Bytes>(PairTable::Encode(sum_.view()));
  tables[0] = {bytes, *bytes, 0, Role::kSum, 0, sum_.view().baskets};
  for (Table& table : tables_) {
    if (table.role != Role::kSummed && table.role != Role::kPending) continue;
    table.role = Role::kSummed;
    tables.push_back(std::move(table));
  }
  tables_ = std::move(tables);
}

Bytes PairState::Directory() const {
  std::vector<Entry> entries;
  for (const Table& table : tables_) {
    entries.push_back({table.offset, table.bytes.size(), static_cast<uint64_t>(table.role),
                       table.key, table.baskets});
  }
  ByteWriter out;
  out.WriteArray(std::span<const Entry>(entries));
  return out.Take();
}

Bytes PairState::Head(ByteView directory, uint64_t offset) const {
  ByteWriter out;
  out.WriteBytes(AsBytes(kMagic));
  out.Write(kVersion);
  out.Write(static_cast<uint32_t>(tables_.size()));
  out.Write(offset);
  Bytes head = out.Take();
  const uint64_t checksum = Checksum(directory, Checksum(head));
  const auto* begin = reinterpret_cast<const uint8_t*>(&checksum);
  head.insert(head.end(), begin, begin + sizeof checksum);
  return head;
}

Status PairState::Save(const std::filesystem::path& path) {
  std::error_code none;
  uint64_t used = 0;
  for (const Table& table : tables_) used += table.bytes.size();
  const bool in_place =
      end_ > 0 && end_ < 2 * used && std::filesystem::equivalent(path, path_, none);
  uint64_t end = in_place ? end_ : kHeadBytes;
  std::vector<ByteView> parts;
  for (Table& table : tables_) {
    if (in_place && table.offset > 0) continue;
    table.offset = end;
    end += table.bytes.size();
    parts.push_back(table.bytes);
  }
  const Bytes directory = Directory(), head = Head(directory, end);
  parts.push_back(directory);
  if (in_place) {
    VITRINE_RETURN_IF_ERROR(GrowInPlace(path, head_, end_, parts, head));
  } else {
    parts.insert(parts.begin(), head);
    VITRINE_RETURN_IF_ERROR(WriteFileAtomically(path, parts));
  }
  path_ = path;
  end_ = end + directory.size();
  head_ = head;
  return Ok();
}

}  // namespace vitrine
