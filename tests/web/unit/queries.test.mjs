// Refinements, experiments and languages.
import assert from "node:assert/strict";
import {readdirSync} from "node:fs";
import {join} from "node:path";
import {test} from "node:test";
import {root} from "../browser.mjs";
import {load} from "./load.mjs";

const {engineFilter, refine} = await load("refine.ts");
const {variantOf} = await load("experiments.ts");
const {ENGLISH} = await load("reasons.ts");

const line = (id, score, fields = {}) => ({card: {id, index: 0, ...fields}, score, reason: {kind: "similar"}});
const ids = (lines) => lines.map(({card}) => card.id);

test("a threshold and filters leave the order as it is", async () => {
  const lines = [line("a", 0.9), line("b", 0.5, {colour: "Red"}), line("c", 0.4, {colour: "Red"}), line("d", 0.1)];
  assert.deepEqual(ids(await refine(lines, {threshold: 0.4}, 10)), ["a", "b", "c"]);
  assert.deepEqual(ids(await refine(lines, {filters: {colour: "Red"}}, 10)), ["b", "c"]);
  assert.deepEqual(ids(await refine(lines, {filters: {colour: "Red"}, threshold: 0.45}, 10)), ["b"]);
});

test("diversity 1 shows each kind before the second of any; 0 changes nothing", async () => {
  const lines = ["a1", "a2", "a3", "b1", "b2", "c1"].map((id, i) => line(id, 1 - i / 10, {department: id[0], colour: id[0], brand: id[0]}));
  assert.deepEqual(ids(await refine(lines, {diversity: 0}, 6)), ids(lines));
  assert.deepEqual(ids(await refine(lines, {diversity: 1}, 3)), ["a1", "b1", "c1"]);
  const half = ids(await refine(lines, {diversity: 0.5}, 6));
  assert.deepEqual(half.slice().sort(), ids(lines), "nothing is lost");
  assert.ok(half.indexOf("b1") < half.indexOf("a3"));
});

test("live values replace the bundle's, and what is sold out goes", async () => {
  const lines = [line("a", 1, {price: "10.00"}), line("b", 0.9, {price: "20.00"}), line("c", 0.8, {price: "30.00"})];
  const hydrate = async (asked) => {
    assert.deepEqual(asked, ["a", "b", "c"]);
    return {a: {price: 7.5, originalPrice: 10}, b: {availability: "out_of_stock"}};
  };
  const kept = await refine(lines, {hydrate}, 10);
  assert.deepEqual(kept.map(({card}) => [card.id, card.price, card.original_price]), [["a", "7.5", "10"], ["c", "30.00", undefined]]);
  assert.deepEqual(ids(await refine(lines, {hydrate, filters: {priceMax: 8}}, 10)), [], "filters are asked before and after");
  assert.equal(lines[0].card.price, "10.00", "the bundle's card is left alone");
});

test("a hydrate hook that fails, hangs or answers nonsense leaves the bundle's values", async () => {
  const lines = [line("a", 1, {price: "10.00"})];
  const bad = [() => { throw new Error("x"); }, () => Promise.reject(new Error("x")), () => new Promise(() => {}), () => null, () => "7", () => ({__proto__: {a: {price: 1}}})];
  for (const hydrate of bad) assert.deepEqual(await refine(lines, {hydrate}, 10), lines);
});

test("prices go to the engine in cents, within its 32 bits", () => {
  assert.deepEqual(engineFilter({filters: {priceMin: 19.99, priceMax: 1e12}}), {priceMin: 1999, priceMax: 0xfffffffe});
  assert.deepEqual(engineFilter({filters: {priceMin: -5, audience: "women"}}), {priceMin: 0, audience: "women"});
  assert.deepEqual(engineFilter({}), {});
});

test("a unit keeps its variant, shares come out as weighted, and experiments are independent", () => {
  const units = Array.from({length: 40_000}, (_, i) => `visitor-${i}`);
  const share = (experiment, weights, name) => units.filter((unit) => variantOf(experiment, unit, weights) === name).length / units.length;
  assert.equal(variantOf("a", "u", {x: 1, y: 1}), variantOf("a", "u", {x: 1, y: 1}));
  // Five standard deviations of a binomial share.
  const near = (value, expected) => assert.ok(Math.abs(value - expected) < 5 * Math.sqrt(expected * (1 - expected) / units.length), `${value} for ${expected}`);
  near(share("rail", {control: 1, vitrine: 1}, "control"), 0.5);
  near(share("rail", {control: 1, vitrine: 3}, "vitrine"), 0.75);
  near(share("order", {a: 0.1, b: 0.2, c: 0.7, none: 0}, "b"), 0.2);
  assert.equal(share("order", {a: 1, none: 0}, "none"), 0);
  const both = units.filter((unit) => variantOf("one", unit, {x: 1, y: 1}) === "x" && variantOf("two", unit, {x: 1, y: 1}) === "x");
  near(both.length / units.length, 0.25);
  assert.throws(() => variantOf("a", "u", {x: 0}), /no variant/);
});

test("every language has every text, with the same placeholders", async () => {
  const placeholders = (text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join();
  const forms = (text) => (typeof text === "string" ? [text] : Object.values(text));
  const files = readdirSync(join(root, "web", "src", "locales"));
  assert.deepEqual(files.sort(), ["ar.ts", "de.ts", "es.ts", "fr.ts"]);
  for (const file of files) {
    const {texts} = await load(`locales/${file}`);
    const {privacy, ...rest} = texts;
    assert.deepEqual(Object.keys(rest).sort(), Object.keys(ENGLISH).sort(), file);
    for (const [key, text] of Object.entries(rest)) {
      if (key === "shares" || key === "headings") {
        assert.deepEqual(Object.keys(text).sort(), Object.keys(ENGLISH[key]).sort(), `${file} ${key}`);
        continue;
      }
      const other = placeholders(typeof ENGLISH[key] === "string" ? ENGLISH[key] : ENGLISH[key].other);
      assert.equal(placeholders(typeof text === "string" ? text : text.other), other, `${file} ${key}`);
      assert.ok(forms(text).every((form) => form.trim() !== ""), `${file} ${key}`);
    }
    assert.ok(Object.values(privacy.kinds).length === 5);
    // Where a language has more forms than one and other, the texts that count have them.
    const rules = new Intl.PluralRules(file.slice(0, 2)).resolvedOptions().pluralCategories;
    if (rules.length > 3) assert.ok(forms(texts.popularCount).length >= rules.length - 1, file);
  }
});
