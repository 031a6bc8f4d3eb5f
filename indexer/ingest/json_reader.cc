#include "indexer/ingest/json_reader.h"

#include <algorithm>
#include <unordered_map>

#include "indexer/ingest/text.h"

namespace vitrine {
namespace {

constexpr size_t kBlockBytes = 1 << 18;
constexpr size_t kMaxColumns = 1000;
constexpr int kMaxNesting = 3;

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The length of the JSON number at the front of `text` (RFC 8259, section 6); 0 = there is none.
size_t NumberLength(std::string_view text) {
  size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  const auto digits = [&] {
    const size_t begin = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    return at - begin;
  };
  const size_t whole = at;
  const size_t count = digits();
  if (count == 0 || (count > 1 && text[whole] == '0')) return 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0) return 0;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return 0;
  }
  const bool ends = at == text.size() || IsSpace(text[at]) || text[at] == ',' || text[at] == '}' ||
                    text[at] == ']';
  return ends ? at : 0;
}

// Numbers become texts as they are written: a price never passes through a binary float, and an id
// may have any number of digits. What is no number stays for the parser to complain about.
void QuoteNumbers(std::string_view json, std::string& out) {
  out.clear();
  bool text = false;
  for (size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (text) {
      out += c;
      if (c == '\\' && at + 1 < json.size()) out += json[++at];
      text = c != '"';
      continue;
    }
    const size_t length = c == '-' || IsDigit(c) ? NumberLength(json.substr(at)) : 0;
    if (length == 0) {
      out += c;
      text = c == '"';
      continue;
    }
    out += '"';
    out += json.substr(at, length);
    out += '"';
    at += length - 1;
  }
}

}  // namespace

JsonObjects::JsonObjects(std::unique_ptr<ByteSource> source, std::string name)
    : source_(std::move(source)), name_(std::move(name)) {}

Result<bool> JsonObjects::Fill() {
  if (eof_) return false;
  if (at_ > kBlockBytes) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  const size_t old = buffer_.size();
  buffer_.resize(old + kBlockBytes);
  VITRINE_ASSIGN(const size_t got, source_->Read(buffer_.data() + old, kBlockBytes));
  buffer_.resize(old + got);
  eof_ = got == 0;
  return got > 0;
}

// The next object's text is buffer_[begin, end).
Result<bool> JsonObjects::NextText(size_t& begin, size_t& end) {
  too_long_ = false;
  for (;;) {
    while (at_ < buffer_.size() && IsSpace(buffer_[at_])) line_ += buffer_[at_++] == '\n' ? 1 : 0;
    if (at_ < buffer_.size()) break;
    VITRINE_ASSIGN(const bool more, Fill());
    if (!more) return false;
  }
  if (!started_) {
    started_ = true;
    array_ = buffer_[at_] == '[';
    if (array_) ++at_;
  }
  if (array_) return NextOfArray(begin, end);
  item_line_ = line_;
  size_t scan = at_;
  for (;;) {
    const size_t newline = buffer_.find('\n', scan);
    if (newline != std::string::npos) {
      begin = at_;
      end = newline;
      at_ = newline + 1;
      ++line_;
      too_long_ = end - begin > kMaxObjectBytes;
      return true;
    }
    if (buffer_.size() - at_ >
        kMaxObjectBytes) {  // drop what there is of the line, go on behind it
      begin = end = at_ = buffer_.size();
      too_long_ = true;
      VITRINE_ASSIGN(const bool more, Fill());
      if (!more) return true;
      scan = at_;
      continue;
    }
    const size_t held = buffer_.size() - at_;
    VITRINE_ASSIGN(const bool more, Fill());
    if (!more) {
      begin = at_;
      end = at_ = buffer_.size();
      return true;
    }
    scan = at_ + held;
  }
}

// Objects of an array are cut out by counting brackets outside of strings.
Result<bool> JsonObjects::NextOfArray(size_t& begin, size_t& end) {
  for (;;) {
    while (at_ < buffer_.size() && (IsSpace(buffer_[at_]) || buffer_[at_] == ','))
      line_ += buffer_[at_++] == '\n' ? 1 : 0;
    if (at_ < buffer_.size()) break;
    VITRINE_ASSIGN(const bool more, Fill());
    if (!more)
      return Error{name_ + ":" + std::to_string(line_) +
                   ": the JSON array is not closed; is the file truncated?"};
  }
  if (buffer_[at_] == ']') return false;
  item_line_ = line_;
  size_t length = 0, depth = 0;
  bool text = false, escaped = false;
  for (;;) {
    if (at_ + length == buffer_.size()) {
      if (length > kMaxObjectBytes)
        return Error{name_ + ":" + std::to_string(item_line_) +
                     ": an object of the array is longer than 8 MiB"};
      VITRINE_ASSIGN(const bool more, Fill());
      if (!more)
        return Error{name_ + ":" + std::to_string(item_line_) +
                     ": the JSON ends inside of an object; is the file truncated?"};
    }
    const char c = buffer_[at_ + length];
    if (!text && depth == 0 && (c == ',' || c == ']')) break;
    ++length;
    line_ += c == '\n' ? 1 : 0;
    if (text) {
      text = escaped || c != '"';
      escaped = !escaped && c == '\\';
    } else if (c == '"') {
      text = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  begin = at_;
  end = at_ = at_ + length;
  return true;
}

Result<bool> JsonObjects::Next(Item& item) {
  size_t begin = 0, end = 0;
  VITRINE_ASSIGN(const bool more, NextText(begin, end));
  if (!more) return false;
  item.line = item_line_;
  item.problem.clear();
  if (too_long_) {
    item.problem = "the line is longer than 8 MiB";
    return true;
  }
  QuoteNumbers(std::string_view(buffer_).substr(begin, end - begin), text_);
  auto error = parser_.parse(text_).get(item.object);
  if (error == simdjson::UTF8_ERROR) {
    text_ = RepairUtf8(text_);
    error = parser_.parse(text_).get(item.object);
  }
  if (error != simdjson::SUCCESS) {
    item.problem = std::string("this is no valid JSON (") + simdjson::error_message(error) + ")";
  } else if (!item.object.is_object()) {
    item.problem = "this is no JSON object; each line must be one {…}";
  }
  return true;
}

std::string JsonText(simdjson::dom::element value) {
  std::string_view text;
  if (value.is_null()) return {};
  if (value.get(text) == simdjson::SUCCESS) return std::string(text);
  simdjson::dom::array list;
  if (value.get(list) == simdjson::SUCCESS) {
    std::string joined;
    bool scalars = true;
    for (simdjson::dom::element part : list) {
      scalars = scalars && !part.is_array() && !part.is_object();
      if (!joined.empty()) joined += '|';
      if (scalars) joined += JsonText(part);
    }
    if (scalars) return joined;
  }
  return simdjson::minify(value);
}

namespace {

class JsonRecordReader : public RecordReader {
 public:
  JsonRecordReader(std::unique_ptr<ByteSource> source, std::string name)
      : objects_(std::move(source), std::move(name)) {}

  const std::vector<std::string>& columns() const override { return columns_; }
  uint64_t position_bytes() const override { return objects_.position_bytes(); }
  uint64_t size_bytes() const override { return objects_.size_bytes(); }

  Result<bool> Next(Record& record) override {
    JsonObjects::Item item;
    VITRINE_ASSIGN(const bool more, objects_.Next(item));
    if (!more) return false;
    record.line = item.line;
    record.problem = item.problem.empty() ? "" : "bad_json";
    record.problem_detail = std::move(item.problem);
    record.fields.clear();
    record.extras.clear();
    if (!record.problem.empty()) return true;
    for (std::string& value : values_) value.clear();
    extras_.clear();
    Flatten(item.object, "", 0);
    values_.resize(columns_.size());
    for (const std::string& value : values_) record.fields.emplace_back(value);
    for (const auto& [name, value] : extras_) record.extras.emplace_back(name, value);
    return true;
  }

 private:
  void Flatten(simdjson::dom::element element, const std::string& prefix, int depth) {
    simdjson::dom::object object;
    if (element.get(object) != simdjson::SUCCESS) return;
    for (const auto& [key, value] : object) {
      const std::string name = prefix.empty() ? std::string(key) : prefix + "." + std::string(key);
      if (value.is_object() && depth < kMaxNesting) {
        Flatten(value, name, depth + 1);
        continue;
      }
      const auto known = column_of_.find(name);
      if (known != column_of_.end()) {
        values_[known->second] = JsonText(value);
      } else if (columns_.size() < kMaxColumns) {
        column_of_.emplace(name, columns_.size());
        columns_.push_back(name);
        values_.push_back(JsonText(value));
      } else {
        extras_.emplace_back(name, JsonText(value));
      }
    }
  }

  JsonObjects objects_;
  std::vector<std::string> columns_, values_;
  std::unordered_map<std::string, size_t> column_of_;
  std::vector<std::pair<std::string, std::string>> extras_;
};

}  // namespace

std::unique_ptr<RecordReader> MakeJsonRecordReader(std::unique_ptr<ByteSource> source,
                                                   std::string name) {
  return std::make_unique<JsonRecordReader>(std::move(source), std::move(name));
}

}  // namespace vitrine
