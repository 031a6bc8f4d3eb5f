// Makes a tiny model with CLIP's interface that knows one thing, colours: its photos are histograms of
// colours, its words are colour names, both in one space. For tests and for trying out search by photo
// and meaning without a big model; every number below is ours.
//   node scripts/models/tiny_clip.mjs DIR
// writes DIR/tiny-colours.json (the profile) and DIR/tiny-colours/ with text_model.onnx,
// vision_model.onnx, merges.txt and LICENSE; DIR/tiny-colours-combined.json with both towers in one
// model.onnx; and DIR/tiny-colours-int8.json, whose vectors are turned by a matrix of int8.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DataType, OnnxGraph } from './onnx_writer.mjs';

const kColours = {
  black: [30, 30, 34], white: [250, 250, 250], grey: [130, 132, 136], red: [190, 35, 45], burgundy: [110, 25, 45],
  pink: [235, 150, 180], orange: [230, 120, 40], yellow: [240, 205, 70], olive: [110, 110, 60], green: [50, 130, 80],
  teal: [30, 120, 125], blue: [50, 90, 180], navy: [35, 45, 85], purple: [110, 60, 140], brown: [110, 75, 50], beige: [215, 195, 165],
};
const kSide = 32;
const kSharpness = 90; // of a colour's neighbourhood in RGB of 0..1
const kMerges = 48894; // as many as CLIP has
const kFirstMerge = 512;
const kTokens = 77;

// CLIP's merges so that each of `words` is one token, then pairs of letters to make up the number.
// Returns the file's text and each word's id.
export function tinyMerges(words) {
  const lines = new Map();
  const add = (pair) => lines.has(pair) || lines.set(pair, lines.size);
  const ids = {};
  for (const word of words) {
    let left = word[0];
    for (let i = 1; i < word.length; i++) {
      const right = word[i] + (i === word.length - 1 ? '</w>' : '');
      add(`${left} ${right}`);
      left += word[i];
      ids[word] = kFirstMerge + lines.get(`${left.slice(0, -1)} ${right}`);
    }
  }
  const known = lines.size;
  const printable = [...Array(291).keys()].map((i) => i + 33).filter((c) => c < 127 || (c > 160 && c !== 173)).map((c) => String.fromCodePoint(c));
  for (const left of printable) {
    for (const right of printable) {
      if (lines.size < kMerges) add(`${left} ${right}`);
    }
  }
  return { text: `#version: 0.2\n${[...lines.keys()].join('\n')}\n`, ids, known };
}

const colours = Object.values(kColours).map((rgb) => rgb.map((value) => value / 255));
const floats = (values) => Float32Array.from(values);
const integers = (values) => BigInt64Array.from(values.map(BigInt));

// Sum over the tokens that are no padding of each token's row; rows of colour names are unit vectors.
function addText(graph, { ids, known }, output = 'text_embeds') {
  const names = Object.keys(kColours);
  const table = floats(Array.from({ length: (known + 1) * names.length }, () => 0));
  names.forEach((name, k) => (table[(ids[name] - kFirstMerge) * names.length + k] = 1));
  names.forEach((_, k) => (table[known * names.length + k] = 1e-3)); // every other token
  graph.constant('table', DataType.FLOAT, [known + 1, names.length], table);
  graph.constant('first', DataType.INT64, [1], integers([kFirstMerge]));
  graph.constant('last', DataType.INT64, [1], integers([known]));
  graph.constant('before', DataType.INT64, [1], integers([-1]));
  graph.constant('axis_1', DataType.INT64, [1], integers([1]));
  graph.constant('axis_2', DataType.INT64, [1], integers([2]));
  graph.node('Sub', ['input_ids', 'first'], 'merge');
  // Ids outside of the known merges are "every other token".
  graph.node('Greater', ['last', 'merge'], 'below');
  graph.node('Greater', ['merge', 'before'], 'above');
  graph.node('And', ['below', 'above'], 'inside');
  graph.node('Where', ['inside', 'merge', 'last'], 'row');
  graph.node('Gather', ['table', 'row'], 'vectors');
  graph.node('Cast', ['attention_mask'], 'mask', { to: DataType.FLOAT });
  graph.node('Unsqueeze', ['mask', 'axis_2'], 'mask_column');
  graph.node('Mul', ['vectors', 'mask_column'], 'said');
  graph.node('ReduceSum', ['said', 'axis_1'], output, { keepdims: 0 });
  graph.input('input_ids', ['batch', 'sequence'], DataType.INT64);
  graph.input('attention_mask', ['batch', 'sequence'], DataType.INT64);
  graph.output('text_embeds', ['batch', names.length]);
}

// Mean over the pixels of exp(-sharpness |pixel - colour|^2), from |p|^2 - 2 p c + |c|^2. White is what
// photos stand on, so it is weighed down.
function addImage(graph, _, output = 'image_embeds') {
  const count = colours.length;
  graph.constant('minus_2c', DataType.FLOAT, [count, 3, 1, 1], floats(colours.flatMap((c) => c.map((v) => -2 * v))));
  graph.constant('c_squared', DataType.FLOAT, [count], floats(colours.map((c) => c.reduce((s, v) => s + v * v, 0))));
  graph.constant('ones', DataType.FLOAT, [1, 3, 1, 1], floats([1, 1, 1]));
  graph.constant('sharpness', DataType.FLOAT, [], floats([-kSharpness]));
  graph.constant('share', DataType.FLOAT, [1, count], floats(Object.keys(kColours).map((name) => (name === 'white' ? 0.05 : 1))));
  graph.constant('a_little', DataType.FLOAT, [], floats([1e-4]));
  graph.node('Mul', ['pixel_values', 'pixel_values'], 'p2');
  graph.node('Conv', ['p2', 'ones'], 'p_squared');
  graph.node('Conv', ['pixel_values', 'minus_2c', 'c_squared'], 'distance_part');
  graph.node('Add', ['distance_part', 'p_squared'], 'distance');
  graph.node('Mul', ['distance', 'sharpness'], 'exponent');
  graph.node('Exp', ['exponent'], 'near');
  graph.node('GlobalAveragePool', ['near'], 'pooled');
  graph.node('Flatten', ['pooled'], 'histogram', { axis: 1 });
  graph.node('Mul', ['histogram', 'share'], 'weighed');
  graph.node('Add', ['weighed', 'a_little'], output);
  graph.input('pixel_values', ['batch', 3, kSide, kSide]);
  graph.output('image_embeds', ['batch', count]);
}

// The same towers, turned by one reflection (Householder's, about a fixed direction) in int8.
function turned(add, output) {
  return (graph, merges) => {
    add(graph, merges, 'straight');
    const count = colours.length;
    const direction = Array.from({ length: count }, (_, k) => Math.sin(k + 1));
    const square = direction.reduce((total, v) => total + v * v, 0);
    const matrix = floats(Array.from({ length: count * count }, (_, at) => {
      const [i, j] = [Math.floor(at / count), at % count];
      return (i === j ? 1 : 0) - (2 * direction[i] * direction[j]) / square;
    }));
    graph.matMulInt8('straight', [count, count], matrix, output);
  };
}

const profile = (name, text, image) => ({
  name, about: 'a tiny model that knows colours, for tests', licence: 'MIT', source: 'scripts/models/tiny_clip.mjs',
  joint: true, dimensions: colours.length,
  image: { model: [image], input: 'pixel_values', output: 'image_embeds', fit: 'squash', size: kSide, filter: 'bilinear', scale: 1 / 255 },
  text: {
    model: [text], ids_input: 'input_ids', mask_input: 'attention_mask', output: 'text_embeds', tokenizer: 'clip-bpe',
    tokenizer_files: ['merges.txt'], max_tokens: kTokens, pad_to_max: true, pad_id: 49407, fields: ['title'],
  },
});

export function writeTinyClip(folder) {
  const merges = tinyMerges(Object.keys(kColours));
  const encode = (...parts) => {
    const graph = new OnnxGraph('tiny colours');
    for (const part of parts) part(graph, merges);
    return graph.encode();
  };
  for (const name of ['tiny-colours', 'tiny-colours-combined', 'tiny-colours-int8']) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'merges.txt'), merges.text);
    copyFileSync(new URL('../../LICENSE', import.meta.url), join(folder, name, 'LICENSE'));
  }
  writeFileSync(join(folder, 'tiny-colours/text_model.onnx'), encode(addText));
  writeFileSync(join(folder, 'tiny-colours/vision_model.onnx'), encode(addImage));
  writeFileSync(join(folder, 'tiny-colours-combined/model.onnx'), encode(addText, addImage));
  writeFileSync(join(folder, 'tiny-colours-int8/text_model_int8.onnx'), encode(turned(addText, 'text_embeds')));
  writeFileSync(join(folder, 'tiny-colours-int8/vision_model_int8.onnx'), encode(turned(addImage, 'image_embeds')));
  writeFileSync(join(folder, 'tiny-colours-int8.json'), JSON.stringify(profile('tiny-colours-int8', 'text_model_int8.onnx', 'vision_model_int8.onnx'), null, 1));
  writeFileSync(join(folder, 'tiny-colours.json'), JSON.stringify(profile('tiny-colours', 'text_model.onnx', 'vision_model.onnx'), null, 1));
  writeFileSync(join(folder, 'tiny-colours-combined.json'), JSON.stringify(profile('tiny-colours-combined', 'model.onnx', 'model.onnx'), null, 1));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!process.argv[2]) {
    console.error('usage: node scripts/models/tiny_clip.mjs DIR');
    process.exit(2);
  }
  writeTinyClip(process.argv[2]);
}
