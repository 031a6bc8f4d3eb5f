#include "indexer/ingest/xml_reader.h"

#include <expat.h>

#include <deque>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "indexer/ingest/text.h"

namespace vitrine {
namespace {

constexpr int kBlockBytes = 1 << 16;
constexpr size_t kMaxProductBytes = size_t{8} << 20;
constexpr size_t kMaxColumns = 1000;

std::string_view LocalName(std::string_view name) {
  const size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// The encoding that an XML declaration names, folded: "utf 8"; "" when it names none.
std::string DeclaredEncoding(std::string_view head) {
  head = head.substr(0, head.find("?>"));
  const size_t at = head.find("encoding");
  const size_t open = at == std::string_view::npos ? at : head.find_first_of("\"'", at);
  if (open == std::string_view::npos) return {};
  const std::string_view rest = head.substr(open + 1);
  return FoldText(rest.substr(0, rest.find(head[open])));
}

// Characters that XML does not allow, but exports hold, become spaces.
void DropControls(std::string& text) {
  for (char& c : text) {
    if (static_cast<uint8_t>(c) < ' ' && c != '\t' && c != '\n' && c != '\r') c = ' ';
  }
}

// Single-byte encodings that expat does not know itself.
int OnUnknownEncoding(void*, const XML_Char* name, XML_Encoding* encoding) {
  const std::string folded = FoldText(name);
  const bool latin_9 = folded == "iso 8859 15";
  if (!latin_9 && folded != "windows 1252" && folded != "cp1252") return XML_STATUS_ERROR;
  for (int byte = 0; byte < 256; ++byte) encoding->map[byte] = byte;
  if (latin_9) {  // its eight differences from Latin-1
    constexpr std::pair<int, int> kOwn[] = {{0xA4, 0x20AC}, {0xA6, 0x160}, {0xA8, 0x161},
                                            {0xB4, 0x17D},  {0xB8, 0x17E}, {0xBC, 0x152},
                                            {0xBD, 0x153},  {0xBE, 0x178}};
    for (const auto& [byte, code] : kOwn) encoding->map[byte] = code;
  } else {
    for (int byte = 0x80; byte < 0xA0; ++byte)
      encoding->map[byte] = static_cast<int>(Windows1252(static_cast<uint8_t>(byte)));
  }
  encoding->data = nullptr;
  encoding->convert = nullptr;
  encoding->release = nullptr;
  return XML_STATUS_OK;
}

class XmlReader : public RecordReader {
 public:
  // `head`: the first bytes of the file.
  XmlReader(std::unique_ptr<ByteSource> source, std::string name, std::string_view head)
      : source_(std::move(source)), name_(std::move(name)) {
    const std::string declared = DeclaredEncoding(head);
    // UTF-16 has become UTF-8 below us, whatever the declaration says.
    utf8_ = declared.empty() || declared.substr(0, 3) == "utf";
    parser_ = XML_ParserCreate(utf8_ ? "UTF-8" : nullptr);
    XML_SetUnknownEncodingHandler(parser_, &OnUnknownEncoding, nullptr);
    XML_SetUserData(parser_, this);
    XML_SetElementHandler(parser_, &XmlReader::OnStart, &XmlReader::OnEnd);
    XML_SetCharacterDataHandler(parser_, &XmlReader::OnText);
  }
  ~XmlReader() override { XML_ParserFree(parser_); }
  XmlReader(const XmlReader&) = delete;
  XmlReader& operator=(const XmlReader&) = delete;

  const std::vector<std::string>& columns() const override { return columns_; }
  uint64_t position_bytes() const override { return source_->position_bytes(); }
  uint64_t size_bytes() const override { return source_->size_bytes(); }

  Result<bool> Next(Record& record) override {
    while (ready_.empty() && !done_) VITRINE_RETURN_IF_ERROR(Feed());
    if (ready_.empty()) {
      if (products_ == 0) {
        return Error{name_ +
                     ": holds no product; expected <item> (RSS) or <entry> (Atom) elements"};
      }
      return false;
    }
    current_ = std::move(ready_.front());
    ready_.pop_front();
    record.line = current_.line;
    record.problem = {};
    record.extras.clear();
    record.fields.clear();
    current_.values.resize(columns_.size());
    for (const std::string& value : current_.values) record.fields.emplace_back(value);
    return true;
  }

 private:
  struct Product {
    uint64_t line = 0;
    std::vector<std::string> values;  // by column
  };

  Status Feed() {
    block_.resize(kBlockBytes);
    VITRINE_ASSIGN(const size_t got, source_->Read(block_.data(), kBlockBytes));
    block_.resize(got);
    done_ = got == 0;
    if (utf8_) RepairBlock();
    DropControls(block_);
    if (XML_Parse(parser_, block_.data(), static_cast<int>(block_.size()), done_ ? 1 : 0) !=
            XML_STATUS_ERROR &&
        !too_long_)
      return Ok();
    const std::string place = name_ + ":" + std::to_string(XML_GetCurrentLineNumber(parser_)) +
                              ":" + std::to_string(XML_GetCurrentColumnNumber(parser_) + 1);
    if (too_long_)
      return Error{place + ": one product takes more than 8 MiB; is an element not closed?"};
    const XML_Error code = XML_GetErrorCode(parser_);
    return Error{place + ": the XML is damaged: " + XML_ErrorString(code) +
                 (code == XML_ERROR_INVALID_TOKEN
                      ? ". Is an & or < in a text not written as &amp; or &lt;?"
                      : "")};
  }

  // Makes the block valid UTF-8; a character that it cuts off waits for the next one.
  void RepairBlock() {
    block_.insert(0, tail_);
    const size_t open = done_ ? 0 : OpenUtf8Tail(block_);
    tail_ = block_.substr(block_.size() - open);
    block_.resize(block_.size() - open);
    if (!IsValidUtf8(block_)) block_ = RepairUtf8(block_);
  }

  static void OnStart(void* self, const XML_Char* name, const XML_Char** attributes) {
    static_cast<XmlReader*>(self)->Start(LocalName(name), attributes);
  }
  static void OnEnd(void* self, const XML_Char* name) {
    static_cast<XmlReader*>(self)->End(LocalName(name));
  }
  static void OnText(void* self, const XML_Char* text, int length) {
    auto* reader = static_cast<XmlReader*>(self);
    if (reader->depth_ == 0) return;
    reader->product_bytes_ += static_cast<size_t>(length);
    if (reader->product_bytes_ > kMaxProductBytes) {
      reader->too_long_ = true;
      XML_StopParser(reader->parser_, XML_FALSE);
      return;
    }
    if (reader->depth_ >= 2) reader->text_.append(text, static_cast<size_t>(length));
  }

  void Start(std::string_view name, const XML_Char** attributes) {
    if (depth_ == 0) {
      if (name != "item" && name != "entry") return;
      depth_ = 1;
      product_bytes_ = 0;
      product_ = {};
      product_.line = XML_GetCurrentLineNumber(parser_);
      return;
    }
    ++depth_;
    if (depth_ != 2) {
      if (!text_.empty() && text_.back() != ' ') text_ += ' ';
      return;
    }
    text_.clear();
    if (name != "link") return;
    std::string_view relation, href;
    for (; attributes[0] != nullptr; attributes += 2) {
      if (std::string_view(attributes[0]) == "href") href = attributes[1];
      if (std::string_view(attributes[0]) == "rel") relation = attributes[1];
    }
    if (relation.empty() || relation == "alternate") text_ = href;
  }

  void End(std::string_view name) {
    if (depth_ == 0) return;
    --depth_;
    if (depth_ == 1) Put(name);
    if (depth_ > 0) return;
    ++products_;
    ready_.push_back(std::move(product_));
  }

  void Put(std::string_view name) {
    while (!text_.empty() &&
           (text_.back() == ' ' || (text_.back() >= '\t' && text_.back() <= '\r')))
      text_.pop_back();
    const size_t begin = text_.find_first_not_of(" \t\n\r");
    if (begin == std::string::npos) return;
    auto column = column_of_.find(std::string(name));
    if (column == column_of_.end()) {
      if (columns_.size() >= kMaxColumns) return;
      column = column_of_.emplace(std::string(name), columns_.size()).first;
      columns_.emplace_back(name);
    }
    if (product_.values.size() <= column->second) product_.values.resize(columns_.size());
    std::string& value = product_.values[column->second];
    if (!value.empty() && name == "product_type") return;
    if (!value.empty()) value += '|';
    value.append(text_, begin, std::string::npos);
    text_.clear();
  }

  std::unique_ptr<ByteSource> source_;
  std::string name_;
  XML_Parser parser_ = nullptr;
  bool utf8_ = true;
  std::string block_, tail_;
  std::vector<std::string> columns_;
  std::unordered_map<std::string, size_t> column_of_;
  std::deque<Product> ready_;
  Product product_, current_;
  std::string text_;
  int depth_ = 0;  // below <item>: 1 inside of it, 2 inside of a child
  size_t product_bytes_ = 0;
  uint64_t products_ = 0;
  bool done_ = false, too_long_ = false;
};

}  // namespace

Result<std::unique_ptr<RecordReader>> MakeXmlReader(std::unique_ptr<ByteSource> source,
                                                    std::string name) {
  VITRINE_ASSIGN(const std::string head, source->Head(256));
  return std::unique_ptr<RecordReader>(
      std::make_unique<XmlReader>(std::move(source), std::move(name), head));
}

}  // namespace vitrine
