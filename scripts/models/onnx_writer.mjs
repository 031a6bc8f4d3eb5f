// Writes ONNX models: just enough of the protobuf wire format
// (https://protobuf.dev/programming-guides/encoding/) and of the messages in
// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto for a graph of standard operators.

export const DataType = { FLOAT: 1, UINT8: 2, INT8: 3, INT64: 7, FLOAT16: 10 };

function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

// One field: integers as varints; strings, byte arrays and nested messages length-delimited.
function field(number, value) {
  if (typeof value === 'number' || typeof value === 'bigint') {
    return Buffer.concat([varint(number << 3), varint(value)]);
  }
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

function floatField(number, value) {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([varint((number << 3) | 5), bytes]);
}

const message = (...fields) => Buffer.concat(fields.flat());

function attribute(name, value) {
  const AttributeType = { FLOAT: 1, INT: 2, STRING: 3, INTS: 7 };
  if (Array.isArray(value)) {
    return message(field(1, name), value.map((v) => field(8, v)), field(20, AttributeType.INTS));
  }
  if (typeof value === 'string') {
    return message(field(1, name), field(4, value), field(20, AttributeType.STRING));
  }
  if (typeof value === 'object') {
    return message(field(1, name), floatField(2, value.float), field(20, AttributeType.FLOAT));
  }
  return message(field(1, name), field(3, value), field(20, AttributeType.INT));
}

function tensor(name, type, dims, data) {
  return message(dims.map((d) => field(1, d)), field(2, type), field(8, name), field(9, data));
}

// A float tensor of the graph's border; a dimension is a number or the name of a free one.
function valueInfo(name, dims, type = DataType.FLOAT) {
  const shape = message(
    dims.map((d) => field(1, typeof d === 'string' ? field(2, d) : field(1, d))),
  );
  return message(field(1, name), field(2, field(1, message(field(1, type), field(2, shape)))));
}

export class OnnxGraph {
  constructor(name) {
    this.name = name;
    this.nodes = [];
    this.initializers = [];
    this.inputs = [];
    this.outputs = [];
  }

  input(name, dims, type) {
    this.inputs.push(valueInfo(name, dims, type));
    return name;
  }

  output(name, dims, type) {
    this.outputs.push(valueInfo(name, dims, type));
  }

  constant(name, type, dims, data) {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    this.initializers.push(tensor(name, type, dims, bytes));
    return name;
  }

  // Adds a node with the output (or list of outputs) `output`, and returns that. Attributes: a number
  // is an integer, {float: x} a float, an array integers.
  node(op, inputs, output, attributes = {}) {
    this.nodes.push(
      message(
        inputs.map((i) => field(1, i)),
        [output].flat().map((o) => field(2, o)),
        field(3, [output].flat()[0]),
        field(4, op),
        Object.entries(attributes).map(([k, v]) => field(5, attribute(k, v))),
      ),
    );
    return output;
  }

  // `input` times a matrix of `shape`, whose weights are stored as int8; what is multiplied by them is
  // quantized on the way, as ONNX Runtime's tools do it:
  // https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html
  matMulInt8(input, shape, weights, output) {
    const step = weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0) / 127;
    this.constant(`${output}_w`, DataType.INT8, shape, Int8Array.from(weights, (w) => Math.round(w / step)));
    this.constant(`${output}_s`, DataType.FLOAT, [], Float32Array.of(step));
    const [bytes, scale, zero] = this.node('DynamicQuantizeLinear', [input], [`${output}_q`, `${output}_qs`, `${output}_qz`]);
    this.node('MatMulInteger', [bytes, `${output}_w`, zero], `${output}_i`);
    this.node('Cast', [`${output}_i`], `${output}_f`, { to: DataType.FLOAT });
    this.node('Mul', [scale, `${output}_s`], `${output}_step`);
    return this.node('Mul', [`${output}_f`, `${output}_step`], output);
  }

  // The model file. `opset` is the version of the standard operators.
  encode({ opset = 13, documentation = '' } = {}) {
    const graph = message(
      this.nodes.map((n) => field(1, n)),
      field(2, this.name),
      this.initializers.map((t) => field(5, t)),
      this.inputs.map((v) => field(11, v)),
      this.outputs.map((v) => field(12, v)),
    );
    return message(
      field(1, 8), // IR version
      field(2, 'vitrine'),
      field(6, documentation),
      field(7, graph),
      field(8, message(field(1, ''), field(2, opset))),
    );
  }
}
