#include "indexer/mine/csv_baskets.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "indexer/mine/lines.h"
#include "indexer/support/temp_file.h"

namespace vitrine {
namespace {

// A field; quotes as in RFC 4180, but a quoted field may not hold a quote or a line end (ids never
// do).
bool NextField(std::string_view& line, std::string_view& field) {
  if (line.starts_with('"')) {
    const size_t end = line.find('"', 1);
    if (end == std::string_view::npos) return false;
    field = line.substr(1, end - 1);
    line.remove_prefix(end + 1);
    if (!line.empty() && line[0] != ',') return false;
  } else {
    field = line.substr(0, line.find(','));
    line.remove_prefix(field.size());
  }
  if (!line.empty()) line.remove_prefix(1);
  return true;
}

// What stands in the temporary files: a row, later a whole basket.
struct Head {
  uint64_t row = 0;  // of the basket's first appearance
  uint32_t name_bytes = 0;
  uint32_t text_bytes = 0;
};

Status Append(TempFile& file, Head head, std::string_view name, std::string_view text) {
  head.name_bytes = static_cast<uint32_t>(name.size());
  head.text_bytes = static_cast<uint32_t>(text.size());
  VITRINE_RETURN_IF_ERROR(file.Append({reinterpret_cast<const uint8_t*>(&head), sizeof head}));
  VITRINE_RETURN_IF_ERROR(file.Append(AsBytes(name)));
  return file.Append(AsBytes(text));
}

std::string_view Text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Rows of baskets that share a hash, grouped in memory.
Status GroupBucket(TempFile& bucket) {
  Bytes rows(bucket.size());
  VITRINE_RETURN_IF_ERROR(bucket.Read(0, rows));
  struct Basket {
    uint64_t row = 0;
    std::vector<std::string_view> items;
  };
  std::unordered_map<std::string_view, size_t> numbers;
  std::vector<Basket> baskets;
  for (size_t at = 0; at < rows.size();) {
    Head head;
    std::memcpy(&head, &rows[at], sizeof head);
    const std::string_view text = Text(ByteView(rows).subspan(at + sizeof head));
    const auto [known, is_new] =
        numbers.try_emplace(text.substr(0, head.name_bytes), baskets.size());
    if (is_new) baskets.push_back({head.row, {}});
    baskets[known->second].items.push_back(text.substr(head.name_bytes, head.text_bytes));
    at += sizeof head + head.name_bytes + head.text_bytes;
  }
  VITRINE_ASSIGN(bucket, bucket.CreateAnother());
  std::string line;
  for (const Basket& basket : baskets) {
    line.clear();
    for (std::string_view item : basket.items) line.append(item).push_back(' ');
    line.back() = '\n';
    VITRINE_RETURN_IF_ERROR(Append(bucket, {.row = basket.row}, {}, line));
  }
  return bucket.Flush();
}

// Reads the baskets of a bucket one after the other.
class BasketReader {
 public:
  BasketReader(const TempFile& file, size_t block_bytes) : file_(file), block_bytes_(block_bytes) {}

  // Moves to the next basket; false at the end.
  Result<bool> Next() {
    at_ += text_.size();
    if (at_ == file_.size()) return false;
    VITRINE_RETURN_IF_ERROR(Hold(sizeof head_));
    std::memcpy(&head_, Held(), sizeof head_);
    at_ += sizeof head_;
    VITRINE_RETURN_IF_ERROR(Hold(head_.text_bytes));
    text_ = Text({Held(), head_.text_bytes});
    return true;
  }
  uint64_t row() const { return head_.row; }
  std::string_view text() const { return text_; }

 private:
  const uint8_t* Held() const { return block_.data() + (at_ - begin_); }
  Status Hold(size_t bytes) {
    if (at_ + bytes <= begin_ + block_.size()) return Ok();
    begin_ = at_;
    block_.resize(std::min<uint64_t>(std::max(block_bytes_, bytes), file_.size() - at_));
    return file_.Read(begin_, block_);
  }

  const TempFile& file_;
  const size_t block_bytes_;
  Bytes block_;
  uint64_t begin_ = 0, at_ = 0;
  Head head_;
  std::string_view text_;
};

class RowGrouper {
 public:
  explicit RowGrouper(uint64_t memory_bytes) : memory_bytes_(memory_bytes) {}

  Result<MappedFile> Group(const std::filesystem::path& csv) {
    VITRINE_ASSIGN(const MappedFile file, MappedFile::Open(csv));
    VITRINE_RETURN_IF_ERROR(MakeBuckets(file.bytes().size()));
    VITRINE_RETURN_IF_ERROR(Distribute(file, csv.string()));
    for (TempFile& bucket : buckets_) {
      VITRINE_RETURN_IF_ERROR(bucket.Flush());
      VITRINE_RETURN_IF_ERROR(GroupBucket(bucket));
    }
    return Merge();
  }

 private:
  // What a byte of CSV takes in GroupBucket: the row with its head, a view and a share of a name.
  static constexpr uint64_t kMemoryPerByte = 12;
  static constexpr uint64_t kMaxBuckets = 512;

  Status MakeBuckets(uint64_t csv_bytes) {
    uint64_t buckets = 1;
    if (memory_bytes_ > 0) {
      buckets = std::clamp<uint64_t>(csv_bytes * kMemoryPerByte / memory_bytes_, 1, kMaxBuckets);
    }
    for (uint64_t b = 0; b < buckets; ++b) {
      VITRINE_ASSIGN(TempFile file,
                     memory_bytes_ == 0 ? TempFile::CreateInMemory() : TempFile::Create());
      buckets_.push_back(std::move(file));
    }
    return Ok();
  }

  Status Distribute(const MappedFile& file, const std::string& path) {
    Lines lines(file);
    for (std::string_view line; lines.Next(line);) {
      if (line.empty()) continue;
      std::string_view basket, item;
      auto wrong = [&](const char* what) {
        return Error{path + ":" + std::to_string(lines.number()) + ": " + what};
      };
      if (!NextField(line, basket) || !NextField(line, item)) {
        return wrong("not a row of basket_id,item_id (a quote is not closed)");
      }
      if (lines.number() == 1 && (basket == "basket_id" || item == "item_id")) continue;
      if (basket.empty()) return wrong("field basket_id is empty");
      if (item.empty()) return wrong("field item_id is empty");
      if (item.find_first_of(" \t\v\f\r") != std::string_view::npos) {
        return wrong("field item_id holds white space, which separates items in the output");
      }
      TempFile& bucket = buckets_[std::hash<std::string_view>()(basket) % buckets_.size()];
      VITRINE_RETURN_IF_ERROR(Append(bucket, {.row = lines.number()}, basket, item));
    }
    return Ok();
  }

  // The buckets' baskets in the order of their first rows.
  Result<MappedFile> Merge() {
    std::vector<BasketReader> readers;
    using Next = std::pair<uint64_t, size_t>;  // row, reader
    std::priority_queue<Next, std::vector<Next>, std::greater<>> queue;
    const size_t block = std::max<size_t>(4096, memory_bytes_ / 4 / buckets_.size());
    for (const TempFile& bucket : buckets_) readers.emplace_back(bucket, std::min(block, kBlock));
    auto advance = [&](size_t reader) -> Status {
      VITRINE_ASSIGN(const bool more, readers[reader].Next());
      if (more) queue.emplace(readers[reader].row(), reader);
      return Ok();
    };
    for (size_t r = 0; r < readers.size(); ++r) VITRINE_RETURN_IF_ERROR(advance(r));
    VITRINE_ASSIGN(TempFile merged, buckets_[0].CreateAnother());
    while (!queue.empty()) {
      const size_t reader = queue.top().second;
      queue.pop();
      VITRINE_RETURN_IF_ERROR(merged.Append(AsBytes(readers[reader].text())));
      VITRINE_RETURN_IF_ERROR(advance(reader));
    }
    VITRINE_RETURN_IF_ERROR(merged.Flush());
    return merged.Map();
  }

  static constexpr size_t kBlock = 1 << 18;

  const uint64_t memory_bytes_;
  std::vector<TempFile> buckets_;
};

}  // namespace

Result<MappedFile> GroupBasketRows(const std::filesystem::path& csv, uint64_t memory_bytes) {
  return RowGrouper(memory_bytes).Group(csv);
}

}  // namespace vitrine
