// Hashes, addresses, texts, prices and filters: the small rules that everything stands on.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {join} from "node:path";
import {test} from "node:test";
import {root} from "../browser.mjs";
import {load} from "./load.mjs";

const {fnv1a64Low, pageShard} = await load("hash.ts");
const {safeText, safeUrl} = await load("safe.ts");
const {formatPrice, learn, numbers, parsePrice} = await load("format.ts");
const {readTable} = await load("cards.ts");
const {engineFilter, passes, suits} = await load("refine.ts");

// The definition, in 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/).
function fnv1a64(text) {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

test("the low half of FNV-1a 64 agrees with the published values and the 64-bit definition", () => {
  assert.equal(fnv1a64Low("").toString(16), "84222325");
  assert.equal(fnv1a64Low("a").toString(16), "8601ec8c");       // af63dc4c8601ec8c
  assert.equal(fnv1a64Low("foobar").toString(16), "f73967e8");  // 85944171f73967e8
  for (const id of ["d-101", "Größe 42", "連衣裙", "x".repeat(300), "0"]) {
    assert.equal(BigInt(fnv1a64Low(id)), fnv1a64(id) & 0xffffffffn, id);
    for (const count of [1, 2, 64, 65536, 2 ** 31]) {
      assert.equal(BigInt(pageShard(id, count)), fnv1a64(id) % BigInt(count), `${id} of ${count}`);
    }
  }
});

test("only http(s) addresses are followed, relative ones against the shop", () => {
  const base = "https://shop.example/a/b.html";
  assert.equal(safeUrl("product.html?id=1", base), "https://shop.example/a/product.html?id=1");
  assert.equal(safeUrl("/x", base), "https://shop.example/x");
  assert.equal(safeUrl("http://cdn.example/x.jpg", base), "http://cdn.example/x.jpg");
  for (const bad of ["javascript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "JAVASCRIPT:alert(1)",
                     "data:text/html,<script>alert(1)</script>", "vbscript:x", "blob:https://shop.example/x",
                     "file:///etc/passwd", "http://[", "", undefined, null, 7, {}, "a".repeat(5000)]) {
    assert.equal(safeUrl(bad, base), "", String(bad).slice(0, 40));
  }
});

test("texts lose control and direction characters, and their length is bounded", () => {
  assert.equal(safeText("Red <b>dress</b>"), "Red <b>dress</b>");
  assert.equal(safeText("a\u202Ecba\u0000 \u2066x"), "a cba x");
  assert.equal(safeText("ثوب أحمر"), "ثوب أحمر");
  assert.equal(Array.from(safeText("👗".repeat(10_000), 50)).length, 50);
  assert.equal(safeText(["x"]), "");
  assert.equal(safeText(undefined), "");
});

test("prices are read strictly and written in the shopper's language", () => {
  assert.equal(parsePrice("49.90"), 49.9);
  for (const bad of ["-1", "1e9", "NaN", "1,50", "", "0x10", 5, undefined]) assert.equal(parsePrice(bad), undefined, String(bad));
  assert.equal(formatPrice(49.9, "EUR", "en"), "€49.90");
  assert.equal(formatPrice(1234.5, "EUR", "de"), "1.234,50\u00a0€");
  assert.equal(formatPrice(1000, "JPY", "en"), "¥1,000");
  assert.equal(formatPrice(5, "no such", "en"), "5.00 no such");
  assert.equal(formatPrice(undefined, "EUR", "en"), "");
});

test("filters keep what they name", () => {
  const card = {id: "1", index: 0, price: "20", colour: "Red", audience: "women"};
  assert.equal(passes(card, undefined), true);
  assert.equal(passes(card, {priceMin: 20, priceMax: 20}), true);
  assert.equal(passes(card, {priceMin: 20.01}), false);
  assert.equal(passes(card, {priceMax: 19.99}), false);
  assert.equal(passes({id: "2", index: 1}, {priceMax: 5}), true, "no price passes");
  assert.equal(passes(card, {colour: ["Blue", "Red"]}), true);
  assert.equal(passes(card, {colour: "Blue"}), false);
  assert.equal(passes(card, {brand: "X"}), false, "an unknown value does not pass");
  assert.equal(passes(card, {exclude: ["1"]}), false);
});

test("filters know sizes and any attribute that the cards bring", () => {
  const card = {id: "1", index: 0, attributes: {sizes: "S|M|L", material: "linen"}};
  assert.equal(passes(card, {size: "M"}), true);
  assert.equal(passes(card, {size: "XL"}), false);
  assert.equal(passes(card, {size: ["XL", "S"]}), true);
  assert.equal(passes({id: "2", index: 1, attributes: {size: "M"}}, {size: "M"}), true);
  assert.equal(passes(card, {attributes: {material: ["cotton", "linen"]}}), true);
  assert.equal(passes(card, {attributes: {material: "lin"}}), false, "no part of a value");
  assert.equal(passes(card, {attributes: {constructor: "x"}}), false, "no attribute of that name");
  assert.equal(passes({id: "2", index: 1}, {size: "M"}), false);
});

test("cards bring the attributes that the shop published, in every form of a column", () => {
  const table = {id: ["a", "b"], attributes: {sizes: ["S|M", ""], fit: "slim", material: {v: ["linen", "silk"], i: [1, 0]}, odd: 7}};
  assert.deepEqual(readTable(table, {}).map((card) => card.attributes),
    [{sizes: "S|M", fit: "slim", material: "silk"}, {fit: "slim", material: "linen"}]);
  assert.deepEqual(readTable({id: ["a"], attributes: "x"}, {}), [{id: "a"}]);
});

test("lists for a shopper keep to the audience, unisex and unknown included; a filter outranks it", () => {
  const kept = ["women", "men", "unisex", undefined].filter((audience) => suits({id: "1", index: 0, audience}, {audience: "women"}));
  assert.deepEqual(kept, ["women", "unisex", undefined]);
  assert.equal(suits({id: "1", index: 0, audience: "men"}, {city: "Lisbon"}), true);
  assert.deepEqual(engineFilter({}, {audience: "men"}), {audience: "men", profile: "audience=men"});
  assert.equal(engineFilter({filters: {audience: "women"}}, {audience: "men"}).audience, "women");
  assert.equal(engineFilter({}, {ageGroup: "25-34", city: "Porto\nregion=x", region: ""}).profile, "age_group=25-34\ncity=Porto region=x",
    "a value is one line");
});

test("a price is written from the bundle's style as Intl writes it, in every language and currency of the table", () => {
  const prices = [0, 0.5, 5, 49.9, 999.99, 1000, 1234.5, 9999.99, 10_000, 123_456.78, 1_234_567.8, 99_999_999];
  let compared = 0;
  let known = 0;
  for (const row of readFileSync(join(root, "indexer/publish/number_styles.tsv"), "utf8").trimEnd().split("\n")) {
    const [locales, before, after, ...style] = row.split("\t");
    const symbols = style.pop().split(" ");
    for (const locale of locales.split(" ")) {
      for (let k = 0; k < symbols.length; k += 2) {
        const [currency, symbol] = symbols.slice(k, k + 2);
        const intl = new Intl.NumberFormat(locale, {style: "currency", currency});
        known += 1;
        // Another release of Unicode's tables may have another symbol or space.
        const [start, end] = [before, after].map((text) => text.replace("¤", symbol));
        const parts = intl.formatToParts(1);
        const digits = parts.findIndex(({type}) => type === "integer");
        const text = (list) => list.map(({value}) => value).join("");
        if (text(parts.slice(0, digits)) !== start || !text(parts).endsWith(end)) continue;
        learn({locale, currency, numbers: [start, end, ...style]});
        for (const price of prices) {
          const whole = intl.resolvedOptions().maximumFractionDigits === 0 ? Math.round(price) : price;
          assert.equal(formatPrice(whole, currency, locale), intl.format(whole), `${locale} ${currency} ${price}`);
          compared += 1;
        }
        const decimal = new Intl.NumberFormat(locale, {maximumFractionDigits: 1});
        for (const value of [1, 3.25, 12, 1234, 12345.67]) {
          assert.equal(numbers(locale, {maximumFractionDigits: 1}).format(value), decimal.format(value), `${locale} ${value}`);
        }
      }
    }
  }
  assert.ok(known > 2000);
  assert.ok(compared > 0.8 * known * prices.length, `${compared} of ${known * prices.length}`);
});

test("a style that is none leaves prices to the browser or gives some text, never an exception", () => {
  for (const [k, numbersOfShop] of [undefined, null, 7, "x", {}, [], [1, 2], [{}, [], null], ["a", "b", "$&", "d", "1000", "x", "y"]].entries()) {
    const locale = `en-x-odd${k}`;
    learn({locale, currency: "EUR", numbers: numbersOfShop});
    assert.equal(typeof formatPrice(1234.5, "EUR", locale), "string");
  }
});
