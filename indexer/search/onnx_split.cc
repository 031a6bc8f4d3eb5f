#include "indexer/search/onnx_split.h"

#include <map>
#include <vector>

namespace vitrine {
namespace {

// Field numbers of onnx.proto.
enum ModelField : uint32_t { kGraph = 7 };
enum GraphField : uint32_t {
  kNode = 1,
  kInitializer = 5,
  kInput = 11,
  kOutput = 12,
  kValueInfo = 13,
  kQuantization = 14,
  kSparseInitializer = 15
};
enum NodeField : uint32_t { kNodeInput = 1, kNodeOutput = 2, kAttribute = 5 };
enum AttributeField : uint32_t { kSubgraph = 6, kSubgraphs = 11 };
constexpr uint32_t kValueName = 1, kTensorName = 8, kTensorLocation = 14, kQuantizedName = 1;
constexpr int kDeepest = 8;  // of graphs in graphs

struct Field {
  uint32_t number = 0;
  ByteView whole;    // with its tag, to copy
  ByteView content;  // of a length-delimited field
  uint64_t integer = 0;
};

// The fields of one message, in order; ok() is false when the bytes are no message.
class Fields {
 public:
  explicit Fields(ByteView message) : message_(message) {}

  bool Next(Field& field) {
    if (at_ >= message_.size() || !ok_) return false;
    const size_t begin = at_;
    const uint64_t tag = Varint();
    field.number = static_cast<uint32_t>(tag >> 3);
    field.content = {};
    switch (tag & 7) {
      case 0:
        field.integer = Varint();
        break;
      case 1:
        Take(8);
        break;
      case 2:
        field.content = Take(Varint());
        break;
      case 5:
        Take(4);
        break;
      default:
        ok_ = false;
    }
    if (ok_) field.whole = message_.subspan(begin, at_ - begin);
    return ok_;
  }
  bool ok() const { return ok_; }

 private:
  uint64_t Varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && at_ < message_.size(); shift += 7) {
      const uint8_t byte = message_[at_++];
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }
  ByteView Take(uint64_t size) {
    if (!ok_ || size > message_.size() - at_) {
      ok_ = false;
      return {};
    }
    at_ += static_cast<size_t>(size);
    return message_.subspan(at_ - static_cast<size_t>(size), static_cast<size_t>(size));
  }

  ByteView message_;
  size_t at_ = 0;
  bool ok_ = true;
};

std::string Text(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

// The text in field `number` of a message, empty when there is none.
std::string NameIn(ByteView message, uint32_t number) {
  Fields fields(message);
  std::string name;
  for (Field field; fields.Next(field);) {
    if (field.number == number) name = Text(field.content);
  }
  return name;
}

struct Node {
  std::vector<std::string> inputs, outputs;
};

bool ReadNode(ByteView message, int depth, Node& node);

// What the nodes of a graph within a node read; names of its own do no harm.
bool ReadSubgraph(ByteView graph, int depth, Node& node) {
  Fields fields(graph);
  for (Field field; fields.Next(field);) {
    Node inner;
    if (field.number == kNode && !ReadNode(field.content, depth + 1, inner)) return false;
    node.inputs.insert(node.inputs.end(), inner.inputs.begin(), inner.inputs.end());
    if (field.number == kOutput) node.inputs.push_back(NameIn(field.content, kValueName));
  }
  return fields.ok();
}

bool ReadNode(ByteView message, int depth, Node& node) {
  if (depth > kDeepest) return false;
  Fields fields(message);
  for (Field field; fields.Next(field);) {
    if (field.number == kNodeInput) node.inputs.push_back(Text(field.content));
    if (field.number == kNodeOutput) node.outputs.push_back(Text(field.content));
    if (field.number != kAttribute) continue;
    Fields attribute(field.content);
    for (Field part; attribute.Next(part);) {
      if (part.number != kSubgraph && part.number != kSubgraphs) continue;
      if (!ReadSubgraph(part.content, depth, node)) return false;
    }
    if (!attribute.ok()) return false;
  }
  return fields.ok();
}

Error NoModel() { return Error{"not an ONNX model (truncated download?)"}; }

Result<ByteView> GraphOf(ByteView model) {
  ByteView graph;
  Fields fields(model);
  for (Field field; fields.Next(field);) {
    if (field.number == kGraph) graph = field.content;
  }
  if (!fields.ok() || graph.empty()) return NoModel();
  return graph;
}

void WriteTag(uint32_t number, uint64_t size, ByteWriter& out) {
  for (uint64_t value : {uint64_t{number} << 3 | 2, size}) {
    for (; value >= 0x80; value >>= 7) out.Write(static_cast<uint8_t>(value | 0x80));
    out.Write(static_cast<uint8_t>(value));
  }
}

// Names of every value that `output` depends on, itself included.
Result<std::set<std::string>> LeadingTo(ByteView graph, const std::string& output) {
  std::vector<Node> nodes;
  std::map<std::string, size_t> made_by;
  Fields fields(graph);
  for (Field field; fields.Next(field);) {
    if (field.number != kNode) continue;
    Node& node = nodes.emplace_back();
    if (!ReadNode(field.content, 0, node)) return NoModel();
    for (const std::string& name : node.outputs) made_by[name] = nodes.size() - 1;
  }
  if (!fields.ok()) return NoModel();
  std::set<std::string> wanted = {output};
  std::vector<std::string> open = {output};
  while (!open.empty()) {
    const auto maker = made_by.find(open.back());
    open.pop_back();
    if (maker == made_by.end()) continue;
    const Node& node = nodes[maker->second];
    for (const std::string& name : node.inputs) {
      if (wanted.insert(name).second) open.push_back(name);
    }
    wanted.insert(node.outputs.begin(), node.outputs.end());  // a node is kept as a whole
  }
  return wanted;
}

bool Keeps(const Field& field, const std::set<std::string>& wanted, const std::string& output) {
  switch (field.number) {
    case kNode: {
      Node node;
      ReadNode(field.content, 0, node);
      for (const std::string& name : node.outputs) {
        if (!name.empty() && wanted.contains(name)) return true;
      }
      return false;
    }
    case kInitializer:
      return wanted.contains(NameIn(field.content, kTensorName));
    case kInput:
    case kValueInfo:
      return wanted.contains(NameIn(field.content, kValueName));
    case kOutput:
      return NameIn(field.content, kValueName) == output;
    case kQuantization:
      return wanted.contains(NameIn(field.content, kQuantizedName));
    default:
      return true;
  }
}

}  // namespace

Result<OnnxNames> ReadOnnxNames(ByteView model) {
  VITRINE_ASSIGN(const ByteView graph, GraphOf(model));
  OnnxNames names;
  std::set<std::string> weights;
  Fields fields(graph);
  for (Field field; fields.Next(field);) {
    if (field.number == kInput) names.inputs.insert(NameIn(field.content, kValueName));
    if (field.number == kOutput) names.outputs.insert(NameIn(field.content, kValueName));
    if (field.number != kInitializer) continue;
    weights.insert(NameIn(field.content, kTensorName));
    Fields tensor(field.content);
    for (Field part; tensor.Next(part);) {
      if (part.number == kTensorLocation && part.integer == 1) {
        return Error{
            "its weights are in another file; the browser needs one file: save the model "
            "without external data"};
      }
    }
  }
  if (!fields.ok()) return NoModel();
  for (const std::string& name : weights) names.inputs.erase(name);
  return names;
}

Result<Bytes> SplitOnnx(ByteView model, std::string_view output) {
  const std::string name(output);
  VITRINE_ASSIGN(const OnnxNames names, ReadOnnxNames(model));
  if (!names.outputs.contains(name)) return Error{"the model has no output \"" + name + "\""};
  VITRINE_ASSIGN(const ByteView graph, GraphOf(model));
  VITRINE_ASSIGN(const std::set<std::string> wanted, LeadingTo(graph, name));
  ByteWriter kept;
  Fields parts(graph);
  for (Field field; parts.Next(field);) {
    if (Keeps(field, wanted, name)) kept.WriteBytes(field.whole);
  }
  const Bytes split = kept.Take();
  ByteWriter out;
  Fields fields(model);
  for (Field field; fields.Next(field);) {
    if (field.number != kGraph) {
      out.WriteBytes(field.whole);
      continue;
    }
    WriteTag(kGraph, split.size(), out);
    out.WriteBytes(split);
  }
  return out.Take();
}

}  // namespace vitrine
