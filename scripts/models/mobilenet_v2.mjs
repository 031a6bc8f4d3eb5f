// Makes an ONNX image encoder of the MobileNetV2 (width 1.4) in the npm package nsfwjs (MIT): the
// same network and weights without the classifier, so that its output is the 1792-d feature vector.
//
//   node mobilenet_v2.mjs --package DIR --tfjs NODE_MODULES --out DIR
//
// --package: the unpacked nsfwjs package. Writes model.onnx and LICENSE, and reference.json: what
// the model's original runtime, TensorFlow.js, computes for some inputs, so that
// `vitrine model check mobilenet-v2` can tell that the conversion is right.
//
// The weights stay 8-bit in the file, as the package has them (4.3 MB); ONNX Runtime expands them
// when it loads the model.
import { mkdirSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import vm from 'node:vm';

import { DataType, OnnxGraph } from './onnx_writer.mjs';

const { values: args } = parseArgs({
  options: {
    package: { type: 'string' },
    tfjs: { type: 'string' },
    out: { type: 'string' },
  },
});

// The package wraps its model files in scripts: read them in a context that has nothing to call.
function readWrapped(file) {
  const module = { exports: {} };
  vm.runInNewContext(readFileSync(file, 'utf8'), { module, exports: module.exports });
  return module.exports;
}

function readModel(folder) {
  const model = readWrapped(path.join(folder, 'model.min.js'));
  const manifest = model.weightsManifest[0];
  const data = Buffer.concat(
    manifest.paths.map((p) => Buffer.from(readWrapped(path.join(folder, `${p}.min.js`)), 'base64')),
  );
  const weights = new Map();
  let offset = 0;
  for (const spec of manifest.weights) {
    const count = spec.shape.reduce((a, b) => a * b, 1);
    if (spec.quantization && spec.quantization.dtype !== 'uint8') throw Error(`${spec.name}: ${spec.quantization.dtype}`);
    const size = spec.quantization ? count : count * 4;
    weights.set(spec.name, { ...spec, count, data: data.subarray(offset, offset + size) });
    offset += size;
  }
  if (offset !== data.length) throw Error(`weights: ${data.length} bytes, ${offset} described`);
  return { model, weights, data };
}

// TensorFlow's kernels are [height, width, in, out], ONNX's [out, in, height, width]; depthwise ones
// are [height, width, channels, 1] and [channels, 1, height, width]. Both move the trailing two axes
// to the front, in opposite order.
function transposeKernel(bytes, [h, w, a, b], depthwise) {
  const out = new Uint8Array(bytes.length);
  let to = 0;
  const outer = depthwise ? a : b;
  const inner = depthwise ? b : a;
  for (let o = 0; o < outer; ++o) {
    for (let i = 0; i < inner; ++i) {
      for (let p = 0; p < h * w; ++p) {
        out[to++] = bytes[depthwise ? (p * a + o) * b + i : (p * a + i) * b + o];
      }
    }
  }
  return { data: out, shape: [outer, inner, h, w] };
}

function convert({ model, weights }, outputNode) {
  const graph = new OnnxGraph('mobilenet_v2_features');
  const nodes = new Map(model.modelTopology.node.map((n) => [n.name, n]));
  const names = new Map(); // of the original node -> of our tensor
  let serial = 0;

  const constant = (original, { kernel, depthwise } = {}) => {
    const weight = weights.get(original);
    if (!weight) throw Error(`no weights for ${original}`);
    let { data, shape } = weight;
    const name = `w${serial++}`;
    const { scale, min } = weight.quantization;
    if (kernel) ({ data, shape } = transposeKernel(data, shape, depthwise));
    graph.constant(`${name}_q`, DataType.UINT8, shape, Uint8Array.from(data));
    graph.constant(`${name}_scale`, DataType.FLOAT, [], Float32Array.of(scale));
    graph.constant(`${name}_min`, DataType.FLOAT, [], Float32Array.of(min));
    graph.node('Cast', [`${name}_q`], `${name}_f`, { to: DataType.FLOAT });
    graph.node('Mul', [`${name}_f`, `${name}_scale`], `${name}_s`);
    return graph.node('Add', [`${name}_s`, `${name}_min`], name);
  };

  const list = (node, key) => node.attr[key].list.i.map(Number);
  const text = (value) => Buffer.from(value, 'base64').toString();

  const convolution = (node, depthwise) => {
    const [input, kernel, bias] = node.input;
    const fused = node.attr.fused_ops.list.s.map(text);
    if (fused[0] !== 'BiasAdd') throw Error(`${node.name}: fused ${fused}`);
    if (text(node.attr.padding.s) !== 'SAME') throw Error(`${node.name}: padding`);
    const weight = weights.get(kernel);
    let out = graph.node(
      'Conv',
      [visit(input), constant(kernel, { kernel: true, depthwise }), constant(bias)],
      `t${serial++}`,
      {
        auto_pad: 'SAME_UPPER', // what TensorFlow calls SAME
        kernel_shape: weight.shape.slice(0, 2),
        strides: list(node, 'strides').slice(1, 3),
        group: depthwise ? weight.shape[2] : 1,
      },
    );
    if (fused[1] === 'Relu6') out = graph.node('Clip', [out, 'zero', 'six'], `t${serial++}`);
    else if (fused.length > 1) throw Error(`${node.name}: fused ${fused}`);
    return out;
  };

  const operators = {
    Placeholder: () => 'pixel_values',
    Const: (node) => constant(node.name),
    _FusedConv2D: (node) => convolution(node, false),
    FusedDepthwiseConv2dNative: (node) => convolution(node, true),
    Mul: (node) => graph.node('Mul', node.input.map(visit), `t${serial++}`),
    Sub: (node) => graph.node('Sub', node.input.map(visit), `t${serial++}`),
    AddV2: (node) => graph.node('Add', node.input.map(visit), `t${serial++}`),
    AvgPool: (node) => {
      if (String(list(node, 'ksize')) !== '1,7,7,1') throw Error(`${node.name}: ksize`);
      return graph.node('GlobalAveragePool', [visit(node.input[0])], `t${serial++}`);
    },
    Squeeze: (node) => graph.node('Flatten', [visit(node.input[0])], 'image_embeds', { axis: 1 }),
  };
  function visit(name) {
    if (!names.has(name)) {
      const node = nodes.get(name);
      if (!node || !operators[node.op]) throw Error(`${name}: operator ${node?.op} is not known here`);
      names.set(name, operators[node.op](node));
    }
    return names.get(name);
  }

  graph.input('pixel_values', ['batch', 3, 224, 224]);
  graph.constant('zero', DataType.FLOAT, [], Float32Array.of(0));
  graph.constant('six', DataType.FLOAT, [], Float32Array.of(6));
  graph.output(visit(outputNode), ['batch', 1792]);
  return graph.encode({
    documentation:
      'MobileNetV2 1.4 feature vector; weights of the npm package nsfwjs (MIT, Infinite Red)',
  });
}

// The inputs of reference.json, NCHW in 0..1; vitrine makes the same (indexer/embed/model_check.cc).
//   ramp:    index / count
//   checker: squares of 32 pixels, 0.9 or 0.1, the channels one square apart
//   noise:   a 32-bit linear congruential sequence (seed 1; x -> 1664525 x + 1013904223) / 2^32
const kInputs = {
  ramp: (i, count) => i / count,
  checker: (i) => {
    const x = i % 224, y = Math.floor(i / 224) % 224, c = Math.floor(i / (224 * 224));
    return (Math.floor(x / 32) + Math.floor(y / 32) + c) % 2 ? 0.9 : 0.1;
  },
  noise: (() => {
    let state = 1;
    return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  })(),
};

async function reference({ model, weights, data }, outputNode) {
  const require = createRequire(path.resolve(args.tfjs, 'x.js'));
  const tf = require('@tensorflow/tfjs-core');
  require('@tensorflow/tfjs-backend-cpu');
  const { GraphModel } = require('@tensorflow/tfjs-converter');
  await tf.setBackend('cpu');
  const original = new GraphModel({
    load: async () => ({
      modelTopology: model.modelTopology,
      format: model.format,
      weightSpecs: [...weights.values()].map(({ name, shape, dtype, quantization }) => ({
        name, shape, dtype, quantization,
      })),
      weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.length),
    }),
  });
  await original.load();
  const count = 3 * 224 * 224;
  const outputs = {};
  for (const [name, value] of Object.entries(kInputs)) {
    const nchw = Float32Array.from({ length: count }, (_, i) => value(i, count));
    const nhwc = tf.transpose(tf.tensor(nchw, [1, 3, 224, 224]), [0, 2, 3, 1]);
    const result = original.execute(nhwc, outputNode);
    outputs[name] = Array.from(result.dataSync());
  }
  return { runtime: `TensorFlow.js ${tf.version_core}, CPU`, tolerance: 1e-3, outputs };
}

const source = readModel(path.join(args.package, 'dist/models/mobilenet_v2_mid'));
const feature = source.model.modelTopology.node.find((n) => n.name.endsWith('feature_vector/SpatialSqueeze')).name;
mkdirSync(args.out, { recursive: true });
writeFileSync(path.join(args.out, 'model.onnx'), convert(source, feature));
copyFileSync(path.join(args.package, 'LICENSE'), path.join(args.out, 'LICENSE'));
writeFileSync(
  path.join(args.out, 'reference.json'),
  JSON.stringify(await reference(source, feature)),
);
