// Instant words: native and WebAssembly answers agree, one small file answers a likely query, and what is
// found is what was said.
import assert from "node:assert/strict";
import {existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {bundle as demoBundle, cards, noDemo, run, seeded, shop as demoShop} from "../e2e/bundle.mjs";
import {parseCsv} from "../demo/support.mjs";
import {noShop, SearchModule, hits} from "./support.mjs";

const searchable = !noDemo && JSON.parse(readFileSync(join(demoBundle, "manifest.json"), "utf8")).search !== undefined;
const skip = noShop || (searchable ? false : "the demo bundle has no search: ./run demo");
let folder;
let products;

before(() => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), "vitrine-words-"));
  products = parseCsv(readFileSync(join(demoShop, "catalogue.csv"), "utf8"));
});
after(() => folder && rmSync(folder, {recursive: true}));

const leaf = ({category}) => category.split(" > ").at(-1);
const sold = ({availability}) => availability !== "out_of_stock";

async function natively(texts, limit) {
  const file = join(folder, "questions.tsv");
  writeFileSync(file, texts.map((text) => `text\t${text}\n`).join(""));
  const {code, stdout, stderr} = await run(["recommend", "--bundle", demoBundle, "--queries", file, "-k", String(limit)]);
  assert.equal(code, 0, stderr);
  return stdout.split("\n").slice(0, -1);
}

function withMistake(text, random) {
  const at = 1 + Math.floor(random() * (text.length - 2));
  const kind = Math.floor(random() * 3);
  if (kind === 0) return text.slice(0, at) + text.slice(at + 1);
  if (kind === 1) return text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2);
  return text.slice(0, at) + "e" + text.slice(at);
}

test("native and WebAssembly answers are the same bytes, with typing mistakes, other orders and nonsense", {skip}, async () => {
  const module = await SearchModule.open(demoBundle);
  const random = seeded(7);
  const texts = ["", "zzzz qqq", "the", "T-shirt", "t shirt", "ROBE été", "women's dress"];
  for (let i = 0; i < 200; ++i) {
    const product = products[Math.floor(random() * products.length)];
    const said = [product.colour, product.pattern, leaf(product), product.audience, product.title.split(" ").at(-1)]
      .filter((word) => word && random() < 0.6).sort(() => random() - 0.5).join(" ");
    texts.push(said.length > 3 && random() < 0.5 ? withMistake(said, random) : said);
  }
  const native = await natively(texts.filter(Boolean), 20);
  let answered = 0;
  texts.filter(Boolean).forEach((text, i) => {
    assert.equal(native[i], module.byWords(text, 20).hex, text);
    answered += native[i] !== "" ? 1 : 0;
  });
  assert.ok(answered > 0.9 * texts.length, `${answered} of ${texts.length}`);
});

test("a likely query needs one file below 32 KB, and is known in another order, form and spelling", {skip}, async () => {
  for (const text of ["red dresses", "dress red", "red dreses"]) {
    const module = await SearchModule.open(demoBundle);
    const {hex, files} = module.byWords(text, 10);
    assert.equal(files.length, 1, text);
    assert.ok(statSync(join(demoBundle, files[0])).size < 32 << 10);
    assert.ok(hits(hex).length === 10, text);
  }
});

test("what the indexer prepared for words stays below 1.5 MB at 5,000 queries", {skip}, () => {
  const {search} = JSON.parse(readFileSync(join(demoBundle, "manifest.json"), "utf8"));
  const {index, queries} = JSON.parse(readFileSync(join(demoBundle, search.file), "utf8"));
  let bytes = index.bytes;
  for (let n = 0; n < queries.count; ++n) bytes += statSync(join(demoBundle, "search", queries.stamp, `${n}.bin`)).size;
  assert.ok(bytes <= 1.5e6, `${bytes} bytes`);
});

test("instant words find what was said: precision@10 is at least .9 for queries made of attribute words", {skip}, async () => {
  const all = cards();
  const byId = new Map(products.map((product) => [product.id, product]));
  const words = {stripe: "striped", dot: "dotted", check: "checked", floral: "floral"};
  const wanted = new Map();  // query -> test of a product
  for (const product of products.filter(sold)) {
    const {colour, pattern, audience} = product;
    const kind = leaf(product);
    const print = words[pattern];
    wanted.set(`${colour} ${kind}`, (p) => p.colour === colour && leaf(p) === kind);
    wanted.set(`${audience} ${kind}`, (p) => p.audience === audience && leaf(p) === kind);
    wanted.set(`${kind} ${colour} ${audience}`, (p) => p.colour === colour && leaf(p) === kind && p.audience === audience);
    if (print) wanted.set(`${colour} ${print} ${kind}`, (p) => p.colour === colour && leaf(p) === kind && p.pattern === pattern);
  }
  const texts = [...wanted.keys()];
  const answers = await natively(texts, 10);
  let sum = 0, count = 0;
  texts.forEach((text, i) => {
    const relevant = products.filter((product) => sold(product) && wanted.get(text)(product)).length;
    const found = hits(answers[i]).filter(({item}) => wanted.get(text)(byId.get(all[item].id))).length;
    // Where fewer than ten products are right, ten cannot be.
    sum += found / Math.min(10, relevant);
    ++count;
  });
  console.log(`instant words: precision@10 ${(sum / count).toFixed(3)} over ${count} queries`);
  assert.ok(sum / count >= 0.9, `${sum / count}`);
});

test("every answer is a product that can be bought", {skip}, async () => {
  const all = cards();
  for (const answer of await natively(["dress", "black", "women shoes", "striped"], 100)) {
    for (const {item} of hits(answer)) assert.notEqual(all[item].availability, "out_of_stock");
  }
});

test("the tokenizer in WebAssembly gives the reference's ids", async (t) => {
  const data = process.env.VITRINE_DATA ?? join(import.meta.dirname ?? ".", "../../../shared/data");
  const vectors = join(data, "encoders/clip_tokenizer_vectors.json");
  if (noShop || !existsSync(vectors)) return t.skip("skipped: no reference ids in ../shared/data/encoders");
  const {gunzipSync} = await import("node:zlib");
  const module = await SearchModule.open();
  module.openTokenizer(gunzipSync(readFileSync(join(data, "encoders/bpe_simple_vocab_16e6.txt.gz"))));
  const cases = JSON.parse(readFileSync(vectors, "utf8"));
  const list = cases.vectors;
  for (const {text, ids} of list) {
    assert.deepEqual(module.tokens(text), ids.length > 77 ? [...ids.slice(0, 76), 49407] : ids, text);
  }
  assert.ok(list.length > 200);
});
