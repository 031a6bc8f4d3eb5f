// Makes small models with the interface of CLIP's exports, for this project's tests: photos of
// 16 x 16 and texts to 8 numbers in one space, where a red photo is near the word "red".
//
//   node tiny_models.mjs DIR
//
// DIR/tiny.json           the encoder profile
// DIR/split/, combined/, fp16/, int8/
//     *.onnx, vocab.txt   the models in every form that they are published in
//     reference.json      their vectors, computed here in double precision from the same weights
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { DataType, OnnxGraph } from './onnx_writer.mjs';

const side = 16;
const patch = 8;
const dims = 8;
const mean = [0.48145466, 0.4578275, 0.40821073];
const deviation = [0.26862954, 0.26130258, 0.27577711];
const colours = {
  red: [0.8, 0.05, 0.05], green: [0.05, 0.6, 0.1], blue: [0.05, 0.1, 0.8], black: [0.02, 0.02, 0.02],
  white: [0.98, 0.98, 0.98], yellow: [0.95, 0.9, 0.1], pink: [0.95, 0.6, 0.75], grey: [0.5, 0.5, 0.5],
};
const words = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'a', 'an', 'photo', 'of', 'the', 'garment', 'fashion',
  'product', 'item', 'colour', 'dress', 'shirt', ...Object.keys(colours)];
const texts = ['a photo of a red garment', 'blue dress', 'white'];

let state = 7;
function random() { // in -1..1
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 31 - 1;
}

// The weights, as 32-bit floats. The first three channels are the mean colour.
const kernel = new Float32Array(dims * 3 * patch * patch);
for (let o = 0; o < dims; ++o) {
  for (let i = 0; i < 3 * patch * patch; ++i) {
    const channel = Math.floor(i / (patch * patch));
    kernel[o * 3 * patch * patch + i] = o < 3 ? (o === channel ? 1 / (patch * patch) : 0) : random() / 50;
  }
}
const nearIdentity = () => Float32Array.from({ length: dims * dims },
  (_, i) => (i % (dims + 1) === 0 ? 1 : 0) + random() / 20);
const imageProjection = nearIdentity();
const textProjection = nearIdentity();
const table = new Float32Array(words.length * dims);
words.forEach((word, w) => {
  for (let j = 0; j < dims; ++j) table[w * dims + j] = random() / 50;
  (colours[word] ?? []).forEach((value, c) => {
    table[w * dims + c] = Math.tanh((value - mean[c]) / deviation[c]);
  });
});

function multiply(row, matrix) {
  return Array.from({ length: dims }, (_, j) => row.reduce((sum, x, i) => sum + x * matrix[i * dims + j], 0));
}

function imageVector(pixels) { // planar, 3 x side x side
  const across = side / patch;
  const sums = new Array(dims).fill(0);
  for (let o = 0; o < dims; ++o) {
    for (let py = 0; py < across; ++py) {
      for (let px = 0; px < across; ++px) {
        let sum = 0;
        for (let c = 0; c < 3; ++c) {
          for (let y = 0; y < patch; ++y) {
            for (let x = 0; x < patch; ++x) {
              sum += kernel[((o * 3 + c) * patch + y) * patch + x]
                * pixels[(c * side + py * patch + y) * side + px * patch + x];
            }
          }
        }
        sums[o] += Math.tanh(sum);
      }
    }
  }
  return multiply(sums.map((s) => s / (across * across)), imageProjection);
}

function textVector(text) {
  const ids = ['[CLS]', ...text.split(' '), '[SEP]'].map((word) => words.indexOf(word));
  const sum = new Array(dims).fill(0);
  for (const id of ids) for (let j = 0; j < dims; ++j) sum[j] += table[id * dims + j];
  return multiply(sum.map((s) => s / ids.length), textProjection);
}

// The inputs that `vitrine model check` knows by name.
function referenceInput(name) {
  const area = side * side;
  let noise = 1;
  return Float32Array.from({ length: 3 * area }, (_, i) => {
    if (name === 'ramp') return i / (3 * area);
    const [x, y, c] = [i % side, Math.floor((i % area) / side), Math.floor(i / area)];
    if (name === 'checker') return (Math.floor(x / 32) + Math.floor(y / 32) + c) % 2 !== 0 ? 0.9 : 0.1;
    noise = (Math.imul(noise, 1664525) + 1013904223) >>> 0;
    return noise / 4294967296;
  });
}

const unit = (row) => row.map((x) => x / Math.hypot(...row));
const vectors = (of, keys, finish) => Object.fromEntries(keys.map((key) => [key, finish(of(key))]));
const reference = (tolerance, finish = (row) => row) => JSON.stringify({
  tolerance,
  outputs: vectors((name) => imageVector(referenceInput(name)), ['ramp', 'checker', 'noise'], finish),
  texts: vectors(textVector, texts, finish),
});

// IEEE 754 half precision, rounded to nearest even.
function halves(floats) {
  return Uint16Array.from(floats, (value) => {
    const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
    const size = Math.abs(value);
    if (size === 0) return sign;
    const exponent = Math.max(Math.floor(Math.log2(size)), -14);
    const steps = size / 2 ** (exponent - 10);
    let whole = Math.floor(steps);
    const rest = steps - whole;
    if (rest > 0.5 || (rest === 0.5 && whole % 2 === 1)) ++whole;
    return sign | (whole < 1024 ? whole : ((exponent + 15) << 10) + (whole - 1024));
  });
}

// Builds the towers on one graph. form: 'fp32', 'fp16' or 'int8' (of the projections).
class Towers {
  constructor(form) {
    this.form = form;
    this.type = form === 'fp16' ? DataType.FLOAT16 : DataType.FLOAT;
    this.graph = new OnnxGraph('tiny_clip');
  }

  weights(name, shape, data) {
    return this.graph.constant(name, this.type, shape, this.form === 'fp16' ? halves(data) : data);
  }

  axes(name, ...values) {
    return this.graph.constant(name, DataType.INT64, [values.length], BigInt64Array.from(values, BigInt));
  }

  project(name, input, matrix) {
    const { graph } = this;
    if (this.form !== 'int8') {
      return graph.node('MatMul', [input, this.weights(`${name}_w`, [dims, dims], matrix)], `${name}_raw`);
    }
    return graph.matMulInt8(input, [dims, dims], matrix, `${name}_raw`);
  }

  // The combined exports give vectors of length 1, the split ones do not.
  finish(raw, output, normalised) {
    const { graph } = this;
    if (normalised) {
      const norm = graph.node('ReduceL2', [raw], `${output}_norm`, { axes: [1], keepdims: 1 });
      graph.node('Div', [raw, norm], output);
    } else {
      graph.node('Identity', [raw], output);
    }
    graph.output(output, ['n', dims], this.type);
    return output;
  }

  image(normalised) {
    const { graph } = this;
    const pixels = graph.input('pixel_values', ['n', 3, side, side], this.type);
    this.weights('kernel', [dims, 3, patch, patch], kernel);
    const patches = graph.node('Conv', [pixels, 'kernel'], 'patches', { strides: [patch, patch] });
    const bent = graph.node('Tanh', [patches], 'bent');
    const pooled = graph.node('ReduceMean', [bent], 'image_mean', { axes: [2, 3], keepdims: 0 });
    return this.finish(this.project('image', pooled, imageProjection), 'image_embeds', normalised);
  }

  text(normalised) {
    const { graph } = this;
    const ids = graph.input('input_ids', ['m', 't'], DataType.INT64);
    const mask = graph.input('attention_mask', ['m', 't'], DataType.INT64);
    this.weights('table', [words.length, dims], table);
    const rows = graph.node('Gather', ['table', ids], 'rows');
    const weight = graph.node('Cast', [mask], 'weight', { to: this.type });
    const column = graph.node('Unsqueeze', [weight, this.axes('two', 2)], 'column');
    const kept = graph.node('Mul', [rows, column], 'kept');
    const sum = graph.node('ReduceSum', [kept, this.axes('one', 1)], 'sum', { keepdims: 0 });
    const count = graph.node('ReduceSum', [weight, 'one'], 'count', { keepdims: 1 });
    const pooled = graph.node('Div', [sum, count], 'text_mean');
    return this.finish(this.project('text', pooled, textProjection), 'text_embeds', normalised);
  }
}

function tower(form, which, normalised = false) {
  const towers = new Towers(form);
  towers[which](normalised);
  return towers.graph.encode();
}

function combined() {
  const towers = new Towers('fp32');
  const text = towers.text(true);
  const image = towers.image(true);
  const { graph } = towers;
  graph.node('Transpose', [text], 'turned', { perm: [1, 0] });
  graph.output(graph.node('MatMul', [image, 'turned'], 'logits_per_image'), ['n', 'm']);
  graph.output(graph.node('Transpose', ['logits_per_image'], 'logits_per_text', { perm: [1, 0] }), ['m', 'n']);
  return graph.encode();
}

const profile = {
  name: 'tiny', joint: true, dimensions: dims, batch: 4,
  image: {
    model: ['vision_model.onnx', 'model.onnx', 'vision_model_fp16.onnx', 'vision_model_int8.onnx'],
    fit: 'squash', size: side, filter: 'bicubic', scale: 1 / 255, mean, std: deviation,
  },
  text: {
    model: ['text_model.onnx', 'model.onnx', 'text_model_fp16.onnx', 'text_model_int8.onnx'],
    tokenizer: 'wordpiece', tokenizer_files: 'vocab.txt', max_tokens: 16,
  },
};

const target = process.argv[2];
function write(folder, files) {
  mkdirSync(path.join(target, folder), { recursive: true });
  for (const [name, data] of Object.entries({ 'vocab.txt': `${words.join('\n')}\n`, ...files })) {
    writeFileSync(path.join(target, folder, name), data);
  }
}
write('split', {
  'vision_model.onnx': tower('fp32', 'image'),
  'text_model.onnx': tower('fp32', 'text'),
  'reference.json': reference(1e-5),
});
write('combined', { 'model.onnx': combined(), 'reference.json': reference(1e-5, unit) });
for (const [form, tolerance] of [['fp16', 2e-3], ['int8', 2e-2]]) {
  write(form, {
    [`vision_model_${form}.onnx`]: tower(form, 'image'),
    [`text_model_${form}.onnx`]: tower(form, 'text'),
    'reference.json': reference(tolerance),
  });
}
writeFileSync(path.join(target, 'tiny.json'), JSON.stringify(profile, null, 2));
