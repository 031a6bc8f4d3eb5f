// What a shopper waits for and downloads, in Chromium on a slow line and a slow processor, for generated
// shops of several sizes.
//
//   node tests/bench/cdn_bench.mjs [--sizes 1000,100000] [--runs 5] [--keep DIR]
//
// Needs ./run build and the target bench_publish (./run bench builds it). The line is Lighthouse's "slow
// 4G" as DevTools applies it: 150 ms round trip and 1.6 Mbit/s become 562.5 ms before each answer and
// 1474.56 kbit/s; the processor is slowed down four times. Printed is the median of the runs, and the
// fastest in brackets: on a busy machine the median says more about the machine.
import {execFileSync, spawn} from "node:child_process";
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {parseArgs} from "node:util";
import {launch, PATIENCE_MS, root} from "../web/browser.mjs";

const {values: options} = parseArgs({options: {
  sizes: {type: "string", default: "1000,100000"}, runs: {type: "string", default: "5"}, keep: {type: "string"},
}});
const SLOW_4G = {latency: 562.5, download: 1474.56 * 1024 / 8, upload: 675 * 1024 / 8};
const TEN_MBIT = {latency: 40, download: 10e6 / 8, upload: 10e6 / 8};
const CPU_SLOWDOWN = 4;

const vitrine = join(root, "build/vitrine");
const publisher = join(root, "build/tests/bench_publish");
const engine = join(root, "build-wasm/wasm/vitrine.wasm");
for (const needed of [vitrine, publisher, engine]) {
  if (!existsSync(needed)) throw new Error(`${needed} is not built: ./run bench`);
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const shown = (values, unit = "") => `${Math.round(median(values))}${unit} [${Math.round(Math.min(...values))}]`;

async function serve(folder) {
  const child = spawn(vitrine, ["serve", folder, "--port", "0"], {stdio: ["ignore", "ignore", "pipe"]});
  const url = await new Promise((resolve, reject) => {
    let text = "";
    child.stderr.on("data", (chunk) => {
      text += chunk;
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(text);
      if (found) resolve(found[0]);
    });
    child.on("exit", () => reject(new Error(`serve ended: ${text}`)));
  });
  return {url, close: () => child.kill()};
}

// A product page with one list. `hints` is the head that `vitrine prerender` writes, or what every page
// can have without it.
function writePages(site) {
  const bundle = join(site, "bundle");
  const manifest = JSON.parse(readFileSync(join(bundle, "manifest.json"), "utf8"));
  const shard = JSON.parse(readFileSync(join(bundle, "pages", manifest.pages.stamp, "3.json"), "utf8"));
  const id = Object.keys(shard.pages)[0];
  const html = (head, body) => `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Product</title>${head}<body><h1>Product ${id}</h1><p>A page of a shop.</p>${body}<footer>The end of the page</footer></html>`;
  const element = `<vitrine-recs type="similar" product-id="${id}" base-url="bundle/" limit="8"></vitrine-recs>`;
  writeFileSync(join(site, "plain.html"), html(`<link rel="stylesheet" href="bundle/vitrine.css">
<link rel="preload" as="fetch" crossorigin href="bundle/manifest.json"><script src="bundle/vitrine.js" async></script>`, element));
  const line = execFileSync(vitrine, ["prerender", bundle, "--base-url", "bundle/", "--id", id, "--type", "similar", "-q"], {encoding: "utf8"});
  const {head, body} = JSON.parse(line);
  writeFileSync(join(site, "prerendered.html"), html(head, body));
  return id;
}

async function open(browser, line, slowdown) {
  const context = await browser.newContext({viewport: {width: 412, height: 823}});
  await context.addInitScript(() => {
    globalThis.seen = {shift: 0, longest: 0, painted: undefined};
    new PerformanceObserver((list) => list.getEntries().forEach(({value}) => { globalThis.seen.shift += value; }))
      .observe({type: "layout-shift", buffered: true});
    new PerformanceObserver((list) => list.getEntries().forEach(({duration}) => {
      globalThis.seen.longest = Math.max(globalThis.seen.longest, duration);
    })).observe({type: "longtask", buffered: true});
    document.addEventListener("load", ({target}) => {  // which never comes to the window
      if (target.localName === "vitrine-recs") {
        requestAnimationFrame(() => setTimeout(() => { globalThis.seen.painted ??= performance.now(); }));
      }
    }, true);
  });
  const page = await context.newPage();
  page.setDefaultTimeout(4 * PATIENCE_MS);
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.setBlockedURLs", {urls: ["*img.shop.example*", "*favicon*"]});
  await session.send("Network.emulateNetworkConditions", {
    offline: false, latency: line.latency, downloadThroughput: line.download, uploadThroughput: line.upload});
  if (slowdown > 1) await session.send("Emulation.setCPUThrottlingRate", {rate: slowdown});
  const requests = new Map();
  session.on("Network.requestWillBeSent", ({requestId, request, timestamp}) =>
    requests.set(requestId, {url: request.url, start: timestamp, bytes: 0}));
  session.on("Network.requestServedFromCache", ({requestId}) => { requests.get(requestId).cached = true; });
  session.on("Network.loadingFinished", ({requestId, timestamp, encodedDataLength}) => {
    const request = requests.get(requestId);
    if (request) Object.assign(request, {end: timestamp, bytes: encodedDataLength});
  });
  return {page, context, requests};
}

// How many answers in a row the page had to wait for after the document.
function hops(requests) {
  const list = [...requests].filter(({end, cached}) => end && !cached).sort((a, b) => a.start - b.start);
  list.forEach((request, i) => {
    request.hop = 1 + Math.max(0, ...list.slice(0, i).filter(({end}) => end <= request.start + 0.005).map(({hop}) => hop));
  });
  return Math.max(0, ...list.map(({hop}) => hop));
}

async function visit({page, requests}, url) {
  requests.clear();
  await page.goto(url, {waitUntil: "commit"});
  await page.waitForFunction(() => globalThis.seen.painted !== undefined, null, {polling: 50});
  const seen = await page.evaluate(() => globalThis.seen);
  const own = [...requests.values()].filter(({url: each}) => each.includes("/bundle/") && !each.endsWith(".css"));
  return {...seen, bytes: own.reduce((sum, {bytes}) => sum + bytes, 0), hops: hops(own), files: own.map(({url: each}) => each)};
}

async function forYou(browser, site, id) {
  const opened = await open(browser, TEN_MBIT, 1);
  await visit(opened, `${site}plain.html`);
  const result = await opened.page.evaluate(async (product) => {
    const recommender = [...globalThis[Symbol.for("vitrine.1")].recommenders.values()][0];
    recommender.track({kind: "view", id: product});
    const start = performance.now();
    const first = await recommender.forYou({limit: 8});
    const coarse = performance.now() - start;
    let last = first;
    while (last.status !== "ready" && performance.now() - start < 60_000) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      last = await recommender.forYou({limit: 8});
    }
    return {coarse, items: first.items.length, full: performance.now() - start, status: last.status};
  }, id);
  await opened.context.close();
  return result;
}

for (const size of options.sizes.split(",").map(Number)) {
  const site = options.keep ? join(options.keep, String(size)) : mkdtempSync(join(tmpdir(), "vitrine-cdn-"));
  mkdirSync(site, {recursive: true});
  console.log(`\n== ${size} products`);
  if (!existsSync(join(site, "bundle/manifest.json"))) {
    process.stdout.write(execFileSync(publisher, [String(size), join(site, "bundle"), engine, join(root, "web/dist")], {encoding: "utf8"}));
  }
  process.stdout.write(execFileSync(vitrine, ["inspect", join(site, "bundle")], {encoding: "utf8"}).replace(/^/gm, "  "));
  const id = writePages(site);
  const server = await serve(site);
  const browser = await launch();
  try {
    const runs = {cold: [], warm: [], hinted: []};
    for (let run = 0; run < Number(options.runs); ++run) {
      const plain = await open(browser, SLOW_4G, CPU_SLOWDOWN);
      runs.cold.push(await visit(plain, `${server.url}plain.html`));
      await plain.page.waitForTimeout(500);
      await plain.page.goto("about:blank");
      runs.warm.push(await visit(plain, `${server.url}plain.html`));
      await plain.context.close();
      const hinted = await open(browser, SLOW_4G, CPU_SLOWDOWN);
      runs.hinted.push(await visit(hinted, `${server.url}prerendered.html`));
      await hinted.context.close();
    }
    for (const [name, list] of Object.entries(runs)) {
      const of = (key) => list.map((run) => run[key]);
      console.log(`${name.padEnd(7)} painted ${shown(of("painted"), " ms")}, ${shown(of("bytes"))} bytes in ${median(of("hops"))} hops, ` +
        `layout shift ${Math.max(...of("shift")).toFixed(4)}, longest task ${shown(of("longest"), " ms")}`);
    }
    console.log(`  files: ${runs.cold[0].files.map((url) => url.slice(server.url.length)).join(" ")}`);
    const personal = [];
    for (let run = 0; run < Math.min(3, Number(options.runs)); ++run) personal.push(await forYou(browser, server.url, id));
    console.log(`for you  first answer ${shown(personal.map(({coarse}) => coarse), " ms")} (${personal[0].items} products), ` +
      `from the engine ${shown(personal.map(({full}) => full), " ms")}, ${personal[0].status}`);
  } finally {
    await browser.close();
    server.close();
    if (!options.keep) rmSync(site, {recursive: true, force: true});
  }
}
