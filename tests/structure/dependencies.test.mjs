// The table "Which room does what?" of ARCHITECTURE.md, held against every #include and import.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import test from 'node:test';
import { files, lines, root, text } from './tree.mjs';

// "indexer/mine" -> ["shared", "support"], as the last column of the table has it.
function readTable() {
  const rows = text('ARCHITECTURE.md').matchAll(/^\| `([^`]+)` \|.*\| ([^|]+) \|$/gm);
  return new Map([...rows].map(([, folder, allowed]) =>
    [folder.replace(/\/$/, ''), allowed.trim().split(/,\s*/)]));
}
const table = readTable();

const includes = (path) => lines(path).flatMap(({ line, at }) => {
  const [, quote, header] = line.match(/^\s*#\s*include\s*([<"])([^>"]+)[>"]/) ?? [];
  return header ? [{ header, at, ours: quote === '"' }] : [];
});

// The row of the table that a file stands under: "indexer/mine", "indexer/*.cc", "shared", …
function rowOf(path) {
  const [top, room] = path.split('/');
  if (top === 'indexer') return path.split('/').length === 2 ? 'indexer/*.cc' : `indexer/${room}`;
  return top;
}

// The word that the table uses for where a header of ours lives.
const wordOf = (header) => {
  const [top, room] = header.split('/');
  return top === 'indexer' ? room : top;
};

test('ARCHITECTURE.md says of every room of the code what it may include', () => {
  assert.ok(table.size >= 10, `the table has only ${table.size} rows: was it moved?`);
  const rows = new Set(files('.cc', '.h').map(rowOf));
  assert.deepEqual([...rows].filter((row) => !table.has(row)), []);
});

test('every room includes only what ARCHITECTURE.md allows it', () => {
  const violations = [];
  for (const path of files('.cc', '.h')) {
    const row = rowOf(path);
    const allowed = table.get(row) ?? [];
    if (allowed.includes('everything')) continue;
    for (const { header, at, ours } of includes(path)) {
      if (!ours) continue;
      if (!existsSync(join(root, header))) {
        violations.push(`${at} includes "${header}", which is not a path from the root`);
        continue;
      }
      const itself = rowOf(header) === row;
      const contract = row.startsWith('indexer/') && /^indexer\/[^/]+\.h$/.test(header);
      const everyRoom = allowed.includes('every room') && /^(indexer|shared)\//.test(header);
      if (!itself && !contract && !everyRoom && !allowed.includes(wordOf(header))) {
        violations.push(`${at} includes "${header}", but ${row} may include: ${allowed.join(', ')}`);
      }
    }
  }
  assert.deepEqual(violations, []);
});

test('shared/ includes no library but the standard one and Eigen', () => {
  const standard = /^[a-z_0-9]+$/;                             // <vector>, <cstdint>
  const intrinsics = /^(wasm_simd128|arm_neon|[a-z]+intrin)\.h$/;  // of the compiler, for SIMD
  const foreign = files('.cc', '.h').filter((path) => path.startsWith('shared/')).flatMap(includes)
    .filter(({ header, ours }) => !ours && !standard.test(header) && !intrinsics.test(header) &&
      !header.startsWith('Eigen/'))
    .map(({ header, at }) => `${at} includes <${header}>`);
  assert.deepEqual(foreign, []);
});

test('shared/ neither prints nor touches files nor starts threads', () => {
  const forbidden = ['iostream', 'fstream', 'cstdio', 'filesystem', 'thread', 'mutex', 'future',
    'condition_variable', 'random', 'chrono', 'ctime', 'regex', 'unordered_map', 'unordered_set'];
  const found = files('.cc', '.h').filter((path) => path.startsWith('shared/')).flatMap(includes)
    .filter(({ header, ours }) => !ours && forbidden.includes(header))
    .map(({ header, at }) => `${at} includes <${header}>`);
  assert.deepEqual(found, []);
});

test('web/ imports only itself, its packages and Node', { skip: !existsSync(join(root, 'web')) }, () => {
  const manifest = JSON.parse(text('web/package.json'));
  const packages = new Set([manifest.name, ...['dependencies', 'devDependencies', 'peerDependencies']
    .flatMap((kind) => Object.keys(manifest[kind] ?? {}))]);
  const violations = [];
  for (const path of files('.ts', '.mjs', '.js').filter((path) => path.startsWith('web/'))) {
    for (const { line, at } of lines(path)) {
      const name = line.match(/^\s*(?:import\b|export\b|\}).*?\bfrom\s*['"]([^'"]+)['"]/)?.[1] ??
        line.match(/(?:^\s*import\s*|\bimport\s*\(\s*)['"]([^'"]+)['"]/)?.[1];
      if (!name || name.startsWith('node:')) continue;
      if (name.startsWith('.')) {
        const target = posix.normalize(posix.join(posix.dirname(path), name));
        if (!target.startsWith('web/')) violations.push(`${at} imports ${name} from outside web/`);
      } else if (!name.startsWith('/')) {
        const owner = name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/');
        if (!packages.has(owner)) violations.push(`${at} imports ${name}, not in web/package.json`);
      }
    }
  }
  assert.deepEqual(violations, []);
});
