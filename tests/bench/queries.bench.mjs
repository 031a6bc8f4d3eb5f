// How true the answers are for each kind of query: items, means of items (a shopper's taste), photos (an item
// seen again), and texts (a distribution of their own), at one size of the section.
//
//   node tests/bench/queries.bench.mjs E.npy [--bytes-per-item 64] [--queries 300] [--sample 64]
//
// E.npy holds embeddings, a row an item. The queries are made from it, seeded: a mean is of an item and three
// of its 50 nearest; a photo is an item moved by a tenth of its length in a random direction; a text is the
// direction that all texts share, 0.45 of an item and 0.35 of noise. Indexed once without a sample and once
// with --sample texts that are not among the queries (0: only without). Recall@20 and regret are against exact
// float cosine, by `vitrine search --exact`.
import {execFileSync, spawnSync} from "node:child_process";
import {mkdtempSync, rmSync, statSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {fileURLToPath} from "node:url";
import {parseArgs} from "node:util";
import {readNpy, writeNpy} from "../support/npy.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const {values: options, positionals: [path]} = parseArgs({allowPositionals: true, options: {
  "bytes-per-item": {type: "string", default: "64"}, queries: {type: "string", default: "300"},
  sample: {type: "string", default: "64"},
}});
const vitrine = join(root, "build/vitrine");
const folder = mkdtempSync(join(tmpdir(), "vitrine-bench-"));
process.on("exit", () => rmSync(folder, {recursive: true, force: true}));

let state = 7;
function random() {  // mulberry32
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

const {rows, cols, data} = readNpy(path);
const item = (i) => unit(data.subarray(i * cols, (i + 1) * cols));
const dot = (a, b) => a.reduce((sum, x, k) => sum + x * b[k], 0);
function unit(vector) {
  const length = Math.sqrt(dot(vector, vector)) || 1;
  return Float32Array.from(vector, (x) => x / length);
}
const direction = () => unit(Float32Array.from({length: cols}, gauss));
const mixed = (...parts) => unit(Float32Array.from({length: cols}, (_, k) => parts.reduce((sum, [w, v]) => sum + w * v[k], 0)));
const anyItem = () => item(Math.floor(random() * rows));

function someNear(vector) {
  const scores = Array.from({length: rows}, (_, i) => {
    let sum = 0;
    for (let k = 0; k < cols; ++k) sum += vector[k] * data[i * cols + k];
    return [sum, i];
  }).sort((a, b) => b[0] - a[0]).slice(0, 50);
  return Array.from({length: 3}, () => item(scores[Math.floor(random() * scores.length)][1]));
}

const ofTexts = direction();
const make = {
  item: anyItem,
  mean: () => { const one = anyItem(); return mixed([1, one], ...someNear(one).map((near) => [1, near])); },
  photo: () => mixed([1, anyItem()], [0.1, direction()]),
  text: () => mixed([1, ofTexts], [0.45, anyItem()], [0.35, direction()]),
};

function write(name, vectors) {
  const file = join(folder, `${name}.npy`);
  writeNpy(file, vectors);
  return file;
}

const count = Number(options.queries);
const files = Object.fromEntries(Object.entries(make).map(([kind, one]) => [kind, write(kind, Array.from({length: count}, one))]));
const ways = [["no sample", []]];
if (Number(options.sample) > 0) {
  const sample = write("sample", Array.from({length: Number(options.sample)}, make.text));
  ways.push([`a sample of ${options.sample} texts`, ["--query-sample", sample]]);
}
const ids = join(folder, "ids.txt");
writeFileSync(ids, Array.from({length: rows}, (_, i) => `${i}\n`).join(""));

console.log(`${rows} items of ${cols} dimensions, ${count} queries of each kind`);
for (const [name, more] of ways) {
  const index = join(folder, "index");
  execFileSync(vitrine, ["-q", "index", "--embeddings", path, "--ids", ids, "--bytes-per-item", options["bytes-per-item"], ...more, "--out", index]);
  console.log(`${name}: ${(statSync(index).size / rows).toFixed(1)} bytes an item`);
  for (const [kind, queries] of Object.entries(files)) {
    const {stderr} = spawnSync(vitrine, ["search", "--index", index, "--queries", queries, "-k", "20", "--exact", path],
                               {encoding: "utf8", stdio: ["ignore", "ignore", "pipe"]});
    console.log(`  ${kind.padEnd(6)} ${stderr.trim().split("\n").at(-1)}`);
  }
}
