// Measures search in Chromium, on the demo shop or another site: photo search with MobileNetV2 on the device, and the
// bytes and times of each phase on a line of 10 Mbit/s, with MobileNetV2 and with the tests' tiny model of words and photos.
//   node tests/bench/search.bench.mjs [--photos N] [--site DIR] [--images DIR]
// Needs ./run demo and web/dist. Photos are every (products / N)th one that can be bought.
import {createHash} from "node:crypto";
import {createServer} from "node:http";
import {existsSync, readFileSync} from "node:fs";
import {extname, join} from "node:path";
import {parseArgs} from "node:util";
import {brotliCompressSync, constants} from "node:zlib";
import {launch} from "../web/browser.mjs";
import {cards, project} from "../e2e/bundle.mjs";
import {buildTinyShop, makeSite} from "../search/support.mjs";

const {values: args} = parseArgs({options: {
  photos: {type: "string", default: "120"}, site: {type: "string", default: join(project, "build/demo")},
  images: {type: "string", default: join(project, "build/demo-shop/images")},
}});
const BITS_PER_SECOND = 10e6;
const DELAY_MS = 20;
const TYPES = {".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".json": "application/json", ".wasm": "application/wasm",
               ".jpg": "image/jpeg", ".css": "text/css"};
const PAGE = '<!doctype html><title>bench</title><link rel="icon" href="data:,">';

// A content delivery network at the end of one line: compressed where that helps, at most so many bits a
// second over all connections, with a delay before each answer.
function serve({bitsPerSecond, site = args.site, images = args.images}) {
  let free = 0;  // when the line is free again
  const packed = new Map();
  const sent = {bytes: 0, files: []};
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://x").pathname;
    const file = [[join(project, "web/dist"), "/vitrine/"], [images, "/images/"], [site, "/"]]
      .filter(([, prefix]) => path.startsWith(prefix)).map(([root, prefix]) => join(root, path.slice(prefix.length))).find((each) => existsSync(each) && path !== "/");
    if (!file && path !== "/") return void response.writeHead(404).end();
    const type = path === "/" ? "text/html" : TYPES[extname(path)] ?? "application/octet-stream";
    const raw = path === "/" ? Buffer.from(PAGE) : readFileSync(file);
    if (!packed.has(path)) packed.set(path, type === "image/jpeg" ? raw : brotliCompressSync(raw, {params: {[constants.BROTLI_PARAM_QUALITY]: raw.length > 1e6 ? 9 : 11}}));
    const body = packed.get(path);
    sent.bytes += body.length;
    sent.files.push(path);
    const now = performance.now();
    free = Math.max(free, now + DELAY_MS) + (bitsPerSecond ? (body.length * 8000) / bitsPerSecond : 0);
    setTimeout(() => response.writeHead(200, {"content-type": type, "cache-control": "max-age=600", ...(type !== "image/jpeg" && {"content-encoding": "br"})}).end(body), Math.max(0, free - now));
  });
  return new Promise((ready) => server.listen(0, "127.0.0.1", () => ready({url: `http://127.0.0.1:${server.address().port}/`, sent, packed, server})));
}

// Work in a new page of the line's site.
async function openPage(line, context) {
  const page = await context.newPage();
  await page.goto(line.url);
  return page;
}

// One phase: its time as `work` measures it, and what was sent meanwhile.
async function run(line, title, page, work) {
  line.sent.bytes = 0;
  line.sent.files.length = 0;
  const outcome = await page.evaluate(work);
  console.log(`${title.padEnd(52)} ${String(Math.round(outcome.ms)).padStart(6)} ms  ${String(Math.round(line.sent.bytes / 1000)).padStart(6)} kB  ${String(line.sent.files.length).padStart(3)} files   ${outcome.note ?? ""}`);
}

// From a page that shows lists and has nothing of search to an answer by meaning, with a model of a few hundred
// bytes: what is left is ours and ONNX Runtime's.
async function measureTinyModel(browser) {
  const shop = await buildTinyShop();
  const line = await serve({bitsPerSecond: BITS_PER_SECOND, site: makeSite(shop), images: join(shop.folder, "images")});
  console.log(`\nwith the tests' tiny model, at ${BITS_PER_SECOND / 1e6} Mbit/s, ${DELAY_MS} ms a request`);
  const search = async () => {
    const recommender = (await import("/vitrine/vitrine.js")).openRecommender({baseUrl: "bundle/"});
    await recommender.popular();
    const start = performance.now();
    let first;
    const note = (answer) => first ??= `first answer (${answer.state}) after ${Math.round(performance.now() - start)} ms, `;
    const answer = await recommender.search("red", {limit: 12, onUpdate: note});
    return {ms: performance.now() - start, note: `${first ?? ""}${answer.items.length} products, ${answer.state} ${answer.detail ?? ""}`};
  };
  // Once to compress the files, once to time them.
  const warm = await browser.newContext();
  await (await openPage(line, warm)).evaluate(search);
  await warm.close();
  const context = await browser.newContext();
  await run(line, "the first words, by meaning", await openPage(line, context), search);
  await context.close();
  line.server.close();
  shop.remove();
}

async function measurePhases(browser) {
  const line = await serve({bitsPerSecond: BITS_PER_SECOND});
  console.log(`\nphases at ${BITS_PER_SECOND / 1e6} Mbit/s, ${DELAY_MS} ms a request`);
  // The files are compressed before they are timed.
  const warm = await browser.newContext();
  await (await openPage(line, warm)).evaluate(async () => {
    const recommender = (await import("/vitrine/vitrine.js")).openRecommender({baseUrl: "bundle/"});
    await recommender.search("red dresses");
    await recommender.search("blue striped shirts for women in linen");
    await recommender.searchByImage(await (await fetch("images/d1001-orange.jpg")).blob());
  });
  await warm.close();
  const context = await browser.newContext();
  const page = await openPage(line, context);
  await run(line, "the package", page, async () => {
    const start = performance.now();
    globalThis.recommender = (await import("/vitrine/vitrine.js")).openRecommender({baseUrl: "bundle/"});
    await globalThis.recommender.popular();
    return {ms: performance.now() - start};
  });
  await run(line, "focus: search's code, words and likely queries", page, async () => {
    const start = performance.now();
    await (await globalThis.recommender.searcher()).warmUp();
    return {ms: performance.now() - start};
  });
  await run(line, "a likely query, first 12 products", page, async () => {
    const start = performance.now();
    const {items, state} = await globalThis.recommender.search("red dresses", {limit: 12});
    return {ms: performance.now() - start, note: `${items.length} products, ${state}`};
  });
  await run(line, "the same again", page, async () => {
    const start = performance.now();
    const {items} = await globalThis.recommender.search("dress red", {limit: 12});
    return {ms: performance.now() - start, note: `${items.length} products`};
  });
  await run(line, "other words", page, async () => {
    const start = performance.now();
    const {items} = await globalThis.recommender.search("blue striped shirts for women in linen", {limit: 12});
    return {ms: performance.now() - start, note: `${items.length} products`};
  });
  await run(line, "a photo, with ONNX Runtime and the model", page, async () => {
    const photo = await (await fetch("images/d1001-orange.jpg")).blob();
    const start = performance.now();
    const {items, state, detail} = await globalThis.recommender.searchByImage(photo, {limit: 12});
    return {ms: performance.now() - start, note: `${items[0]?.id}, ${state} ${detail ?? ""}`};
  });
  await run(line, "another photo", page, async () => {
    const photo = await (await fetch("images/d1160-red.jpg")).blob();
    const start = performance.now();
    const {items} = await globalThis.recommender.searchByImage(photo, {limit: 12});
    return {ms: performance.now() - start, note: items[0]?.id};
  });
  await context.close();
  line.server.close();
}

// Each change of a photo, made by the browser: [name, JPEG quality, scale, shares cut off left, top, right, bottom].
const CHANGES = [
  ["exact copy"], ["recompressed, quality 0.5", 0.5, 1, 0, 0, 0, 0], ["half the size", 0.9, 0.5, 0, 0, 0, 0],
  ["5 % cut off each side", 0.95, 1, 0.05, 0.05, 0.05, 0.05], ["2.5 % cut off each side", 0.95, 1, 0.025, 0.025, 0.025, 0.025],
  ["5 % cut off top and right", 0.95, 1, 0, 0.05, 0.05, 0], ["all: 5 % each side, half, 0.5", 0.5, 0.5, 0.05, 0.05, 0.05, 0.05],
];

async function measurePhotos(browser) {
  const line = await serve({});
  const page = await (await browser.newContext()).newPage();
  await page.goto(line.url);
  const all = cards(join(args.site, "bundle")).filter(({availability}) => availability !== "out_of_stock");
  const count = Math.min(Number(args.photos), all.length);
  const ids = Array.from({length: count}, (_, i) => all[Math.floor((i * all.length) / count)].id);
  // Of products that show the same file any is right.
  const photo = (id) => createHash("sha256").update(readFileSync(join(args.images, `${id}.jpg`))).digest("hex");
  const shows = new Map(all.map(({id}) => [id, photo(id)]));
  console.log(`\nphoto search on the device, ${count} of ${all.length} products (${new Set(shows.values()).size} photos)`);
  for (const [name, ...change] of CHANGES) {
    const {found, ms} = await page.evaluate(async ([wanted, [quality, scale, left, top, right, bottom]]) => {
      globalThis.recommender ??= (await import("/vitrine/vitrine.js")).openRecommender({baseUrl: "bundle/"});
      const result = {found: [], ms: 0};
      for (const id of wanted) {
        let photo = await (await fetch(`images/${id}.jpg`)).blob();
        if (quality) {
          const bitmap = await createImageBitmap(photo);
          const {width, height} = bitmap;
          const [inner, outer] = [width * (1 - left - right), height * (1 - top - bottom)];
          const canvas = new OffscreenCanvas(Math.round(inner * scale), Math.round(outer * scale));
          const context = canvas.getContext("2d");
          context.imageSmoothingQuality = "high";
          context.drawImage(bitmap, width * left, height * top, inner, outer, 0, 0, canvas.width, canvas.height);
          photo = await canvas.convertToBlob({type: "image/jpeg", quality});
        }
        const start = performance.now();
        const {items, detail} = await globalThis.recommender.searchByImage(photo, {limit: 3});
        if (detail) throw new Error(detail);
        result.ms += performance.now() - start;
        result.found.push(items.map((item) => item.id));
      }
      return result;
    }, [ids, change]);
    const share = (most) => found.filter((hits, i) => hits.slice(0, most).some((id) => shows.get(id) === shows.get(ids[i]))).length;
    const [first, three] = [share(1), share(3)];
    console.log(`${name.padEnd(30)} first ${(100 * first / count).toFixed(1).padStart(5)} %   in the first three ${(100 * three / count).toFixed(1).padStart(5)} %   ${(ms / count).toFixed(0)} ms a photo`);
  }
  line.server.close();
}

const browser = await launch();
try {
  await measurePhotos(browser);
  if (existsSync(join(args.images, "d1001-orange.jpg"))) await measurePhases(browser);  // asks the demo shop's questions
  await measureTinyModel(browser);
} finally {
  await browser.close();
}
