// What the end-to-end tests share: the built demo, its bundle, and the engine run in Node.
import {execFile} from "node:child_process";
import {existsSync, readFileSync} from "node:fs";
import {dirname, join, resolve} from "node:path";
import {fileURLToPath} from "node:url";
import {promisify} from "node:util";

export const project = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const vitrine = join(project, "build/vitrine");
export const site = resolve(project, process.env.VITRINE_DEMO_SITE ?? "build/demo");
export const shop = resolve(project, "build/demo-shop");
export const bundle = join(site, "bundle");
export const wasm = join(project, "build-wasm/wasm/vitrine.wasm");

/** Why a test that needs the built demo cannot run, or false. */
export const noDemo = existsSync(join(bundle, "manifest.json")) && existsSync(wasm)
  ? false : "the demo is not built: ./run demo";

/** Runs `vitrine` and returns {code, stdout, stderr}. */
export async function run(args, options = {}) {
  try {
    const {stdout, stderr} = await promisify(execFile)(vitrine, args, {
      maxBuffer: 1 << 28, ...options, env: {...process.env, ...options.env}});
    return {code: 0, stdout, stderr};
  } catch (error) {
    if (typeof error.code !== "number") throw error;
    return {code: error.code, stdout: error.stdout, stderr: error.stderr};
  }
}

export const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));

// The rows of a table of cards, as docs/bundle_format.md describes it.
function tableRows(table, templates) {
  const cell = (column, row) => (Array.isArray(column) ? column[row] : column?.v ? column.v[column.i[row]] : column);
  return table.id.map((id, row) => {
    const card = Object.fromEntries(Object.entries(table).map(([name, column]) => [name, cell(column, row)]));
    for (const name of ["image", "url"]) {
      if (templates[name] && card[name] !== null && !card[name]) card[name] = templates[name].replaceAll("{id}", id);
    }
    return card;
  });
}

const changesOf = (folder, {changes, cards: templates}, number) => {
  if (!changes) return {pages: {}, cards: []};
  const shard = readJson(join(folder, "changes", changes.stamp, `${number % changes.count}.json`));
  return {pages: shard.pages, cards: tableRows(shard.cards, templates)};
};

/** The card of every product, by dense index. */
export function cards(folder = bundle) {
  const manifest = readJson(join(folder, "manifest.json"));
  const {count, stamp, items_per_file: perFile} = manifest.cards;
  const all = [];
  for (let n = 0; n * perFile < manifest.items; ++n) {
    const rows = n < count ? tableRows(readJson(join(folder, "cards", stamp, `${n}.json`)).cards, manifest.cards) : [];
    rows.forEach((card, row) => { all[n * perFile + row] = {...card, index: n * perFile + row}; });
    for (const card of changesOf(folder, manifest, n).cards) {
      if (Math.floor(card.index / perFile) === n) all[card.index] = card;
    }
  }
  return all.slice(0, manifest.items);
}

/** What each product's page paints: Map of id to {boughtTogether, similar}, lists of {...card, score, reason}. */
export function pages(folder = bundle) {
  const manifest = readJson(join(folder, "manifest.json"));
  const all = new Map();
  for (let n = 0; n < manifest.pages.count; ++n) {
    const shard = readJson(join(folder, "pages", manifest.pages.stamp, `${n}.json`));
    const changes = changesOf(folder, manifest, n);
    const own = tableRows(shard.cards, manifest.cards);
    const read = (numbers, table) => {
      const lines = [];
      for (let at = 0; at < numbers.length; at += 5) {
        const before = table[numbers[at]];
        const now = changes.cards.find(({id}) => id === before.id);
        if (now?.availability !== "out_of_stock") lines.push({...(now ?? before), score: numbers[at + 1] / 1e4, reason: numbers[at + 2]});
      }
      return lines;
    };
    for (const [id, page] of Object.entries({...shard.pages, ...changes.pages})) {
      if (page === null || !(id in shard.pages || fnv1a64(id) % BigInt(manifest.pages.count) === BigInt(n))) continue;
      const table = id in changes.pages ? changes.cards : own;
      all.set(id, {boughtTogether: read(page[1], table), similar: read(page[2], table)});
    }
  }
  return all;
}

/** The popular list: [{...card, score, reason}]. */
export function popular(folder = bundle) {
  const manifest = readJson(join(folder, "manifest.json"));
  const {popular: numbers, cards: table} = readJson(join(folder, manifest.popular.file));
  const rows = tableRows(table, manifest.cards);
  return Array.from({length: numbers.length / 5}, (_, i) =>
    ({...rows[numbers[5 * i]], score: numbers[5 * i + 1] / 1e4, reason: numbers[5 * i + 2]}));
}

function fnv1a64(text) {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

const kResultBytes = 32;
const kEventBytes = 16;

let compiled;

/** The engine in Node, spoken to through wasm/api.h alone. */
export class Engine {
  /** `forged`: bytes of sections, by name, in the place of the bundle's. */
  static async open(folder = bundle, forged = {}) {
    const module = await (compiled ??= WebAssembly.compile(readFileSync(wasm)));
    // A standalone module asks for a few services of its host that the engine never uses.
    const imports = {};
    for (const {module: from, name} of WebAssembly.Module.imports(module)) {
      (imports[from] ??= {})[name] = () => 0;
    }
    const instance = await WebAssembly.instantiate(module, imports);
    const engine = new Engine(instance.exports);
    const manifest = readJson(join(folder, "manifest.json"));
    const refinements = Object.keys(manifest.sections).filter((name) => name.startsWith("vectors_")).sort();
    for (const name of ["catalogue", "rules", "vectors", ...refinements, "taste"]) {
      const section = manifest.sections[name];
      if (section) engine.addSection(forged[name] ?? readFileSync(join(folder, section.file)));
    }
    return engine;
  }

  constructor(exports) {
    this.api = exports;
    exports._initialize?.();
  }

  error() {
    const bytes = new Uint8Array(this.api.memory.buffer, this.api.vitrine_error(), this.api.vitrine_error_size());
    return new TextDecoder().decode(bytes);
  }

  #with(bytes, use) {
    const at = this.api.vitrine_alloc(bytes.length);
    new Uint8Array(this.api.memory.buffer).set(bytes, at);
    return use(at);
  }

  addSection(bytes) {
    const added = this.#with(bytes, (at) => this.api.vitrine_add_section(at, bytes.length));
    if (added < 0) throw new Error(this.error());
  }

  find(id) {
    const bytes = new TextEncoder().encode(id);
    return this.#with(bytes, (at) => {
      const item = this.api.vitrine_find(at, bytes.length);
      this.api.vitrine_free(at);
      return item;
    });
  }

  #answer(count) {
    if (count < 0) throw new Error(this.error());
    return Buffer.from(this.api.memory.buffer, this.api.vitrine_results(), count * kResultBytes).toString("hex");
  }

  similar(item, limit) { return this.#answer(this.api.vitrine_similar(item, limit)); }
  popular(limit) { return this.#answer(this.api.vitrine_popular(limit)); }

  boughtTogether(items, limit) {
    const bytes = new Uint8Array(Uint32Array.from(items).buffer);
    return this.#with(bytes, (at) => {
      const count = this.api.vitrine_bought_together(at, items.length, limit);
      this.api.vitrine_free(at);
      return this.#answer(count);
    });
  }

  /** events: [{item, kind, time}], kind 0 view … 4 order. */
  /** `now`: when it is asked, Unix time; 0 = right after the newest event. */
  forYou(events, limit, now = 0) {
    this.api.vitrine_set_now(now);
    const bytes = new Uint8Array(events.length * kEventBytes);
    const view = new DataView(bytes.buffer);
    events.forEach(({item, kind, time}, i) => {
      view.setUint32(i * kEventBytes, item, true);
      view.setUint32(i * kEventBytes + 4, kind, true);
      view.setFloat64(i * kEventBytes + 8, time, true);
    });
    return this.#with(bytes, (at) => {
      const count = this.api.vitrine_for_you(at, events.length, limit);
      this.api.vitrine_free(at);
      return this.#answer(count);
    });
  }
}

/** The items of an answer in hexadecimal result bytes. */
export function itemsOf(hex) {
  const bytes = Buffer.from(hex, "hex");
  const items = [];
  for (let at = 0; at < bytes.length; at += kResultBytes) items.push(bytes.readUInt32LE(at));
  return items;
}

/** Seeded random numbers in [0, 1) (Marsaglia's xorshift32). */
export function seeded(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
