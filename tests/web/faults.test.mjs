// What networks, hosts and browsers do to a bundle: each list ends with what is right or with a fallback,
// says so, and the page never sees an exception or an endless spinner. The engine: engine_faults.test.mjs.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {join} from "node:path";
import {describe, test} from "node:test";
import {gzipSync} from "node:zlib";
import {settled} from "./browser.mjs";
import {breakAlso, changed, flipped, open, options, shop, slowly, status, useShop} from "./faulty_shop.mjs";

const SIMILAR = `<vitrine-recs type="similar" product-id="f-103" base-url="BASE"><p id="own">the shop's own</p></vitrine-recs>`;

useShop();

const BROKEN = {
  "404": status(404), "500": status(500), "an empty answer": status(200, ""), "HTML in place of JSON": status(200, "<html>login</html>"),
  "a truncated file": changed((bytes) => bytes.subarray(0, bytes.length >> 1)), "a broken connection": (response) => (response.destroy(), true),
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
      response.writeHead(200, {"content-type": "text/plain", "x-content-type-options": "nosniff"}).end(readFileSync(join(shop.folder, path)));
      return true;
    });
    assert.equal((await shows()).status, "ready");
    await context.close();
  });

  test("with gzip, and without", options, async () => {
    const {context, shows} = await open(SIMILAR, (path, request, response) => {
      if (!path.startsWith("/bundle/pages")) return false;
      response.writeHead(200, {"content-type": "application/json", "content-encoding": "gzip"}).end(gzipSync(readFileSync(join(shop.folder, path))));
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
    }, {base: `${shop.elsewhere.url}bundle/`});
    assert.equal((await shows()).status, "ready");
    await context.close();
  });

  test("another origin without CORS", options, async () => {
    const {context, shows} = await open(SIMILAR, undefined, {base: `${shop.elsewhere.url}bundle/`});
    const list = await shows();
    assert.equal(list.status, "error");
    assert.match(list.detail, /could not be fetched/);
    assert.deepEqual(list.exceptions, []);
    await context.close();
  });

  test("an old manifest from a cache whose files are gone: the new bundle is found", options, async () => {
    const stale = JSON.parse(readFileSync(join(shop.folder, "bundle/manifest.json"), "utf8"));
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
    await second.goto(`${shop.site.url}page.html`);
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

  test("a consent taken back while files are being kept, and in another tab, leaves none", options, async () => {
    const {page: tab, context} = await open(SIMILAR);
    const second = await context.newPage();
    await second.goto(`${shop.site.url}page.html`);
    await settled(second);
    const left = () => tab.evaluate(() => caches.keys());
    await tab.evaluate(async () => {
      const recommender = [...globalThis[Symbol.for("vitrine.1")].recommenders.values()][0];
      void recommender.consent({personalization: true});
      await recommender.clear();
      await new Promise((resolve) => setTimeout(resolve, 300));
    });
    assert.deepEqual(await left(), []);
    const grants = (page) => page.evaluate(async () => {
      const recommender = [...globalThis[Symbol.for("vitrine.1")].recommenders.values()][0];
      await recommender.consent({personalization: true});
      while (!(await caches.has("vitrine"))) await new Promise((resolve) => setTimeout(resolve, 20));
    });
    await grants(tab);
    await grants(second);
    await tab.evaluate(() => [...globalThis[Symbol.for("vitrine.1")].recommenders.values()][0].clear());
    await second.evaluate(async () => {
      const [recommender] = globalThis[Symbol.for("vitrine.1")].recommenders.values();
      while ((await recommender.consent()) === "granted") await new Promise((resolve) => setTimeout(resolve, 20));
      await recommender.similar("f-260");
      await new Promise((resolve) => setTimeout(resolve, 300));
    });
    assert.deepEqual(await left(), []);
    await context.close();
  });

  test("back by the back/forward cache or without it", options, async () => {
    const {page: tab, context, shows} = await open(SIMILAR);
    await tab.goto(`${shop.site.url}other.html`);
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
    breakAlso((path, request, response) => path.startsWith("/bundle/") && (response.destroy(), true));
    await tab.goto(`${shop.site.url}page.html`);
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
