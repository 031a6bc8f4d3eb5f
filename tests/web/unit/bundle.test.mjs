// Reading bundles: right ones, newer ones, broken ones.
import assert from "node:assert/strict";
import {readdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {mkdtemp} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, beforeEach, test} from "node:test";
import {products, writeBundle} from "../fixture.mjs";
import {serve} from "../server.mjs";
import {load} from "./load.mjs";

const {Bundle, readManifest} = await load("bundle.ts");

let dir;
let server;
let requests = [];

before(async () => {
  dir = await mkdtemp(join(tmpdir(), "vitrine-bundle-"));
  server = await serve([dir], {handle: (request) => { requests.push(request); return false; }});
});
beforeEach(() => {
  writeBundle(dir);
  requests = [];
});
after(async () => {
  await server.close();
  rmSync(dir, {recursive: true, force: true});
});

// What a page paints of a product.
const plain = ({id, title, price, original_price, image, url, brand, audience, colour, department, availability}) =>
  ({id, title, price, original_price, image, url, brand, audience, colour, department, availability});

test("a product page costs the manifest and one shard, and names every product of its lists", async () => {
  const bundle = new Bundle(server.url);
  const page = await bundle.page("f-103");
  assert.equal(page.index, 3);
  assert.ok(page.similar.length >= 10);
  for (const {card, score, reason} of [...page.similar, ...page.boughtTogether]) {
    assert.deepEqual(plain(card), plain(products().find(({id}) => id === card.id)));
    assert.equal(typeof score, "number");
    assert.ok(["similar", "bought-together"].includes(reason.kind));
  }
  assert.equal(requests.length, 2);
  await Promise.all([bundle.page("f-103"), bundle.page("f-103")]);
  assert.equal(requests.length, 2, "what was read is kept");
  assert.ok(requests.every(({url, headers}) => !url.includes("?") && !headers.cookie && !headers.referer));
});

test("every product is found in the shard that its id hashes to", async () => {
  const bundle = new Bundle(server.url);
  for (const {id, index} of products()) assert.equal((await bundle.page(id)).index, index, id);
});

test("an id that the shop does not have is not an error", async () => {
  const bundle = new Bundle(server.url);
  for (const id of ["nope", "__proto__", "constructor", "hasOwnProperty", "", "é".repeat(1000)]) {
    assert.equal(await bundle.page(id), undefined, id);
  }
});

test("cards come in the order that was asked for", async () => {
  const cards = await new Bundle(server.url).cards([70, 2, 999_999, 2, 33]);
  assert.deepEqual(cards.map((card) => card?.id), ["f-170", "f-102", undefined, "f-102", "f-133"]);
});

// The files of all page shards.
function pageFiles() {
  const [stamp] = readdirSync(join(dir, "pages"));
  return readdirSync(join(dir, "pages", stamp)).map((name) => join(dir, "pages", stamp, name));
}

test("a truncated shard is found, and named", async () => {
  for (const file of pageFiles()) writeFileSync(file, readFileSync(file).subarray(0, 200));
  await assert.rejects(new Bundle(server.url).page("f-103"), /pages\/[0-9a-f]{16}\/\d+\.json: not JSON/);
});

test("a flipped byte in the popular list is found by its hash", async () => {
  const name = readdirSync(join(dir, "data"))[0];
  const bytes = readFileSync(join(dir, "data", name));
  bytes[40] ^= 1;
  writeFileSync(join(dir, "data", name), bytes);
  await assert.rejects(new Bundle(server.url).popular(), /not as published/);
});

test("whatever stands in a shard, what is read from it is cards", async () => {
  const odd = [
    "null", "[]", "7", "{}", '{"pages":[]}', '{"pages":{"f-103":7}}', '{"pages":{"f-103":{"index":3}}}',
    '{"pages":{"f-103":{"index":"x","similar":[[0,1,{}],[9,1,{}],[-1,1,{}],["0",1,{}],[0],null,[0,"1",{}],[0,1,null]]}},"cards":[{}]}',
    '{"pages":{"f-103":{"index":3,"similar":[[0,1,{"kind":"similar"}],[1,1,{}]]}},"cards":[{"id":7,"index":1},{"id":"x"}]}',
  ];
  for (const text of odd) {
    for (const file of pageFiles()) writeFileSync(file, text);
    const page = await new Bundle(server.url).page("f-103").catch((error) => {
      assert.match(error.message, /not a JSON object/, text);
    });
    assert.deepEqual([...page?.similar ?? [], ...page?.boughtTogether ?? []], [], text);
  }
});

test("an open page finds a new bundle when the old one's files are gone", async () => {
  const bundle = new Bundle(server.url);
  await bundle.manifest();
  writeBundle(dir, products().map((product) => ({...product, title: `New ${product.title}`})));
  const page = await bundle.page("f-103");
  assert.match(page.similar[0].card.title, /^New /);
});

test("after a failure the next question tries again", async () => {
  rmSync(join(dir, "manifest.json"));
  const bundle = new Bundle(server.url);
  await assert.rejects(bundle.page("f-103"), /manifest\.json: the server answered 404/);
  writeBundle(dir);
  assert.ok(await bundle.page("f-103"));
});

test("a manifest that is not one is refused with its field", () => {
  const good = JSON.parse(readFileSync(join(dir, "manifest.json"), "utf8"));
  assert.equal(readManifest(good, "m").build, good.build);
  const bad = [
    [null, /not a Vitrine bundle/], [[], /not a Vitrine bundle/], [{...good, format: "x"}, /not a Vitrine bundle/],
    [{...good, version: 2}, /bundle version 2, this page reads 1/],
    [{...good, pages: {...good.pages, count: 12}}, /field pages/],
    [{...good, pages: {count: 16, stamp: "../../etc"}}, /field pages/],
    [{...good, cards: {items_per_file: 32}}, /field cards/], [{...good, cards: {...good.cards, items_per_file: 0}}, /field cards/],
    [{...good, popular: {file: "https://elsewhere.example/x", sha256: ""}}, /field popular/],
    [{...good, popular: {file: "../x.json", sha256: ""}}, /field popular/],
    [{...good, sections: {rules: {file: "//elsewhere.example/x", sha256: ""}}}, /field sections\.rules/],
  ];
  for (const [json, message] of bad) assert.throws(() => readManifest(json, "m"), message);
});
