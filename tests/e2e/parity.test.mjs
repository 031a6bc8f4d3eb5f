// The engine gives the same bytes natively and as WebAssembly.
import assert from "node:assert/strict";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {test} from "node:test";
import {Engine, bundle, cards, itemsOf, noDemo, run, seeded} from "./bundle.mjs";

const kKinds = ["view", "click", "wishlist", "cart", "order"];
const kQuestions = 600;
const kLimit = 12;

test("native and WebAssembly answers are the same bytes, over 600 random questions", {skip: noDemo}, async () => {
  const engine = await Engine.open();
  const all = cards();
  const random = seeded(2026);
  const pick = () => Math.floor(random() * all.length);
  const questions = [];
  const fromWasm = [];
  for (let q = 0; q < kQuestions; ++q) {
    const items = Array.from({length: 1 + Math.floor(random() * 6)}, pick);
    const kind = ["similar", "bought-together", "for-you", "for-you", "popular"][q % 5];
    if (kind === "similar") {
      questions.push(`similar\t${all[items[0]].id}`);
      fromWasm.push(engine.similar(items[0], kLimit));
    } else if (kind === "bought-together") {
      questions.push(`bought-together\t${items.map((item) => all[item].id).join()}`);
      fromWasm.push(engine.boughtTogether(items, kLimit));
    } else if (kind === "for-you") {
      const events = items.map((item, i) =>
        ({item, kind: Math.floor(random() * kKinds.length), time: 1.7e9 + i * 60 + Math.floor(random() * 50)}));
      // Asked at once, in the same visit, or days later.
      const now = [0, 1.7e9 + 600, 1.7e9 + 3 * 86400 + 0.25][q % 3];
      questions.push(`for-you\t${events.map((e) => `${all[e.item].id}:${kKinds[e.kind]}:${e.time}`).join()}${now ? `\t${now}` : ""}`);
      fromWasm.push(engine.forYou(events, kLimit, now));
    } else {
      questions.push("popular");
      fromWasm.push(engine.popular(kLimit));
    }
  }
  const folder = mkdtempSync(join(tmpdir(), "vitrine-parity-"));
  try {
    const file = join(folder, "questions.tsv");
    writeFileSync(file, questions.join("\n") + "\n");
    const {code, stdout, stderr} = await run(["recommend", "--bundle", bundle, "--queries", file, "-k", String(kLimit)]);
    assert.equal(code, 0, stderr);
    const native = stdout.split("\n").slice(0, -1);
    assert.equal(native.length, questions.length);
    let answered = 0;
    native.forEach((answer, q) => {
      assert.equal(answer, fromWasm[q], questions[q]);
      answered += itemsOf(answer).length > 0 ? 1 : 0;
    });
    assert.ok(answered > kQuestions * 0.8, `only ${answered} of ${kQuestions} questions had an answer`);
  } finally {
    rmSync(folder, {recursive: true});
  }
});

test("every product is found by its id, and no other id is", {skip: noDemo}, async () => {
  const engine = await Engine.open();
  cards().forEach((card, index) => {
    assert.equal(engine.find(card.id), index);
    assert.equal(card.index, index);
  });
  assert.equal(engine.find("no such product"), -1);
});

test("corrupt sections are refused by the engine with a message, and it lives on", {skip: noDemo}, async () => {
  const {readFileSync} = await import("node:fs");
  const {readJson} = await import("./bundle.mjs");
  const manifest = readJson(join(bundle, "manifest.json"));
  const engine = await Engine.open();
  for (const {file} of Object.values(manifest.sections)) {
    const bytes = readFileSync(join(bundle, file));
    for (const broken of [bytes.subarray(0, 10), bytes.subarray(0, bytes.length - 1), new Uint8Array(100)]) {
      assert.throws(() => engine.addSection(broken), /section/);
    }
    const flipped = Buffer.from(bytes);
    flipped[flipped.length >> 1] ^= 1;
    assert.throws(() => engine.addSection(flipped), /checksum/);
  }
  assert.ok(itemsOf(engine.popular(5)).length === 5);
});
