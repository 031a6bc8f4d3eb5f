#include "indexer/ingest/output.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>

#include "indexer/ingest/product_normaliser.h"
#include "indexer/ingest/string_table.h"
#include "indexer/ingest/text.h"
#include "indexer/ingest/time_text.h"

namespace vitrine {
namespace {

constexpr std::array<std::string_view, 4> kAvailabilityNames = {"in_stock", "out_of_stock",
                                                                "preorder", "backorder"};
// A text file under a temporary name until Commit().
class OutputFile {
 public:
  explicit OutputFile(std::filesystem::path path) : path_(std::move(path)), temporary_(path_) {
    temporary_ += ".tmp";
    file_ = std::fopen(temporary_.c_str(), "wb");
    failed_ = file_ == nullptr;
    error_ = errno;
  }
  ~OutputFile() {
    if (file_ != nullptr) std::fclose(file_);
    if (!committed_) std::remove(temporary_.c_str());
  }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  std::string& line() { return buffer_; }
  void EndLine() {
    buffer_ += '\n';
    if (buffer_.size() > (size_t{1} << 16)) Flush();
  }
  Status Finish() {
    Flush();
    if (file_ != nullptr && std::fclose(file_) != 0) Fail();
    file_ = nullptr;
    if (failed_) return Error{temporary_.string() + ": cannot write: " + std::strerror(error_)};
    return Ok();
  }
  Status Commit() {
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0) {
      return Error{path_.string() +
                   ": cannot rename the finished file into place: " + std::strerror(errno)};
    }
    committed_ = true;
    return Ok();
  }

 private:
  void Fail() {
    if (!failed_) error_ = errno;
    failed_ = true;
  }
  void Flush() {
    if (!failed_ && std::fwrite(buffer_.data(), 1, buffer_.size(), file_) != buffer_.size()) Fail();
    buffer_.clear();
  }

  std::filesystem::path path_, temporary_;
  std::FILE* file_ = nullptr;
  std::string buffer_;
  bool failed_ = false, committed_ = false;
  int error_ = 0;
};

void AppendNumber(float number, std::string& out) {
  char text[32];
  const auto whole = static_cast<int>(number);
  const auto end = static_cast<float>(whole) == number
                       ? std::to_chars(text, text + sizeof text, whole).ptr
                       : std::to_chars(text, text + sizeof text, number).ptr;
  out.append(text, end);
}

bool NeedsQuotes(std::string_view text) {
  if (text.empty()) return false;
  bool quote = text.front() == ' ' || text.back() == ' ';
  // Eight at a time: a compiler that does not know the length makes no vectors of it.
  for (; text.size() >= 8 && !quote; text.remove_prefix(8)) {
    for (size_t i = 0; i < 8; ++i) {
      const char c = text[i];
      quote |= (c == ',') | (c == '"') | (c == '\n') | (c == '\r');
    }
  }
  for (char c : text) quote |= (c == ',') | (c == '"') | (c == '\n') | (c == '\r');
  return quote;
}

void AppendFields(std::initializer_list<std::string_view> fields, std::string& out) {
  bool first = true;
  for (std::string_view field : fields) {
    if (!first) out += ',';
    AppendCsvField(field, out);
    first = false;
  }
}

// An id as one token: white space, which separates the items of a basket, percent-encoded.
void AppendToken(std::string_view id, std::string& out) {
  if (std::all_of(id.begin(), id.end(),
                  [](char c) { return static_cast<uint8_t>(c) > ' ' && c != '%'; })) {
    out += id;
    return;
  }
  for (char c : id) {
    if (static_cast<uint8_t>(c) > ' ' && c != '%') {
      out += c;
    } else {
      char text[4];
      std::snprintf(text, sizeof text, "%%%02X", static_cast<uint8_t>(c));
      out += text;
    }
  }
}

class FolderSink : public IngestSink {
 public:
  FolderSink(const std::filesystem::path& folder, bool merge_users)
      : merge_users_(merge_users),
        products_(folder / "products.csv"),
        events_(folder / "events.csv"),
        baskets_(folder / "baskets.txt"),
        users_(folder / "users.csv"),
        rejected_(folder / "rejected.csv"),
        ids_(folder / "cleaned_product_ids.csv") {
    products_.line() +=
        "id,group_id,sku,title,description,audience,colour,department,category,brand,price,"
        "original_price,currency,"
        "availability,rating,review_count,images,url,size,measurements,care,price_valid_from,"
        "price_valid_to,audience_raw,colour_raw,attributes\n";
    events_.line() += "user_id,session_id,item_id,time,kind,weight";
    if (merge_users_) events_.line() += ",age,age_estimated,age_group,city,region";
    events_.line() += '\n';
    users_.line() += "user_id,age,age_estimated,age_group,city,region\n";
    rejected_.line() += "file,line,field,reason,action,detail\n";
    ids_.line() += "product_id\n";
  }

  Status OnProduct(Product&& product) override {
    std::string& out = products_.line();
    AppendFields(
        {product.id, product.group_id, product.sku, product.title, product.description,
         kAudienceNames[static_cast<size_t>(product.audience)], product.colour, product.department,
         product.category, product.brand, product.price, product.original_price, product.currency,
         kAvailabilityNames[static_cast<size_t>(product.availability)], product.rating,
         product.review_count, JoinText(product.images, "|"), product.url},
        out);
    for (const std::string& name : details_) {
      const auto value = product.attributes.extract(name);
      out += ',';
      if (value) AppendCsvField(value.mapped(), out);
    }
    out += ',';
    AppendFields({product.audience_raw, product.colour_raw, AttributesJson(product)}, out);
    products_.EndLine();
    product_ids_.Add(product.id);
    plain_ids_.push_back(!NeedsQuotes(product.id));
    return Ok();
  }

  Status OnUser(User&& user) override {
    std::string rest = ",";
    AppendFields(
        {user.age ? std::to_string(*user.age) : "",
         user.age ? (user.age_estimated ? "1" : "0") : "", user.age_group, user.city, user.region},
        rest);
    std::string id;
    AppendCsvField(user.id, id);
    users_.line() += id + rest;
    users_.EndLine();
    user_ids_.Add(id);
    if (merge_users_) user_columns_.push_back(std::move(rest));
    return Ok();
  }

  void OnUpcoming(ItemIndex item) override {
    product_ids_.PrefetchPlace(item);
    if (upcoming_ != kNoItem) product_ids_.PrefetchText(upcoming_);
    upcoming_ = item;
  }

  Status OnSession(std::string_view session_id) override {
    session_id_.clear();
    AppendCsvField(session_id, session_id_);
    return Ok();
  }

  Status OnInteraction(const Interaction& interaction) override {
    std::string& out = events_.line();
    out += user_ids_[interaction.user];
    out += ',';
    out += session_id_;
    out += ',';
    AppendProduct(interaction.item, out);
    out += ',';
    AppendTime(interaction.time_seconds, out);
    out += ',';
    out += kInteractionKindNames[static_cast<size_t>(interaction.kind)];
    out += ',';
    AppendNumber(interaction.weight, out);
    if (merge_users_) out += user_columns_[interaction.user];
    events_.EndLine();
    if (seen_.size() <= interaction.item) seen_.resize(product_ids_.size());
    if (!seen_[interaction.item]) {
      seen_[interaction.item] = true;
      AppendProduct(interaction.item, ids_.line());
      ids_.EndLine();
    }
    return Ok();
  }

  Status OnBasket(uint32_t, int64_t, const std::vector<ItemIndex>& items) override {
    std::string& out = baskets_.line();
    for (size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out += ' ';
      AppendToken(product_ids_[items[i]], out);
    }
    baskets_.EndLine();
    return Ok();
  }

  void OnRejected(const RejectedRow& row) override {
    AppendFields({row.file, row.line == 0 ? "" : std::to_string(row.line), row.field, row.reason,
                  row.row_kept ? "value_dropped" : "row_rejected", row.detail},
                 rejected_.line());
    rejected_.EndLine();
  }

  Status Commit() {
    const std::array<OutputFile*, 6> files = {&products_, &events_,   &baskets_,
                                              &users_,    &rejected_, &ids_};
    for (OutputFile* file : files) VITRINE_RETURN_IF_ERROR(file->Finish());
    for (OutputFile* file : files) VITRINE_RETURN_IF_ERROR(file->Commit());
    return Ok();
  }

 private:
  static std::string AttributesJson(const Product& product);

  void AppendProduct(ItemIndex item, std::string& out) const {
    if (plain_ids_[item]) {
      out += product_ids_[item];
    } else {
      AppendCsvField(product_ids_[item], out);
    }
  }

  // Events come in order of time, so the day rarely changes.
  void AppendTime(int64_t seconds, std::string& out) {
    const int64_t day = FloorDay(seconds);
    if (day != day_ || day_text_.empty()) {
      day_ = day;
      day_text_ = FormatDay(seconds);
    }
    const auto rest = static_cast<unsigned>(seconds - day * 86400);
    out += day_text_;
    out += 'T';
    for (const unsigned part : {rest / 3600, rest / 60 % 60, rest % 60}) {
      out += static_cast<char>('0' + part / 10);
      out += static_cast<char>('0' + part % 10);
      out += ':';
    }
    out.back() = 'Z';
  }

  const std::vector<std::string> details_{DetailFields().begin(), DetailFields().end()};
  bool merge_users_;
  OutputFile products_, events_, baskets_, users_, rejected_, ids_;
  TextList product_ids_;
  std::vector<bool> plain_ids_;  // of products: are they written as they are?
  TextList user_ids_;            // as CSV fields
  ItemIndex upcoming_ = kNoItem;
  std::vector<std::string> user_columns_;  // ",age,…" as users.csv has them; where merged
  std::vector<bool> seen_;
  std::string session_id_;  // as a CSV field
  std::string day_text_;
  int64_t day_ = 0;
};

void AppendJsonString(std::string_view text, std::string& out) {
  out += '"';
  if (std::none_of(text.begin(), text.end(),
                   [](char c) { return c == '"' || c == '\\' || static_cast<uint8_t>(c) < ' '; })) {
    out += text;
    out += '"';
    return;
  }
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<uint8_t>(c) < ' ') {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
      out += escaped;
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string FolderSink::AttributesJson(const Product& product) {
  if (product.attributes.empty()) return {};
  std::string out = "{";
  for (const auto& [name, value] : product.attributes) {
    if (out.size() > 1) out += ',';
    AppendJsonString(name, out);
    out += ':';
    AppendJsonString(value, out);
  }
  return out + "}";
}

}  // namespace

void AppendCsvField(std::string_view text, std::string& out) {
  if (!NeedsQuotes(text)) {
    out += text;
    return;
  }
  out += '"';
  for (size_t quote = 0; (quote = text.find('"')) != std::string_view::npos;) {
    out += text.substr(0, quote + 1);
    out += '"';
    text.remove_prefix(quote + 1);
  }
  out += text;
  out += '"';
}

Result<IngestReport> IngestToFolder(const IngestOptions& options,
                                    const std::filesystem::path& folder, Console& console) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Error{folder.string() + ": cannot create the folder: " + error.message()};
  FolderSink sink(folder, options.users.merge_into_events);
  VITRINE_ASSIGN(IngestReport report, IngestInto(options, console, sink));
  VITRINE_RETURN_IF_ERROR(sink.Commit());
  return report;
}

}  // namespace vitrine
