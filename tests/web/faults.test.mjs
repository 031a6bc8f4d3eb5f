// What networks, hosts and browsers do to a bundle: each list ends with what is right or with a fallback,
// says so, and the page never sees an exception or an endless spinner.
import assert from "node:assert/strict";
import {createHash} from "node:crypto";
import {cpSync, existsSync, mkdtempSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, describe, test} from "node:test";
import {gzipSync} from "node:zlib";
import {bundle as demoBundle, noDemo, pages as demoPages} from "../e2e/bundle.mjs";
import {launch, listOf, openPage, packageDist, PATIENCE_MS, settled, whyNot} from "./browser.mjs";
import {writeBundle} from "./fixture.mjs";
import {serve} from "./server.mjs";

const skip = whyNot(join(packageDist, "define.js")) ?? false;
const options = {skip, timeout: 3 * PATIENCE_MS};
const ID = "f-103";

let browser;
let folder;
let site;
let elsewhere;  // the same files from another origin
let fault;      // (path, request, response) => true when it answered
let csp;

const handle = (request, response) => fault?.(new URL(request.url, "http://x").pathname, request, response) ?? false;
const page = (body, base) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title>
<script type="module" src="/vitrine/define.js"></script><body>${body.replaceAll("BASE", base)}</body></html>`;
const SIMILAR = `<vitrine-recs type="similar" product-id="${ID}" base-url="BASE"><p id="own">the shop's own</p></vitrine-recs>`;

before(async () => {
  if (skip) return;
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), "vitrine-faults-"));
  cpSync(packageDist, join(folder, "vitrine"), {recursive: true});
  writeBundle(join(folder, "bundle"));
  cpSync(join(folder, "bundle"), join(folder, "deep/er/path/bundle"), {recursive: true});
  if (!noDemo) cpSync(demoBundle, join(folder, "demo"), {recursive: true});
  site = await serve([folder], {handle});
  elsewhere = await serve([folder], {handle});
});

after(async () => {
  await browser?.close();
  await site?.close();
  await elsewhere?.close();
  if (folder) rmSync(folder, {recursive: true, force: true});
});

// Opens a page with this body while `broken` is at work; the lists have settled when it returns.
async function open(body, broken, {base = "/bundle/", context, init, patient = true, policy} = {}) {
  fault = (path, request, response) => {
    // On every file: a worker obeys the policy that its own script came with, not its page's.
    if (policy) response.setHeader("content-security-policy", policy);
    if (path === "/page.html" || path === "/other.html") {
      response.writeHead(200, {"content-type": "text/html"});
      response.end(path === "/page.html" ? page(body, base) : "<!doctype html><title>Other</title><p>elsewhere");
      return true;
    }
    return broken?.(path, request, response) ?? false;
  };
  const opened = await openPage(browser, context);
  await opened.context.addInitScript(() => {
    globalThis.events = [];
    for (const type of ["load", "error", "empty"]) {
      addEventListener(type, (event) => {
        if (event.target.localName === "vitrine-recs") globalThis.events.push(`${type}:${event.target.type}`);
      }, true);
    }
  });
  if (init) await opened.context.addInitScript(init);
  await opened.page.goto(`${site.url}page.html`);
  if (patient) await settled(opened.page);
  const shows = async () => ({
    ...await listOf(opened.page, "vitrine-recs"), events: await opened.page.evaluate(() => globalThis.events),
    exceptions: opened.seen.problems.filter((problem) => !/Failed to load resource|Failed to find a valid digest|CORS|ERR_|preload/.test(problem)),
  });
  return {...opened, shows};
}

const status = (code, text = "x") => (response) => {
  response.writeHead(code, {"content-type": "text/plain"}).end(text);
  return true;
};
// The bytes of a file of the shop, changed on their way.
const changed = (change) => (response, path) => {
  const bytes = change(Buffer.from(readFileSync(join(folder, path))));
  response.writeHead(200, {"content-type": "application/json"}).end(bytes);
  return true;
};
const flipped = (bytes) => { bytes[bytes.length >> 1] ^= 4; return bytes; };
const slowly = (response) => {
  response.writeHead(200, {"content-type": "application/json"});
  const drip = setInterval(() => response.write(" "), 200);
  response.on("close", () => clearInterval(drip));
  return true;
};

const BROKEN = {
  "404": status(404), "500": status(500), "an empty answer": status(200, ""), "HTML in place of JSON": status(200, "<html>login</html>"),
  "a truncated file": changed((bytes) => bytes.subarray(0, bytes.length >> 1)),
};

describe("a file that the first paint needs", options, () => {
  for (const [what, answer] of Object.entries(BROKEN)) {
    for (const part of ["manifest.json", "pages/"]) {
      test(`${what}: ${part}`, options, async () => {
        const {context, shows} = await open(SIMILAR, (path, request, response) =>
          path.includes(part) && path.startsWith("/bundle/") && answer(response, path));
        const list = await shows();
        assert.equal(list.status, "error");
        assert.match(list.detail, new RegExp(part.split(".")[0]));
        assert.deepEqual(list.events, ["error:similar"]);
        assert.deepEqual(list.exceptions, []);
        assert.ok(await (await context.pages())[0].locator("#own").isVisible(), "the shop's own children are shown");
        await context.close();
      });
    }
  }

  for (const [what, answer] of Object.entries({"no answer at all": () => true, "a slow drip": slowly})) {
    test(`${what} ends`, options, async () => {
      const {page: tab, context, shows} = await open(SIMILAR, (path, request, response) =>
        path.startsWith("/bundle/pages/") && answer(response), {patient: false, init: () => {
        // Hours of waiting in seconds: timers of this page run a hundred times faster.
        const real = globalThis.setTimeout;
        globalThis.setTimeout = (run, ms, ...rest) => real(run, (ms ?? 0) / 100, ...rest);
      }});
      await settled(tab);
      const list = await shows();
      assert.equal(list.status, "error");
      assert.match(list.detail, /no answer within/);
      assert.deepEqual(list.exceptions, []);
      await context.close();
    });
  }

  test("a corrupted popular list is refused by its hash", options, async () => {
    const {context, shows} = await open('<vitrine-recs type="popular" base-url="BASE"></vitrine-recs>',
      (path, request, response) => path.includes("/popular.") && changed(flipped)(response, path));
    const list = await shows();
    assert.equal(list.status, "error");
    assert.match(list.detail, /not as published/);
    await context.close();
  });

  test("one failure passes: the next question has its answer", options, async () => {
    let failures = 1;
    const {page: tab, context, shows} = await open(SIMILAR, (path, request, response) =>
      path.startsWith("/bundle/pages/") && failures-- > 0 && status(500)(response));
    assert.equal((await shows()).status, "error");
    await tab.evaluate(() => document.querySelector("vitrine-recs").refresh());
    assert.equal((await shows()).status, "ready");
    await context.close();
  });
});

describe("hosts", options, () => {
  test("wrong MIME types do no harm to JSON", options, async () => {
    const {context, shows} = await open(SIMILAR, (path, request, response) => {
      if (!path.startsWith("/bundle/")) return false;
      response.writeHead(200, {"content-type": "text/plain", "x-content-type-options": "nosniff"}).end(readFileSync(join(folder, path)));
      return true;
    });
    assert.equal((await shows()).status, "ready");
    await context.close();
  });

  test("with gzip, and without", options, async () => {
    const {context, shows} = await open(SIMILAR, (path, request, response) => {
      if (!path.startsWith("/bundle/pages")) return false;
      response.writeHead(200, {"content-type": "application/json", "content-encoding": "gzip"}).end(gzipSync(readFileSync(join(folder, path))));
      return true;
    });
    assert.equal((await shows()).items.length, 10);
    await context.close();
  });

  test("a path deep below the root", options, async () => {
    const {context, shows} = await open(SIMILAR, undefined, {base: "/deep/er/path/bundle"});
    assert.equal((await shows()).status, "ready");
    await context.close();
  });

  test("another origin with CORS", options, async () => {
    const {context, shows} = await open(SIMILAR, (path, request, response) => {
      if (path.startsWith("/bundle/")) response.setHeader("access-control-allow-origin", "*");
      return false;
    }, {base: `${elsewhere.url}bundle/`});
    assert.equal((await shows()).status, "ready");
    await context.close();
  });

  test("another origin without CORS", options, async () => {
    const {context, shows} = await open(SIMILAR, undefined, {base: `${elsewhere.url}bundle/`});
    const list = await shows();
    assert.equal(list.status, "error");
    assert.match(list.detail, /could not be fetched/);
    assert.deepEqual(list.exceptions, []);
    await context.close();
  });

  test("an old manifest from a cache whose files are gone: the new bundle is found", options, async () => {
    const stale = JSON.parse(readFileSync(join(folder, "bundle/manifest.json"), "utf8"));
    stale.build = "0".repeat(16);
    stale.pages.stamp = "0".repeat(16);
    let asked = 0;
    const {context, shows} = await open(SIMILAR, (path, request, response) => {
      if (!path.endsWith("manifest.json") || asked++ > 0) return false;
      response.writeHead(200, {"content-type": "application/json", "cache-control": "max-age=600"}).end(JSON.stringify(stale));
      return true;
    });
    assert.equal((await shows()).status, "ready");
    await context.close();
  });
});

describe("browsers", options, () => {
  test("storage forbidden, as in some private windows", options, async () => {
    const {page: tab, context, shows} = await open(SIMILAR, undefined, {init: () => {
      for (const name of ["indexedDB", "caches", "localStorage", "sessionStorage"]) {
        Object.defineProperty(globalThis, name, {get() { throw new DOMException("denied", "SecurityError"); }});
      }
    }});
    assert.equal((await shows()).status, "ready");
    const consent = await tab.evaluate(async () => {
      const recommender = [...globalThis[Symbol.for("vitrine.1")].recommenders.values()][0];
      await recommender.consent({personalization: true});
      recommender.track({kind: "view", id: "f-103"});
      return (await recommender.profile()).events.length;
    });
    assert.equal(consent, 1);
    assert.deepEqual((await shows()).exceptions, []);
    await context.close();
  });

  test("no storage left: answers go on, nothing is kept", options, async () => {
    const {page: tab, context, shows} = await open(SIMILAR, undefined, {init: () => {
      Cache.prototype.put = () => Promise.reject(new DOMException("full", "QuotaExceededError"));
    }});
    await tab.evaluate(async () => {
      const recommender = [...globalThis[Symbol.for("vitrine.1")].recommenders.values()][0];
      await recommender.consent({personalization: true});
      await document.querySelector("vitrine-recs").refresh();
    });
    const list = await shows();
    assert.equal(list.status, "ready");
    assert.deepEqual(list.exceptions, []);
    await context.close();
  });

  test("two tabs that keep files at once", options, async () => {
    const {page: tab, context, shows} = await open(SIMILAR);
    const second = await context.newPage();
    await second.goto(`${site.url}page.html`);
    await settled(second);
    await Promise.all([tab, second].map((each) => each.evaluate(async () => {
      const recommender = [...globalThis[Symbol.for("vitrine.1")].recommenders.values()][0];
      await recommender.consent({personalization: true});
      await document.querySelector("vitrine-recs").refresh();
    })));
    assert.equal((await shows()).status, "ready");
    assert.equal(await second.evaluate(() => document.querySelector("vitrine-recs").status), "ready");
    await context.close();
  });

  test("back by the back/forward cache or without it", options, async () => {
    const {page: tab, context, shows} = await open(SIMILAR);
    await tab.goto(`${site.url}other.html`);
    await tab.goBack();
    await settled(tab);
    const list = await shows();
    assert.equal(list.status, "ready");
    assert.equal(list.items.length, 10);
    assert.deepEqual(list.exceptions, []);
    await context.close();
  });

  test("offline after the first visit: what was seen answers, what was not says so", options, async () => {
    const {page: tab, context, shows} = await open(SIMILAR);
    await tab.evaluate(async () => {
      const recommender = [...globalThis[Symbol.for("vitrine.1")].recommenders.values()][0];
      await recommender.consent({personalization: true});
      await recommender.popular();
      const kept = async () => (await (await caches.open("vitrine")).keys()).length;
      while (await kept() < 3) await new Promise((resolve) => setTimeout(resolve, 50));
    });
    // A new page whose own files the shop has ready, as a service worker would; the bundle's are away.
    const away = (path, request, response) => {
      if (!path.startsWith("/bundle/")) return false;
      response.destroy();
      return true;
    };
    const before = fault;
    fault = (path, request, response) => (path.startsWith("/bundle/") ? away(path, request, response) : before(path, request, response));
    await tab.goto(`${site.url}page.html`);
    await settled(tab);
    assert.equal((await shows()).status, "ready");
    await tab.evaluate(() => { document.querySelector("vitrine-recs").productId = "f-260"; });
    await tab.waitForFunction(() => document.querySelector("vitrine-recs").status === "error");
    await tab.evaluate(async () => {
      await [...globalThis[Symbol.for("vitrine.1")].recommenders.values()][0].clear();
    });
    assert.deepEqual(await tab.evaluate(() => caches.keys()), [], "clear() takes the files too");
    await context.close();
  });
});

describe("the engine", {...options, skip: skip || noDemo}, () => {
  const FOR_YOU = '<vitrine-recs type="for-you" base-url="BASE"></vitrine-recs>';
  const manifest = noDemo ? undefined : JSON.parse(readFileSync(join(demoBundle, "manifest.json"), "utf8"));
  const viewed = noDemo ? undefined : [...demoPages().keys()][5];

  // Opens a page, looks at a product, and says what the personal list shows then.
  async function personal(broken, settings) {
    const opened = await open(FOR_YOU, broken, {base: "/demo/", ...settings});
    const answer = await opened.page.evaluate(async (id) => {
      const recommender = [...globalThis[Symbol.for("vitrine.1")].recommenders.values()][0];
      const errors = [];
      recommender.addEventListener("error", ({detail}) => errors.push(detail.message));
      recommender.track({kind: "view", id});
      await recommender.warmUp();
      const {status: state, items, detail} = await recommender.forYou({limit: 6});
      return {state, count: items.length, detail, errors, engine: (await recommender.diagnostics()).engine};
    }, viewed);
    const {exceptions} = await opened.shows();
    await opened.context.close();
    return {...answer, exceptions: exceptions.filter((problem) => !/wasm|WebAssembly|Content Security/i.test(problem))};
  }
  const section = (name) => manifest.sections[name].file;
  const broke = (file, answer) => (path, request, response) => path.endsWith(file) && answer(response, path);

  test("answers when all is well", options, async () => {
    const answer = await personal();
    assert.deepEqual([answer.state, answer.count, answer.engine], ["ready", 6, "worker"]);
    assert.deepEqual(answer.exceptions, []);
  });

  for (const [what, answer] of Object.entries({"missing": status(404), "failing": status(500), "corrupted": changed(flipped),
                                               "truncated": changed((bytes) => bytes.subarray(0, 100))})) {
    test(`${what}: the module`, options, async () => {
      const got = await personal(broke(".wasm", answer));
      assert.equal(got.state, "fallback");
      assert.ok(got.count > 0 && got.errors.length > 0 && got.detail);
      assert.deepEqual(got.exceptions, []);
    });
    test(`${what}: the catalogue section`, options, async () => {
      const got = await personal(broke(section("catalogue"), answer));
      assert.equal(got.state, "fallback");
      assert.ok(got.count > 0 && got.errors.length > 0);
      assert.deepEqual(got.exceptions, []);
    });
    test(`${what}: the vectors, without which the rest goes on`, options, async () => {
      const got = await personal(broke(section("vectors"), answer));
      assert.equal(got.state, "ready");
      assert.equal(got.count, 6);
      assert.match(got.errors.join(), /vectors/);
    });
  }

  // As sections of a very large shop come.
  for (const [what, spoilt] of [["whole", false], ["one of them damaged", true]]) {
    test(`a section in pieces, ${what}`, options, async () => {
      const {file} = manifest.sections.catalogue;
      const bytes = readFileSync(join(demoBundle, file));
      const cut = bytes.length >> 1;
      const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
      const entries = pieces.map((piece, i) => ({
        file: `${file}.${i}`, bytes: piece.length, sha256: createHash("sha256").update(piece).digest("base64")}));
      const sections = {...manifest.sections, catalogue: {...manifest.sections.catalogue, pieces: entries}};
      const got = await personal((path, request, response) => {
        if (path.endsWith("/manifest.json")) return response.end(JSON.stringify({...manifest, sections})), true;
        const at = entries.findIndex((entry) => path.endsWith(entry.file));
        if (at < 0) return path.endsWith(file) && status(404)(response);
        return response.end(spoilt && at === 1 ? flipped(pieces[at]) : pieces[at]), true;
      });
      assert.equal(got.state, spoilt ? "fallback" : "ready");
      assert.deepEqual(got.exceptions, []);
    });
  }

  test("a module of the wrong MIME type", options, async () => {
    const got = await personal((path, request, response) => {
      if (!path.endsWith(".wasm")) return false;
      response.writeHead(200, {"content-type": "text/plain"}).end(readFileSync(join(folder, path)));
      return true;
    });
    assert.equal(got.state, "ready");
  });

  test("a worker that cannot be loaded: the page's own thread does it", options, async () => {
    const got = await personal((path, request, response) => path.endsWith("worker.js") && status(404)(response));
    assert.deepEqual([got.state, got.engine], ["ready", "main"]);
  });

  test("a policy that forbids WebAssembly: lists of the shards, and the fallback", options, async () => {
    const got = await personal(undefined, {policy: "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'"});
    assert.equal(got.state, "fallback");
    assert.ok(got.count > 0);
    assert.deepEqual(got.exceptions, []);
  });
});
