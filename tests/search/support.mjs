// What the tests of search share: a small shop with the tiny model that knows colours, and search's
// WebAssembly module in Node, spoken to through wasm/search_api.h alone.
import {cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {writeTinyClip} from "../../scripts/models/tiny_clip.mjs";
import {project, run, shop} from "../e2e/bundle.mjs";
import {csv} from "../e2e/recount.mjs";
import {makeSmallShop} from "../e2e/small_shop.mjs";
import {readNpy} from "../support/npy.mjs";

export const searchWasm = join(project, "build-wasm/wasm/vitrine_search.wasm");
export const engineWasm = join(project, "build-wasm/wasm/vitrine.wasm");

/** Why a test that builds a shop cannot run, or false. */
export const noShop = existsSync(join(shop, "catalogue.csv")) && existsSync(searchWasm) && existsSync(join(project, "build/vitrine"))
  ? false : "the demo shop or the programs are not built: ./run demo";

/**
 * A bundle of 240 products of the demo shop whose encoder is a small one, in a folder of its own:
 * {folder, bundle, models, encoder, products, remove()}. `writeModels(folder)` writes the model's
 * folder and its profile.
 */
export async function buildTinyShop({encoder = "tiny-colours", writeModels = writeTinyClip, settings = []} = {}) {
  const folder = makeSmallShop();
  const models = join(folder, "models");
  writeModels(models);
  const toml = join(folder, "vitrine.toml");
  // Search needs no shopper: without events and orders the build takes a moment.
  const catalogue = readFileSync(toml, "utf8").replace(/\[(events|orders)\]\nfiles = .*\n/g, "");
  writeFileSync(toml, `${catalogue}
[embed]
encoders = ["sparse-projection", "${encoder}"]
model_dir = "models"
profile_dir = "models"
[publish]
engine = "${engineWasm}"
`);
  const bundle = join(folder, "site/bundle");
  const {code, stderr} = await run(["build", "-c", toml, "-o", bundle, "--quiet", ...settings.flatMap((each) => ["--set", each])]);
  if (code !== 0) throw new Error(stderr);
  const products = csv(join(folder, "catalogue.csv"));
  return {folder, bundle, models, encoder, products, remove: () => rmSync(folder, {recursive: true, force: true})};
}

/** What `vitrine embed` computes for the shop's products by `towers`, "image" or "text": {image, text}, each of them (id) => vector. */
export async function nativeVectors({folder, models, encoder}, towers) {
  const out = join(folder, "vectors");
  const {code, stderr} = await run(["embed", "--catalogue", join(folder, "catalogue.csv"), "--catalogue-format", "csv",
    "--encoder", encoder, "--profiles", models, "--model-dir", models, "--out", out]);
  if (code !== 0) throw new Error(stderr);
  const order = readFileSync(join(out, "ids.txt"), "utf8").trim().split("\n");
  const rows = (name) => {
    // A joint encoder writes a file a tower, any other one its only file.
    const [file] = [`${encoder}.${name}.npy`, `${encoder}.npy`].map((each) => join(out, each)).filter(existsSync);
    const {cols, data} = readNpy(file);
    return (id) => [...data.subarray(order.indexOf(id) * cols, (order.indexOf(id) + 1) * cols)];
  };
  return Object.fromEntries(towers.map((name) => [name, rows(name)]));
}

/** The same in the page's browser, of `products`: [{image, text}], of length 1. */
export async function deviceVectors(page, products, towers) {
  const vectors = await page.evaluate(async ([wanted, names]) => {
    const part = await (await import("/vitrine/vitrine.js")).sharedRecommender("bundle/").searcher();
    const ask = {
      image: async ({id}) => part.vector(await (await fetch(`images/${id}.jpg`)).blob()),
      text: ({title}) => part.vector({text: title}),
    };
    const rows = [];
    for (const product of wanted) {
      const row = {};
      for (const name of names) row[name] = [...await ask[name](product)];
      rows.push(row);
    }
    return rows;
  }, [products.map(({id, title}) => ({id, title})), towers]);
  const unit = (vector) => vector.map((value) => value / Math.hypot(...vector));
  return vectors.map((row) => Object.fromEntries(Object.entries(row).map(([name, vector]) => [name, unit(vector)])));
}

// A site around the bundle: the package, the photos and a page.
export function makeSite({folder}) {
  const site = join(folder, "site");
  cpSync(join(project, "web/dist"), join(site, "vitrine"), {recursive: true});
  mkdirSync(join(site, "images"), {recursive: true});
  cpSync(join(folder, "images"), join(site, "images"), {recursive: true});
  writeFileSync(join(site, "index.html"), `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<link rel="icon" href="data:,"><script type="module" src="vitrine/define.js"></script></head>
<body><main><h1>Shop</h1><vitrine-search></vitrine-search></main></body></html>`);
  return site;
}

const kHitBytes = 16;

export class SearchModule {
  static async open(bundle) {
    const module = await WebAssembly.compile(readFileSync(searchWasm));
    const imports = {};
    for (const {module: space, name} of WebAssembly.Module.imports(module)) (imports[space] ??= {})[name] = () => 52;
    const search = new SearchModule();
    search.api = (await WebAssembly.instantiate(module, imports)).exports;
    search.api._initialize?.();
    if (bundle) search.#openBundle(bundle);
    return search;
  }

  #openBundle(bundle) {
    const manifest = JSON.parse(readFileSync(join(bundle, "manifest.json"), "utf8"));
    this.description = JSON.parse(readFileSync(join(bundle, manifest.search.file), "utf8"));
    this.bundle = bundle;
    this.addSection(readFileSync(join(bundle, this.description.index.file)));
    this.addSection(readFileSync(join(bundle, manifest.sections.catalogue.file)));
  }

  with(bytes, use) {
    const at = this.api.vitrine_search_alloc(bytes.length);
    new Uint8Array(this.api.memory.buffer).set(bytes, at);
    return use(at, bytes.length);
  }

  text(text, use) {
    return this.with(new TextEncoder().encode(text), (at, size) => {
      const value = use(at, size);
      this.api.vitrine_search_free(at);
      return value;
    });
  }

  output(bytes) {
    return Buffer.from(this.api.memory.buffer, this.api.vitrine_search_output(), bytes);
  }

  error() {
    return Buffer.from(this.api.memory.buffer, this.api.vitrine_search_error(), this.api.vitrine_search_error_size()).toString();
  }

  addSection(bytes) {
    if (this.with(bytes, (at, size) => this.api.vitrine_search_add_section(at, size)) < 0) throw new Error(this.error());
  }

  ask(text) {
    return this.text(text, (at, size) => this.api.vitrine_search_ask(at, size));
  }

  /** The files that are missing for an answer, as the page would fetch them. */
  missing(allWords = false) {
    const count = this.api.vitrine_search_missing(allWords ? 1 : 0);
    const pairs = this.output(count * 8);
    return Array.from({length: count}, (_, i) => {
      const kind = pairs.readUInt32LE(8 * i) === 1 ? "queries" : "postings";
      return `search/${this.description[kind].stamp}/${pairs.readUInt32LE(8 * i + 4)}.bin`;
    });
  }

  /** Hits as hexadecimal bytes; loads the shards that are missing. Returns also how many files that took. */
  byWords(text, limit) {
    this.ask(text);
    const files = this.missing();
    for (const file of files) this.addSection(readFileSync(join(this.bundle, file)));
    this.ask(text);
    const count = this.api.vitrine_search_by_words(limit);
    return {hex: this.output(count * kHitBytes).toString("hex"), files};
  }

  tokens(text) {
    const count = this.text(text, (at, size) => this.api.vitrine_search_tokens(at, size, 77, 0));
    const bytes = this.output(count * 4);
    return Array.from({length: count}, (_, i) => bytes.readInt32LE(4 * i));
  }

  openTokenizer(merges) {
    if (this.with(merges, (at, size) => this.api.vitrine_search_tokenizer(at, size)) < 0) throw new Error(this.error());
  }
}

export function hits(hex) {
  const bytes = Buffer.from(hex, "hex");
  return Array.from({length: bytes.length / kHitBytes}, (_, i) =>
    ({item: bytes.readUInt32LE(i * kHitBytes), score: bytes.readFloatLE(i * kHitBytes + 4)}));
}
