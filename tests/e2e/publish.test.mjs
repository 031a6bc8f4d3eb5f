// What changes from build to build, what the shop's rules do, and what the commands around a bundle print.
import assert from "node:assert/strict";
import {cpSync, existsSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {after, before, describe, test} from "node:test";
import {brotliDecompressSync, gunzipSync} from "node:zlib";
import {load} from "../web/unit/load.mjs";
import {cards, Engine, itemsOf, noDemo, pages, popular, readJson, run, vitrine, wasm} from "./bundle.mjs";
import {makeSmallShop} from "./small_shop.mjs";

describe("a shop that is published again", {skip: noDemo}, () => {
  let folder;
  let original;
  const path = (...parts) => join(folder, ...parts);
  const build = async (output, ...set) => {
    // What is the same in every build here is learned once; determinism.test.mjs compares with builds without.
    const args = ["build", "-c", path("vitrine.toml"), "-o", path(output), "--set", "build.cache=cache"];
    const result = await run([...args, ...set.flatMap((pair) => ["--set", pair])]);
    assert.equal(result.code, 0, result.stderr);
    return result;
  };
  const sound = async (output) => {
    const {code, stdout} = await run(["verify", path(output)]);
    assert.equal(code, 0, stdout);
  };
  // The catalogue with some rows changed: edit(fields by name) returns what is new, or null to drop the row.
  const edit = (change) => {
    const [header, ...lines] = original.trimEnd().split("\n");
    const names = header.split(",");
    const rows = lines.flatMap((line, n) => {
      const fields = line.split(",");
      const made = change(Object.fromEntries(names.map((name, i) => [name, fields[i]])), n);
      return made === null ? [] : [made ? names.map((name) => made[name]).join(",") : line];
    });
    writeFileSync(path("catalogue.csv"), [header, ...rows, ""].join("\n"));
  };
  const difference = async (older, newer) => {
    const {code, stdout, stderr} = await run(["inspect", "--diff", path(older), path(newer)]);
    assert.equal(code, 0, stderr);
    return {files: Number(/: (\d+) of/.exec(stdout)[1]), share: Number(/\(([\d.]+) %\)/.exec(stdout)[1]), stdout};
  };
  const ids = (list) => list.map(({id}) => id);

  before(async () => {
    folder = makeSmallShop();
    original = readFileSync(path("catalogue.csv"), "utf8");
    await build("first");
  });
  after(() => rmSync(folder, {recursive: true}));

  test("one product's new price changes at most five files, and every list shows it", async () => {
    const [id, page] = [...pages(path("first"))].find(([, {similar}]) => similar.length > 3);
    const edited = page.similar[0].id;
    edit((row) => (row.id === edited ? {...row, price: "7.77", original_price: "7.77"} : undefined));
    cpSync(path("first"), path("live"), {recursive: true});
    await build("live");
    await sound("live");
    const {files, stdout} = await difference("first", "live");
    assert.ok(files <= 5, stdout);
    const now = pages(path("live"));
    assert.equal(now.get(id).similar[0].price, "7.77");
    await build("fresh");
    const fresh = pages(path("fresh"));
    for (const [each, {similar, boughtTogether}] of fresh) {
      assert.deepEqual(ids(now.get(each).similar), ids(similar), each);
      assert.deepEqual(ids(now.get(each).boughtTogether), ids(boughtTogether), each);
      for (const line of now.get(each).similar) if (line.id === edited) assert.equal(line.price, "7.77");
    }
    const before = cards(path("first"));
    cards(path("live")).forEach((card, index) => assert.equal(card.id, before[index].id, "items stand where they stood"));
  });

  test("vectors that came in parts answer as those that came whole, natively and in the browser's host", async () => {
    await build("whole");
    await build("parts", "publish.refine_above_bytes=0", `publish.engine=${wasm}`);
    await sound("parts");
    const {sections, engine} = readJson(path("parts/manifest.json"));
    assert.ok(sections.vectors_000 && !readJson(path("whole/manifest.json")).sections.vectors_000);
    const order = cards(path("whole"));
    writeFileSync(path("questions.tsv"), order.map(({id}) => `similar\t${id}\n`).join(""));
    const [whole, parts] = await Promise.all(["whole", "parts"].map(async (bundle) =>
      (await run(["recommend", "--bundle", path(bundle), "--queries", path("questions.tsv"), "-k", "10"])).stdout));
    assert.equal(parts, whole);

    const {LocalEngineHost} = await load("host.ts");
    const {fetch} = globalThis;
    let refined = false;
    const held = new Promise((release) => {
      globalThis.fetch = async (url) => {
        const file = new URL(url).pathname.slice(1);
        if (file.includes("vectors_")) await new Promise((go) => release(go));
        return new Response(readFileSync(path("parts", file)));
      };
    });
    try {
      const host = new LocalEngineHost();
      const url = (file) => new URL(file, "http://shop.example/").href;
      await host.open({wasm: {url: url(engine.wasm.file)}, baseUrl: url(""), sections, keep: false});
      const ask = async () => Promise.all(order.map(async ({id}) =>
        (await host.answer({ask: "similar", id}, 10)).map(({index}) => index)));
      const truth = whole.trimEnd().split("\n").map(itemsOf);
      assert.deepEqual((await host.complete()).loaded, ["catalogue", "taste", "rules", "vectors"].filter((name) => sections[name]));
      const coarse = await ask();
      const shared = coarse.flatMap((list, q) => list.filter((index) => truth[q].includes(index))).length / truth.flat().length;
      assert.ok(shared > 0.8, `before the refinement ${shared} of the answers are there`);
      (await held)();
      for (let tries = 0; tries < 100 && !refined; ++tries) {
        await new Promise((done) => setTimeout(done, 20));
        refined = (await host.complete()).loaded.includes("vectors_000");
      }
      assert.ok(refined);
      assert.deepEqual(await ask(), truth);
    } finally {
      globalThis.fetch = fetch;
    }
  });

  test("the section's delta leads from the old file to the new one, in the browser's reader too", async () => {
    const {applyDelta} = await load("delta.ts");
    const manifest = readJson(path("live/manifest.json"));
    const {delta, file, bytes} = manifest.sections.catalogue;
    assert.ok(delta.bytes < bytes / 10);
    const old = readFileSync(path("first", delta.from));
    const made = applyDelta(old, readFileSync(path("live", delta.file)), bytes);
    assert.deepEqual(Buffer.from(made), readFileSync(path("live", file)));
    for (let size = 0; size < delta.bytes; size += 7) {
      assert.throws(() => applyDelta(old, readFileSync(path("live", delta.file)).subarray(0, size), bytes));
    }
  });

  test("a product that is sold out leaves every list; one that is gone has no page", async () => {
    const everywhere = [...pages(path("first"))].flatMap(([, page]) => [...page.similar, ...page.boughtTogether]);
    const [soldOut, gone] = [...new Set(ids(everywhere))];
    edit((row) => (row.id === gone ? null : row.id === soldOut ? {...row, availability: "out_of_stock"} : undefined));
    rmSync(path("live"), {recursive: true, force: true});
    cpSync(path("first"), path("live"), {recursive: true});
    await build("live");
    await sound("live");
    const manifest = readJson(path("live/manifest.json"));
    assert.equal(manifest.pages.stamp, readJson(path("first/manifest.json")).pages.stamp);
    const now = pages(path("live"));
    assert.ok(!now.has(gone));
    for (const [id, page] of now) {
      for (const line of [...page.similar, ...page.boughtTogether]) assert.ok(line.id !== gone && line.id !== soldOut, id);
    }
  });

  test("the reader of the web package sees the same pages", async () => {
    const {Bundle} = await load("bundle.ts");
    const {serve} = await import("../web/server.mjs");
    const server = await serve([path("live")]);
    try {
      const bundle = new Bundle(server.url);
      for (const [id, page] of pages(path("live"))) {
        const read = await bundle.page(id);
        assert.deepEqual(read.similar.map(({card}) => [card.id, card.price, card.image]), page.similar.map((card) => [card.id, card.price, card.image]));
        assert.deepEqual(ids(read.boughtTogether.map(({card}) => card)), ids(page.boughtTogether));
      }
      const all = cards(path("live"));
      const read = await bundle.cards(all.map((_, index) => index));
      assert.deepEqual(read.map((card) => [card.id, card.price]), all.map((card) => [card.id, card.price]));
    } finally {
      await server.close();
    }
  });

  test("a day's change of 1 % of the products is a tenth of the download, at most", async () => {
    edit((row, n) => (n % 100 === 7 ? {...row, price: "12.34", original_price: "12.34"} : undefined));
    rmSync(path("live"), {recursive: true, force: true});
    cpSync(path("first"), path("live"), {recursive: true});
    await build("live");
    await sound("live");
    const {share, stdout} = await difference("first", "live");
    assert.ok(share <= 10, stdout);
  });

  test("rules exclude on the device too, pin, and are checked", async () => {
    edit(() => undefined);
    const top = popular(path("first"))[0].id;
    const pinned = ids(popular(path("first"))).at(-1);
    writeFileSync(path("rules.toml"), `[[rule]]\naction = "exclude"\nids = ["${top}"]\n
[[rule]]\naction = "pin"\nids = ["${pinned}"]\nlists = "popular"\n`);
    await build("ruled", "publish.rules=rules.toml");
    await sound("ruled");
    for (const [id, page] of pages(path("ruled"))) {
      assert.ok(![...page.similar, ...page.boughtTogether].some((line) => line.id === top), id);
    }
    assert.equal(popular(path("ruled"))[0].id, pinned);
    const engine = await Engine.open(path("ruled"));
    const excluded = engine.find(top);
    const all = cards(path("ruled"));
    assert.ok(!itemsOf(engine.popular(100)).includes(excluded));
    for (const {index} of all.slice(0, 40)) assert.ok(!itemsOf(engine.similar(index, 20)).includes(excluded));

    const checked = await run(["rules", "-c", path("vitrine.toml"), "--set", "publish.rules=rules.toml"]);
    assert.equal(checked.code, 0, checked.stderr);
    writeFileSync(path("rules.toml"), '[[rule]]\nname = "summer of last year"\naction = "boost"\nwhere = {brand = "Nobody"}\n');
    const idle = await run(["rules", "-c", path("vitrine.toml"), "--set", "publish.rules=rules.toml"]);
    assert.equal(idle.code, 1);
    assert.match(idle.stdout, /summer of last year: 0 products.*no product/);
    const built = await build("idle", "publish.rules=rules.toml");
    assert.match(built.stderr, /summer of last year/);
  });

  test("prerendered pages show the lists without a script, and name the files of the first paint", async () => {
    const [id, page] = [...pages(path("first"))][3];
    const {code, stdout} = await run(["prerender", path("first"), "--base-url", "/shop/bundle/", "--id", id, "--limit", "4"]);
    assert.equal(code, 0);
    const {head, body} = JSON.parse(stdout);
    const preloads = [...head.matchAll(/href="\/shop\/bundle\/([^"]+)"/g)].map(([, file]) => file);
    assert.equal(preloads[0], "manifest.json");
    assert.ok(preloads.every((file) => existsSync(path("first", file))));
    const shown = body.split("<vitrine-recs ").find((element) => element.includes('type="similar"'));
    for (const {title} of page.similar.slice(0, 4)) assert.ok(shown.includes(title.replaceAll("&", "&amp;").replaceAll("'", "&#39;")), title);
    const whole = await run(["prerender", path("first"), "-o", path("html")]);
    assert.equal(whole.code, 0);
    assert.match(whole.stderr, /prerendered 240 products/);
    const unknown = await run(["prerender", path("first"), "--id", "no such product"]);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /no product "no such product"/);
    assert.equal((await run(["prerender", path("first"), "--base-url", "javascript:alert(1)/"])).code, 2);
  });

  test("compressed copies are the files, and are gone when they are not wanted", async () => {
    const manifest = readJson(path("first/manifest.json"));
    for (const file of ["manifest.json", manifest.popular.file, `pages/${manifest.pages.stamp}/0.json`, manifest.sections.catalogue.file]) {
      const bytes = readFileSync(path("first", file));
      assert.deepEqual(brotliDecompressSync(readFileSync(path("first", `${file}.br`))), bytes, file);
      assert.deepEqual(gunzipSync(readFileSync(path("first", `${file}.gz`))), bytes, file);
    }
    cpSync(path("first"), path("plain"), {recursive: true});
    await build("plain", "publish.precompress=none");
    assert.ok(!existsSync(path("plain/manifest.json.br")));
  });

  test("every host's snippet names the bundle's path; a wrong host or path is refused", async () => {
    for (const host of ["netlify", "cloudflare", "nginx", "apache", "s3"]) {
      const {code, stdout} = await run(["hosting", host, "--path", "/shop/recs/"]);
      assert.equal(code, 0);
      assert.ok(stdout.includes("/shop/recs/") && stdout.includes("immutable") && stdout.includes("Access-Control-Allow-Origin"), host);
    }
    assert.equal((await run(["hosting", "floppy"])).code, 2);
    assert.equal((await run(["hosting", "nginx", "--path", "no slash"])).code, 2);
  });

  test("a folder that is served: headers, compression, nothing outside it", async () => {
    const {spawn} = await import("node:child_process");
    const server = spawn(vitrine, ["serve", path("first"), "--port", "0"], {stdio: ["ignore", "ignore", "pipe"]});
    try {
      const url = await new Promise((resolve) => server.stderr.on("data", (chunk) => {
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(String(chunk));
        if (found) resolve(found[0]);
      }));
      const {get} = await import("node:http");
      const ask = (file, headers = {}) => new Promise((resolve, reject) => get(`${url}${file}`, {headers}, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk)).on("end", () => resolve({status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks)}));
      }).on("error", reject));
      const manifest = await ask("/manifest.json", {"accept-encoding": "br"});
      assert.equal(manifest.headers["content-encoding"], "br");
      assert.match(manifest.headers["cache-control"], /stale-while-revalidate/);
      assert.equal(manifest.headers["access-control-allow-origin"], "*");
      assert.deepEqual(brotliDecompressSync(manifest.body), readFileSync(path("first/manifest.json")));
      assert.equal((await ask("/manifest.json", {"accept-encoding": "br", "if-none-match": manifest.headers.etag})).status, 304);
      const section = await ask(`/${readJson(path("first/manifest.json")).sections.catalogue.file}`, {"accept-encoding": "gzip"});
      assert.match(section.headers["cache-control"], /immutable/);
      assert.equal(gunzipSync(section.body).subarray(0, 4).toString(), "VTRN");
      assert.equal((await ask("/%2e%2e/vitrine.toml")).status, 404);
      assert.equal((await ask("/../vitrine.toml")).status, 404);
      assert.equal((await ask("/nothing")).status, 404);
      assert.equal((await ask("/own-shop/")).status, 404, "takes files only where it is told to");
    } finally {
      server.kill();
    }
  });
});
