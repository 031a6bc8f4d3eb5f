// How fast the vector search is in WebAssembly, beside a brute force in JavaScript and, where its folder
// is named (npm install --prefix FOLDER hnswlib-wasm), beside hnswlib-wasm.
//
//   node tests/bench/vectors_bench.mjs INDEX E.npy Q.npy [FOLDER/node_modules/hnswlib-wasm]
//
// INDEX is a file of `vitrine index --embeddings E.npy`; Q.npy holds queries. The module is built
// from vectors_wasm.cc into the folder of temporary files.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { readNpy } from '../support/npy.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const K = 20;

export function buildModule() {
  const out = join(mkdtempSync(join(tmpdir(), 'vitrine-bench-')), 'vectors.wasm');
  const names = ['alloc', 'free', 'open', 'search', 'search_near', 'set_scan_share', 'results'];
  const sources = ['tests/bench/vectors_wasm.cc', 'shared/vectors/index.cc', 'shared/vectors/code_rows.cc', 'shared/vectors/format.cc',
    'shared/vectors/rans.cc', 'shared/bytes.cc'];
  execFileSync('em++', ['-std=c++20', '-O3', '-msimd128', '-DNDEBUG', '-ffp-contract=off',
    '-fno-exceptions', '-fno-rtti', '-sSTANDALONE_WASM', '--no-entry', '-sALLOW_MEMORY_GROWTH=1',
    '-sMALLOC=emmalloc', '-sBINARYEN_EXTRA_PASSES=--one-caller-inline-max-function-size=20', `-sEXPORTED_FUNCTIONS=${names.map((n) => `_bench_${n}`).join(',')}`,
    '-I', root, ...sources.map((s) => join(root, s)), '-o', out], { stdio: 'inherit' });
  return out;
}

// The module with its imports stubbed: it needs none of them.
export async function loadEngine(path) {
  const module = await WebAssembly.compile(readFileSync(path));
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    (imports[from] ??= {})[name] = () => 0;
  }
  const { exports: engine } = await WebAssembly.instantiate(module, imports);
  engine._initialize?.();
  return engine;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function timed(count, run) {
  const times = [];
  for (let i = 0; i < count; ++i) {
    const start = performance.now();
    run(i);
    times.push(performance.now() - start);
  }
  return median(times);
}

function bruteForce(base, query) {
  const scores = new Float32Array(base.rows);
  const { data, cols } = base;
  for (let i = 0, at = 0; i < base.rows; ++i, at += cols) {
    let sum = 0;
    for (let j = 0; j < cols; ++j) sum += data[at + j] * query[j];
    scores[i] = sum;
  }
  const order = Array.from(scores.keys());
  return order.sort((a, b) => scores[b] - scores[a]).slice(0, K);
}

function recall(truth, answers) {
  let found = 0;
  truth.forEach((list, q) => list.forEach((row) => { found += answers[q].includes(row); }));
  return found / (truth.length * K);
}

async function benchHnsw(folder, base, queries, truth) {
  if (!folder) return console.log('hnswlib-wasm      not measured: its folder is not named');
  // Its factory is made for pages; all that it wants of one is that there is one.
  Object.assign(globalThis, { window: globalThis, document: { currentScript: null }, location: { href: import.meta.url } });
  const file = readdirSync(join(folder, 'dist')).find((name) => /^hnswlib-\w+\.js$/.test(name));
  const library = await (await import(pathToFileURL(join(folder, 'dist', file)))).default();
  const index = new library.HierarchicalNSW('ip', base.cols, '');
  index.initIndex(base.rows, 16, 100, 100);
  const start = performance.now();
  for (let i = 0; i < base.rows; ++i) {
    index.addPoint(base.data.subarray(i * base.cols, (i + 1) * base.cols), i, false);
  }
  const build = performance.now() - start;
  index.setEfSearch(64);
  const answers = [];
  const ms = timed(queries.length, (q) => {
    answers[q] = index.searchKnn(queries[q], K, undefined).neighbors;
  });
  const bytes = base.cols * 4 + 145; // its file: the vectors and the graph's links
  console.log(`hnswlib-wasm      p50 ${ms.toFixed(3)} ms  recall@${K} ${recall(truth, answers).toFixed(4)}` +
    `  ${bytes} bytes/item  filled in ${build.toFixed(0)} ms`);
}

async function main([indexPath, basePath, queryPath, peerFolder]) {
  const wasm = buildModule();
  const base = readNpy(basePath);
  const queryFile = readNpy(queryPath);
  const queries = [];
  for (let q = 0; q < queryFile.rows; ++q) {
    queries.push(queryFile.data.subarray(q * queryFile.cols, (q + 1) * queryFile.cols));
  }
  const rows = readFileSync(`${indexPath}.ids`, 'utf8').trimEnd().split('\n')
    .map((line) => Number(line.slice(line.lastIndexOf('\t') + 1)));
  const file = readFileSync(indexPath);
  const payload = file.subarray(24);
  const code = readFileSync(wasm);
  console.log(`module            ${code.length} bytes, ${brotliCompressSync(code).length} brotli`);
  console.log(`section           ${(file.length / rows.length).toFixed(1)} bytes/item`);

  const opens = [];
  let engine;
  for (let i = 0; i < 5; ++i) {
    engine = await loadEngine(wasm);
    const at = engine.bench_alloc(payload.length);
    new Uint8Array(engine.memory.buffer, at, payload.length).set(payload);
    const start = process.cpuUsage();
    if (engine.bench_open(at, payload.length) !== rows.length) throw new Error('the section does not open');
    const used = process.cpuUsage(start);
    opens.push((used.user + used.system) / 1000);
  }
  console.log(`ready to search   ${median(opens).toFixed(1)} ms CPU, ` +
    `${(engine.memory.buffer.byteLength / 2 ** 20).toFixed(1)} MiB of memory`);

  const some = Math.min(queries.length, 100);
  const truth = [];
  const brute = timed(some, (q) => { truth[q] = bruteForce(base, queries[q]); });
  console.log(`brute force in JS p50 ${brute.toFixed(3)} ms`);

  const at = engine.bench_alloc(base.cols * 4);
  const answers = [];
  const search = (q) => {
    new Float32Array(engine.memory.buffer, at, base.cols).set(queries[q % queries.length]);
    const count = engine.bench_search(at, K);
    const words = new Uint32Array(engine.memory.buffer, engine.bench_results(), count * 2);
    return Array.from({ length: count }, (_, r) => rows[words[2 * r]]);
  };
  timed(200, search); // warm: the engine's code is optimized in the background
  const ms = timed(1000, (q) => { answers[q] = search(q); });
  console.log(`vitrine           p50 ${ms.toFixed(3)} ms  recall@${K} ` +
    `${recall(truth, answers.slice(0, some)).toFixed(4)}  ${(brute / ms).toFixed(0)} x brute force`);
  const near = timed(1000, (q) => engine.bench_search_near((q * 7919) % rows.length, K));
  console.log(`vitrine, by item  p50 ${near.toFixed(3)} ms`);
  engine.bench_set_scan_share(1);
  const all = timed(200, (q) => { answers[q] = search(q); });
  console.log(`vitrine, no cells p50 ${all.toFixed(3)} ms  recall@${K} ` +
    `${recall(truth, answers.slice(0, some)).toFixed(4)}`);
  await benchHnsw(peerFolder, base, queries.slice(0, some), truth);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
