// What may happen to the engine's files: personal lists go on without what is missing, and say so.
import assert from "node:assert/strict";
import {createHash} from "node:crypto";
import {readFileSync} from "node:fs";
import {join} from "node:path";
import {describe, test} from "node:test";
import {bundle as demoBundle, noDemo, pages as demoPages} from "../e2e/bundle.mjs";
import {changed, flipped, open, options, shop, status, useShop} from "./faulty_shop.mjs";

useShop();

describe("the engine", {...options, skip: options.skip || noDemo}, () => {
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
      response.writeHead(200, {"content-type": "text/plain"}).end(readFileSync(join(shop.folder, path)));
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
