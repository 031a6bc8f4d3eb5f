// Takes one tower out of an ONNX model that holds two: the nodes and weights that lead to one
// output and nothing else. Enough of the protobuf wire format
// (https://protobuf.dev/programming-guides/encoding/) and of onnx.proto to do that without a
// library.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "shared/bytes.h"
#include "shared/result.h"

namespace vitrine {

struct OnnxNames {
  std::set<std::string> inputs;  // of the graph, initializers left out
  std::set<std::string> outputs;
};

// Fails on bytes that are no ONNX model and on weights kept in other files.
Result<OnnxNames> ReadOnnxNames(ByteView model);

// The model that computes `output` alone. Nodes and weights keep their bytes. Fails as above and
// when there is no such output. O(model).
Result<Bytes> SplitOnnx(ByteView model, std::string_view output);

}  // namespace vitrine
