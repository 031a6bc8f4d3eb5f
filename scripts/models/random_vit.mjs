// Makes a photo tower with the layers of CLIP's ViT-B/32 (Radford et al. 2021; Dosovitskiy et al. 2021) and
// random weights: good for measuring speed and for comparing two ways to run it, and for nothing else.
//   node scripts/models/random_vit.mjs DIR           writes DIR/vision_model.onnx, 350 MB
//   node scripts/models/random_vit.mjs DIR --small   a hundredth of it
//   node scripts/models/random_vit.mjs DIR --int8    DIR/vision_model_int8.onnx: weights of int8, what is
//                                                    multiplied by them quantized on the way
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { DataType, OnnxGraph } from './onnx_writer.mjs';

const { values: options, positionals: [target] } = parseArgs({
  allowPositionals: true, options: { small: { type: 'boolean' }, int8: { type: 'boolean' } },
});
const { width, heads, layers, patch, side, dimensions } = options.small
  ? { width: 128, heads: 4, layers: 4, patch: 16, side: 64, dimensions: 64 }
  : { width: 768, heads: 12, layers: 12, patch: 32, side: 224, dimensions: 512 };
const positions = (side / patch) ** 2 + 1;

const graph = new OnnxGraph('random_vit_b32');
let state = 1;
function random(...shape) {
  const count = shape.reduce((a, b) => a * b, 1);
  const scale = Math.sqrt(3 / shape[0]); // keeps the size of what is multiplied
  const data = new Float32Array(count);
  for (let i = 0; i < count; ++i) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = (state / 2 ** 31 - 1) * scale;
  }
  return data;
}
let serial = 0;
const name = () => `t${serial++}`;
const weight = (...shape) => graph.constant(name(), DataType.FLOAT, shape, random(...shape));
const fill = (value, ...shape) => graph.constant(name(), DataType.FLOAT, shape,
  new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value));
const integers = (...values) => graph.constant(name(), DataType.INT64, [values.length], BigInt64Array.from(values, BigInt));
const node = (op, inputs, attributes) => graph.node(op, inputs, name(), attributes);

const norm = (x) => node('LayerNormalization', [x, fill(1, width), fill(0, width)], { axis: -1 });
const times = (x, from, to) => (options.int8 ? graph.matMulInt8(x, [from, to], random(from, to), name()) : node('MatMul', [x, weight(from, to)]));
const linear = (x, from, to) => node('Add', [times(x, from, to), fill(0, to)]);

function attention(x) {
  const split = integers(0, positions, heads, width / heads);
  const head = (perm) => node('Transpose', [node('Reshape', [linear(x, width, width), split])], { perm });
  const [query, key, value] = [head([0, 2, 1, 3]), head([0, 2, 3, 1]), head([0, 2, 1, 3])];
  const scores = node('Mul', [node('MatMul', [query, key]), fill(Math.sqrt(heads / width))]);
  const mixed = node('MatMul', [node('Softmax', [scores], { axis: -1 }), value]);
  const joined = node('Reshape', [node('Transpose', [mixed], { perm: [0, 2, 1, 3] }), integers(0, positions, width)]);
  return linear(joined, width, width);
}

function perceptron(x) {
  const wide = linear(x, width, 4 * width);
  const gate = node('Sigmoid', [node('Mul', [wide, fill(1.702)])]); // CLIP's quick GELU
  return linear(node('Mul', [wide, gate]), 4 * width, width);
}

const pixels = graph.input('pixel_values', ['n', 3, side, side]);
const patches = node('Conv', [pixels, weight(width, 3, patch, patch)], { strides: [patch, patch] });
const rows = node('Transpose', [node('Reshape', [patches, integers(0, width, positions - 1)])], { perm: [0, 2, 1] });
const batch = node('Gather', [node('Shape', [pixels]), integers(0)], { axis: 0 });
const classShape = node('Concat', [batch, integers(1, width)], { axis: 0 });
const classRows = node('Expand', [weight(1, 1, width), classShape]);
let x = node('Add', [node('Concat', [classRows, rows], { axis: 1 }), weight(positions, width)]);
x = norm(x);
for (let layer = 0; layer < layers; ++layer) {
  x = node('Add', [x, attention(norm(x))]);
  x = node('Add', [x, perceptron(norm(x))]);
}
const first = node('Squeeze', [node('Slice', [x, integers(0), integers(1), integers(1)]), integers(1)]);
graph.node('Identity', [times(norm(first), width, dimensions)], 'image_embeds');
graph.output('image_embeds', ['n', dimensions]);

mkdirSync(target, { recursive: true });
writeFileSync(path.join(target, `vision_model${options.int8 ? '_int8' : ''}.onnx`), graph.encode({ opset: 17 }));
